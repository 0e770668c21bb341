"""Who may do what, said a second time from the bare rows and without the application's own queries, so that the machine
compares two answers."""

from collections.abc import Iterator

from procedures.models import (
    Deviation,
    Procedure,
    Revision,
    Round,
    RoundSlot,
    RoundStage,
    Route,
    RouteSlot,
    SlotKind,
    StageRule,
)
from procedures.states import OPEN_STATES, State
from roles.models import Absence, Access, Department, Holding, User
from roles.queries import today


def writes(person: User, procedure: Procedure) -> bool:
    """Authors write for their department, and where they were invited."""
    is_near = person.department_id == procedure.department_id or procedure.coauthors.filter(pk=person.pk).exists()
    return person.is_active and person.access == Access.AUTHOR and is_near


def controls(person: User, procedure: Procedure) -> bool:
    return person.is_active and (person.pk == procedure.owner_id or person.access == Access.ADMINISTRATOR)


def is_open(procedure: Procedure) -> bool:
    return any(revision.state in OPEN_STATES for revision in procedure.revisions.all())


def was_withdrawn(procedure: Procedure) -> bool:
    return any(revision.state == State.WITHDRAWN for revision in procedure.revisions.all())


# Deciding ----------------------------------------------------------------------------------------------------


def holds(person: User, slot: RoundSlot | RouteSlot, procedure: Procedure) -> bool:
    match slot.kind:
        case SlotKind.PERSON:
            return slot.person_id == person.pk
        case SlotKind.HEAD:
            return procedure.department.head_id == person.pk
        case SlotKind.OWNER:
            return procedure.owner_id == person.pk
    day = today()
    holdings = Holding.objects.filter(user=person, role=slot.role_id)
    return any(row.starts <= day and (row.ends is None or day <= row.ends) for row in holdings)


def _people_stood_in_for(person: User) -> Iterator[User]:
    day = today()
    for row in Absence.objects.filter(deputy=person).select_related("person"):
        if row.ended_at is None and row.starts <= day <= row.ends and row.person.is_active:
            yield row.person


def open_stage(round: Round) -> RoundStage | None:
    return next((stage for stage in round.stages.all() if stage.opened_at and not stage.completed_at), None)


def places(person: User, round: Round, writers: set[int]) -> list[tuple[RoundSlot, int | None]]:
    """The slots in which `person` may decide now, each with the person on whose behalf, None for their own.

    `writers` are the people who wrote any part of the text, as the machine has noted it down.
    """
    stage = open_stage(round)
    valid = [decision for decision in round.decisions.all() if decision.invalidated_at is None]
    has_decided = any(decision.decider_id == person.pk for decision in valid)
    if round.outcome or stage is None or has_decided or not person.is_active or person.pk in writers:
        return []
    counted = {decision.on_behalf_of_id or decision.decider_id for decision in valid}
    procedure = round.revision.procedure
    found: list[tuple[RoundSlot, int | None]] = []
    for slot in stage.slots.all():
        if any(decision.slot_id == slot.pk for decision in valid):
            continue
        if holds(person, slot, procedure) and person.pk not in counted:
            found.append((slot, None))
        for absent in _people_stood_in_for(person):
            if holds(absent, slot, procedure) and absent.pk not in counted and absent.pk not in writers:
                found.append((slot, absent.pk))
    return found


def is_complete(round: Round) -> bool:
    """Whether every stage has as many valid signatures, over the hash of the round, as its rule wants."""
    for stage in round.stages.all():
        slots = list(stage.slots.all())
        signed = {
            decision.slot_id
            for decision in round.decisions.all()
            if decision.invalidated_at is None
            and decision.verdict == "approve"
            and decision.content_hash == round.content_hash
        }
        wanted = {StageRule.ANY: 1, StageRule.N_OF: stage.needed}.get(stage.rule, len(slots))
        if len(signed & {slot.pk for slot in slots}) < wanted:
            return False
    return True


# Deviating ---------------------------------------------------------------------------------------------------


def asks(person: User, revision: Revision, department: Department) -> bool:
    """Who writes the procedure asks for every department, who heads one for that one; of a published text that
    everybody reads."""
    may = writes(person, revision.procedure) or department.head_id == person.pk
    return revision.state == State.PUBLISHED and person.is_active and department.is_active and may


def answering_route(procedure: Procedure) -> Route | None:
    """Of the routes in use that leave out nothing of the procedure, the one that names most of it."""
    known = {"department_id": procedure.department_id, "kind": procedure.kind, "risk": procedure.risk}
    found, most = None, (-1,)
    for route in Route.objects.filter(is_active=True):
        named = {name: getattr(route, name) for name in known if getattr(route, name)}
        if any(known[name] != value for name, value in named.items()):
            continue
        weight = (len(named), "department_id" in named, "kind" in named)
        if weight > most:
            found, most = route, weight
    return found


def deciders(deviation: Deviation, writers: set[int]) -> set[int]:
    """Who may sign or refuse it: who fills a place of the last stage of the route of today, or stands in for them;
    neither who asked nor who wrote the text, nor anybody for these."""
    procedure = deviation.revision.procedure
    route = answering_route(procedure)
    if deviation.state != "asked" or deviation.ends < today() or route is None:
        return set()
    last = list(route.stages.order_by("position"))[-1:]
    barred = {deviation.asked_by_id, *writers}
    able = set()
    for person in User.objects.filter(is_active=True).exclude(pk__in=barred):
        for slot in (slot for stage in last for slot in stage.slots.all()):
            stood_in_for = [absent for absent in _people_stood_in_for(person) if absent.pk not in barred]
            if any(holds(one, slot, procedure) for one in [person, *stood_in_for]):
                able.add(person.pk)
    return able


def ends_early(person: User, deviation: Deviation) -> bool:
    is_theirs = person.pk in (deviation.revision.procedure.owner_id, deviation.department.head_id)
    may = person.is_active and (is_theirs or person.access == Access.ADMINISTRATOR)
    return may and deviation.state == "granted" and deviation.ends >= today()


# What follows of it ------------------------------------------------------------------------------------------


def unsound(revision: Revision, writers: set[int]) -> Iterator[str]:
    """What must never be true of `revision`, in words."""
    rounds = list(revision.rounds.all())
    for round in rounds:
        for decision in round.decisions.all():
            if decision.decider_id in writers and decision.invalidated_at is None:
                yield f"{decision.decider_name} wrote {revision} and decided on it"
    if revision.state in (State.APPROVED, State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN):
        over_it = [round for round in rounds if round.content_hash == revision.content_hash and is_complete(round)]
        if not any(round.outcome == "approved" for round in over_it):
            yield f"{revision} is {revision.state} without a complete round over its text"
    if revision.state == State.IN_REVIEW and sum(not round.outcome for round in rounds) != 1:
        yield f"{revision} is in review without its round"
