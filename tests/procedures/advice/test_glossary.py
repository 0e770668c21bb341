"""The glossary: everybody reads it, administrators keep it, the trail holds every change."""

import pytest
from django.urls import reverse

from audit import names
from audit.models import Entry
from procedures.actions import glossary
from procedures.models import GlossaryTerm
from roles.errors import NotValid
from sopdesk.lib.errors import Missing, NotPermitted

pytestmark = pytest.mark.django_db

FIELDS = {"term": "CRM", "meaning": "Where the customers stand.", "language": ""}


@pytest.fixture
def term(firm) -> GlossaryTerm:
    return glossary.add_term(actor=firm.administrator, fields=FIELDS)


def last_entry() -> Entry:
    return Entry.objects.order_by("-seq").first()


def test_everybody_reads_and_only_administrators_see_buttons(client, firm, term):
    for name, sees_buttons in (("staff", False), ("administrator", True)):
        client.force_login(firm.people[name])
        page = client.get(reverse("glossary")).content.decode()
        assert "Where the customers stand." in page
        assert (reverse("glossary-term", args=[term.pk]) in page) == sees_buttons
        assert (reverse("glossary-new") in page) == sees_buttons


def test_a_word_is_added_changed_and_removed_with_entries_on_the_trail(client, firm):
    client.force_login(firm.administrator)
    assert client.post(reverse("glossary-new"), FIELDS).status_code == 302
    term = GlossaryTerm.objects.get()
    assert (last_entry().name, last_entry().data) == (names.GLOSSARY_ADD, FIELDS)
    address = reverse("glossary-term", args=[term.pk])
    changed = {**FIELDS, "meaning": "The list of customers.", "language": "en"}
    assert client.post(address, changed).status_code == 302
    term.refresh_from_db()
    assert (term.meaning, term.language) == ("The list of customers.", "en")
    assert last_entry().name == names.GLOSSARY_CHANGE
    assert last_entry().data["language"] == {"old": "", "new": "en"}
    assert client.post(reverse("glossary-remove", args=[term.pk])).status_code == 302
    assert not GlossaryTerm.objects.exists()
    assert last_entry().name == names.GLOSSARY_REMOVE


def test_a_change_of_nothing_is_no_entry(firm, term):
    before = Entry.objects.count()
    glossary.change_term(term, actor=firm.administrator, fields=FIELDS)
    assert Entry.objects.count() == before


def test_errors_stand_beside_the_fields(client, firm, term):
    client.force_login(firm.administrator)
    response = client.post(reverse("glossary-new"), {**FIELDS, "term": "crm"})
    assert response.status_code == 422
    assert "is in the glossary already" in response.content.decode()
    response = client.post(reverse("glossary-new"), {"term": "", "meaning": ""})
    assert set(response.context["form"].errors) == {"term", "meaning"}
    assert GlossaryTerm.objects.count() == 1


def test_the_same_word_in_another_language_is_another_word(firm, term):
    glossary.add_term(actor=firm.administrator, fields={**FIELDS, "language": "fr"})
    with pytest.raises(NotValid):
        glossary.add_term(actor=firm.administrator, fields={**FIELDS, "term": "Crm", "language": "fr"})


def test_nobody_else_changes_it(firm, term):
    for name in ("author", "owner", "auditor", "staff"):
        actor = firm.people[name]
        with pytest.raises(NotPermitted):
            glossary.add_term(actor=actor, fields=FIELDS)
        with pytest.raises(NotPermitted):
            glossary.change_term(term, actor=actor, fields={"meaning": "x"})
        with pytest.raises(NotPermitted):
            glossary.remove_term(term, actor=actor)


def test_a_word_that_is_gone_is_missing(client, firm, term):
    glossary.remove_term(GlossaryTerm.objects.get(), actor=firm.administrator)
    with pytest.raises(Missing):
        glossary.change_term(term, actor=firm.administrator, fields={"meaning": "x"})
    client.force_login(firm.administrator)
    assert client.get(reverse("glossary-term", args=[term.pk])).status_code == 404


def test_hostile_words_stay_text(client, firm):
    hostile = '<script>alert(1)</script>"><img src=x>'
    glossary.add_term(actor=firm.administrator, fields={"term": hostile, "meaning": hostile, "language": ""})
    client.force_login(firm.administrator)
    for address in (reverse("glossary"), reverse("glossary-term", args=[GlossaryTerm.objects.get().pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_the_list_takes_the_same_queries_for_many_words(client, firm):
    client.force_login(firm.staff)
    client.get(reverse("glossary"))
    counts = []
    for number in (1, 30):
        GlossaryTerm.objects.bulk_create(
            GlossaryTerm(term=f"W{number}-{index}", meaning="x") for index in range(number)
        )
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("glossary"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
