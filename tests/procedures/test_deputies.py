"""Who is away, who stands in, and what a deputy may do: no more than the person who is away, and under both names."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions import approval
from procedures.actions.absences import add_absence, end_absence
from procedures.actions.overdue import tell_of_empty_places
from procedures.invariants import violations
from procedures.models import Decision, RouteStage, SlotKind, StageRule
from procedures.permissions import (
    acts_for,
    can_decide,
    can_view,
    open_slots,
    rounds_awaiting,
    slot_to_fill,
    why_not_decide,
)
from procedures.preflight import preflight
from procedures.queries import capacity_of, open_round, who_decides
from procedures.signatures import is_valid
from procedures.staffing.stuck import stuck_reasons
from procedures.states import State
from roles import actions as people
from roles.errors import NotValid
from roles.models import Absence, Holding, Role, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted
from tests.factories import approve, make_draft, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def away(person: User, deputy: User | None = None, *, starts=None, ends=None) -> Absence:
    starts = starts or today()
    return add_absence(person, actor=person, starts=starts, ends=ends or starts + 7 * DAY, deputy=deputy)


def in_review(firm, **kwargs):
    return open_round(make_revision(firm, state=State.IN_REVIEW, **kwargs))


def deciders(firm, round) -> set[str]:
    """Who can decide, by every shape of the rule, which must agree."""
    named = {name for name, person in firm.people.items() if can_decide(person, round)}
    assert named == {name for name, person in firm.people.items() if round in rounds_awaiting(person)}
    assert named == {name for name, person in firm.people.items() if person in who_decides(round)}
    return named


# Deciding for somebody -----------------------------------------------------------------------------------------


def test_a_deputy_decides_for_who_is_away_and_is_named_as_such(firm):
    round = in_review(firm)
    away(firm.approver, firm.staff)
    assert deciders(firm, round) == {"approver", "staff"}
    assert can_view(firm.staff, round.revision)
    slot = slot_to_fill(firm.staff, round)
    assert acts_for(slot) == firm.approver
    assert capacity_of(slot, round.revision.procedure, firm.approver) == "Head of Finance, for Approver"
    approve(round.revision, by=firm.staff)
    decision = Decision.objects.get()
    assert (decision.decider, decision.on_behalf_of) == (firm.staff, firm.approver)
    assert decision.capacity == "Head of Finance, for Approver"
    assert is_valid(decision)
    entry = entries_for(round.revision).get(name="procedures.revision.approve")
    assert entry.data["capacity"] == decision.capacity
    assert list(violations()) == []


def test_who_is_away_may_decide_too_and_the_first_one_wins(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], risk="high")
    round = in_review(firm, risk="high")
    away(firm.approver, firm.staff)
    approve(round.revision, by=firm.approver)
    assert Decision.objects.get().on_behalf_of is None
    assert deciders(firm, round) == {"owner"}
    with pytest.raises(NotPermitted):
        approve(round.revision, by=firm.staff)


def test_who_was_decided_for_does_not_decide_in_another_place(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.PERSON, firm.approver), (SlotKind.OWNER, None)], risk="high")
    RouteStage.objects.filter(position=2).update(rule=StageRule.ANY)
    away(firm.approver, firm.staff)
    round = in_review(firm, risk="high")
    approve(round.revision, by=firm.staff)
    assert deciders(firm, round) == {"owner"}
    assert why_not_decide(firm.approver, round) == "Staff has decided for you in this round."


@pytest.mark.parametrize("kind", [SlotKind.PERSON, SlotKind.ROLE, SlotKind.OWNER])
def test_a_deputy_stands_in_for_every_kind_of_place(firm, kind):
    role = Role.objects.create(name="Controller")
    Holding.objects.create(user=firm.owner, role=role, starts=today())
    make_route([(kind, {SlotKind.ROLE: role, SlotKind.PERSON: firm.owner}.get(kind))], risk="high")
    round = in_review(firm, risk="high")
    away(firm.owner, firm.outsider)
    assert deciders(firm, round) == {"owner", "outsider"}


def test_one_deputy_of_two_people_fills_one_place(firm):
    make_route([(SlotKind.HEAD, None), (SlotKind.OWNER, None)], risk="high")
    round = in_review(firm, risk="high")
    away(firm.approver, firm.staff)
    away(firm.owner, firm.staff)
    assert stuck_reasons(round) == [
        "Stage “Stage 1”: too few people for its places, since everybody decides once in a round."
    ]
    approve(round.revision, by=firm.staff)
    assert not can_decide(firm.staff, round)


def test_one_of_ones_own_places_goes_before_the_one_of_somebody_away(firm):
    make_route([(SlotKind.HEAD, None), (SlotKind.PERSON, firm.staff)], risk="high")
    round = in_review(firm, risk="high")
    away(firm.approver, firm.staff)
    assert acts_for(slot_to_fill(firm.staff, round)) is None


def test_a_deputy_who_wrote_does_not_decide(firm):
    round = in_review(firm)
    away(firm.approver, firm.author)
    assert deciders(firm, round) == {"approver"}
    assert why_not_decide(firm.author, round) == "You wrote this revision; someone else must approve it."


def test_nobody_decides_for_somebody_who_wrote(firm):
    round = in_review(firm)
    round.revision.contributors.add(firm.approver)
    away(firm.approver, firm.staff)
    assert deciders(firm, round) == set()


def test_a_deputy_of_a_deputy_does_not_decide(firm):
    round = in_review(firm)
    away(firm.approver, firm.staff)
    away(firm.staff, firm.outsider)
    assert deciders(firm, round) == {"approver", "staff"}
    assert not open_slots(firm.outsider).exists()
    assert stuck_reasons(round) == [
        f"Stage “Approval”: Approver is away until {date_format(today() + 7 * DAY)}, and nobody else can decide."
    ]


def test_a_deputy_who_is_an_approver_of_the_same_round_fills_one_place(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], risk="high")
    round = in_review(firm, risk="high")
    away(firm.approver, firm.owner)
    assert stuck_reasons(round)[0].startswith("Stage “Stage 2”: too few people")
    approve(round.revision, by=firm.owner)
    assert not can_decide(firm.owner, round)
    assert stuck_reasons(round)


@pytest.mark.parametrize(
    ("now", "decides"),
    [
        ("2026-06-30T21:59:00+00:00", False),
        ("2026-06-30T22:01:00+00:00", True),  # the first of July in Paris
        ("2026-07-03T21:59:00+00:00", True),
        ("2026-07-03T22:01:00+00:00", False),
    ],
)
def test_a_deputy_stands_in_on_the_first_and_last_day_by_the_clock_of_the_firm(firm, monkeypatch, now, decides):
    round = in_review(firm)
    Absence.objects.create(
        person=firm.approver, deputy=firm.staff, starts=datetime.date(2026, 7, 1), ends=datetime.date(2026, 7, 3)
    )
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime.fromisoformat(now))
    with timezone.override("Europe/Paris"):
        assert can_decide(firm.staff, round) is decides
        assert (firm.staff in who_decides(round)) is decides


# Noting and ending -----------------------------------------------------------------------------------------------


def test_the_deputy_is_told_and_the_trail_knows(firm):
    absence = away(firm.approver, firm.staff)
    notice = Notification.objects.get(recipient=firm.staff, kind="deputy-named")
    assert notice.url == reverse("absences")
    entry = entries_for(firm.approver).get(name="roles.absence.add")
    assert entry.data == {"starts": absence.starts.isoformat(), "ends": absence.ends.isoformat(), "deputy": "Staff"}
    assert not Notification.objects.filter(recipient=firm.approver, kind="absence-set").exists()


def test_an_administrator_says_why_and_the_person_is_told(firm):
    days = {"starts": today(), "ends": today() + DAY}
    with pytest.raises(NotValid) as refusal:
        add_absence(firm.approver, actor=firm.administrator, **days)
    assert "reason" in refusal.value.errors
    add_absence(firm.approver, actor=firm.administrator, reason="Ill.", **days)
    assert Notification.objects.filter(recipient=firm.approver, kind="absence-set").count() == 1


@pytest.mark.parametrize("who", ["staff", "auditor", "superuser"])
def test_nobody_else_says_when_somebody_is_away(firm, who):
    with pytest.raises(NotPermitted):
        add_absence(firm.approver, actor=firm.people[who], starts=today(), ends=today(), reason="x")
    absence = away(firm.approver, firm.staff)
    with pytest.raises(NotPermitted):
        end_absence(absence, actor=firm.people[who], reason="x")


def test_what_does_not_fit_is_refused(firm):
    def errors(**kwargs) -> set[str]:
        days = {"starts": today(), "ends": today() + DAY, **kwargs}
        with pytest.raises(NotValid) as refusal:
            add_absence(firm.approver, actor=firm.approver, **days)
        return set(refusal.value.errors)

    assert errors(deputy=firm.approver) == {"deputy"}
    assert errors(deputy=make_user("gone", is_active=False)) == {"deputy"}
    assert errors(starts=today() - DAY) == {"starts"}
    assert errors(ends=today() - DAY) == {"ends"}
    away(firm.approver, starts=today() + DAY, ends=today() + 3 * DAY)
    assert errors() == {"__all__"}
    assert Absence.objects.count() == 1


def test_an_absence_that_is_ended_ends_at_once_and_stays_on_record(firm):
    round = in_review(firm)
    absence = away(firm.approver, firm.staff)
    end_absence(absence, actor=firm.approver)
    assert deciders(firm, round) == {"approver"}
    with pytest.raises(NotPermitted):
        approve(round.revision, by=firm.staff)
    with pytest.raises(InvalidTransition):
        end_absence(absence, actor=firm.approver)
    away(firm.approver, firm.outsider)
    assert Absence.objects.filter(person=firm.approver).count() == 2


def test_a_deputy_is_asked_with_the_round_and_no_longer_after_the_end(firm):
    absence = away(firm.approver, firm.staff)
    in_review(firm)
    asked = Notification.objects.filter(recipient=firm.staff, kind="revision-submitted")
    assert asked.unread().count() == 1
    end_absence(absence, actor=firm.approver)
    assert asked.unread().count() == 0


# Before submitting -----------------------------------------------------------------------------------------------


def test_an_absence_without_a_deputy_is_a_blocker_where_nobody_else_can_decide(firm):
    draft = make_draft(firm)
    away(firm.approver)
    (blocker,) = preflight(draft).blockers
    assert blocker.startswith("Stage “Approval”: Approver is away until")


def test_an_absence_without_a_deputy_is_a_warning_where_others_can(firm):
    for person in (firm.owner, firm.outsider):
        Holding.objects.create(user=person, role=firm.clerk_role, starts=today())
    make_route([(SlotKind.ROLE, firm.clerk_role)], risk="high")
    draft = make_draft(firm, risk="high")
    away(firm.owner)
    check = preflight(draft)
    assert check.is_clear
    assert any("Owner is away until" in warning for warning in check.warnings)
    end_absence(Absence.objects.get(), actor=firm.owner)
    away(firm.owner, firm.auditor)
    assert not any("is away" in warning for warning in preflight(draft).warnings)


# Leaving ---------------------------------------------------------------------------------------------------------


def test_an_approver_who_is_deactivated_between_opening_the_page_and_sending_signs_nothing(firm, client):
    round = in_review(firm)
    client.force_login(firm.approver)
    assert client.get(round.get_absolute_url()).status_code == 200
    stale = User.objects.get(pk=firm.approver.pk)
    people.deactivate_person(firm.approver, actor=firm.administrator)
    response = client.post(reverse("review-approve", args=[round.pk]), {"content_hash": round.content_hash})
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    with pytest.raises(NotPermitted):
        approval.return_revision(round, actor=stale, content_hash=round.content_hash, reason="No.")
    assert not Decision.objects.exists()


def test_a_deputy_decides_for_nobody_who_has_left(firm):
    round = in_review(firm)
    away(firm.approver, firm.staff)
    people.deactivate_person(firm.approver, actor=firm.administrator)
    assert deciders(firm, round) == set()


def test_nothing_is_told_of_somebody_without_a_place(firm):
    in_review(firm)
    assert tell_of_empty_places(firm.outsider, event_seq=1) == []
