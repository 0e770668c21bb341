"""Stopping an approved revision before its day."""

import pytest
from django.urls import reverse

from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions import approval, drafts, publishing
from procedures.invariants import violations
from procedures.models import Revision
from procedures.permissions import available_events
from procedures.queries import open_round
from procedures.search.backend import backend
from procedures.states import Event, State
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import approve, make_revision

pytestmark = pytest.mark.django_db
REASON = "The law has changed."


@pytest.fixture
def approved(firm) -> Revision:
    return make_revision(firm, state=State.APPROVED)


def revoke(revision, by, reason=REASON):
    return approval.revoke(revision, actor=by, reason=reason)


def test_it_is_a_draft_again_and_no_signature_counts(firm, approved):
    revoke(approved, firm.owner)
    draft = Revision.objects.get(pk=approved.pk)
    assert (draft.state, draft.content, draft.content_hash, draft.approved_at) == (State.DRAFT, None, "", None)
    decision = draft.rounds.get().decisions.get()
    assert (decision.invalidated_reason, draft.rounds.get().outcome) == (REASON, "recalled")
    assert entries_for(draft).filter(name="procedures.revision.revoke", reason=REASON).count() == 1
    assert publishing.publish_due(approved.effective_on) == []
    assert not backend().remove(draft.pk), "it has left the search index"
    assert list(violations()) == []


def test_it_can_be_submitted_and_approved_anew(firm, approved):
    revoke(approved, firm.owner)
    draft = Revision.objects.get(pk=approved.pk)
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    assert Revision.objects.get(pk=draft.pk).state == State.APPROVED
    assert list(violations()) == []


def test_another_day_after_it_is_no_tampering(firm, approved):
    """Found by the machine: `verify` took the day of the approval that was revoked for the one that counts."""
    revoke(approved, firm.owner)
    draft = Revision.objects.get(pk=approved.pk)
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"effective_on": None})
    approval.submit(draft, actor=firm.author)
    assert list(violations()) == []


def test_who_wrote_owns_or_signed_it_is_told(firm, approved):
    revoke(approved, firm.administrator)
    told = Notification.objects.filter(kind="revision-revoked")
    assert {notice.recipient for notice in told} == {firm.author, firm.owner, firm.approver}


def test_the_link_of_who_signed_leads_to_what_has_happened(firm, approved, client):
    revoke(approved, firm.owner)
    client.force_login(firm.approver)
    page = client.get(Notification.objects.get(kind="revision-revoked", recipient=firm.approver).url)
    assert REASON in page.content.decode()


@pytest.mark.parametrize("name", ["author", "approver", "staff", "auditor", "superuser"])
def test_only_the_owner_and_administrators_revoke(firm, approved, name):
    with pytest.raises(NotPermitted):
        revoke(approved, firm.people[name])


def test_a_reason_is_needed(firm, approved):
    with pytest.raises(Refused):
        revoke(approved, firm.owner, reason=" ")


def test_what_is_in_force_by_its_date_is_not_revoked(firm, approved, client):
    Revision.objects.filter(pk=approved.pk).update(effective_on=approved.approved_at.date())
    approved.refresh_from_db()
    [offer] = [offer for offer in available_events(firm.owner, approved) if offer.event == Event.REVOKE]
    assert not offer.allowed
    with pytest.raises(NotPermitted, match="in force"):
        revoke(approved, firm.owner)


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.PUBLISHED])
def test_only_what_is_approved_is_revoked(firm, state):
    with pytest.raises(InvalidTransition):
        revoke(make_revision(firm, state=state), firm.owner)


def test_the_owner_revokes_on_the_page(firm, approved, client):
    client.force_login(firm.owner)
    address = reverse("revoke", args=[approved.procedure.code])
    assert f'href="{address}"' in client.get(approved.get_absolute_url()).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    page = client.post(address, {"reason": REASON}, follow=True).content.decode()
    assert "It is a draft again." in page
    assert open_round(approved) is None
