"""Stages of a round: how many sign, who fills which slot, who is asked, and what makes a round impossible."""

import datetime

import pytest
from django.urls import reverse

from notifications.models import Notification
from procedures.actions import approval, drafts
from procedures.errors import NotReady
from procedures.models import Revision, RoundOutcome, RouteSlot, RouteStage, SlotKind, StageRule
from procedures.preflight import preflight
from procedures.queries import current_stage, open_round, who_decides
from procedures.seating import StagePlan, first_stuck
from procedures.states import State
from roles.models import Access, Holding, Role
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import approve, make_draft, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db

ASKED = "revision-submitted"


@pytest.fixture
def second(firm):
    return make_user("second", department=firm.finance)


@pytest.fixture
def third(firm):
    return make_user("third", department=firm.finance)


def in_review(firm, *stages, rule=StageRule.ALL, needed=None) -> Revision:
    route = make_route(*stages, risk="high")
    route.stages.update(rule=rule, needed=needed)
    return make_revision(firm, state=State.IN_REVIEW, risk="high")


def persons(*people) -> list:
    return [(SlotKind.PERSON, person) for person in people]


def hold(role: Role, *people) -> None:
    for person in people:
        Holding.objects.create(user=person, role=role, starts=datetime.date(2020, 1, 1))


def state_of(revision: Revision) -> str:
    return Revision.objects.get(pk=revision.pk).state


def unread(person) -> int:
    return Notification.objects.unread().filter(recipient=person, kind=ASKED).count()


# How many sign -----------------------------------------------------------------------------------------------


def test_every_slot_signs_where_the_rule_says_all(firm, second):
    revision = in_review(firm, persons(firm.approver, second))
    approve(revision, by=firm.approver)
    assert state_of(revision) == State.IN_REVIEW
    approve(revision, by=second)
    assert state_of(revision) == State.PUBLISHED


def test_one_signature_is_enough_where_the_rule_says_any(firm, second):
    revision = in_review(firm, persons(firm.approver, second), rule=StageRule.ANY)
    round = open_round(revision)
    approve(revision, by=second)
    assert state_of(revision) == State.PUBLISHED
    with pytest.raises(InvalidTransition):
        approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password="unused")


def test_a_number_of_signatures_completes_a_stage_and_skips_the_rest(firm, second, third):
    revision = in_review(firm, persons(firm.approver, second, third), rule=StageRule.N_OF, needed=2)
    approve(revision, by=third)
    assert state_of(revision) == State.IN_REVIEW
    approve(revision, by=firm.approver)
    assert state_of(revision) == State.PUBLISHED
    assert revision.rounds.get().decisions.count() == 2


def test_a_skipped_slot_cannot_be_filled_after_its_stage(firm, second, third):
    revision = in_review(firm, persons(firm.approver, second), persons(third), rule=StageRule.ANY)
    approve(revision, by=firm.approver)
    assert current_stage(open_round(revision)).position == 2
    with pytest.raises(NotPermitted):
        approve(revision, by=second)
    approve(revision, by=third)
    assert state_of(revision) == State.PUBLISHED


def test_a_stage_waits_for_the_one_before_it(firm, second):
    revision = in_review(firm, persons(firm.approver), persons(second))
    with pytest.raises(NotPermitted):
        approve(revision, by=second)


def test_a_route_whose_numbers_do_not_begin_with_one_opens_its_first_stage(firm):
    route = make_route(persons(firm.approver), risk="high")
    route.stages.update(position=5)
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    assert current_stage(open_round(revision)).position == 5


# Who fills which slot ----------------------------------------------------------------------------------------


def test_a_slot_of_ones_own_is_filled_before_one_that_others_could_fill(firm, second):
    role = Role.objects.create(name="Controller")
    hold(role, firm.approver, second)
    revision = in_review(firm, [(SlotKind.ROLE, role), (SlotKind.HEAD, None)])
    assert approve(revision, by=firm.approver).slot.kind == SlotKind.HEAD
    approve(revision, by=second)
    assert state_of(revision) == State.PUBLISHED


def test_one_person_in_two_stages_is_a_blocker(firm):
    make_route(persons(firm.approver), [(SlotKind.HEAD, None)], risk="high")
    draft = make_draft(firm, risk="high")
    (blocker,) = preflight(draft).blockers
    assert "Stage 2" in blocker
    assert "decides once" in blocker
    with pytest.raises(NotReady):
        approval.submit(draft, actor=firm.author)


@pytest.mark.parametrize(("has_slots", "why"), [(True, ", since Gone is not active any more"), (False, "")])
def test_a_route_in_which_nobody_could_decide_is_a_blocker(firm, has_slots, why):
    route = make_route(risk="high")
    if has_slots:
        stage = RouteStage.objects.create(route=route, position=1, name="Nobody")
        RouteSlot.objects.create(
            stage=stage, position=1, kind=SlotKind.PERSON, person=make_user("gone", is_active=False)
        )
    else:
        RouteStage.objects.create(route=route, position=1, name="Nobody")
    assert preflight(make_draft(firm, risk="high")).blockers == [f"Stage “Nobody”: nobody can decide{why}."]


def test_a_route_without_stages_is_no_route(firm):
    make_route(risk="high")
    (blocker,) = preflight(make_draft(firm, risk="high")).blockers
    assert "No approval route fits" in blocker


@pytest.mark.parametrize(
    ("stages", "stuck"),
    [
        ([], None),
        ([(1, [{1}])], None),
        ([(1, [set()])], 0),
        ([(1, [{1}]), (1, [{1}])], 1),
        ([(1, [{1, 2}]), (1, [{1}])], None),  # the first slot leaves the first person to the second
        ([(2, [{1, 2}, {1}])], None),
        ([(2, [{1}, {1}])], 0),
        ([(1, [{1}, {2}]), (1, [{1}])], None),  # any slot will do: the other one leaves the person free
        ([(1, [{1}, {2}]), (2, [{1}, {2}])], 1),
        ([(2, [{1}, {2}, {3}]), (1, [{1}]), (1, [{2, 3}])], 2),
        ([(2, [{1}, {2}, {3, 4}]), (1, [{1}]), (1, [{2, 3}])], None),
        ([(1, [{1, 2}]), (1, [{2, 3}]), (1, [{1}])], None),  # two people move up
    ],
)
def test_everybody_is_counted_once(stages, stuck):
    assert first_stuck([StagePlan(needed, slots) for needed, slots in stages]) == stuck


# Who is asked ------------------------------------------------------------------------------------------------


def test_the_second_stage_is_asked_in_the_name_of_who_submitted(firm, second):
    revision = in_review(firm, persons(firm.approver), persons(second))
    assert unread(second) == 0
    approve(revision, by=firm.approver)
    notice = Notification.objects.get(recipient=second, kind=ASKED)
    assert notice.context["actor"] == "Author"
    assert notice.url == open_round(revision).get_absolute_url()


def test_who_has_decided_and_who_need_not_any_more_are_not_asked_on(firm, second, third):
    role = Role.objects.create(name="Controller")
    hold(role, second, third)
    revision = in_review(firm, [(SlotKind.HEAD, None), (SlotKind.ROLE, role)])
    approve(revision, by=second)
    assert (unread(firm.approver), unread(second), unread(third)) == (1, 0, 0)
    assert who_decides(open_round(revision)) == [firm.approver]


@pytest.mark.parametrize("ending", ["recall", "return", "approve"])
def test_nobody_is_asked_on_once_a_round_has_ended(firm, second, ending):
    revision = in_review(firm, persons(firm.approver, second), rule=StageRule.ANY)
    round = open_round(revision)
    assert (unread(firm.approver), unread(second)) == (1, 1)
    match ending:
        case "recall":
            approval.recall(revision, actor=firm.author, reason="Too early.")
        case "return":
            approval.return_revision(round, actor=second, content_hash=round.content_hash, reason="Say who checks.")
        case _:
            approve(revision, by=second)
    assert (unread(firm.approver), unread(second)) == (0, 0)
    assert not Notification.objects.waiting().filter(kind=ASKED).exists()
    round.refresh_from_db()
    assert round.outcome != RoundOutcome.OPEN


# When it takes effect ----------------------------------------------------------------------------------------


def test_a_text_is_never_in_force_before_it_was_approved(firm):
    past = datetime.date.today() - datetime.timedelta(days=10)
    draft = make_revision(firm, state=State.IN_REVIEW)
    Revision.objects.filter(pk=draft.pk).update(effective_on=past)  # which passed while it was in review
    approve(draft, by=firm.approver)
    published = Revision.objects.get(pk=draft.pk)
    assert (published.state, published.effective_on) == (State.PUBLISHED, datetime.date.today())


# Too late ----------------------------------------------------------------------------------------------------


def test_who_recalls_too_late_learns_that_it_has_moved_on(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    approve(revision, by=firm.approver)
    assert revision.state == State.IN_REVIEW  # as the page of the author still says
    with pytest.raises(InvalidTransition):
        approval.recall(revision, actor=firm.author, reason="Too early.")


def test_who_discards_too_late_learns_that_it_has_moved_on(firm):
    draft = make_draft(firm)
    seen_by_another = Revision.objects.get(pk=draft.pk)
    drafts.discard(draft, actor=firm.author)
    with pytest.raises(InvalidTransition):
        drafts.discard(seen_by_another, actor=firm.author)


def test_an_outsider_may_not_discard(firm):
    with pytest.raises(NotPermitted):
        drafts.discard(make_draft(firm), actor=make_user("writer", department=firm.operations, access=Access.AUTHOR))


def test_a_version_that_is_no_number_submits_nothing(firm, client):
    draft = make_draft(firm)
    client.force_login(firm.author)
    sent = {"change_summary": "", "significance": "major", "effective_on": "", "version": "latest"}
    assert client.post(reverse("submit", args=[draft.procedure.code]), sent).status_code == 422
    assert state_of(draft) == State.DRAFT


def test_settings_that_do_not_exist_are_refused(firm):
    procedure = make_draft(firm).procedure
    with pytest.raises(Refused):
        drafts.change_procedure(procedure, actor=firm.author, fields={"risk": "none"})
    procedure.refresh_from_db()
    assert procedure.risk == "normal"


def test_an_empty_policy_is_not_ready(firm):
    revision = drafts.create_procedure(
        actor=firm.author, code="FIN-950", kind="policy", department=firm.finance, owner=firm.owner, title="Gifts"
    )
    assert "There is no text yet." in preflight(revision).blockers
    drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"background": "Refuse gifts."})
    assert preflight(Revision.objects.get(pk=revision.pk)).is_clear
