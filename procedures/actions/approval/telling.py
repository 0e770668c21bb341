"""The notices of a round: to those who decide, and to those who wrote."""

from procedures.actions.telling import tell
from procedures.models import Revision, Round
from procedures.states import Event
from roles.models import User


def ask(round: Round, people: list[User], *, proposed: list[User], event_seq: int) -> None:
    """Ask `people` to decide, in the name of whoever submitted, also when an earlier stage has just been completed;
    first whom the author proposes, whose names stand in the mail."""
    revision = round.revision
    first = sorted(people, key=lambda person: person not in proposed)
    tell(
        Event.SUBMIT, revision, first, actor=round.opened_by, event_seq=event_seq, url=round.get_absolute_url(),
        change_summary=revision.change_summary, proposed=", ".join(map(str, proposed)),
    )  # fmt: skip


def tell_contributors(event: Event, revision: Revision, *, actor: User, event_seq: int, reason: str) -> None:
    """Tell those who wrote `revision` what became of it, except `actor` who did it."""
    people = revision.contributors.exclude(pk=actor.pk)
    url = revision.get_absolute_url()
    tell(event, revision, people, actor=actor, event_seq=event_seq, url=url, reason=reason)
