"""The history page: released revisions for every reader, the whole trail for those who look after the procedure."""

import pytest
from django.db import connection
from django.urls import reverse

from procedures.models import RenditionKind
from procedures.pdf import store_pdf
from procedures.states import State
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db

KEEPERS = ["author", "owner", "auditor", "administrator"]
READERS = ["staff", "outsider", "approver", "superuser"]


@pytest.fixture
def history(client):
    def get(user, revision, query="", status=200):
        client.force_login(user)
        response = client.get(reverse("history", args=[revision.procedure.code]) + query)
        assert response.status_code == status
        return response.content.decode()

    return get


@pytest.mark.parametrize("name", KEEPERS)
def test_who_looks_after_it_sees_every_revision_and_the_trail(firm, history, name):
    revision = make_revision(firm)
    make_next(firm, revision.procedure, state=State.DRAFT)
    html = history(firm.people[name], revision)
    assert "Revision 2" in html
    assert "being written since" in html
    assert "Submitted for approval" in html
    assert "The entries are as they were written." in html


@pytest.mark.parametrize("name", READERS)
def test_readers_see_what_was_released_and_no_trail(firm, history, name):
    revision = make_revision(firm)
    make_next(firm, revision.procedure, state=State.IN_REVIEW)
    html = history(firm.people[name], revision)
    assert "Revision 1" in html
    assert "Revision 2" not in html
    assert 'id="trail-title"' not in html
    assert "Submitted for approval" not in html


def test_what_was_never_released_has_no_history_for_its_approver(firm, history):
    history(firm.approver, make_revision(firm, state=State.IN_REVIEW), status=404)


def test_each_revision_tells_when_why_and_who_signed(firm, history):
    revision = make_revision(firm, change_summary="First edition.")
    make_next(firm, revision.procedure, change_summary="The limit goes down.")
    store_pdf(revision, kind=RenditionKind.PDF)
    html = history(firm.staff, revision)
    decision = revision.rounds.get().decisions.get()
    assert html.index("The limit goes down.") < html.index("First edition.")
    assert " to now" in html
    assert f"{decision.decider_name}, {decision.capacity}".replace("'", "&#x27;") in html
    assert revision.content_hash[:12] in html
    assert revision.renditions.get().file.sha256[:12] in html


def test_a_draft_begun_but_never_released_leads_back_to_itself(firm, history):
    revision = make_revision(firm, state=State.DRAFT)
    html = history(firm.author, revision)
    assert f'href="{revision.get_absolute_url()}">{revision.procedure.code}</a>' in html


def test_a_changed_entry_is_named(firm, history):
    revision = make_revision(firm)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET reason = 'Forged.' WHERE procedure_code = %s AND name LIKE '%%submit'",
            [revision.procedure.code],
        )
    html = history(firm.auditor, revision)
    assert "The trail has been tampered with." in html
    assert "Not as it was written" in html


def test_reasons_stay_text(firm, history):
    from procedures.actions import publishing

    revision = make_revision(firm)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="<script>alert(1)</script>")
    html = history(firm.auditor, revision)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_long_trails_come_in_pages(firm, history, monkeypatch):
    monkeypatch.setattr("procedures.views.reading.ENTRIES_PER_PAGE", 2)
    revision = make_revision(firm)
    assert "Procedure begun" not in history(firm.auditor, revision)
    assert "Procedure begun" in history(firm.auditor, revision, "?page=99")


def test_its_cost_does_not_grow_with_the_revisions(firm, client, django_assert_max_num_queries):
    revision = make_revision(firm)
    for _number in range(3):
        make_next(firm, revision.procedure)
    client.force_login(firm.author)
    with django_assert_max_num_queries(10):  # one of them: whether this person has confirmed any
        client.get(reverse("history", args=[revision.procedure.code]))
