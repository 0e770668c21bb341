"""What the clock fires. Every task may run twice."""

from django_tasks import task

from procedures.actions import (
    deviations,
    emergency,
    imported,
    linkchecks,
    manuals,
    overdue,
    publishing,
    searches,
    sharing,
)
from procedures.search import meaning


@task()
def publish_due() -> None:
    """Publish approved revisions whose effective date has come."""
    publishing.publish_due()


@task()
def end_emergencies() -> None:
    """Take texts whose emergency issue has run out from where readers look."""
    emergency.end_expired()


@task()
def end_deviations() -> None:
    """Note that temporary deviations have ended, or lapsed undecided, with their last day."""
    deviations.end_run_out()


@task()
def send_reminders() -> None:
    """Remind those who are asked to decide, and tell who is above them or answers for what nobody decides."""
    overdue.send_reminders()


@task()
def remove_old_imports() -> None:
    """Remove documents that were uploaded for import more than a week ago and never became a draft."""
    imported.remove_old_documents()


@task()
def remove_old_manuals() -> None:
    """Remove manuals whose days are over, with their files."""
    manuals.remove_old_manuals()


@task()
def forget_searchers() -> None:
    """Clear who searched for what, and later what was searched for."""
    searches.forget_searchers()


@task()
def forget_openings() -> None:
    """Remove old visits from the log of share links."""
    sharing.forget_openings()


@task()
def remove_old_link_checks() -> None:
    """Remove what asking external links brought long ago, and checks that stay unfinished."""
    linkchecks.remove_old_checks()


@task()
def learn_meanings() -> None:
    """Learn the texts that the search by meaning does not know yet, some at a time."""
    meaning.learn(seconds=20)
