"""What the clock fires. Every task may run twice."""

from django_tasks import task

from reports import actions
from reports.verification import verify


@task()
def make_checkpoint() -> None:
    """Sign how the trail stands, after an hour with new entries or a thousand of them."""
    actions.make_due_checkpoint()


@task()
def verify_everything() -> None:
    """Check trail, signatures, contents and files, keep the answer, and raise the alarm."""
    actions.note_verification(verify())
