"""What the clock fires. Every task may run twice."""

from django_tasks import task

from procedures.actions import imported, publishing


@task()
def publish_due() -> None:
    """Publish approved revisions whose effective date has come."""
    publishing.publish_due()


@task()
def remove_old_imports() -> None:
    """Remove documents that were uploaded for import more than a week ago and never became a draft."""
    imported.remove_old_documents()
