"""Setting up routes: which one answers, what must be so, versions, and what protects a route that is used."""

import dataclasses

import pytest

from audit.trail import entries_for
from procedures.actions import approval, routes
from procedures.errors import EditConflict
from procedures.invariants import violations
from procedures.models import Kind, Meaning, Risk, Round, Route, SlotKind, StageRule
from procedures.queries import open_round, route_for
from procedures.routes.answering import answers, best_of
from procedures.routes.deciding import who_would_decide
from procedures.routes.listing import stages_with_slots
from procedures.routes.permissions import can_change_routes, routes_changeable_by, routes_visible_to, sees_routes
from procedures.routes.specs import SlotSpec, StageSpec, stages_of
from procedures.states import State
from roles.errors import NotValid
from sopdesk.lib.errors import Conflict, InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import make_draft, make_revision

pytestmark = pytest.mark.django_db

HEAD = SlotSpec(SlotKind.HEAD)
OWNER = SlotSpec(SlotKind.OWNER)


def stage(*slots, name="Approval", **fields) -> StageSpec:
    return StageSpec(name=name, slots=slots or (HEAD,), **fields)


def named(person) -> SlotSpec:
    return SlotSpec(SlotKind.PERSON, person_id=person.pk)


@pytest.fixture
def high(firm) -> Route:
    return routes.add_route(actor=firm.administrator, name="High risk", risk=Risk.HIGH, stages=[stage()])


def change(route, *, by, stages=None, version=None, **fields) -> Route:
    version = route.version if version is None else version
    return routes.change_route(route, actor=by, version=version, fields=fields, stages=stages or stages_of(route))


def errors_of(error) -> set[str]:
    return set(error.value.errors)


# Which route answers -----------------------------------------------------------------------------------------


def test_most_specific_route_answers_and_department_goes_before_kind_before_risk(firm):
    by = firm.administrator
    risky = routes.add_route(actor=by, name="B", risk=Risk.HIGH, stages=[stage()])
    policies = routes.add_route(actor=by, name="C", kind=Kind.POLICY, stages=[stage()])
    finance = routes.add_route(actor=by, name="D", department=firm.finance, stages=[stage()])
    both = routes.add_route(actor=by, name="E", kind=Kind.POLICY, risk=Risk.HIGH, stages=[stage()])
    found = list(Route.objects.all())
    plain, ours, theirs = Route.objects.get(name="Head of department"), firm.finance.pk, firm.operations.pk
    assert best_of(found, department_id=theirs, kind="procedure", risk="low") == plain
    assert best_of(found, department_id=theirs, kind="procedure", risk="high") == risky
    assert best_of(found, department_id=theirs, kind="policy", risk="low") == policies
    assert best_of(found, department_id=ours, kind="policy", risk="low") == finance
    assert best_of(found, department_id=theirs, kind="policy", risk="high") == both
    table = {(row.department, row.kind): [answer for _risk, answer in row.by_risk] for row in answers(found)}
    assert table[None, "policy"] == [policies, policies, both]
    assert table[firm.finance, ""] == [finance, finance, finance]


# Who may -----------------------------------------------------------------------------------------------------


def test_administrators_change_auditors_read_and_predicate_and_queryset_agree(firm):
    for name, person in firm.people.items():
        assert sees_routes(person) is (name in ("administrator", "auditor"))
        assert routes_visible_to(person).exists() is sees_routes(person)
        assert can_change_routes(person) is (name == "administrator")
        assert routes_changeable_by(person).exists() is can_change_routes(person)


def test_nobody_else_changes_a_route_and_nothing_is_noted(firm, high):
    seen = entries_for(high).count()
    for person in (firm.auditor, firm.superuser, firm.author):
        with pytest.raises(NotPermitted):
            change(high, by=person, name="Mine")
        with pytest.raises(NotPermitted):
            routes.deactivate_route(high, actor=person, reason="x")
        with pytest.raises(NotPermitted):
            routes.delete_route(high, actor=person)
    assert entries_for(high).count() == seen


# What must be so ---------------------------------------------------------------------------------------------


def test_everything_wrong_is_told_at_once_beside_its_field(firm):
    stages = [
        stage(named(firm.staff), named(firm.staff), name=" ", days=0, meaning=Meaning.REVIEWED),
        stage(
            HEAD, rule=StageRule.N_OF, needed=2, needs_signature=False, needs_second_factor=True,
            meaning=Meaning.REVIEWED,
        ),
    ]  # fmt: skip
    with pytest.raises(NotValid) as error:
        routes.add_route(actor=firm.administrator, name="", stages=stages)
    assert errors_of(error) == {
        "name", "__all__", "stages-0-name", "stages-0-days", "stages-0-slots-1-who", "stages-1-needed",
        "stages-1-needs_second_factor", "stages-1-meaning",
    }  # fmt: skip
    assert Route.objects.count() == 1


def test_a_route_needs_stages_and_a_stage_needs_places(firm):
    for stages, field in (([], "__all__"), ([StageSpec(name="Empty", slots=())], "stages-0-name")):
        with pytest.raises(NotValid) as error:
            routes.add_route(actor=firm.administrator, name="X", risk=Risk.LOW, stages=stages)
        assert errors_of(error) == {field}


def test_a_person_who_is_needed_twice_would_block_every_round(firm):
    twice = [stage(named(firm.staff)), stage(named(firm.staff), name="Again")]
    with pytest.raises(NotValid) as error:
        routes.add_route(actor=firm.administrator, name="X", risk=Risk.LOW, stages=twice)
    assert errors_of(error) == {"stages-1-name"}
    second = dataclasses.replace(twice[1], slots=(named(firm.staff), OWNER), rule=StageRule.ANY)
    route = routes.add_route(actor=firm.administrator, name="X", risk=Risk.LOW, stages=[twice[0], second])
    assert stages_of(route) == (twice[0], second)


def test_who_has_left_is_not_asked_anew_and_stays_where_they_were(firm, high):
    high = change(high, by=firm.administrator, stages=[stage(named(firm.staff))])
    type(firm.staff).objects.filter(pk=firm.staff.pk).update(is_active=False)
    assert change(high, by=firm.administrator, name="Renamed").name == "Renamed"
    with pytest.raises(NotValid) as error:
        routes.add_route(actor=firm.administrator, name="X", risk=Risk.LOW, stages=[stage(named(firm.staff))])
    assert errors_of(error) == {"stages-0-slots-0-who"}


def test_two_active_routes_never_answer_for_exactly_the_same(firm, high):
    with pytest.raises(NotValid, match="High risk"):
        routes.add_route(actor=firm.administrator, name="Another", risk=Risk.HIGH, stages=[stage()])
    routes.deactivate_route(high, actor=firm.administrator, reason="Replaced.")
    routes.add_route(actor=firm.administrator, name="Another", risk=Risk.HIGH, stages=[stage()])
    with pytest.raises(Refused, match="Another"):
        routes.activate_route(high, actor=firm.administrator)


# Versions ----------------------------------------------------------------------------------------------------


def test_each_saved_change_is_a_version_with_its_history_and_entry(firm, high):
    stages = [stage(HEAD, name="Head"), stage(named(firm.auditor), OWNER, name="Check", rule=StageRule.ANY, days=9)]
    changed = change(high, by=firm.administrator, stages=stages, name="  Very   high ")
    assert (changed.version, changed.name, stages_of(changed)) == (2, "Very high", tuple(stages))
    entry = entries_for(high).last()
    assert entry.name == "procedures.route.change"
    assert entry.data["name"] == {"old": "High risk", "new": "Very high"}
    assert [row["name"] for row in entry.data["stages"]["old"]] == ["Approval"]
    assert entry.data["stages"]["new"][1]["slots"] == [{"kind": "person", "who": "Auditor"}, {"kind": "owner"}]
    assert entry.data["version"] == 2
    assert high.history.latest().history_user == firm.administrator
    assert change(changed, by=firm.administrator).version == 2
    assert entries_for(high).count() == 2
    assert list(violations()) == []


def test_a_save_over_another_version_gets_both(firm, high):
    change(high, by=firm.administrator, stages=[stage(OWNER)])
    with pytest.raises(EditConflict) as error:
        change(high, by=firm.administrator, version=1, stages=[stage(HEAD, name="Mine")], name="High risk")
    assert error.value.status == 409
    assert error.value.stored.stages == (stage(OWNER),)
    assert error.value.offered["stages"] == (stage(HEAD, name="Mine"),)
    assert error.value.stored.version == 2
    assert Route.objects.get(pk=high.pk).version == 2


def test_round_keeps_the_version_it_began_with_whatever_becomes_of_the_route(firm, high):
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    round = open_round(revision)
    assert (round.route, round.route_version, round.route_name) == (high, 1, "High risk")
    high = change(high, by=firm.administrator, stages=[stage(named(firm.auditor), needs_second_factor=True)], name="X")
    round = Round.objects.get(pk=round.pk)
    assert (round.route_version, round.route_name) == (1, "High risk")
    assert [slot.kind for slot in round.stages.get().slots.all()] == [SlotKind.HEAD]
    following = open_round(make_revision(firm, state=State.IN_REVIEW, risk="high"))
    assert following.route_version == 2
    assert entries_for(following.revision).filter(name="procedures.revision.submit").last().data["route_version"] == 2
    assert following.stages.get().needs_second_factor


# Protected while used ----------------------------------------------------------------------------------------


def test_used_route_is_not_deleted_only_deactivated_with_a_reason(firm, high):
    make_revision(firm, state=State.IN_REVIEW, risk="high")
    with pytest.raises(Refused, match="round"):
        routes.delete_route(high, actor=firm.administrator)
    with pytest.raises(NotValid):
        routes.deactivate_route(high, actor=firm.administrator, reason="  ")
    routes.deactivate_route(high, actor=firm.administrator, reason="One route for all.")
    assert entries_for(high).last().reason == "One route for all."
    with pytest.raises(InvalidTransition):
        routes.deactivate_route(high, actor=firm.administrator, reason="Again.")
    assert routes.activate_route(high, actor=firm.administrator).is_active


def test_unused_route_is_deleted_and_the_trail_keeps_it(firm, high):
    pk = high.pk
    routes.delete_route(high, actor=firm.administrator)
    high.pk = pk
    assert entries_for(high).last().data["stages"][0]["name"] == "Approval"
    with pytest.raises(Missing):
        routes.delete_route(high, actor=firm.administrator)
    with pytest.raises(Missing):
        change(high, by=firm.administrator, stages=[stage()], name="X")


def test_no_procedure_is_left_without_a_route(firm, high):
    make_draft(firm, code="FIN-700", risk="low")
    make_revision(firm, code="FIN-701", state=State.WITHDRAWN, risk="low")
    plain = Route.objects.get(name="Head of department")
    for act in (
        lambda: routes.deactivate_route(plain, actor=firm.administrator, reason="x"),
        lambda: routes.delete_route(plain, actor=firm.administrator),
        lambda: change(plain, by=firm.administrator, risk=Risk.NORMAL),
    ):
        with pytest.raises(Refused) as error:
            act()
        assert "round" in str(error.value) or ("FIN-700" in str(error.value) and "701" not in str(error.value))
    routes.add_route(actor=firm.administrator, name="Low", risk=Risk.LOW, stages=[stage()])
    assert not routes.deactivate_route(plain, actor=firm.administrator, reason="x").is_active


def test_submission_meets_the_route_as_it_was_checked(firm, high, monkeypatch):
    draft = make_draft(firm, risk="high")
    route = route_for(draft.procedure)
    change(high, by=firm.administrator, stages=[stage(OWNER)])
    with pytest.raises(Conflict):
        approval.submitting._hold(route)
    assert approval.submit(draft, actor=firm.author).route_version == 2


# Who would decide --------------------------------------------------------------------------------------------


def test_who_would_decide_names_people_gaps_and_writers(firm):
    stages = [
        stage(HEAD, SlotSpec(SlotKind.ROLE, role_id=firm.clerk_role.pk), name="First"),
        stage(OWNER, name="Second"),
    ]
    route = routes.add_route(actor=firm.administrator, name="Low", risk=Risk.LOW, stages=stages)
    rows = list(stages_with_slots().filter(route=route))
    first, second = who_would_decide(rows, department=firm.finance)
    assert [slot.able for slot in first.slots] == [[firm.approver], [firm.staff]]
    assert second.slots[0].is_open_question
    assert not first.problem
    assert not second.problem
    first, second = who_would_decide(rows, department=firm.finance, author=firm.approver, owner=firm.owner)
    assert first.slots[0].wrote == [firm.approver]
    assert first.problem
    assert second.slots[0].able == [firm.owner]
    first, _second = who_would_decide(rows, department=firm.operations)
    assert first.slots[0].people == []
    assert first.problem


def test_verify_names_a_route_that_was_changed_past_sopdesk(firm, high):
    make_revision(firm, state=State.IN_REVIEW, risk="high")
    Route.objects.filter(pk=high.pk).update(version=3)
    Round.objects.update(route_version=4)
    high.stages.update(rule=StageRule.N_OF, needed=2)
    high.stages.get().slots.update(position=2)
    found = [sentence for sentence in violations() if sentence.startswith("I11")]
    assert [sentence.split(":")[0] for sentence in found] == [
        "I11 route High risk, stage 1. Approval",
        "I11 route High risk, stage 1. Approval",
        "I11 route High risk",
        f"I11 round {Round.objects.get()}",
    ]
