"""Background work that belongs to no app."""

from django.core.management import call_command
from django_tasks import task


@task()
def clear_sessions() -> None:
    """Remove the rows of sessions that have ended."""
    call_command("clearsessions")
