"""What stands in the way of a submission, said before it instead of discovered after."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from procedures.content import read_content
from procedures.drafting import draft_hints
from procedures.models import Revision, Route, StageRule
from procedures.queries import people_of_slot, route_for
from procedures.seating import StagePlan, first_stuck
from roles.models import User


@dataclass(slots=True)
class Preflight:
    """`blockers` must be mended before submitting; `warnings` are worth a look. One sentence each.

    `deciders` lists (name of the stage, people who can decide in it). `content` and `route` are what was checked, so
    that a submission freezes exactly that.
    """

    content: dict
    route: Route | None
    blockers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    deciders: list[tuple[str, list[User]]] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        return not self.blockers


def preflight(revision: Revision) -> Preflight:
    """Check a draft as it is now: its text and the people who would have to decide."""
    result = Preflight(content=read_content(revision), route=route_for(revision.procedure))
    for hint in draft_hints(result.content):
        (result.blockers if hint.must else result.warnings).append(hint.sentence)
    _check_people(result, revision)
    return result


def _check_people(result: Preflight, revision: Revision) -> None:
    procedure, route = revision.procedure, result.route
    stages = list(route.stages.prefetch_related("slots__role", "slots__person")) if route else []
    if not stages:
        result.blockers.append(_("No approval route fits this procedure. Ask an administrator to add one."))
        return
    contributors = set(revision.contributors.values_list("pk", flat=True))
    plans = []
    blocked_before = len(result.blockers)
    for stage in stages:
        candidates = [people_of_slot(slot, procedure) for slot in stage.slots.all()]
        able = [[person for person in people if person.pk not in contributors] for people in candidates]
        result.deciders.append((stage.name, list({person.pk: person for people in able for person in people}.values())))
        needed = slots_needed(stage.rule, stage.needed, len(able))
        plans.append(StagePlan(needed, [{person.pk for person in people} for people in able]))
        if able and sum(bool(people) for people in able) >= needed:
            continue
        if any(people and not free for people, free in zip(candidates, able, strict=True)):
            result.blockers.append(
                _("Stage “%(stage)s”: whoever could decide wrote this revision; someone else must approve it.")
                % {"stage": stage.name}
            )
        else:
            result.blockers.append(_("Stage “%(stage)s”: nobody can decide.") % {"stage": stage.name})
    if len(result.blockers) == blocked_before and (stuck := first_stuck(plans)) is not None:
        result.blockers.append(
            _("Stage “%(stage)s”: too few people for its places, since everybody decides once in a round.")
            % {"stage": stages[stuck].name}
        )


def slots_needed(rule: str, needed: int | None, slots: int) -> int:
    """How many of a stage's slots must be filled for it to be complete."""
    match rule:
        case StageRule.ANY:
            return 1
        case StageRule.N_OF:
            return min(needed or slots, slots)
        case _:
            return slots
