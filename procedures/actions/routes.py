"""Setting up approval routes: adding, changing, deactivating, activating, deleting.

A route may change while rounds follow it, since a round has its own copy. No change may leave a procedure without any
route. What is wrong with a field is raised as `roles.errors.NotValid`; the fields of stages and slots are named by
their places from 0 on ("stages-0-name", "stages-0-slots-1-who").
"""

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import names, trail
from procedures.errors import EditConflict
from procedures.models import Meaning, Route, RouteSlot, RouteStage, SlotKind, StageRule
from procedures.routes.answering import left_without
from procedures.routes.deciding import slots_needed
from procedures.routes.listing import rounds_through
from procedures.routes.permissions import can_change_routes
from procedures.routes.specs import STAGE_FIELDS, SlotSpec, StageSpec, as_noted, stages_of
from procedures.seating import StagePlan, first_stuck
from roles.errors import NotValid
from roles.models import Department, Role, User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from sopdesk.lib.history import written_by

ROUTE_FIELDS = ("name", "kind", "department", "risk")
MAX_STAGES = 10
MAX_SLOTS = 20
MAX_DAYS = 365
NAMED_CODES = 5


@transaction.atomic
def add_route(
    *,
    actor: User | None,
    name: str,
    stages: Sequence[StageSpec],
    kind: str = "",
    department: Department | None = None,
    risk: str = "",
) -> Route:
    """Add a route, which answers at once for what it is for. Raises NotPermitted and NotValid."""
    _check(actor)
    _lock_routes()
    route = Route(name=_one_line(name), kind=kind, department=department, risk=risk)
    stages = _tidy(stages)
    _validate(route, stages, known=frozenset())
    _store(route, actor=actor)
    _write_stages(route, stages)
    trail.record(names.ROUTE_ADD, actor=actor, subject=route, data={**_facts(route), "stages": as_noted(stages)})
    return route


@transaction.atomic
def change_route(
    route: Route, *, actor: User | None, version: int, fields: Mapping[str, object], stages: Sequence[StageSpec]
) -> Route:
    """Store another version of a route: any of ROUTE_FIELDS, and all its stages. `version` is the one that was shown.

    A call that changes nothing makes no version. Raises EditConflict with both versions when somebody else stored one
    in between, Missing when the route was deleted, NotPermitted, and NotValid, also when a procedure would be left
    without a route.
    """
    _check(actor)
    active = _lock_routes()
    stored = _stored(route)
    present = {name: getattr(stored, name) for name in fields} | {"stages": stages_of(stored)}
    offered = {name: _one_line(value) if name == "name" else value for name, value in fields.items()}
    offered["stages"] = stages = _tidy(stages)
    changed = [name for name, value in offered.items() if present[name] != value]
    if not changed:
        return stored
    if version != stored.version:
        raise EditConflict(
            _("Somebody else saved this route while you were changing it. Both versions are here; nothing was lost."),
            stored=SimpleNamespace(**present, version=stored.version),
            offered=offered,
            editor_name=_last_editor(stored),
            target=stored.get_absolute_url(),
        )
    for name in changed:
        if name != "stages":
            setattr(stored, name, offered[name])
    known = {slot for stage in present["stages"] for slot in stage.slots}
    _validate(stored, stages, known=known, department_is_new="department" in changed)
    if stored.is_active and (reason := _why_needed(active, without=stored, instead=stored)):
        raise NotValid({NON_FIELD_ERRORS: [reason]})
    before = as_noted(present["stages"]) if "stages" in changed else []
    stored.version += 1
    _store(stored, actor=actor)
    data: dict[str, object] = {
        name: {"old": _plain(present[name]), "new": _plain(offered[name])} for name in changed if name != "stages"
    }
    if "stages" in changed:
        _write_stages(stored, stages)
        data["stages"] = {"old": before, "new": as_noted(stages)}
    data["version"] = stored.version
    trail.record(names.ROUTE_CHANGE, actor=actor, subject=stored, data=data)
    return stored


@transaction.atomic
def deactivate_route(route: Route, *, actor: User | None, reason: str) -> Route:
    """Let a route answer for nothing any more; rounds that follow it go on.

    Raises NotPermitted, NotValid without a reason, Refused when a procedure would be left without a route,
    InvalidTransition when it is not active, Missing when it was deleted.
    """
    _check(actor)
    if not reason.strip():
        raise NotValid({"reason": [_("Say why this route is not used any more.")]})
    active = _lock_routes()
    stored = _stored(route)
    if not stored.is_active:
        raise InvalidTransition(_("This route is not active any more."), target=stored.get_absolute_url())
    if why := _why_needed(active, without=stored):
        raise Refused(why, target=stored.get_absolute_url())
    return _set_active(stored, False, actor=actor, event=names.ROUTE_DEACTIVATE, reason=reason.strip())


@transaction.atomic
def activate_route(route: Route, *, actor: User | None) -> Route:
    """Let a route answer again for what it is for.

    Raises NotPermitted, Refused when another route does so meanwhile, InvalidTransition when it is active, Missing.
    """
    _check(actor)
    _lock_routes()
    stored = _stored(route)
    if stored.is_active:
        raise InvalidTransition(_("This route is active already."), target=stored.get_absolute_url())
    if rival := _rival(stored):
        raise Refused(_answers_already(rival), target=stored.get_absolute_url())
    return _set_active(stored, True, actor=actor, event=names.ROUTE_ACTIVATE)


@transaction.atomic
def delete_route(route: Route, *, actor: User | None) -> None:
    """Delete a route that no round has ever followed. The trail keeps what it was.

    Raises NotPermitted, Refused for one that was used or is needed, Missing when it was deleted already.
    """
    _check(actor)
    active = _lock_routes()
    stored = _stored(route)
    if rounds_through(stored).exists():
        raise Refused(
            _("A round has followed this route, and its file must stay readable. Deactivate it instead."),
            target=stored.get_absolute_url(),
        )
    if stored.is_active and (why := _why_needed(active, without=stored)):
        raise Refused(why, target=stored.get_absolute_url())
    data = {**_facts(stored), "stages": as_noted(stages_of(stored)), "version": stored.version}
    trail.record(names.ROUTE_DELETE, actor=actor, subject=stored, data=data)
    written_by(stored, actor).delete()


# What they share ---------------------------------------------------------------------------------------------


def _check(actor: User | None) -> None:
    if actor is not None and not can_change_routes(actor):
        raise NotPermitted(_("Only administrators change approval routes."))


def _lock_routes() -> list[Route]:
    """The active routes, all routes locked: whether one can go depends on the others."""
    locked = Route.objects.select_for_update(of=("self",)).select_related("department").order_by("pk")
    return [route for route in locked if route.is_active]


def _stored(route: Route) -> Route:
    stored = Route.objects.select_related("department").filter(pk=route.pk).first()
    if stored is None:
        raise Missing(_("There is no such route. It may have been deleted."), target=reverse("routes"))
    return stored


def _why_needed(active: Sequence[Route], *, without: Route, instead: Route | None = None) -> str:
    """Which procedures would have no route `without` this one; empty when none."""
    after = [route for route in active if route.pk != without.pk] + ([instead] if instead else [])
    orphans = left_without(active, after)
    if not orphans:
        return ""
    codes = ", ".join(procedure.code for procedure in orphans[:NAMED_CODES])
    sentence = ngettext(
        "%(codes)s would be left without any route. Make another route answer for it first.",
        "%(count)d procedures would be left without any route (%(codes)s …). "
        "Make another route answer for them first.",
        len(orphans),
    )  # fmt: skip
    return sentence % {"codes": codes, "count": len(orphans)}


def _set_active(stored: Route, is_active: bool, *, actor: User | None, event: str, reason: str = "") -> Route:
    stored.is_active = is_active
    written_by(stored, actor, reason=reason[:100]).save(update_fields=["is_active"])
    data = {"is_active": {"old": not is_active, "new": is_active}}
    trail.record(event, actor=actor, subject=stored, data=data, reason=reason)
    return stored


def _store(route: Route, *, actor: User | None) -> None:
    """Save `route`; what somebody else took a moment before is NotValid, like anything else that does not fit."""
    try:
        with transaction.atomic():
            written_by(route, actor).save()
    except IntegrityError:
        _validate_fields(route)
        raise


def _write_stages(route: Route, stages: Sequence[StageSpec]) -> None:
    route.stages.all().delete()
    rows = [
        RouteStage(route=route, position=position, **{name: getattr(stage, name) for name in STAGE_FIELDS})
        for position, stage in enumerate(stages, start=1)
    ]
    RouteStage.objects.bulk_create(rows)
    RouteSlot.objects.bulk_create(
        RouteSlot(stage=row, position=position, kind=slot.kind, role_id=slot.role_id, person_id=slot.person_id)
        for row, stage in zip(rows, stages, strict=True)
        for position, slot in enumerate(stage.slots, start=1)
    )


def _last_editor(route: Route) -> str:
    latest = route.history.select_related("history_user").first()
    return str(latest.history_user) if latest and latest.history_user else "sopdesk"


def _facts(route: Route) -> dict[str, object]:
    return {name: _plain(getattr(route, name)) for name in ROUTE_FIELDS}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, models.Model) else value


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _tidy(stages: Sequence[StageSpec]) -> tuple[StageSpec, ...]:
    """Names on one line, and a number only where the rule takes one."""
    return tuple(
        StageSpec(
            name=_one_line(stage.name),
            slots=tuple(stage.slots),
            rule=stage.rule,
            needed=stage.needed if stage.rule == StageRule.N_OF else None,
            meaning=stage.meaning,
            days=stage.days,
            needs_signature=stage.needs_signature,
            needs_second_factor=stage.needs_second_factor,
        )
        for stage in stages
    )


# What must be so ---------------------------------------------------------------------------------------------


def _validate(
    route: Route,
    stages: Sequence[StageSpec],
    *,
    known: frozenset[SlotSpec] | set[SlotSpec],
    department_is_new: bool = True,
) -> None:
    """Raise NotValid with everything that is wrong. `known` slots stay although who fills them has left."""
    errors: dict[str, list[str]] = {}
    try:
        _validate_fields(route)
    except NotValid as error:
        errors |= error.errors
    if department_is_new and route.department and not route.department.is_active:
        errors["department"] = [_("%(name)s is not active.") % {"name": route.department}]
    for field, sentence in _problems(stages, known):
        errors.setdefault(field, []).append(sentence)
    if not errors and (stuck := _stuck(stages)) is not None:
        errors[f"stages-{stuck}-name"] = [
            _("Nobody decides twice in a round: this stage asks for somebody whom this route needs elsewhere.")
        ]
    if errors:
        raise NotValid(errors)


def _validate_fields(route: Route) -> None:
    errors: dict[str, list[str]] = {}
    try:
        route.full_clean(validate_constraints=False)
    except ValidationError as error:
        errors |= error.message_dict
    if route.is_active and (rival := _rival(route)):
        errors[NON_FIELD_ERRORS] = [_answers_already(rival)]
    if errors:
        raise NotValid(errors)


def _rival(route: Route) -> Route | None:
    """Another active route that is for exactly the same."""
    same = Route.objects.filter(is_active=True, kind=route.kind, department=route.department, risk=route.risk)
    return same.exclude(pk=route.pk).first()


def _answers_already(rival: Route) -> str:
    return _("The route “%(name)s” answers for exactly these procedures.") % {"name": rival}


def _problems(stages: Sequence[StageSpec], known: frozenset[SlotSpec] | set[SlotSpec]) -> Iterator[tuple[str, str]]:
    if not 0 < len(stages) <= MAX_STAGES:
        yield NON_FIELD_ERRORS, _("A route has one to %(count)d stages.") % {"count": MAX_STAGES}
    if stages and all(stage.meaning != Meaning.APPROVED for stage in stages):
        yield f"stages-{len(stages) - 1}-meaning", _("In one stage at least the signature means “approved”.")
    gone = _who_is_gone({slot for stage in stages for slot in stage.slots} - known)
    for number, stage in enumerate(stages):
        for field, sentence in _problems_of_stage(stage):
            yield f"stages-{number}-{field}", sentence
        for place, slot in enumerate(stage.slots):
            if slot in gone:
                yield f"stages-{number}-slots-{place}-who", _("Nobody can be asked there any more. Choose again.")
            elif slot.kind != SlotKind.ROLE and slot in stage.slots[:place]:
                yield f"stages-{number}-slots-{place}-who", _("Is asked in this stage already.")


def _problems_of_stage(stage: StageSpec) -> Iterator[tuple[str, str]]:
    longest = RouteStage._meta.get_field("name").max_length or 0
    if not stage.name:
        yield "name", _("Give the stage a name.")
    elif len(stage.name) > longest:
        yield "name", _("At most %(count)d characters.") % {"count": longest}
    if not 0 < len(stage.slots) <= MAX_SLOTS:
        yield "name", _("A stage asks one to %(count)d places.") % {"count": MAX_SLOTS}
    if stage.rule == StageRule.N_OF and not 0 < (stage.needed or 0) <= len(stage.slots):
        yield "needed", _("A number from 1 to %(count)d, as many places as there are.") % {"count": len(stage.slots)}
    if not 0 < stage.days <= MAX_DAYS:
        yield "days", _("From 1 to %(count)d days.") % {"count": MAX_DAYS}
    if stage.needs_second_factor and not stage.needs_signature:
        yield "needs_second_factor", _("A second factor goes with the password. Ask for the password too.")
    if stage.rule not in StageRule.values:
        yield "rule", _("There is no such rule.")
    if stage.meaning not in Meaning.values:
        yield "meaning", _("There is no such meaning.")


def _who_is_gone(slots: set[SlotSpec]) -> set[SlotSpec]:
    """Slots whose role or person is not active, or that do not name what their kind says."""
    roles = set(Role.objects.filter(is_active=True).values_list("pk", flat=True)) if slots else set()
    people = set(User.objects.filter(is_active=True).values_list("pk", flat=True)) if slots else set()

    def is_there(slot: SlotSpec) -> bool:
        match slot.kind:
            case SlotKind.ROLE:
                return slot.role_id in roles and slot.person_id is None
            case SlotKind.PERSON:
                return slot.person_id in people and slot.role_id is None
            case _:
                return slot.kind in SlotKind.values and slot == SlotSpec(slot.kind)

    return {slot for slot in slots if not is_there(slot)}


def _stuck(stages: Sequence[StageSpec]) -> int | None:
    """The first stage that no choice of people could complete. A role may have as many holders as wanted; the head
    and the owner may be anybody."""
    places = sum(len(stage.slots) for stage in stages)
    numbers: dict[object, int] = {}

    def seats(slot: SlotSpec) -> list[int]:
        people = [(slot, holder) for holder in range(places)] if slot.kind == SlotKind.ROLE else [slot]
        return [numbers.setdefault(person, len(numbers)) for person in people]

    plans = [
        StagePlan(slots_needed(stage.rule, stage.needed, len(stage.slots)), [seats(slot) for slot in stage.slots])
        for stage in stages
    ]
    return first_stuck(plans)
