"""Auditors sign that the trail was reviewed: in order, with their password, and so that it cannot be undone."""

import pytest
from django.db import connection
from django.urls import reverse

from audit import names, trail
from reports import actions
from reports.models import TrailReview
from reports.seals import review_faults
from roles.errors import WrongPassword
from roles.signing import current_statement
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def span(after: int = 0, **changes) -> dict:
    head = trail.head_of_trail()
    return {
        "after": after, "upto": head.seq, "upto_hash": head.hash, "password": PASSWORD,
        "accepts": current_statement("en").version, **changes,
    }  # fmt: skip


def test_an_auditor_signs_on_the_page_and_the_rest_is_not_reviewed(client, firm, published):
    client.force_login(firm.auditor)
    form = client.get(reverse("audit-review")).context["form"]
    upto = form["upto"].value()
    sent = {name: form[name].value() for name in ("after", "upto", "upto_hash", "statement")}
    answer = client.post(reverse("audit-review"), sent | {"accepts": "on", "password": "wrong"})
    assert (answer.status_code, TrailReview.objects.count()) == (403, 0)
    sent |= {"accepts": "on", "password": PASSWORD, "note": "All in order."}
    assert client.post(reverse("audit-review"), sent).url == reverse("audit")
    review = TrailReview.objects.get()
    assert (review.after_seq, review.upto_seq, review.reviewer_name) == (0, upto, "Auditor")
    entry = trail.entries_for(review).get()
    assert (entry.name, entry.reason, entry.data["seal"]) == (names.TRAIL_REVIEW, "All in order.", review.seal)
    page = client.get(reverse("audit")).text
    assert f"up to #{upto} by Auditor" in page
    assert f"?after={upto}" in page
    assert list(review_faults()) == []


@pytest.mark.parametrize("who", ["administrator", "author", "superuser"])
def test_nobody_else_signs_a_review(client, firm, published, who):
    with pytest.raises(NotPermitted):
        actions.review_trail(actor=firm.people[who], **span())
    client.force_login(firm.people[who])
    assert client.get(reverse("audit-review")).status_code == 403


def test_what_was_shown_must_still_be_so(firm, published):
    with pytest.raises(WrongPassword):
        actions.review_trail(actor=firm.auditor, **span(password="wrong"))
    with pytest.raises(Refused):
        actions.review_trail(actor=firm.auditor, **span(upto_hash="0" * 64))
    first = span()
    actions.review_trail(actor=firm.auditor, **first)
    with pytest.raises(InvalidTransition):
        actions.review_trail(actor=firm.auditor, **first)
    with pytest.raises(Refused):
        actions.review_trail(actor=firm.auditor, **span(after=first["upto"], upto=first["upto"]))
    actions.review_trail(actor=firm.auditor, **span(after=first["upto"]))
    assert [review.after_seq for review in TrailReview.objects.all()] == [0, first["upto"]]


@pytest.mark.parametrize(
    "change",
    [
        "after_seq = 1", "upto_seq = upto_seq + 1", "upto_hash = 'x'", "reviewer_id = reviewer_id + 1",
        "reviewer_name = 'x'", "reviewed_at = '2020-01-01 00:00:00+00:00'", "method = 'x'", "statement_version = 99",
        "note = 'x'", "seal = 'x'",
    ],
)  # fmt: skip
def test_a_changed_review_is_named(firm, published, change):
    review = actions.review_trail(actor=firm.auditor, **span(note="Fine."))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE reports_trailreview SET {change}")
    upto = review.upto_seq + ("upto_seq" in change)
    assert list(review_faults())[0].startswith(f"I3 review of the trail up to {upto} by ")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_trailreview")
    assert "is missing" in list(review_faults())[0]
