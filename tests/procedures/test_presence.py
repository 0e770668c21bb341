"""Who else is in the editor."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from procedures.actions.presence import note_presence
from procedures.models import EditingPresence, Revision
from procedures.presence import others_at
from tests.factories import first_step, make_draft

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(firm) -> Revision:
    draft = make_draft(firm, code="FIN-014")
    draft.procedure.coauthors.add(firm.coauthor)
    return draft


def ask(client, step=""):
    return client.post(reverse("draft-presence", args=["FIN-014"]), {"step": step}, headers=HTMX)


def test_two_writers_see_each_other_and_where(client, firm, draft):
    client.force_login(firm.coauthor)
    assert "is editing" not in ask(client, first_step(draft).uid).content.decode(), "nobody sees oneself"
    client.force_login(firm.author)
    answer = ask(client).content.decode()
    assert "Coauthor is editing step 1 now" in answer
    assert f'data-step="{first_step(draft).uid}"' in answer
    assert "Coauthor is editing step 1 now" in client.get("/procedures/FIN-014/draft/").content.decode()
    client.force_login(firm.coauthor)
    assert "Author is editing facts and purpose now" in ask(client).content.decode()
    assert EditingPresence.objects.count() == 2, "one row each, however often they ask"


def test_after_a_minute_nobody_counts(firm, draft):
    note_presence(draft, actor=firm.coauthor)
    assert [row.user for row in others_at(draft, firm.author)] == [firm.coauthor]
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=61), tick=False):
        assert others_at(draft, firm.author) == []


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("staff", 404), ("owner", 403), ("auditor", 403)])
def test_names_are_for_those_who_write(client, firm, draft, who, status):
    note_presence(draft, actor=firm.author)
    client.force_login(firm.people[who])
    response = ask(client)
    assert response.status_code == status
    assert "is editing" not in response.content.decode()
    assert EditingPresence.objects.count() == 1


def test_a_name_is_text(client, firm, draft):
    firm.coauthor.full_name = '<img src=x onerror="alert(1)">'
    firm.coauthor.save(update_fields=["full_name"])
    note_presence(draft, actor=firm.coauthor)
    client.force_login(firm.author)
    assert "<img src=x" not in ask(client).content.decode()


def test_asking_is_light(client, firm, draft, django_assert_max_num_queries):
    note_presence(draft, actor=firm.coauthor)
    client.force_login(firm.author)
    ask(client)
    with django_assert_max_num_queries(12):
        ask(client)
