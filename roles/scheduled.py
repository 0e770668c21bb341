"""What the clock fires. Every task may run twice."""

from django_tasks import task

from roles import actions


@task()
def end_accesses() -> None:
    """Deactivate people whose last day of access has passed."""
    actions.end_accesses()
