"""The stages of a route as values: what a form offers, an action compares and stores, and the trail keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Field
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from procedures.models import Meaning, Route, SlotKind, StageRule
from roles.models import Role, User

DAYS_TO_DECIDE = 5


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """Who fills a slot; `role_id` or `person_id` is set when the kind names one."""

    kind: str
    role_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage. `needed` counts only where a number of its slots has to sign."""

    name: str
    slots: tuple[SlotSpec, ...]
    rule: str = StageRule.ALL
    needed: int | None = None
    meaning: str = Meaning.APPROVED
    days: int = DAYS_TO_DECIDE
    needs_signature: bool = True
    needs_second_factor: bool = False


STAGE_FIELDS = ("name", "rule", "needed", "meaning", "days", "needs_signature", "needs_second_factor")


def stages_of(route: Route) -> tuple[StageSpec, ...]:
    """The stages of `route` as they are stored, in two queries unless they are loaded."""
    return tuple(
        StageSpec(
            slots=tuple(SlotSpec(slot.kind, slot.role_id, slot.person_id) for slot in stage.slots.all()),
            **{name: getattr(stage, name) for name in STAGE_FIELDS},
        )
        for stage in route.stages.prefetch_related("slots")
    )


def as_noted(stages: Sequence[StageSpec]) -> list[dict[str, object]]:
    """`stages` as the trail keeps them: roles and people by their names of today."""
    slots = [slot for stage in stages for slot in stage.slots]
    roles = Role.objects.in_bulk([slot.role_id for slot in slots if slot.role_id])
    people = User.objects.in_bulk([slot.person_id for slot in slots if slot.person_id])

    def noted(slot: SlotSpec) -> dict[str, object]:
        who = roles.get(slot.role_id or 0) or people.get(slot.person_id or 0)
        return {"kind": str(slot.kind), **({"who": str(who)} if who else {})}

    return [
        {**{name: getattr(stage, name) for name in STAGE_FIELDS}, "slots": [noted(slot) for slot in stage.slots]}
        for stage in stages
    ]


# In words ----------------------------------------------------------------------------------------------------


def rule_in_words(rule: str, needed: int | None, slots: int) -> str:
    """How many of a stage's `slots` sign."""
    if slots == 1:
        return _("one signature")
    if rule == StageRule.ANY:
        return _("one of %(slots)d is enough") % {"slots": slots}
    if rule == StageRule.N_OF and needed and needed < slots:
        return _("%(needed)d of %(slots)d sign") % {"needed": needed, "slots": slots}
    return _("all %(slots)d sign") % {"slots": slots}


def details_in_words(stage: Mapping[str, object]) -> list[str]:
    """Days, meaning and what is asked for, for people who compare stages."""
    days = int(str(stage["days"]))
    asked = _("without a password")
    if stage["needs_second_factor"]:
        asked = _("with password and second factor")
    elif stage["needs_signature"]:
        asked = _("with the password")
    return [
        ngettext("%(days)d day to decide", "%(days)d days to decide", days) % {"days": days},
        _("signed as “%(meaning)s”") % {"meaning": _label(Meaning, stage["meaning"])},
        asked,
    ]


def stage_in_words(stage: Mapping[str, object]) -> str:
    """A stage as the trail kept it, in one line."""
    slots = stage["slots"] if isinstance(stage["slots"], list) else []
    needed = stage["needed"] if isinstance(stage["needed"], int) else None
    who = ", ".join(str(slot.get("who") or _label(SlotKind, slot["kind"])) for slot in slots)
    rule = rule_in_words(str(stage["rule"]), needed, len(slots))
    return " · ".join([f"{stage['name']} ({who})", rule, *details_in_words(stage)])


def _label(choices: type[Meaning] | type[SlotKind], value: object) -> str:
    labels: Iterable[tuple[str, object]] = choices.choices
    return str(dict(labels).get(str(value), value))


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions of a route say of one thing, in words."""

    label: str
    mine: list[str]
    theirs: list[str]


def differences(mine: Mapping[str, object], theirs: Mapping[str, object]) -> list[Difference]:
    """Where two versions of a route differ; both hold facts by name, and "stages"."""
    found = []
    for name in mine:
        if mine[name] == theirs[name]:
            continue
        if name == "stages":
            found.append(Difference(_("Stages"), *(_lines(side["stages"]) for side in (mine, theirs))))  # type: ignore[arg-type]
        else:
            label = capfirst(str(_field(name).verbose_name))
            found.append(Difference(label, *([_shown(name, side[name])] for side in (mine, theirs))))
    return found


def _lines(stages: Sequence[StageSpec]) -> list[str]:
    return [f"{number}. {stage_in_words(stage)}" for number, stage in enumerate(as_noted(stages), start=1)]


def _shown(name: str, value: object) -> str:
    choices = dict(_field(name).flatchoices)
    return str(choices.get(value, value or pgettext("route", "all")))


def _field(name: str) -> Field:
    return next(field for field in Route._meta.fields if field.name == name)
