"""Guests of a round, looks at rounds, and the texts that ended rounds keep."""

import pytest

from audit.models import Entry
from notifications.models import Notification
from procedures.actions import approval, comments
from procedures.actions import reviewing as actions
from procedures.content import content_hash
from procedures.invariants import violations
from procedures.models import Revision, Round, RoundGuest, RoundText
from procedures.permissions import can_comment, can_decide, can_invite, can_view, rounds_hosted_by
from procedures.queries import open_round
from procedures.reviewing import has_looked, people_to_invite, round_looked_at
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import make_draft, make_revision


@pytest.fixture
def round(firm) -> Round:
    return open_round(make_revision(firm, code="FIN-014", state=State.IN_REVIEW))


def send_back(round: Round, firm) -> Revision:
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="The limit is wrong.")
    return Revision.objects.get(pk=round.revision_id)


# Guests ------------------------------------------------------------------------------------------------------


def test_who_writes_or_decides_invites_and_both_shapes_agree(firm, round):
    found = {name for name, user in firm.people.items() if can_invite(user, round)}
    assert found == {"author", "approver"}
    assert found == {name for name, user in firm.people.items() if round in rounds_hosted_by(user)}
    for name in firm.people.keys() - found:
        with pytest.raises(NotPermitted):
            actions.invite_guest(round, actor=firm.people[name], person=firm.outsider)


def test_a_guest_reads_and_comments_until_the_round_ends_and_never_decides(firm, round):
    revision = round.revision
    assert not can_view(firm.outsider, revision)
    actions.invite_guest(round, actor=firm.author, person=firm.outsider)
    assert can_view(firm.outsider, revision) and can_comment(firm.outsider, revision)
    assert not can_decide(firm.outsider, round)
    assert not can_invite(firm.outsider, round)
    comments.add_comment(revision, actor=firm.outsider, body="We never do this.")
    revision = send_back(round, firm)
    assert not can_view(firm.outsider, revision)
    assert not can_comment(firm.outsider, revision)


def test_a_guest_is_told_and_the_trail_says_who_invited_whom(firm, round):
    actions.invite_guest(round, actor=firm.approver, person=firm.outsider)
    notice = Notification.objects.get(kind="review-invited")
    assert (notice.recipient, notice.url) == (firm.outsider, round.get_absolute_url())
    entry = Entry.objects.get(name="procedures.guest.invite")
    assert (entry.actor_label, entry.data["guest"]) == (str(firm.approver), str(firm.outsider))
    assert list(violations()) == []


def test_who_comments_anyway_or_must_not_is_not_invited(firm, round):
    choices = set(people_to_invite(round))
    assert choices == {firm.coauthor, firm.staff, firm.outsider, firm.administrator, firm.superuser}
    for person in (firm.author, firm.approver, firm.owner, firm.auditor):
        with pytest.raises(Refused):
            actions.invite_guest(round, actor=firm.author, person=person)


def test_nobody_is_invited_twice_or_after_the_end(firm, round):
    actions.invite_guest(round, actor=firm.author, person=firm.outsider)
    with pytest.raises(Refused):
        actions.invite_guest(round, actor=firm.approver, person=firm.outsider)
    send_back(round, firm)
    with pytest.raises(InvalidTransition):
        actions.invite_guest(round, actor=firm.author, person=firm.staff)
    assert Notification.objects.unread().filter(kind="review-invited").count() == 0


def test_an_invitation_is_taken_back(firm, round):
    guest = actions.invite_guest(round, actor=firm.author, person=firm.outsider)
    with pytest.raises(NotPermitted):
        actions.remove_guest(guest, actor=firm.outsider)
    actions.remove_guest(guest, actor=firm.approver)
    assert not can_view(firm.outsider, round.revision)
    assert Notification.objects.unread().filter(kind="review-invited").count() == 0
    with pytest.raises(Missing):
        actions.remove_guest(guest, actor=firm.approver)
    assert RoundGuest.objects.count() == 0


# Looks and texts ---------------------------------------------------------------------------------------------


def test_deciding_and_commenting_and_saying_so_are_looks(firm, round):
    assert not has_looked(firm.approver, round)
    actions.note_look(round, actor=firm.owner)
    comments.add_comment(round.revision, actor=firm.author, body="Please look at step 2.")
    send_back(round, firm)
    looked = {name for name, user in firm.people.items() if has_looked(user, round)}
    assert looked == {"owner", "author", "approver"}
    with pytest.raises(InvalidTransition):
        actions.note_look(round, actor=firm.owner)


def test_who_only_reads_everything_leaves_no_look(firm, round):
    with pytest.raises(NotPermitted):
        actions.note_look(round, actor=firm.auditor)


def test_a_round_that_is_sent_back_keeps_its_text(firm, round):
    revision = send_back(round, firm)
    text = RoundText.objects.get(round=round)
    assert content_hash(text.content) == round.content_hash
    assert revision.content is None
    approval.submit(revision, actor=firm.author)
    second = open_round(revision)
    assert round_looked_at(firm.approver, second) == round
    assert round_looked_at(firm.owner, second) is None
    assert list(violations()) == []


def test_a_round_that_is_recalled_or_revoked_keeps_its_text(firm):
    recalled = make_revision(firm, state=State.IN_REVIEW)
    approval.recall(recalled, actor=firm.author, reason="A mistake.")
    revoked = make_revision(firm, state=State.APPROVED)
    approval.revoke(revoked, actor=firm.owner, reason="The law has changed.")
    kept = set(RoundText.objects.values_list("round__revision_id", flat=True))
    assert kept == {recalled.pk, revoked.pk}


def test_verify_names_a_kept_text_that_was_changed(firm, round):
    send_back(round, firm)
    text = RoundText.objects.get()
    text.content["title"] = "Another"
    text.save(update_fields=["content"])
    assert [line for line in violations() if "text of the round" in line]


def test_a_draft_has_no_round_to_look_at(firm):
    comments.add_comment(make_draft(firm), actor=firm.author, body="For later.")
    assert not Round.objects.exists()
