"""What the acts that people wait for cost in statements, through their pages; transaction control is left out."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import approval, drafts
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from tests.factories import PASSWORD, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db

CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|0 times:)")
TITLES = [f"Do thing {number}" for number in range(60)]


@pytest.fixture
def statements_of(client):
    """Send a form as somebody, who must get `status`; returns the statements that it took."""

    def send(user, address, data, *, status, **headers) -> list[str]:
        client.force_login(user)
        with CaptureQueriesContext(connection) as captured:
            response = client.post(address, data, headers=headers)
        assert response.status_code == status, response.content[:2000]
        return [sql for row in captured.captured_queries if not CONTROL.match(sql := row["sql"])]

    return send


def listed(statements) -> str:
    return "\n".join(f"{number} {' '.join(sql.split())[:160]}" for number, sql in enumerate(statements, start=1))


@pytest.fixture(params=["the first revision", "a later revision"])
def draft(request, firm):
    """A draft of 60 steps; a later one has a published revision before it, and readers who are told."""
    if request.param == "the first revision":
        return make_draft(firm, step_titles=TITLES)
    procedure = make_revision(firm, step_titles=TITLES).procedure
    procedure = drafts.change_procedure(
        procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor], reason="She helps."
    )
    following = make_next(firm, procedure, state=State.DRAFT)
    following.contributors.add(firm.coauthor)
    return following


def test_submitting_takes_forty_statements_at_most(firm, draft, statements_of):
    sent = {"change_summary": "Wages.", "significance": "minor", "effective_on": ""}
    sent["version"] = str(Revision.objects.get(pk=draft.pk).version)
    statements = statements_of(firm.author, reverse("submit", args=[draft.procedure.code]), sent, status=302)
    assert Revision.objects.get(pk=draft.pk).state == State.IN_REVIEW
    assert len(statements) <= 40, listed(statements)


def test_approving_and_publishing_takes_forty_statements_at_most(firm, draft, statements_of):
    approval.submit(draft, actor=firm.author)
    round = open_round(draft)
    sent = {"content_hash": round.content_hash, "comment": "", "password": PASSWORD}
    statements = statements_of(firm.approver, reverse("review-approve", args=[round.pk]), sent, status=302)
    assert Revision.objects.get(pk=draft.pk).state == State.PUBLISHED
    assert len(statements) <= 40, listed(statements)


def test_saving_a_step_of_sixty_takes_fifteen_statements_at_most(firm, draft, statements_of):
    step = draft.steps.order_by("position")[30]
    address = reverse("step", args=[draft.procedure.code, step.uid])
    sent = {"version": step.version, "title": "Do it otherwise", "kind": "action", "body": "Another text."}
    statements = statements_of(firm.author, address, sent, status=200, hx_request="true", x_autosave="1")
    step.refresh_from_db()
    assert step.body == "Another text."
    assert len(statements) <= 15, listed(statements)
