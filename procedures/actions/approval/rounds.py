"""A round of approval: begun with a copy of its route, and ended."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from procedures.actions.telling import excuse_all
from procedures.models import Revision, Round, RoundOutcome, RoundSlot, RoundStage, Route
from procedures.routes.deciding import StageCheck
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import Refused

COPIED_STAGE_FIELDS = (
    "position", "name", "rule", "needed", "meaning", "days", "needs_signature", "needs_second_factor",
)  # fmt: skip
COPIED_SLOT_FIELDS = ("position", "kind", "role_id", "person_id")
Proposals = Mapping[tuple[int, int], User]
"""Position of the stage and of the slot in it → who is proposed."""


def begin_round(
    revision: Revision,
    route: Route,
    checks: Iterable[StageCheck],
    *,
    actor: User,
    now: datetime.datetime,
    proposed: Proposals,
) -> Round:
    """A round with a copy of `route`, whose stages are those of `checks`."""
    round = Round.objects.create(
        revision=revision,
        number=revision.rounds.count() + 1,
        route=route,
        route_version=route.version,
        route_name=route.name,
        content_hash=revision.content_hash,
        opened_at=now,
        opened_by=actor,
    )
    stages, slots = [], []
    for index, (stage, wanted) in enumerate((row.stage, row.slots) for row in checks):
        copy = RoundStage(round=round, **{name: getattr(stage, name) for name in COPIED_STAGE_FIELDS})
        if index == 0:
            copy.opened_at, copy.due_on = now, today() + datetime.timedelta(days=stage.days)
        stages.append(copy)
        slots += [
            RoundSlot(
                stage=copy,
                proposed=proposed.get((stage.position, row.slot.position)),
                **{name: getattr(row.slot, name) for name in COPIED_SLOT_FIELDS},
            )
            for row in wanted
        ]
    RoundStage.objects.bulk_create(stages)
    RoundSlot.objects.bulk_create(slots)
    return round


def close_round(round: Round, outcome: RoundOutcome, reason: str) -> None:
    """End `round` and excuse whoever was asked; without an approval its decisions so far count no more."""
    now = timezone.now()
    Round.objects.filter(pk=round.pk).update(outcome=outcome, closed_at=now, closed_reason=reason)
    excuse_all(round)
    if outcome != RoundOutcome.APPROVED:
        round.decisions.filter(invalidated_at=None).update(invalidated_at=now, invalidated_reason=reason)


def thawed() -> dict[str, Any]:
    """The columns of a revision that is a draft again: nothing of it is frozen."""
    return {"content": None, "content_hash": "", "rendered": "", "submitted_at": None, "emergency_until": None}


def required_reason(reason: str, message: str) -> str:
    """`reason` without the blanks around it. Raises Refused with `message` when nothing is left."""
    if not reason.strip():
        raise Refused(message)
    return reason.strip()
