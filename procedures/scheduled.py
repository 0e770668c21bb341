"""What the clock fires. Every task may run twice."""

from django_tasks import task

from procedures.actions import publishing


@task()
def publish_due() -> None:
    """Publish approved revisions whose effective date has come."""
    publishing.publish_due()
