"""What a frozen revision and a closed round hold in columns of their own, compared with what was signed and noted.

`content` is under a hash and under signatures; the columns beside it, by which lists and dates are made, are compared
with it and with the trail. Part of `procedures.invariants`.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from audit import names, trail
from procedures.browsing.categories import NamesBorne, names_borne
from procedures.models import Decision, Revision, RoundOutcome
from procedures.states import TRANSITIONS, Event, State

PLAIN_COLUMNS = (
    "number", "title", "language", "purpose", "scope", "outcome", "trigger", "frequency", "prerequisites",
    "definitions", "background", "references", "contact", "review_interval_months", "change_summary", "significance",
)  # fmt: skip
TIMES = {
    "submitted_at": (Event.SUBMIT,),
    "approved_at": (Event.APPROVE,),
    "published_at": (Event.PUBLISH,),
    "ended_at": (Event.SUPERSEDE, Event.WITHDRAW, Event.DISCARD),
}
NEAR = datetime.timedelta(minutes=2)
"""A time is taken before its entry is written; a long text lies between the two."""

MOVES = {row.audit_name: event for event, row in TRANSITIONS.items()}
THAWING = {row.audit_name for row in TRANSITIONS.values() if row.to == State.DRAFT}


def columns_fit_the_content(revision: Revision, borne: Callable[[], NamesBorne] = names_borne) -> Iterator[str]:
    """The columns of a frozen `revision` say what its content says. `borne` tells which names categories have had."""
    content = revision.content or {}
    for name in PLAIN_COLUMNS:
        if name in content and content[name] != getattr(revision, name):
            yield f"I2 {revision}: {name} is not what was signed"
    if "tags" in content and content["tags"] != sorted(revision.tags):
        yield f"I2 {revision}: tags is not what was signed"
    if "category" in content and not _is_category_of(revision, content["category"], borne):
        yield f"I2 {revision}: category is not what was signed"
    if content.get("code", revision.procedure.code) != revision.procedure.code:
        yield f"I2 {revision}: the code of the procedure is not what was signed"


def _is_category_of(revision: Revision, signed: str, borne: Callable[[], NamesBorne]) -> bool:
    """Whether the category of `revision` is called as it was signed, or was until it was renamed or merged."""
    if revision.category is None:
        return signed == ""
    return signed == revision.category.name or signed in borne().get(revision.category.pk, ())


def columns_fit_the_trail(revision: Revision) -> Iterator[str]:
    """State, dates and times of `revision` are those that the trail tells of; one query."""
    telling = [*MOVES, names.REVISION_CONFIRM]  # which moves the next review, and not the state
    entries = list(trail.entries_for(revision).filter(name__in=telling).order_by("seq"))
    moves = [entry for entry in entries if entry.name in MOVES]
    if not moves:
        return  # loaded without moves, or named by the other rules
    last = MOVES[moves[-1].name]
    states = {State.IN_REVIEW, State.APPROVED} if last == Event.APPROVE else {TRANSITIONS[last].to}
    if revision.state not in states:
        yield f"I4 {revision}: is {revision.state}, but the last move on the trail was to {last}"
    yield from _dates(revision, entries)
    for name, events in TIMES.items():
        moment = getattr(revision, name)
        times = [entry.at for entry in moves if MOVES[entry.name] in events]
        if moment is not None and not any(abs(moment - at) <= NEAR for at in times):
            yield f"I4 {revision}: {name} is not when the trail says"
    reasons = [entry.reason for entry in moves if MOVES[entry.name] in (Event.WITHDRAW, Event.DISCARD)]
    if revision.ended_reason and revision.ended_reason not in reasons:
        yield f"I4 {revision}: ended_reason is not the one on the trail"


def _dates(revision: Revision, entries: list[Any]) -> Iterator[str]:
    """The days that were noted last, since it was a draft; entries of earlier versions of sopdesk note none."""
    thawed = [entry.seq for entry in entries if entry.name in THAWING]
    entries = [entry for entry in entries if not thawed or entry.seq > thawed[-1]]
    for name in ("effective_on", "next_review_on"):
        noted = [entry.data[name] for entry in entries if name in entry.data]
        stored = getattr(revision, name)
        if noted and revision.state != State.DRAFT and noted[-1] != (stored.isoformat() if stored else None):
            yield f"I4 {revision}: {name} is not what the trail says"


def invalid_decisions_fit_their_round() -> Iterator[str]:
    """A decision no longer counts exactly when its round was returned, recalled or revoked, for the reason given."""
    decisions = Decision.objects.select_related("round__revision__procedure")
    for decision in decisions.iterator(chunk_size=500):
        round = decision.round
        ended_badly = round.outcome in (RoundOutcome.RETURNED, RoundOutcome.RECALLED)
        if (decision.invalidated_at is not None) != ended_badly:
            yield f"I3 signature of {decision.decider_name} on {round}: counts although it must not, or the reverse"
        elif ended_badly and decision.invalidated_reason != round.closed_reason:
            yield f"I3 signature of {decision.decider_name} on {round}: made invalid for another reason than the round"
        elif ended_badly and decision.invalidated_at != round.closed_at:
            yield f"I3 signature of {decision.decider_name} on {round}: made invalid at another time than the round"
