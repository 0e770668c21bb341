"""Who can decide in the stages of a route, for a revision before it is submitted and for "who would decide today?", and
in what is left of the stages of a round."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import cast

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.models import Procedure, RoundSlot, RoundStage, RouteSlot, RouteStage, SlotKind, StageRule
from procedures.seating import StagePlan, first_stuck
from procedures.seats import Barred, Seat, Staff, people_in
from roles.models import Absence, Department, User
from roles.queries import today


@dataclass(slots=True)
class SlotCheck:
    """The people who stand for a slot today, deputies included, and those of them who may decide.

    `expected` says who can be counted on to decide for which holder; `away` are the absences of holders for whom
    nobody can.
    """

    slot: RouteSlot | RoundSlot
    people: list[User]
    able: list[User]
    wrote: list[User] = field(default_factory=list)
    """Who stands for the slot and has written the text."""
    expected: dict[int, User] = field(default_factory=dict)
    away: list[Absence] = field(default_factory=list)
    is_open_question: bool = False
    """Nobody can say yet: the owner, before there is a procedure."""

    @property
    def allows_choice(self) -> bool:
        """Whether the author may propose one of several people."""
        return self.slot.kind == SlotKind.ROLE and len(self.able) > 1

    @property
    def is_vacant(self) -> bool:
        """Whether it was made for somebody who is not active any more."""
        return self.slot.person is not None and not self.slot.person.is_active

    @property
    def seats(self) -> Collection[int]:
        return {0} if self.is_open_question else self.expected.keys()


@dataclass(slots=True)
class StageCheck:
    """A stage with its slots; `problem` says in one sentence why it could not be completed, and is empty otherwise."""

    stage: RouteStage | RoundStage
    needed: int
    slots: list[SlotCheck] = field(default_factory=list)
    problem: str = ""

    @property
    def deciders(self) -> list[User]:
        return list({person.pk: person for slot in self.slots for person in slot.able}.values())

    @property
    def warnings(self) -> list[str]:
        """Who of this stage is missing although others can complete it; nothing where `problem` says more."""
        if self.problem:
            return []
        away = _("Stage “%(stage)s”: %(name)s is away until %(day)s, and no deputy can decide.")
        gone = _("Stage “%(stage)s”: %(name)s is not active any more; others can decide.")
        sentences = [away % _told(self, absence) for slot in self.slots for absence in slot.away]
        vacant = [slot.slot.person for slot in self.slots if slot.is_vacant]
        sentences += [gone % {"stage": self.stage.name, "name": person} for person in vacant]
        return list(dict.fromkeys(sentences))


@dataclass(frozen=True, slots=True)
class Done:
    """What a round has behind it: who may not decide in it any more, which slots are filled."""

    barred: Barred
    filled: frozenset[int] = frozenset()


def check_stages(
    stages: Sequence[RouteStage] | Sequence[RoundStage],
    procedure: Procedure,
    *,
    wrote: Collection[int],
    done: Done | None = None,
    staff: Staff | None = None,
) -> list[StageCheck]:
    """Seat people in `stages` as they stand today; the people in `wrote` decide on nothing.

    `done` is what has happened in the round already, `staff` what was asked before for several of them. An owner who
    is not known yet is taken for somebody who can decide.
    """
    staff = staff or Staff([slot for stage in stages for slot in stage.slots.all()], day=today())
    done = done or Done(Barred(frozenset(wrote), frozenset(wrote)))
    checks = [_check_stage(stage, procedure, staff, wrote, done) for stage in stages]
    if not any(check.problem for check in checks):
        deciders = {
            holder: [who.pk] for check in checks for slot in check.slots for holder, who in slot.expected.items()
        }
        plans = [StagePlan(check.needed, [slot.seats for slot in check.slots]) for check in checks]
        stuck = first_stuck(plans, deciders)
        if stuck is not None:
            checks[stuck].problem = _(
                "Stage “%(stage)s”: too few people for its places, since everybody decides once in a round."
            ) % {"stage": checks[stuck].stage.name}
    return checks


def _check_stage(
    stage: RouteStage | RoundStage, procedure: Procedure, staff: Staff, wrote: Collection[int], done: Done
) -> StageCheck:
    slots = cast("list[RouteSlot | RoundSlot]", list(stage.slots.all()))
    left = [slot for slot in slots if slot.pk not in done.filled]
    needed = slots_needed(stage.rule, stage.needed, len(slots)) - (len(slots) - len(left))
    check = StageCheck(stage, needed, [_check_slot(slot, procedure, staff, wrote, done.barred) for slot in left])
    if slots and sum(bool(slot.seats) for slot in check.slots) >= needed:
        return check
    check.problem = _why_not(check)
    return check


def _check_slot(
    slot: RouteSlot | RoundSlot, procedure: Procedure, staff: Staff, wrote: Collection[int], barred: Barred
) -> SlotCheck:
    seats = staff.seats(slot, procedure)
    people = people_in(seats)
    check = SlotCheck(
        slot,
        people,
        able=people_in(filter(barred.admits, seats)),
        wrote=[person for person in people if person.pk in wrote],
        is_open_question=slot.kind == SlotKind.OWNER and procedure.owner_id is None,
    )
    for holder in staff.holders(slot, procedure):
        who = staff.expected_for(holder)
        if who is not None and barred.admits(Seat(who, holder)):
            check.expected[holder.pk] = who
        elif (absence := staff.absence_of(holder)) and barred.admits(Seat(holder)):
            check.away.append(absence)
    return check


def _why_not(check: StageCheck) -> str:
    """Why too few people are there for the places of this stage."""
    empty = [slot for slot in check.slots if not slot.seats]
    away = next((absence for slot in empty for absence in slot.away), None)
    left = next((slot.slot.person for slot in empty if slot.is_vacant), None)
    if any(slot.wrote and not slot.able for slot in empty):
        sentence = _("Stage “%(stage)s”: whoever could decide wrote this revision; someone else must approve it.")
    elif away is not None:
        sentence = _("Stage “%(stage)s”: %(name)s is away until %(day)s, and nobody else can decide.")
        return sentence % _told(check, away)
    elif left is not None:
        sentence = _("Stage “%(stage)s”: nobody can decide, since %(name)s is not active any more.")
        return sentence % {"stage": check.stage.name, "name": left}
    else:
        sentence = _("Stage “%(stage)s”: nobody can decide.")
    return sentence % {"stage": check.stage.name}


def _told(check: StageCheck, away: Absence) -> dict[str, str]:
    return {"stage": check.stage.name, "name": str(away.person), "day": date_format(away.ends)}


def who_would_decide(
    stages: Sequence[RouteStage], *, department: Department, author: User | None = None, owner: User | None = None
) -> list[StageCheck]:
    """The names behind `stages` today, for a procedure of `department` that `author` wrote and `owner` would own."""
    procedure = Procedure(department=department)
    if owner is not None:
        procedure.owner = owner
    return check_stages(stages, procedure, wrote={author.pk} if author else set())


def slots_needed(rule: str, needed: int | None, slots: int) -> int:
    """How many of a stage's slots must be filled for it to be complete."""
    match rule:
        case StageRule.ANY:
            return 1
        case StageRule.N_OF:
            return min(needed or slots, slots)
        case _:
            return slots
