"""Who can decide in the stages of a route, for a revision before it is submitted and for "who would decide today?"."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from procedures.models import Procedure, RouteSlot, RouteStage, SlotKind, StageRule
from procedures.queries import people_of_slot
from procedures.seating import StagePlan, first_stuck
from roles.models import Department, User


@dataclass(slots=True)
class SlotCheck:
    """The people who stand for a slot today, and those of them who have not written the text."""

    slot: RouteSlot
    people: list[User]
    able: list[User]
    is_open_question: bool = False
    """Nobody can say yet: the owner, before there is a procedure."""

    @property
    def wrote(self) -> list[User]:
        """Who stands for the slot and has written the text."""
        return [person for person in self.people if person not in self.able]


@dataclass(slots=True)
class StageCheck:
    """A stage with its slots; `problem` says in one sentence why it could not be completed, and is empty otherwise."""

    stage: RouteStage
    needed: int
    slots: list[SlotCheck] = field(default_factory=list)
    problem: str = ""

    @property
    def deciders(self) -> list[User]:
        return list({person.pk: person for slot in self.slots for person in slot.able}.values())


def check_stages(stages: Sequence[RouteStage], procedure: Procedure, *, wrote: Collection[int]) -> list[StageCheck]:
    """Seat people in `stages` as they stand today; the people in `wrote` decide on nothing.

    An owner who is not known yet is taken for somebody who can decide.
    """
    checks = [_check_stage(stage, procedure, wrote) for stage in stages]
    if not any(check.problem for check in checks):
        stuck = first_stuck([StagePlan(check.needed, [_seats(slot) for slot in check.slots]) for check in checks])
        if stuck is not None:
            checks[stuck].problem = _(
                "Stage “%(stage)s”: too few people for its places, since everybody decides once in a round."
            ) % {"stage": checks[stuck].stage.name}
    return checks


def _check_stage(stage: RouteStage, procedure: Procedure, wrote: Collection[int]) -> StageCheck:
    slots = []
    for slot in stage.slots.all():
        people = people_of_slot(slot, procedure)
        able = [person for person in people if person.pk not in wrote]
        slots.append(SlotCheck(slot, people, able, _is_open_question(slot, procedure)))
    check = StageCheck(stage, slots_needed(stage.rule, stage.needed, len(slots)), slots)
    if slots and sum(slot.is_open_question or bool(slot.able) for slot in slots) >= check.needed:
        return check
    if any(slot.people and not slot.able for slot in slots):
        sentence = _("Stage “%(stage)s”: whoever could decide wrote this revision; someone else must approve it.")
    else:
        sentence = _("Stage “%(stage)s”: nobody can decide.")
    check.problem = sentence % {"stage": stage.name}
    return check


def _is_open_question(slot: RouteSlot, procedure: Procedure) -> bool:
    return slot.kind == SlotKind.OWNER and procedure.owner_id is None


def _seats(check: SlotCheck) -> set[int]:
    return {0} if check.is_open_question else {person.pk for person in check.able}


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
