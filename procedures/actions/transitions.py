"""Moving a revision from state to state: the one place that writes `Revision.state`."""

import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from audit import trail
from audit.trail import Entry, Happening
from procedures.models import Revision
from procedures.states import TRANSITIONS, Event
from sopdesk.lib.errors import InvalidTransition


def move(
    revision: Revision,
    event: Event,
    *,
    actor: Model | None,
    reason: str = "",
    data: dict[str, object] | None = None,
    **changes: object,
) -> Entry:
    """Fire `event` by compare-and-swap, set `changes` with it, and record it; inside the caller's transaction.

    Raises InvalidTransition when the revision is not in a state from which the event leads on: of two people who do
    this at once, the second one gets that.
    """
    [entry] = trail.record_many([swap(revision, event, actor=actor, reason=reason, data=data, **changes)])
    return entry


def swap(
    revision: Revision,
    event: Event,
    *,
    actor: Model | None,
    reason: str = "",
    data: dict[str, object] | None = None,
    **changes: object,
) -> Happening:
    """The same, for several events at once: the caller records what this returns, in their order, in the same
    transaction."""
    row = TRANSITIONS[event]
    moved = Revision.objects.filter(pk=revision.pk, state__in=row.sources).update(state=row.to, **changes)
    if not moved:
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    revision.state = row.to
    for name, value in changes.items():
        setattr(revision, name, value)
    days: dict[str, object] = {
        name: _iso(changes[name]) for name in ("effective_on", "next_review_on") if name in changes
    }
    return Happening(
        row.audit_name,
        actor,
        revision,
        procedure_code=revision.procedure.code,
        data={"number": revision.number, "content_hash": revision.content_hash, **days, **(data or {})},
        reason=reason,
    )


def _iso(day: object) -> str | None:
    return day.isoformat() if isinstance(day, datetime.date) else None
