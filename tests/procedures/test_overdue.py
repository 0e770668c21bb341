"""Nothing hangs: who is asked is reminded, who is above them is told, what nobody can complete is reported, and
somebody else is put into the place."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions.absences import add_absence
from procedures.actions.overdue import reassign_slot, send_reminders
from procedures.invariants import violations
from procedures.models import Decision, Revision, RoundSlot, RoundStage, RouteStage, SlotKind, StageRule
from procedures.permissions import can_decide
from procedures.queries import open_round, who_decides
from procedures.staffing.permissions import can_reassign, rounds_watched_by, slots_reassignable_by, watches_rounds
from procedures.staffing.stuck import stuck_reasons, trouble_of
from procedures.states import State
from roles import actions as people
from roles.models import Department, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import approve, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def in_review(firm, **kwargs):
    return open_round(make_revision(firm, state=State.IN_REVIEW, **kwargs))


def by_name(firm, person: User, **kwargs):
    """A round with one place, for `person` by name."""
    make_route([(SlotKind.PERSON, person)], risk="high")
    return in_review(firm, risk="high", **kwargs)


def due(round, day: datetime.date) -> None:
    """Have the current stage be due on `day`, and asked for long before."""
    RoundStage.objects.filter(round=round).update(due_on=day, opened_at=round.opened_at - 60 * DAY)


def told(person: User, kind: str) -> int:
    return Notification.objects.filter(recipient=person, kind=kind).count()


def slot_of(round) -> RoundSlot:
    return RoundSlot.objects.get(stage__round=round)


def reassign(round, *, actor: User, person: User, reason: str = "Nobody is left.", held_by: str = "") -> RoundSlot:
    slot = slot_of(round)
    return reassign_slot(slot, actor=actor, held_by=held_by or slot.place_key, person=person, reason=reason)


# Reminding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_left", "reminded"), [(2, False), (1, True), (0, True), (-1, False), (-2, True), (-3, False), (-4, True)]
)
def test_people_are_reminded_before_on_and_after_the_day(firm, days_left, reminded):
    round = in_review(firm)
    due(round, today() + days_left * DAY)
    RoundStage.objects.update(reminded_on=today() - DAY, escalated_on=today())
    assert bool(send_reminders()["reminded"]) is reminded
    assert told(firm.approver, "revision-reminded") == reminded


def test_reminders_sent_twice_or_late_are_sent_once(firm):
    round = in_review(firm)
    due(round, today())
    send_reminders()
    send_reminders()
    assert told(firm.approver, "revision-reminded") == 1
    send_reminders(today() + 5 * DAY)  # after a pause: one reminder, not three
    send_reminders(today() + 5 * DAY)
    assert told(firm.approver, "revision-reminded") == 2
    assert entries_for(round.revision).filter(name="procedures.round.remind").count() == 2
    assert list(violations()) == []


def test_nobody_is_reminded_on_the_day_on_which_they_were_asked(firm):
    round = in_review(firm)
    RoundStage.objects.filter(round=round).update(due_on=today() + DAY)
    assert send_reminders()["reminded"] == []


def test_a_decision_settles_the_reminder(firm):
    round = in_review(firm)
    due(round, today())
    send_reminders()
    approve(round.revision, by=firm.approver)
    assert not Notification.objects.filter(recipient=firm.approver, kind="revision-reminded").unread().exists()
    assert send_reminders(today() + 9 * DAY) == {"reminded": [], "escalated": [], "stuck": []}


def test_the_command_says_what_it_did(firm, capsys):
    due(in_review(firm), today())
    call_command("sendreminders")
    assert "1 reminded" in capsys.readouterr().out


# Telling who is above ----------------------------------------------------------------------------------------------


def test_a_late_decision_is_told_to_the_head_of_the_owners_department_once(firm):
    boss = make_user("boss", department=firm.operations)
    Department.objects.filter(pk=firm.operations.pk).update(head=boss)
    round = in_review(firm, owner=make_user("keeper", department=firm.operations))
    due(round, today() - 3 * DAY)
    send_reminders()
    send_reminders(today() + DAY)
    assert told(boss, "round-overdue") == 1
    assert told(round.revision.procedure.owner, "round-overdue") == 1
    assert told(firm.administrator, "round-overdue") == 0
    assert not can_decide(boss, round)
    assert list(rounds_watched_by(boss)) == [round]


@pytest.mark.parametrize("why", ["asked", "wrote", "away", "gone", "missing"])
def test_administrators_are_told_where_that_head_is_no_help(firm, why):
    boss = make_user("boss", department=firm.operations)
    if why != "missing":
        Department.objects.filter(pk=firm.operations.pk).update(head=boss)
    round = by_name(firm, boss if why == "asked" else firm.staff, owner=make_user("keeper", department=firm.operations))
    match why:
        case "wrote":
            round.revision.contributors.add(boss)
        case "away":
            add_absence(boss, actor=boss, starts=today(), ends=today())
        case "gone":
            people.deactivate_person(boss, actor=firm.administrator)
    due(round, today() - 3 * DAY)
    send_reminders()
    assert told(firm.administrator, "round-overdue") == 1
    assert told(boss, "round-overdue") == 0


# Nobody is left --------------------------------------------------------------------------------------------------


def test_the_place_of_somebody_deactivated_is_reported_at_once(firm):
    round = by_name(firm, firm.staff)
    people.deactivate_person(firm.staff, actor=firm.administrator)
    assert stuck_reasons(round) == ["Stage “Stage 1”: nobody can decide, since Staff is not active any more."]
    assert (told(firm.owner, "round-stuck"), told(firm.administrator, "round-stuck")) == (1, 1)
    notice = Notification.objects.get(recipient=firm.owner, kind="round-stuck")
    assert notice.url == f"{reverse('reviews-stuck')}#round-{round.pk}"
    assert "Staff is not active any more" in notice.context["reason"]
    assert send_reminders()["stuck"] == [round]  # once more, by the clock
    assert send_reminders(today() + DAY)["stuck"] == []
    assert list(violations()) == []


def test_the_last_holder_who_leaves_is_told_to_the_owner(firm):
    make_route([(SlotKind.ROLE, firm.clerk_role)], risk="high")
    round = in_review(firm, risk="high")
    people.deactivate_person(firm.staff, actor=firm.administrator)
    assert stuck_reasons(round) == ["Stage “Stage 1”: nobody can decide."]
    assert (told(firm.owner, "round-stuck"), told(firm.administrator, "round-stuck")) == (1, 0)


def test_a_holder_who_leaves_others_behind_is_told_to_nobody(firm):
    make_route([(SlotKind.ROLE, firm.clerk_role)], risk="high")
    firm.outsider.holdings.create(role=firm.clerk_role, starts=today())
    in_review(firm, risk="high")
    people.deactivate_person(firm.staff, actor=firm.administrator)
    assert not Notification.objects.filter(kind="round-stuck").exists()


def test_a_place_by_name_is_told_although_others_can_do_without(firm):
    make_route([(SlotKind.PERSON, firm.staff), (SlotKind.HEAD, None)], risk="high")
    RouteStage.objects.filter(name="Stage 1").update(rule=StageRule.ANY)
    round = in_review(firm, risk="high")
    people.deactivate_person(firm.staff, actor=firm.administrator)
    trouble = trouble_of(round)
    assert not trouble.is_stuck
    assert trouble.gaps == ["Stage “Stage 1”: Staff is not active any more; others can decide."]
    assert told(firm.administrator, "round-stuck") == 1


def test_a_round_that_gets_stuck_by_itself_is_told_by_the_clock(firm):
    round = in_review(firm)
    Department.objects.filter(pk=firm.finance.pk).update(head=None)
    assert send_reminders()["stuck"] == [round]
    assert send_reminders(today() + DAY)["stuck"] == []
    Department.objects.filter(pk=firm.finance.pk).update(head=firm.approver)
    send_reminders()
    Department.objects.filter(pk=firm.finance.pk).update(head=None)
    assert send_reminders()["stuck"] == [round]
    assert told(firm.owner, "round-stuck") == 2


# Somebody else -----------------------------------------------------------------------------------------------------


def test_somebody_else_is_put_into_the_place(firm):
    round = by_name(firm, firm.staff)
    people.deactivate_person(firm.staff, actor=firm.administrator)
    reassign(round, actor=firm.administrator, person=firm.outsider)
    assert stuck_reasons(round) == []
    assert who_decides(round) == [firm.outsider]
    assert told(firm.outsider, "revision-submitted") == 1
    assert told(firm.owner, "slot-reassigned") == 1
    entry = entries_for(round.revision).get(name="procedures.slot.reassign")
    assert (entry.data["old"], entry.data["new"], entry.reason) == ("Staff", "Outsider", "Nobody is left.")
    approve(round.revision, by=firm.outsider)
    assert Revision.objects.get(pk=round.revision_id).state == State.PUBLISHED
    assert list(violations()) == []


def test_who_is_late_is_told_that_somebody_else_decides(firm):
    round = in_review(firm)
    due(round, today() - DAY)
    reassign(round, actor=firm.administrator, person=firm.outsider, reason="He is ill.")
    assert told(firm.approver, "slot-reassigned") == 1
    assert not Notification.objects.filter(recipient=firm.approver, kind="revision-submitted").unread().exists()
    assert not can_decide(firm.approver, round)


def test_a_place_that_somebody_fills_in_time_stays_theirs(firm):
    round = in_review(firm)
    with pytest.raises(Refused):
        reassign(round, actor=firm.administrator, person=firm.outsider)
    assert can_decide(firm.approver, round)


def test_who_may_not_decide_is_not_put_in(firm):
    make_route([(SlotKind.HEAD, None), (SlotKind.PERSON, firm.staff)], risk="high")
    round = in_review(firm, risk="high")
    approve(round.revision, by=firm.approver)
    people.deactivate_person(firm.staff, actor=firm.administrator)
    slot = RoundSlot.objects.get(stage__round=round, kind=SlotKind.PERSON)
    gone = make_user("gone", is_active=False)
    for person in (firm.author, firm.approver, firm.administrator, gone):
        with pytest.raises(Refused):
            reassign_slot(slot, actor=firm.administrator, held_by=slot.place_key, person=person, reason="x")
    with pytest.raises(Refused):
        reassign_slot(slot, actor=firm.administrator, held_by=slot.place_key, person=firm.outsider, reason=" ")
    slot.refresh_from_db()
    assert slot.person == firm.staff


def test_who_says_who_decides_instead(firm):
    boss = make_user("boss", department=firm.operations)
    Department.objects.filter(pk=firm.operations.pk).update(head=boss)
    round = by_name(firm, firm.staff, owner=make_user("keeper", department=firm.operations))
    firm.people["boss"] = boss
    slot = slot_of(round)
    may = {name for name, person in firm.people.items() if can_reassign(person, slot)}
    assert may == {"administrator", "boss"}
    assert may == {name for name, person in firm.people.items() if slot in slots_reassignable_by(person)}
    watching = {name for name, person in firm.people.items() if round in rounds_watched_by(person)}
    assert watching == {"administrator", "auditor", "boss"}
    assert watching <= {name for name, person in firm.people.items() if watches_rounds(person)}
    people.deactivate_person(firm.staff, actor=firm.administrator)
    round.revision.contributors.add(boss)
    with pytest.raises(NotPermitted):
        reassign(round, actor=boss, person=firm.outsider)


def test_a_page_that_is_out_of_date_gives_the_place_to_nobody(firm):
    round = by_name(firm, firm.staff)
    due(round, today() - DAY)
    shown = slot_of(round).place_key
    reassign(round, actor=firm.administrator, person=firm.outsider)
    with pytest.raises(InvalidTransition):
        reassign(round, actor=firm.administrator, person=firm.owner, held_by=shown)
    approve(round.revision, by=firm.outsider)
    with pytest.raises(InvalidTransition):
        reassign(round, actor=firm.administrator, person=firm.owner)
    assert Decision.objects.get().decider == firm.outsider


# The pages ---------------------------------------------------------------------------------------------------------


def test_the_report_names_what_is_stuck_and_leads_to_the_place(firm, client):
    round = by_name(firm, firm.staff)
    people.deactivate_person(firm.staff, actor=firm.administrator)
    address = reverse("slot-reassign", args=[slot_of(round).pk])
    client.force_login(firm.administrator)
    html = client.get(reverse("reviews-stuck")).content.decode()
    assert "since Staff is not active any more" in html
    assert address in html
    sent = {"held_by": slot_of(round).place_key, "person": firm.outsider.pk, "reason": "Gone."}
    assert client.post(address, {**sent, "person": firm.author.pk}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert "Every open round can be completed" in client.get(reverse("reviews-stuck")).content.decode()
    client.force_login(firm.owner)
    assert client.get(address).status_code == 404
    assert client.get(reverse("reviews-stuck")).status_code == 200


def test_the_report_takes_as_many_queries_for_many_rounds_as_for_two(firm, client, django_assert_max_num_queries):
    make_route([(SlotKind.ROLE, firm.clerk_role)], [(SlotKind.PERSON, firm.outsider)], risk="high")
    rounds = [in_review(firm, risk="high") for _ in range(4)]
    people.deactivate_person(firm.staff, actor=firm.administrator)
    client.force_login(firm.administrator)
    with django_assert_max_num_queries(30):
        html = client.get(reverse("reviews-stuck")).content.decode()
    assert all(f'id="round-{round.pk}"' in html for round in rounds)


def test_an_absence_is_noted_and_ended_on_the_page(firm, client):
    client.force_login(firm.approver)
    day = today().isoformat()
    wrong = {"starts": day, "ends": (today() - DAY).isoformat(), "deputy": firm.staff.pk}
    assert client.post(reverse("absences"), wrong).status_code == 422
    assert client.post(reverse("absences"), {**wrong, "ends": day}).status_code == 302
    absence = firm.approver.absences.get()
    assert "Deputy: Staff" in client.get(reverse("absences")).content.decode()
    assert client.post(reverse("absence-end", args=[absence.pk])).status_code == 302
    client.force_login(firm.administrator)
    page = reverse("person-absences", args=[firm.approver.pk])
    assert client.post(page, {"starts": day, "ends": day}).status_code == 422
    assert client.post(page, {"starts": day, "ends": day, "reason": "Ill."}).status_code == 302
    assert firm.approver.absences.filter(ended_at=None).get().reason == "Ill."


def test_who_decides_for_somebody_sees_for_whom(firm, client):
    round = in_review(firm)
    add_absence(firm.approver, actor=firm.approver, starts=today(), ends=today(), deputy=firm.staff)
    client.force_login(firm.staff)
    assert "Head of Finance, for Approver" in client.get(round.get_absolute_url()).content.decode()
