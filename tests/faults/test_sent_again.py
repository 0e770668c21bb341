"""The same form sent many times: in the same moment, and later from the browser's history."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.trail import entries_for
from notifications.models import Notification
from procedures.invariants import violations
from procedures.queries import open_round
from procedures.states import State
from tests.factories import PASSWORD, make_draft, make_firm, make_revision
from tests.faults.faults import at_once, everything_stored

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 20
ON_THE_WAY = ("django_session", "roles_signingguard")
"""Messages that wait for the next page, and when somebody last tried to sign."""


def browsers(person) -> list[Client]:
    """The windows of one person."""
    first = Client()
    first.force_login(person)
    windows = []
    for _window in range(TIMES):
        window = Client()
        window.cookies = first.cookies.copy()
        windows.append(window)
    return windows


def test_twenty_identical_signatures_count_once_and_the_way_back_adds_none():
    firm = make_firm()
    revision = make_revision(firm, state=State.IN_REVIEW)
    round = open_round(revision)
    address = reverse("review-approve", args=[round.pk])
    sent = {"content_hash": round.content_hash, "password": PASSWORD, "comment": "Fine."}
    windows = browsers(firm.approver)
    answers = at_once(*[lambda window=window: window.post(address, sent).status_code for window in windows])
    assert set(answers) <= {200, 302, 400, 403, 409}
    assert 302 in answers
    assert round.decisions.count() == 1
    events = [entry.name for entry in entries_for(revision)]
    assert events.count("procedures.revision.approve") == events.count("procedures.revision.publish") == 1
    before = everything_stored(without=ON_THE_WAY)
    windows[0].post(address, sent)
    assert everything_stored(without=ON_THE_WAY) == before
    assert list(violations()) == []


def test_twenty_identical_submissions_open_one_round_and_ask_once():
    firm = make_firm()
    draft = make_draft(firm)
    address = reverse("submit", args=[draft.procedure.code])
    windows = browsers(firm.author)
    sent = {"version": draft.version, "significance": "major", "change_summary": ""}
    answers = at_once(*[lambda window=window: window.post(address, sent).status_code for window in windows])
    assert set(answers) <= {200, 302, 400, 403, 409}
    assert draft.rounds.count() == 1
    assert Notification.objects.filter(recipient=firm.approver, kind="revision-submitted").count() == 1
    before = everything_stored(without=ON_THE_WAY)
    windows[0].post(address, sent)
    assert everything_stored(without=ON_THE_WAY) == before
    assert list(violations()) == []
