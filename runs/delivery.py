"""Telling people of suggestions: the owner of a new one, who made it of the answer."""

from collections.abc import Iterable

from notifications import outbox
from procedures.actions.telling import about
from procedures.browsing.permissions import people_reading
from procedures.models import Revision
from procedures.queries import revision_in_force
from roles.models import User
from runs.models import Remark

ADDED, ANSWERED, SOLVED, CLOSED = "remark-added", "remark-answered", "remark-solved", "remark-closed"
KINDS = (ADDED, ANSWERED, SOLVED, CLOSED)


def tell_owner(remark: Remark, *, event_seq: int) -> None:
    """That `remark` waits for an answer; nobody is told of their own."""
    people = [remark.procedure.owner] if remark.procedure.owner_id != remark.author_id else []
    _notify(ADDED, remark, people, event_seq=event_seq, url=remark.get_absolute_url(), actor=remark.author_name)


def settle_with_owner(remark: Remark) -> None:
    """Nobody needs to answer `remark` any more."""
    outbox.retract(ADDED, url=remark.get_absolute_url())


def tell_author(kind: str, remark: Remark, *, actor: User | None, event_seq: int) -> None:
    """What became of `remark`, unless who made it did that themselves or may no longer read the procedure."""
    if actor is not None and actor.pk == remark.author_id:
        return
    people = people_reading(remark.procedure).filter(pk=remark.author_id)
    _notify(kind, remark, people, event_seq=event_seq, url=place_of(remark), actor=str(actor) if actor else "")


def place_of(remark: Remark, current: Revision | None = None) -> str:
    """Where the step stands today in the text in force; the page of the text when it has no such step."""
    address = remark.procedure.get_absolute_url()
    if remark.step is None:
        return address
    current = current or revision_in_force(remark.procedure)
    number = None
    if current is not None:
        number = current.steps.filter(uid=remark.step).values_list("position", flat=True).first()
    return f"{address}#step-{number}" if number else address


def _notify(kind: str, remark: Remark, people: Iterable[User], *, event_seq: int, url: str, actor: str) -> None:
    revision = remark.revision
    outbox.notify(
        kind,
        recipients=people,
        event_seq=event_seq,
        title=f"{remark.procedure.code} {revision.title}",
        url=url,
        context={
            "remark": remark.pk,
            **about(revision),
            "actor": actor,
            "step": remark.step_number,
            "body": remark.text,
            "answer": remark.answer,
            "answer_text": remark.answer_text,
            "solved": remark.solved_by.number if remark.solved_by else None,
        },
    )
