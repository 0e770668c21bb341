"""A shared copy says what is done otherwise today: what, where and until when, and neither why nor by whom."""

import datetime
import re

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from procedures.actions import deviations, emergency, sharing
from procedures.models import Deviation
from procedures.states import State
from roles.queries import today
from tests.factories import PASSWORD, first_step, make_next, make_revision

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
INSTEAD = "Write the numbers down <b>by hand</b>."


@pytest.fixture
def revision(firm):
    cache.clear()
    return make_revision(firm)


@pytest.fixture
def token(firm, revision) -> str:
    _link, token = sharing.make_link(revision.procedure, actor=firm.owner, recipient="The bank", ends_on=today() + DAY)
    return token


def holds(revision, firm, **changes) -> Deviation:
    asked = {"department": firm.operations, "starts": today(), "ends": today() + 9 * DAY} | changes
    deviation = deviations.ask_deviation(
        revision, actor=firm.author, step=first_step(revision).uid, reason="The scanner of Mr Ray is broken.",
        instead=INSTEAD, **asked,
    )  # fmt: skip
    signed = {"asked_hash": deviation.asked_hash, "password": PASSWORD, "accepts": 1}
    return deviations.approve_deviation(deviation, actor=firm.approver, **signed)


def read(token, **headers) -> str:
    response = Client().get(reverse("shared", args=[token]), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_it_stands_above_the_text_and_at_its_step(firm, revision, token):
    holds(revision, firm)
    html = read(token)
    above, text = html.split("<article")
    assert "A temporary deviation holds." in above
    assert '<a href="#step-1">Step 1</a>, Operations, until' in above
    step = text[: text.index('href="#step-2"')]
    assert "by hand" in step
    assert "<b>by hand" not in html


def test_it_names_no_person_no_reason_and_leads_nowhere(firm, revision, token):
    deviation = holds(revision, firm)
    html = read(token)
    for person in firm.people.values():
        assert person.full_name not in html
    assert "Mr Ray" not in html
    assert deviation.capacity not in html
    targets = re.findall(r'(?:href|src|action)="([^"]*)"', html)
    assert [one for one in targets if not one.startswith(("#", "/static/"))] == []


def test_only_what_holds_today_is_shown(firm, revision, token):
    holds(revision, firm, starts=today() + DAY, ends=today() + DAY)
    assert "by hand" not in read(token)
    with time_machine.travel(timezone.now() + DAY):
        assert "by hand" in read(token)
    deviation = Deviation.objects.get()
    deviations.end_deviation(deviation, actor=firm.owner, reason="Repaired.")
    with time_machine.travel(timezone.now() + DAY):
        assert "by hand" not in read(token)


def test_what_was_asked_for_only_is_not_shown(firm, revision, token):
    deviations.ask_deviation(
        revision, actor=firm.author, step=first_step(revision).uid, department=firm.operations, reason="Broken.",
        instead=INSTEAD, starts=today(), ends=today(),
    )  # fmt: skip
    assert "by hand" not in read(token)


def test_what_is_not_what_was_signed_is_named_and_not_shown(firm, revision, token):
    holds(revision, firm)
    Deviation.objects.update(instead="Pay me.")
    html = read(token)
    assert "Pay me." not in html
    assert "Do the step as it is written." in html


def test_an_emergency_issue_has_none_of_the_text_that_it_stands_before(firm, revision, token):
    holds(revision, firm)
    urgent = make_next(firm, revision.procedure, state=State.IN_REVIEW)
    emergency.issue_emergency(
        urgent, actor=firm.owner, content_hash=urgent.content_hash, reason="Now.", days=2, password=PASSWORD, accepts=1,
    )  # fmt: skip
    assert "by hand" not in read(token)


def test_it_speaks_the_language_of_whoever_reads(firm, revision, token):
    holds(revision, firm)
    with translation.override("en"):  # put back afterwards
        html = read(token, accept_language="fr")
    assert "Une dérogation temporaire est en cours." in html
    assert '<div class="callout" data-kind="deviation" lang="fr">' in html
