"""Rounds that nobody can complete as things stand, and those that are late: the same rule as before submitting."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from procedures.models import Decision, Round, RoundSlot, RoundStage
from procedures.queries import barred_in
from procedures.routes.deciding import Done, StageCheck, check_stages
from procedures.seats import Staff
from roles.models import User
from roles.queries import today


@dataclass(slots=True)
class Trouble:
    """What keeps a round from going on: `reasons` say in one sentence each why nobody can complete it, `gaps` that
    somebody is missing whom others can do without; `days_late` counts from the day on which the stage was due."""

    round: Round
    stage: RoundStage | None
    checks: list[StageCheck] = field(default_factory=list)
    days_late: int = 0

    @property
    def reasons(self) -> list[str]:
        return [check.problem for check in self.checks if check.problem]

    @property
    def gaps(self) -> list[str]:
        return [sentence for check in self.checks for sentence in check.warnings]

    @property
    def is_stuck(self) -> bool:
        return bool(self.reasons)

    @property
    def slots_in_need(self) -> list[RoundSlot]:
        """Open slots that somebody else may be put into: of a stage that nobody completes or that is late, and those
        of people who are gone."""
        return [
            slot.slot
            for check in self.checks
            for slot in check.slots
            if isinstance(slot.slot, RoundSlot)
            and (check.problem or slot.is_vacant or (self.days_late and check.stage == self.stage))
        ]

    def __bool__(self) -> bool:
        return bool(self.reasons or self.gaps or self.days_late)


def with_places(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """`rounds` with everything that is asked about them here."""
    return rounds.select_related(
        "opened_by",
        "emergency",
        "revision__procedure__department__head",
        "revision__procedure__owner__department__head",
    ).prefetch_related(
        "stages__slots__role",
        "stages__slots__person",
        "revision__contributors",
        Prefetch("decisions", queryset=Decision.objects.order_by("decided_at")),
    )


def troubles_of(rounds: Iterable[Round], day: datetime.date | None = None) -> list[Trouble]:
    """One `Trouble` for each of `rounds`, which were loaded by `with_places`; no further query for each of them. One
    with nothing to tell is false."""
    day = day or today()
    rounds = list(rounds)
    slots = [slot for round in rounds for stage in round.stages.all() for slot in stage.slots.all()]
    staff = Staff(slots, day=day)
    return [_trouble(round, staff, day) for round in rounds]


def trouble_of(round: Round, day: datetime.date | None = None) -> Trouble:
    [trouble] = troubles_of(with_places(Round.objects.filter(pk=round.pk)), day)
    return trouble


def stuck_reasons(round: Round) -> list[str]:
    """Why nobody can complete `round` as things stand today, in one sentence each; none when somebody can."""
    return trouble_of(round).reasons


def _trouble(round: Round, staff: Staff, day: datetime.date) -> Trouble:
    left = [stage for stage in round.stages.all() if stage.completed_at is None]
    stage = next((stage for stage in left if stage.opened_at), None)
    filled = frozenset(decision.slot_id for decision in round.decisions.all() if decision.invalidated_at is None)
    checks = check_stages(
        left,
        round.revision.procedure,
        wrote={person.pk for person in round.revision.contributors.all()},
        done=Done(barred_in(round), filled),
        staff=staff,
    )
    late = (day - stage.due_on).days if stage and stage.due_on else 0
    return Trouble(round, stage, checks, max(late, 0))


def above_the_owner(trouble: Trouble, administrators: Iterable[User]) -> list[User]:
    """Who is told when a round is late: the head of the owner's department; the administrators where that head is
    missing, away, wrote the text, or is one of those who are waited for."""
    owner = trouble.round.revision.procedure.owner
    head = owner.department.head if owner.department else None
    if head is None or not head.is_active or head.absences.on(today()).exists():
        return list(administrators)
    asked = {person.pk for check in trouble.checks if check.stage == trouble.stage for person in check.deciders}
    wrote = {person.pk for person in trouble.round.revision.contributors.all()}
    return list(administrators) if head.pk in asked | wrote else [head]
