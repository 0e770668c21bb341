"""Background work of training."""

from django_tasks import task

from jobs.retry import retrying
from procedures.models import Revision, Significance
from training import delivery


def ask_after_publication(revision: Revision, *, event_seq: int, had_other_text: bool) -> None:
    """Have the readers of a procedure asked again, when `revision` says so, or when they have followed another text of
    it in an emergency; in the transaction that puts it in force.

    By a task: a thousand notices would keep the publication, and everybody who writes, waiting.
    """
    is_asking = revision.number > 1 and revision.significance == Significance.MAJOR
    if is_asking or had_other_text:
        ask_readers_again.enqueue(revision.pk, event_seq)


@task(queue_name="mail")
@retrying()
def ask_readers_again(revision_id: int, event_seq: int) -> None:
    """Tell who has confirmed an earlier text; a repeated call tells nobody twice."""
    revisions = Revision.objects.select_related("procedure__owner").defer("content", "rendered")
    delivery.ask_readers_again(revisions.get(pk=revision_id), event_seq=event_seq)
