"""Temporary deviation: one department does one step otherwise for some days, signed by the last stage of the route."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions import approval, publishing
from procedures.actions.deviations import (
    approve_deviation,
    ask_deviation,
    end_deviation,
    end_run_out,
    recall_deviation,
    refuse_deviation,
)
from procedures.deviations.deciding import people_of, places_on
from procedures.deviations.permissions import (
    can_ask_for,
    can_decide_on_deviation,
    can_deviate_from,
    can_end_deviation,
    can_recall_deviation,
    can_see_deviation,
    departments_to_ask_for,
    deviations_decidable_by,
    deviations_endable_by,
    deviations_recallable_by,
    deviations_visible_to,
    revisions_to_deviate_from,
    with_parents,
)
from procedures.errors import StaleContent
from procedures.invariants import violations
from procedures.models import Deviation, DeviationCause, DeviationState, Revision, Route, SlotKind, StageRule
from procedures.preflight import preflight
from procedures.signatures import hash_of_asked, seal_of_deviation
from procedures.states import State
from roles.actions import deactivate_person
from roles.errors import CannotSign, WrongPassword
from roles.models import Absence, Holding
from roles.queries import today
from sopdesk.lib.errors import Conflict, InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD, first_step, make_next, make_revision, make_route, make_user
from tests.factories import approve as approve_round

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
REASON = "The scanner is being repaired."
INSTEAD = "Write the numbers down by hand, and keep the sheet."


@pytest.fixture
def revision(firm) -> Revision:
    """A published procedure of Finance; the head of Finance, who is the approver, is the last stage of its route."""
    firm.operations.head = firm.outsider
    firm.operations.save(update_fields=["head"])
    return make_revision(firm)


def ask(revision, person, department, **changes) -> Deviation:
    sent = {
        "step": first_step(revision).uid, "reason": REASON, "instead": INSTEAD, "starts": today(),
        "ends": today() + 9 * DAY,
    }  # fmt: skip
    return ask_deviation(revision, actor=person, department=department, **sent | changes)


def approve(deviation, person, **changes) -> Deviation:
    sent = {"asked_hash": deviation.asked_hash, "password": PASSWORD, "accepts": 1}
    return approve_deviation(stored(deviation), actor=person, **sent | changes)


def granted(firm, revision, **changes) -> Deviation:
    return approve(ask(revision, firm.author, firm.operations, **changes), firm.approver)


def stored(deviation) -> Deviation:
    return with_parents(Deviation.objects.all()).get(pk=deviation.pk)


def told(kind) -> set:
    return set(Notification.objects.filter(kind=kind).values_list("recipient", flat=True))


def waiting(kind) -> set:
    return set(Notification.objects.unread().filter(kind=kind).values_list("recipient", flat=True))


# Its life ----------------------------------------------------------------------------------------------------


def test_asked_for_and_signed_it_holds_for_its_days(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    assert (asked.state, asked.step_number, asked.step_title) == (DeviationState.ASKED, 1, "Lock the time sheets")
    assert told("deviation-asked") == {firm.approver.pk}
    assert not Deviation.objects.in_force(today()).exists()
    signed = approve(asked, firm.approver)
    assert signed.capacity == "Head of Finance"
    assert Deviation.objects.in_force(today()).get() == signed
    assert Deviation.objects.in_force(today() + 9 * DAY).get() == signed
    assert not Deviation.objects.in_force(today() + 10 * DAY).exists()
    assert told("deviation-approved") == {firm.author.pk, firm.outsider.pk, firm.owner.pk}
    assert waiting("deviation-asked") == set()
    entry = entries_for(signed).get(name="procedures.deviation.approve")
    assert entry.data["seal"] == signed.seal
    assert entry.procedure_code == revision.procedure.code
    assert list(violations()) == []


def test_it_may_begin_later(firm, revision):
    signed = granted(firm, revision, starts=today() + 3 * DAY, ends=today() + 5 * DAY)
    assert not Deviation.objects.in_force(today()).exists()
    assert Deviation.objects.in_force(today() + 3 * DAY).get() == signed


def test_refused_with_a_reason_nothing_changes(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    with pytest.raises(Refused):
        refuse_deviation(stored(asked), actor=firm.approver, asked_hash=asked.asked_hash, reason=" ")
    refuse_deviation(stored(asked), actor=firm.approver, asked_hash=asked.asked_hash, reason="Use the other scanner.")
    assert (stored(asked).state, stored(asked).over_reason) == (DeviationState.REFUSED, "Use the other scanner.")
    assert told("deviation-refused") == {firm.author.pk}
    assert waiting("deviation-asked") == set()
    with pytest.raises(InvalidTransition):
        approve(asked, firm.approver)
    assert list(violations()) == []


def test_who_asked_takes_it_back_until_it_is_decided(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    with pytest.raises(NotPermitted):
        recall_deviation(stored(asked), actor=firm.owner)
    recall_deviation(stored(asked), actor=firm.author)
    assert stored(asked).state == DeviationState.RECALLED
    assert waiting("deviation-asked") == set()
    again = granted(firm, revision)
    with pytest.raises(InvalidTransition):
        recall_deviation(stored(again), actor=firm.author)
    assert list(violations()) == []


@pytest.mark.parametrize("who", ["owner", "administrator", "outsider"])
def test_owner_administrator_and_head_of_the_department_end_it_early(firm, revision, who):
    signed = granted(firm, revision)
    with pytest.raises(Refused):
        end_deviation(stored(signed), actor=firm.people[who], reason="")
    end_deviation(stored(signed), actor=firm.people[who], reason="The scanner is back.")
    assert (stored(signed).state, stored(signed).cause) == (DeviationState.ENDED, DeviationCause.EARLY)
    assert firm.author.pk in told("deviation-ended")
    assert firm.people[who].pk not in told("deviation-ended")
    with pytest.raises(InvalidTransition):
        end_deviation(stored(signed), actor=firm.people[who], reason="Again.")
    assert list(violations()) == []


@pytest.mark.parametrize("who", ["author", "approver", "staff", "auditor", "superuser"])
def test_nobody_else_ends_it_early(firm, revision, who):
    signed = granted(firm, revision)
    with pytest.raises(NotPermitted):
        end_deviation(stored(signed), actor=firm.people[who], reason="The scanner is back.")
    assert stored(signed).state == DeviationState.GRANTED


def test_the_date_ends_it_and_the_clock_catches_up(firm, revision):
    signed = granted(firm, revision, ends=today())
    asked = ask(revision, firm.author, firm.finance, ends=today())
    assert end_run_out() == []
    assert {row.pk for row in end_run_out(today() + DAY)} == {signed.pk, asked.pk}
    assert end_run_out(today() + DAY) == []
    assert (stored(signed).state, stored(signed).cause) == (DeviationState.ENDED, DeviationCause.DAY)
    assert (stored(asked).state, stored(asked).cause) == (DeviationState.LAPSED, DeviationCause.DAY)
    assert waiting("deviation-asked") == set()
    assert Notification.objects.filter(kind="deviation-ended", recipient=firm.owner).count() == 1
    assert list(violations()) == []


def test_one_that_has_run_out_makes_room_before_the_clock_has_noticed(firm, revision):
    first = granted(firm, revision)
    with pytest.raises(Conflict):
        ask(revision, firm.author, firm.operations)
    run_out(first)
    second = ask(revision, firm.author, firm.operations)
    assert (stored(first).state, stored(second).state) == (DeviationState.ENDED, DeviationState.ASKED)


def run_out(deviation):
    """As if it had been asked for and signed some days ago."""
    deviation.starts, deviation.ends = today() - 3 * DAY, today() - DAY
    deviation.asked_hash = hash_of_asked(deviation)
    deviation.seal = seal_of_deviation(deviation)
    deviation.save(update_fields=["starts", "ends", "asked_hash", "seal"])


def test_a_new_revision_ends_it_with_the_old_one(firm, revision):
    signed = granted(firm, revision)
    asked = ask(revision, firm.author, firm.finance)
    make_next(firm, revision.procedure)
    assert (stored(signed).state, stored(signed).cause) == (DeviationState.ENDED, DeviationCause.SUPERSEDED)
    assert (stored(asked).state, stored(asked).cause) == (DeviationState.LAPSED, DeviationCause.SUPERSEDED)
    with pytest.raises(InvalidTransition):
        approve(asked, firm.approver)
    with pytest.raises(InvalidTransition):
        ask(revision, firm.author, firm.operations)
    assert list(violations()) == []


def test_a_withdrawal_ends_it(firm, revision):
    signed = granted(firm, revision)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert (stored(signed).state, stored(signed).cause) == (DeviationState.ENDED, DeviationCause.WITHDRAWN)
    assert list(violations()) == []


def test_the_check_of_the_next_revision_warns_of_it(firm, revision):
    granted(firm, revision)
    ask(revision, firm.author, firm.finance, step=revision.steps.last().uid)
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    found = [sentence for sentence in preflight(draft).warnings if "deviat" in sentence]
    assert len(found) == 2
    assert "Operations deviates from step 1" in found[0]
    assert "Finance asks for a temporary deviation from step 3" in found[1]


# What may be asked for ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": " \n"},
        {"instead": ""},
        {"starts": -1},
        {"starts": 91, "ends": 92},
        {"ends": -1},
        {"ends": 30},
        {"step": uuid.UUID(int=0)},
    ],
)
def test_nothing_is_asked_for_without_reason_days_and_a_step_of_the_text(firm, revision, changes):
    sent = {name: today() + value * DAY if isinstance(value, int) else value for name, value in changes.items()}
    with pytest.raises(Refused):
        ask(revision, firm.author, firm.operations, **sent)
    assert not Deviation.objects.exists()


def test_the_longest_is_what_the_firm_has_set(firm, revision, settings):
    settings.DEVIATION_DAYS = 5
    with pytest.raises(Refused, match="5 days"):
        ask(revision, firm.author, firm.operations, ends=today() + 5 * DAY)
    assert ask(revision, firm.author, firm.operations, ends=today() + 4 * DAY).state == DeviationState.ASKED


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED, State.WITHDRAWN])
def test_only_from_a_published_text(firm, state):
    revision = make_revision(firm, state=state)
    with pytest.raises(InvalidTransition):
        ask(revision, firm.author, firm.finance)


def test_what_nobody_could_decide_is_not_asked_for(firm, revision):
    with pytest.raises(Refused, match="Nobody"):
        ask(revision, firm.approver, firm.finance)  # the head of the department is the only one of the last stage


def test_hostile_words_stay_what_they_are(firm, revision):
    evil = "<script>alert(1)</script> {{ 7*7 }} \u202e; DROP TABLE"
    asked = ask(revision, firm.author, firm.operations, reason=evil, instead=evil)
    assert (stored(asked).reason, stored(asked).instead) == (evil, evil)


# Who ---------------------------------------------------------------------------------------------------------


def test_who_writes_asks_for_every_department_and_a_head_for_their_own(firm, revision):
    may = {
        name: {department.code for department in departments_to_ask_for(person, revision)}
        for name, person in firm.people.items()
    }
    assert may["author"] == {"FIN", "OPS"}
    assert may["outsider"] == {"OPS"}
    assert may["approver"] == {"FIN"}
    assert not any(may[name] for name in ("coauthor", "staff", "owner", "auditor", "administrator", "superuser"))
    for name, person in firm.people.items():
        if "OPS" not in may[name]:
            with pytest.raises(NotPermitted):
                ask(revision, person, firm.operations)


def test_not_for_a_department_that_does_not_read_it(firm):
    firm.operations.head = firm.outsider
    firm.operations.save(update_fields=["head"])
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    assert not can_ask_for(firm.author, revision, firm.operations)
    assert can_ask_for(firm.author, revision, firm.finance)
    assert not can_deviate_from(firm.outsider, revision)


@pytest.mark.parametrize("who", ["author", "owner", "staff", "outsider", "auditor", "administrator", "superuser"])
def test_only_the_last_stage_decides(firm, revision, who):
    asked = ask(revision, firm.author, firm.operations)
    with pytest.raises(NotPermitted):
        approve(asked, firm.people[who])
    with pytest.raises(NotPermitted):
        refuse_deviation(stored(asked), actor=firm.people[who], asked_hash=asked.asked_hash, reason="No.")
    assert stored(asked).state == DeviationState.ASKED


def test_the_last_stage_and_not_the_first(firm, revision):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], department=firm.finance)
    asked = ask(revision, firm.author, firm.operations)
    assert people_of(places_on(stored(asked))) == [firm.owner]
    assert approve(asked, firm.owner).capacity == "Owner of the procedure"


def test_neither_who_wrote_nor_who_asked_decides_nor_anybody_for_them(firm):
    make_route([(SlotKind.PERSON, firm.author), (SlotKind.HEAD, None), (SlotKind.OWNER, None)], department=firm.finance)
    firm.operations.head = firm.outsider
    firm.operations.save(update_fields=["head"])
    revision = make_revision(firm, state=State.DRAFT)
    Route.objects.get(department=firm.finance).stages.update(rule=StageRule.ANY)

    approval.submit(revision, actor=firm.author)
    approve_round(revision, by=firm.approver)
    asked = ask(revision, firm.approver, firm.finance)
    Absence.objects.create(person=firm.approver, deputy=firm.staff, starts=today(), ends=today())
    Absence.objects.create(person=firm.author, deputy=firm.coauthor, starts=today(), ends=today())
    assert people_of(places_on(stored(asked))) == [firm.owner]
    for person in (firm.author, firm.approver, firm.staff, firm.coauthor):
        with pytest.raises(NotPermitted):
            approve(asked, person)


def test_a_deputy_decides_for_who_is_away(firm, revision):
    Absence.objects.create(person=firm.approver, deputy=firm.staff, starts=today(), ends=today())
    asked = ask(revision, firm.author, firm.operations)
    assert told("deviation-asked") == {firm.approver.pk, firm.staff.pk}
    signed = approve(asked, firm.staff)
    assert signed.on_behalf_of == firm.approver
    assert signed.capacity == "Head of Finance, for Approver"
    assert list(violations()) == []


def test_who_is_deactivated_meanwhile_signs_nothing(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    deactivate_person(firm.approver, actor=firm.administrator, reason="Left.")
    with pytest.raises((NotPermitted, CannotSign)):
        approve(asked, firm.approver)
    assert places_on(stored(asked)) == []


def test_readers_of_the_department_know_of_what_was_approved(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    clerk = make_user("store-clerk", department=firm.operations)
    assert not can_see_deviation(clerk, asked)
    signed = approve(asked, firm.approver)
    assert can_see_deviation(clerk, signed)
    assert not can_see_deviation(firm.staff, signed)
    for name in ("author", "owner", "outsider", "approver", "auditor", "administrator"):
        assert can_see_deviation(firm.people[name], signed), name


def test_who_decides_sees_it_without_reading_the_text(firm):
    compliance = make_user("compliance", department=firm.operations)
    make_route([(SlotKind.HEAD, None)], [(SlotKind.PERSON, compliance)], risk="high")

    revision = make_revision(
        firm, risk="high", state=State.IN_REVIEW, audience="departments", audience_departments=[firm.finance]
    )
    approve_round(revision, by=firm.approver)
    approve_round(revision, by=compliance)
    asked = ask(revision, firm.author, firm.finance)
    assert can_see_deviation(compliance, asked)
    signed = approve(asked, compliance)
    assert can_see_deviation(compliance, signed)
    assert not can_see_deviation(firm.outsider, signed)


def test_both_shapes_of_every_rule_agree(firm, revision):
    other = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    drafts = make_revision(firm, state=State.DRAFT)
    rows = [
        granted(firm, revision),
        ask(other, firm.author, firm.finance),
        ask(revision, firm.outsider, firm.operations, step=revision.steps.last().uid),
    ]
    refused = ask(revision, firm.author, firm.finance)
    rows.append(refuse_deviation(stored(refused), actor=firm.approver, asked_hash=refused.asked_hash, reason="No."))
    rows = [stored(row) for row in rows]
    pairs = [
        (can_see_deviation, deviations_visible_to),
        (can_decide_on_deviation, deviations_decidable_by),
        (can_recall_deviation, deviations_recallable_by),
        (can_end_deviation, deviations_endable_by),
    ]
    for person in firm.people.values():
        for predicate, queryset in pairs:
            found = {row.pk for row in rows if predicate(person, row)}
            assert set(queryset(person).values_list("pk", flat=True)) == found, (person, predicate)
        found = {row.pk for row in (revision, other, drafts) if departments_to_ask_for(person, row).exists()}
        assert set(revisions_to_deviate_from(person).values_list("pk", flat=True)) == found, person


def test_asking_who_decides_costs_the_same_for_many(firm, revision, django_assert_max_num_queries):
    other = make_revision(firm)
    for step in revision.steps.all():
        ask(revision, firm.author, firm.operations, step=step.uid)
        ask(other, firm.author, firm.operations, step=other.steps.get(position=step.position).uid)
    with django_assert_max_num_queries(9):
        assert deviations_decidable_by(firm.approver).count() == 6


# The signature -----------------------------------------------------------------------------------------------


def test_nothing_is_signed_without_proof_and_what_was_shown(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    for changes, error in (({"password": "not this one"}, WrongPassword), ({"asked_hash": "0" * 64}, StaleContent)):
        with pytest.raises(error):
            approve(asked, firm.approver, **changes)
    assert stored(asked).state == DeviationState.ASKED
    assert not stored(asked).seal


def test_a_code_is_asked_for_where_the_last_stage_does(firm, revision):
    route = make_route([(SlotKind.HEAD, None)], department=firm.finance)
    route.stages.update(needs_second_factor=True)
    asked = ask(revision, firm.author, firm.operations)
    with pytest.raises(CannotSign, match="code"):
        approve(asked, firm.approver)


def test_a_request_that_was_changed_past_the_application_is_not_signed(firm, revision):
    asked = ask(revision, firm.author, firm.operations)
    Deviation.objects.filter(pk=asked.pk).update(instead="Do nothing.")
    with pytest.raises(StaleContent):
        approve(asked, firm.approver)


def test_the_database_keeps_one_standing_and_no_approval_without_a_seal(firm, revision):
    signed = granted(firm, revision)
    for changes in (
        {"seal": ""}, {"reason": ""}, {"ends": signed.starts - DAY}, {"state": "other"}, {"state": "ended"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Deviation.objects.filter(pk=signed.pk).update(**changes)
    signed.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        signed.save(force_insert=True)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE procedures_deviation SET reason = 'Nothing.'", "I3 deviation"),
        ("UPDATE procedures_deviation SET instead = 'Nothing.'", "I3 deviation"),
        ("UPDATE procedures_deviation SET ends = '2099-01-01'", "I3 deviation"),
        ("UPDATE procedures_deviation SET step_number = 2", "I3 deviation"),
        ("UPDATE procedures_deviation SET decider_name = 'Somebody'", "I3 deviation"),
        ("UPDATE procedures_deviation SET capacity = 'King'", "I3 deviation"),
        ("UPDATE procedures_deviation SET state = 'ended', over_at = decided_at", "the trail does not say so"),
        ("UPDATE procedures_deviation SET content_hash = 'x'", "I3 deviation"),
        ("DELETE FROM procedures_deviation", "is gone"),
    ],
)
def test_what_was_changed_past_the_application_is_named(firm, revision, statement, says):
    granted(firm, revision)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(says in sentence for sentence in violations())


def test_one_that_was_never_signed_is_named(firm, revision):
    signed = granted(firm, revision)
    signed.pk, signed.step = None, uuid.uuid4()
    signed.asked_hash = hash_of_asked(signed)
    signed.save(force_insert=True)
    signed.seal = seal_of_deviation(signed)
    signed.save(update_fields=["seal"])
    assert any("not the one that the trail tells of" in sentence for sentence in violations())


def test_a_holder_by_role_decides(firm, revision):
    make_route([(SlotKind.ROLE, firm.clerk_role)], department=firm.finance)
    other = make_user("second-clerk", department=firm.finance)
    Holding.objects.create(user=other, role=firm.clerk_role, starts=today())
    asked = ask(revision, firm.author, firm.operations)
    assert set(people_of(places_on(stored(asked)))) == {firm.staff, other}
    assert approve(asked, other).capacity == "Payroll clerk"
