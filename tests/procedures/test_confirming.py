"""“Reviewed, still valid”: the owner signs, the next review moves, the revision stays."""

import datetime

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.urls import reverse

from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions import confirming
from procedures.errors import StaleContent
from procedures.invariants import violations
from procedures.models import Confirmation, Revision
from procedures.permissions import can_confirm, revisions_confirmable_by
from procedures.states import State
from roles.errors import WrongPassword
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD, make_next, make_revision

pytestmark = pytest.mark.django_db

COMMENT = "Went through it with two clerks."


@pytest.fixture
def due(firm) -> Revision:
    """A published revision whose review was due yesterday."""
    revision = make_revision(firm)
    Revision.objects.filter(pk=revision.pk).update(next_review_on=today() - datetime.timedelta(days=1))
    return Revision.objects.get(pk=revision.pk)


def confirm(revision, person, **changes):
    sent = {
        "number": 1, "content_hash": revision.content_hash, "comment": COMMENT, "password": PASSWORD, "accepts": 1,
    }  # fmt: skip
    return confirming.confirm_revision(revision, actor=person, **sent | changes)


def test_the_next_review_moves_and_the_revision_stays(firm, due):
    confirmation = confirm(due, firm.owner)
    stored = Revision.objects.get(pk=due.pk)
    assert stored.next_review_on == today() + relativedelta(months=due.review_interval_months)
    assert (stored.state, stored.number, stored.content_hash) == (State.PUBLISHED, 1, due.content_hash)
    assert (confirmation.was_due_on, confirmation.capacity) == (due.next_review_on, "Owner of the procedure")
    entry = entries_for(due).get(name="procedures.revision.confirm")
    assert (entry.reason, entry.data["seal"]) == (COMMENT, confirmation.seal)
    assert set(Notification.objects.filter(kind="revision-confirmed").values_list("recipient", flat=True)) == {
        firm.author.pk
    }
    assert list(violations()) == []


@pytest.mark.parametrize("who", ["author", "approver", "staff", "auditor", "administrator", "superuser"])
def test_only_the_owner_confirms(firm, due, who):
    with pytest.raises(NotPermitted):
        confirm(due, firm.people[who])
    assert not can_confirm(firm.people[who], due)
    assert not Confirmation.objects.exists()


def test_both_shapes_of_the_rule_agree(firm, due):
    others = [make_revision(firm, state=state) for state in (State.DRAFT, State.IN_REVIEW, State.WITHDRAWN)]
    for person in firm.people.values():
        found = {row.pk for row in [due, *others] if can_confirm(person, row)}
        assert set(revisions_confirmable_by(person).values_list("pk", flat=True)) == found


def test_a_wrong_password_and_an_empty_reason_sign_nothing(firm, due):
    with pytest.raises(WrongPassword):
        confirm(due, firm.owner, password="not this one")
    with pytest.raises(Refused):
        confirm(due, firm.owner, comment=" \n ")
    with pytest.raises(StaleContent):
        confirm(due, firm.owner, content_hash="0" * 64)
    assert not Confirmation.objects.exists()
    assert not entries_for(due).filter(name="procedures.revision.confirm").exists()


def test_of_two_who_confirm_from_one_page_one_wins(firm, due):
    confirm(due, firm.owner)
    with pytest.raises(InvalidTransition):
        confirm(due, firm.owner)
    assert Confirmation.objects.count() == 1
    confirm(due, firm.owner, number=2)
    assert list(violations()) == []


def test_who_comes_after_the_next_revision_is_told(firm, due):
    make_next(firm, due.procedure)
    with pytest.raises(InvalidTransition):
        confirm(due, firm.owner)


@pytest.mark.parametrize(
    "change", ["comment = 'Nothing.'", "confirmer_name = 'Somebody'", "next_review_on = '2099-01-01'", "number = 7"]
)
def test_a_changed_confirmation_is_named(firm, due, change):
    confirm(due, firm.owner)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE procedures_confirmation SET {change}")
    assert any(sentence.startswith("I3 confirmation") for sentence in violations())


def test_a_review_date_that_was_moved_past_the_application_is_named(firm, due):
    confirm(due, firm.owner)
    Revision.objects.filter(pk=due.pk).update(next_review_on=datetime.date(2099, 1, 1))
    assert any("next review is another day" in sentence for sentence in violations())


def test_the_owner_confirms_on_the_page_and_everybody_reads_it_in_the_history(firm, due, client):
    client.force_login(firm.owner)
    page, address = reverse("procedure", args=[due.procedure.code]), reverse("confirm", args=[due.procedure.code])
    assert address in client.get(page).content.decode()
    sent = {"number": 1, "content_hash": due.content_hash, "comment": COMMENT, "password": "wrong", "statement": 1}
    assert client.post(address, {**sent, "accepts": "on"}).status_code == 403
    assert client.post(address, {**sent, "accepts": "on", "comment": " ", "password": PASSWORD}).status_code == 422
    assert client.post(address, {**sent, "accepts": "on", "password": PASSWORD}).status_code == 302
    client.force_login(firm.staff)
    history = client.get(reverse("history", args=[due.procedure.code])).content.decode()
    assert COMMENT in history
    assert address not in client.get(page).content.decode()
