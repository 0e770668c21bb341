"""Emergency issue: in force at once and for some days, flagged, and reviewed by others along the same route."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.trail import entries_for
from notifications.models import Notification
from procedures import search
from procedures.actions import approval, drafts, emergency
from procedures.actions.overdue import reassign_slot
from procedures.errors import StaleContent
from procedures.invariants import violations
from procedures.models import EmergencyIssue, RenditionKind, Revision, RoundSlot, SlotKind
from procedures.pdf.document import build_html
from procedures.permissions import (
    can_comment,
    can_decide,
    can_issue,
    library_revisions_for,
    revisions_issuable_by,
    sees_draft_history,
)
from procedures.queries import open_round, revision_in_force, who_decides
from procedures.staffing.stuck import stuck_reasons
from procedures.states import State
from roles.errors import WrongPassword
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD, approve, make_next, make_revision, make_route

pytestmark = pytest.mark.django_db

REASON = "The bank closes the old interface tonight."
DAY = datetime.timedelta(days=1)


@pytest.fixture
def urgent(firm) -> Revision:
    """Revision 2 of a published procedure, in review; the head of the department decides."""
    return make_next(firm, make_revision(firm).procedure, state=State.IN_REVIEW)


def issue(revision, person, **changes):
    sent = {"content_hash": revision.content_hash, "reason": REASON, "days": 14, "password": PASSWORD, "accepts": 1}
    return emergency.issue_emergency(revision, actor=person, **sent | changes)


def followed(revision) -> int | None:
    current = revision_in_force(revision.procedure)
    return current and current.number


def stored(revision) -> Revision:
    return Revision.objects.get(pk=revision.pk)


def test_readers_follow_it_at_once_and_its_round_goes_on(firm, urgent):
    signed = issue(urgent, firm.owner)
    assert (stored(urgent).state, stored(urgent).emergency_until) == (State.IN_REVIEW, today() + 14 * DAY)
    assert followed(urgent) == 2
    assert list(library_revisions_for(firm.outsider)) == [urgent]
    assert signed.capacity == "Owner of the procedure"
    entry = entries_for(urgent).get(name="procedures.revision.emergency")
    assert (entry.reason, entry.data["seal"]) == (REASON, signed.seal)
    told = Notification.objects.filter(kind="revision-emergency").values_list("recipient", flat=True)
    assert set(told) == {firm.author.pk, firm.approver.pk}
    assert who_decides(open_round(urgent)) == [firm.approver]
    assert not can_comment(firm.outsider, urgent)
    assert not sees_draft_history(firm.outsider, urgent)
    assert list(violations()) == []


def test_approval_takes_the_flag_away(firm, urgent):
    issue(urgent, firm.owner)
    Revision.objects.filter(pk=urgent.pk).update(effective_on=None)
    approve(urgent, by=firm.approver)
    assert (stored(urgent).state, stored(urgent).emergency_until) == (State.PUBLISHED, None)
    assert stored(urgent).effective_on == today()
    assert followed(urgent) == 2
    assert list(violations()) == []


def test_a_return_brings_the_revision_before_it_back(firm, urgent):
    issue(urgent, firm.owner)
    round = open_round(urgent)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Wrong account.")
    assert (stored(urgent).state, stored(urgent).emergency_until) == (State.DRAFT, None)
    assert followed(urgent) == 1
    assert list(violations()) == []


def test_the_date_ends_it_and_the_clock_catches_up(firm, urgent):
    signed = issue(urgent, firm.owner, days=1)
    assert Revision.objects.in_force(today() + DAY).get(procedure=urgent.procedure) == urgent
    assert Revision.objects.in_force(today() + 2 * DAY).get(procedure=urgent.procedure).number == 1
    assert emergency.end_expired(signed.until) == []
    assert emergency.end_expired(signed.until + DAY) == [urgent]
    assert emergency.end_expired(signed.until + DAY) == []
    assert (stored(urgent).state, followed(urgent)) == (State.IN_REVIEW, 1)
    assert entries_for(urgent).filter(name="procedures.revision.emergency_end").count() == 1
    assert Notification.objects.filter(kind="emergency-ended", recipient=firm.owner).count() == 1
    assert can_decide(firm.approver, open_round(urgent))
    with pytest.raises(InvalidTransition):  # once in a round: not prolonged
        issue(urgent, firm.owner)
    assert list(violations()) == []


def test_a_procedure_that_had_nothing_has_nothing_again(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    issue(revision, firm.owner)
    assert followed(revision) == 1
    assert Revision.objects.in_force(today() + 15 * DAY).filter(procedure=revision.procedure).first() is None


@pytest.mark.parametrize("who", ["author", "coauthor", "staff", "outsider", "auditor", "administrator", "superuser"])
def test_only_the_owner_and_the_head_issue(firm, urgent, who):
    with pytest.raises(NotPermitted):
        issue(urgent, firm.people[who])
    assert not EmergencyIssue.objects.exists()


def test_nobody_issues_what_they_wrote(firm):
    revision = make_revision(firm, state=State.IN_REVIEW, owner=firm.author)
    with pytest.raises(NotPermitted, match="wrote"):
        issue(revision, firm.author)


def test_both_shapes_of_the_rule_agree(firm, urgent):
    others = [make_revision(firm, state=state) for state in (State.DRAFT, State.PUBLISHED)]
    for person in firm.people.values():
        found = {row.pk for row in [urgent, *others] if can_issue(person, row)}
        assert set(revisions_issuable_by(person).values_list("pk", flat=True)) == found
        assert bool(found) == (person in (firm.owner, firm.approver))


def test_who_issued_closes_nothing(firm, urgent):
    """Neither who issued nor who wrote ends the review: not by deciding, by a recall, or by being put into a place."""
    issue(urgent, firm.approver)
    round = open_round(urgent)
    assert not can_decide(firm.approver, round)
    assert who_decides(round) == []
    assert stuck_reasons(round)
    with pytest.raises(NotPermitted, match="issued"):
        approve(urgent, by=firm.approver)
    with pytest.raises(NotPermitted):
        approval.recall(stored(urgent), actor=firm.author, reason="Never mind.")
    slot = RoundSlot.objects.get(stage__round=round)
    with pytest.raises(Refused):
        reassign_slot(slot, actor=firm.administrator, held_by=slot.place_key, person=firm.approver, reason="Please.")
    assert followed(urgent) == 2
    assert list(violations()) == []


def test_who_has_decided_does_not_issue(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], risk="high")
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    approve(revision, by=firm.approver)
    with pytest.raises(NotPermitted, match="decided"):
        issue(revision, firm.approver)


def test_nothing_is_signed_without_reason_proof_and_the_text_that_was_shown(firm, urgent):
    for changes, error in (
        ({"reason": " \n"}, Refused), ({"days": 31}, Refused), ({"days": 0}, Refused),
        ({"password": "not this one"}, WrongPassword), ({"content_hash": "0" * 64}, StaleContent),
    ):  # fmt: skip
        with pytest.raises(error):
            issue(urgent, firm.owner, **changes)
    assert followed(urgent) == 1
    assert not EmergencyIssue.objects.exists()


def test_the_database_keeps_the_flag_to_texts_in_review(firm, urgent):
    published = Revision.objects.filter(procedure=urgent.procedure, state=State.PUBLISHED)
    with pytest.raises(IntegrityError), transaction.atomic():
        published.update(emergency_until=today())
    issue(urgent, firm.owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyIssue.objects.update(days=31)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE procedures_emergencyissue SET reason = 'Nothing.'", "I3 emergency issue"),
        ("UPDATE procedures_emergencyissue SET until = '2099-01-01'", "I3 emergency issue"),
        ("UPDATE procedures_revision SET emergency_until = '2099-01-01' WHERE number = 2", "readers follow it"),
        ("UPDATE procedures_revision SET emergency_until = NULL", "the trail does not say so"),
        ("DELETE FROM procedures_emergencyissue", "nobody signed"),
    ],
)
def test_what_was_changed_past_the_application_is_named(firm, urgent, statement, says):
    issue(urgent, firm.owner)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(says in sentence for sentence in violations())


def test_page_pdf_library_search_and_history_flag_it(firm, urgent, client):
    client.force_login(firm.owner)
    code = urgent.procedure.code
    address = reverse("emergency", args=[code])
    assert address in client.get(urgent.get_absolute_url()).content.decode()
    sent = {"content_hash": urgent.content_hash, "reason": REASON, "days": 5, "accepts": "on", "statement": 1}
    assert client.post(address, {**sent, "password": "wrong"}).status_code == 403
    assert client.post(address, {**sent, "days": 31, "password": PASSWORD}).status_code == 422
    assert client.post(address, {**sent, "password": PASSWORD}).status_code == 302
    client.force_login(firm.staff)
    page = client.get(reverse("procedure", args=[code])).content.decode()
    assert "Emergency issue until" in page
    assert REASON in page
    assert "Obsolete" in client.get(reverse("revision", args=[code, 1])).content.decode()
    assert "Emergency issue" in client.get(reverse("library")).content.decode()
    assert REASON in client.get(reverse("history", args=[code])).content.decode()
    html = build_html(stored(urgent), kind=RenditionKind.PDF_EMERGENCY)
    assert html.count("Emergency issue until") == 2
    assert REASON in html


def test_a_new_index_of_the_search_holds_it(firm, urgent):
    before = search.rebuild()
    issue(urgent, firm.owner)
    assert search.rebuild() == before + 1


def test_nobody_builds_a_variant_on_it(firm, urgent):
    issue(urgent, firm.owner)
    assert Revision.objects.lasting(today()).get(procedure=urgent.procedure).number == 1
    with pytest.raises((InvalidTransition, Refused)):
        drafts.start_draft(urgent.procedure, actor=firm.author)
