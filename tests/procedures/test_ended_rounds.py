"""A link to a round, or a page of it, that somebody opens or sends after the round has ended."""

import pytest
from django.urls import reverse

from procedures.actions import approval
from procedures.models import Round, SlotKind
from procedures.queries import open_round
from procedures.states import State
from tests.factories import PASSWORD, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db
REASON = "The limit is wrong."


@pytest.fixture
def recalled(firm) -> Round:
    """A round of two that was taken back; "second" was asked as well."""
    second = make_user("second", department=firm.operations)
    make_route([(SlotKind.HEAD, None), (SlotKind.PERSON, second)], risk="high")
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    round = open_round(revision)
    approval.approve_revision(round, actor=second, content_hash=round.content_hash, password=PASSWORD)
    approval.recall(revision, actor=firm.author, reason=REASON)
    return Round.objects.get(pk=round.pk)


def test_who_was_asked_learns_that_it_was_taken_back_and_why(firm, client, recalled):
    client.force_login(firm.approver)
    page = client.get(recalled.get_absolute_url())
    assert page.status_code == 200
    assert "taken back" in page.content.decode()
    assert REASON in page.content.decode()
    assert recalled.revision.title not in page.content.decode(), "the draft is not theirs to read"


def test_who_has_decided_learns_it_too(client, recalled):
    client.force_login(recalled.decisions.get().decider)
    assert "taken back" in client.get(recalled.get_absolute_url()).content.decode()


def test_nobody_else_learns_of_it(firm, client, recalled):
    client.force_login(firm.outsider)
    assert client.get(recalled.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", ["review-approve", "review-return"])
def test_a_decision_that_comes_too_late_is_answered_with_what_has_happened(firm, client, recalled, name):
    client.force_login(firm.approver)
    sent = {"content_hash": recalled.content_hash, "password": PASSWORD, "reason": "No."}
    page = client.post(reverse(name, args=[recalled.pk]), sent, follow=True).content.decode()
    assert "Your decision was not recorded." in page
    assert "taken back" in page
    assert recalled.decisions.count() == 1


def test_the_next_round_is_found_from_the_old_link(firm, client, recalled):
    approval.submit(recalled.revision, actor=firm.author)
    client.force_login(firm.approver)
    page = client.get(recalled.get_absolute_url()).content.decode()
    assert f'href="{open_round(recalled.revision).get_absolute_url()}"' in page
