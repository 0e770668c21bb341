"""Administrators keep the synonyms of the search."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import names, trail
from procedures.actions import synonyms as actions
from procedures.models import Synonym, SynonymGroup
from procedures.search.synonyms import starter_groups
from roles.errors import NotValid
from sopdesk.lib.errors import Missing, NotPermitted

from .conftest import ask

PAGE = "/search/synonyms/"


@pytest.fixture
def administrator(firm) -> Client:
    client = Client()
    client.force_login(firm.administrator)
    return client


def add(firm, *phrases: str, language: str = "en") -> SynonymGroup:
    return actions.add_synonyms(actor=firm.administrator, fields={"language": language, "phrases": "\n".join(phrases)})


def test_the_starter_list_is_there_group_by_group(db):
    stored = {
        group.starter: (group.language, [row.phrase for row in group.synonyms.order_by("pk")])
        for group in SynonymGroup.objects.all()
    }
    assert stored.keys() == {name for name, _, _ in starter_groups()}
    name, language, phrases = next(iter(starter_groups()))
    assert stored[name] == (language, phrases)


def test_a_new_group_holds_from_the_next_search_on(firm, publish):
    publish("FIN-001", "Book the tram", "Book: it")
    assert ask("streetcar", user=firm.staff).total == 0
    group = add(firm, "tram", "streetcar")
    assert ask("streetcar", user=firm.staff).total == 1
    actions.remove_synonyms(group, actor=firm.administrator)
    assert ask("streetcar", user=firm.staff).total == 0


@pytest.mark.parametrize(
    ("language", "phrases"),
    [("en", "tram"), ("en", "invoice\ninvoices"), ("en", ""), ("xx", "a\nb"), ("en", "x" * 81 + "\ntram"),
     ("en", "\n".join(f"word{at}x" for at in range(18)))],
)  # fmt: skip
def test_a_group_is_of_two_to_seventeen_different_words_in_a_language(firm, language, phrases):
    with pytest.raises(NotValid):
        add(firm, phrases, language=language)
    assert not SynonymGroup.objects.filter(starter="").exists()


def test_words_that_stand_together_already_are_not_added_again(firm):
    add(firm, "tram", "streetcar")
    with pytest.raises(NotValid):
        add(firm, "Streetcars", "tram")


def test_only_administrators_change_synonyms(firm):
    fields = {"language": "en", "phrases": "tram\nstreetcar"}
    with pytest.raises(NotPermitted):
        actions.add_synonyms(actor=firm.auditor, fields=fields)
    with pytest.raises(Missing):
        actions.add_synonyms(actor=firm.author, fields=fields)


def test_each_change_is_on_the_trail_with_old_and_new(firm):
    group = add(firm, "tram", "streetcar")
    actions.change_synonyms(group, actor=firm.administrator, fields={"phrases": "tram\ntrolley"})
    entries = list(trail.entries_for(group))
    assert [entry.name for entry in entries] == [names.SYNONYMS_ADD, names.SYNONYMS_CHANGE]
    assert entries[1].data == {"phrases": {"old": "tram\nstreetcar", "new": "tram\ntrolley"}}


def test_a_save_from_an_old_page_shows_what_the_other_saved(firm, administrator):
    group = add(firm, "tram", "streetcar")
    address = f"{PAGE}{group.pk}/"
    base = administrator.get(address).context["form"]["base"].value()
    actions.change_synonyms(group, actor=firm.administrator, fields={"phrases": "tram\ntrolley"})
    sent = {"language": "en", "phrases": "tram\ncable car", "base": json.dumps(base)}
    response = administrator.post(address, sent)
    assert response.status_code == 409
    assert "trolley" in response.content.decode()
    assert sorted(row.phrase for row in group.synonyms.all()) == ["tram", "trolley"]


def test_the_starter_list_comes_back_and_own_groups_stay(firm):
    own = add(firm, "tram", "streetcar")
    changed, removed = SynonymGroup.objects.exclude(starter="").order_by("pk")[:2]
    before = [str(changed), str(removed)]
    actions.change_synonyms(changed, actor=firm.administrator, fields={"phrases": "leave\nfurlough"})
    actions.remove_synonyms(removed, actor=firm.administrator)
    assert actions.restore_starter_synonyms(actor=firm.administrator) == 2
    stored = {group.starter: str(group) for group in SynonymGroup.objects.exclude(starter="")}
    assert [stored[changed.starter], stored[removed.starter]] == before
    assert SynonymGroup.objects.filter(pk=own.pk).exists()
    assert actions.restore_starter_synonyms(actor=firm.administrator) == 0


def test_the_page_says_what_words_would_find(firm, administrator, publish):
    publish("FIN-001", "Send an invoice to a customer", "Print: it")
    response = administrator.get(PAGE, {"q": "bill"})
    assert "invoice" in response.context["tried"].synonyms
    assert [revision.procedure.code for revision in response.context["tried"].first] == ["FIN-001"]
    assert all("bill" in str(group) for group in response.context["page"].object_list)


def test_a_table_taken_away_can_be_brought_back(firm, administrator):
    table = administrator.get(f"{PAGE}csv/").content
    number = SynonymGroup.objects.count()
    SynonymGroup.objects.all().delete()
    response = administrator.post(f"{PAGE}import/", {"file": SimpleUploadedFile("synonyms.csv", table)})
    assert response.status_code == 302
    assert SynonymGroup.objects.count() == number
    administrator.post(f"{PAGE}import/", {"file": SimpleUploadedFile("synonyms.csv", table)})
    assert SynonymGroup.objects.count() == number


def test_a_table_with_a_bad_line_adds_nothing_and_names_the_line(firm, administrator):
    before = Synonym.objects.count()
    table = b'language,words\nen,"tram, streetcar"\nen,alone\n'
    response = administrator.post(f"{PAGE}import/", {"file": SimpleUploadedFile("synonyms.csv", table)})
    assert response.status_code == 422
    assert "Line 3" in response.content.decode()
    assert Synonym.objects.count() == before


def test_a_search_that_found_nothing_fills_in_the_new_group(administrator):
    assert "streetcar" in administrator.get(f"{PAGE}new/", {"phrase": "streetcar"}).content.decode()


@pytest.mark.parametrize("number", [1, 40])
def test_the_list_costs_the_same_whatever_the_number(firm, administrator, django_assert_max_num_queries, number):
    for at in range(number):
        group = SynonymGroup.objects.create(language="en")
        Synonym.objects.bulk_create(
            Synonym(group=group, language="en", phrase=f"{word}{at}", key=f"{word}{at}") for word in ("tram", "bus")
        )
    with django_assert_max_num_queries(8):
        administrator.get(PAGE)


@pytest.mark.parametrize("query", ["facturette", "facturette gratuite"])
def test_a_synonym_is_inflected_in_texts_of_its_own_language_only(firm, publish, find, query):
    """The stem of the French "note" is the English word "not"."""
    add(firm, "facturette", "note", language="fr")
    publish("FIN-001", "Payer", "Regarder: les notes de la semaine.", language="fr")
    publish("FIN-002", "Pay", "Look: do not pay twice.")
    publish("FIN-003", "Pay late", "Look: at the note.")
    publish("FIN-004", "Régler", "Regarder: les notes du mois.", language="fr-CA")
    assert sorted(find(query, language="fr")) == ["FIN-001", "FIN-003", "FIN-004"]


def test_a_synonym_whose_stem_is_the_word_itself_is_found_in_every_language(firm, publish, find):
    add(firm, "tram", "erp")
    publish("FIN-001", "Ouvrir", "Ouvrir: le erp.", language="fr")
    publish("FIN-002", "Open", "Open: the erp.")
    assert sorted(find("tram")) == ["FIN-001", "FIN-002"]


def test_of_a_related_phrase_the_short_words_are_not_marked(firm, publish):
    add(firm, "facturette", "note d'honoraires", language="fr")
    publish("FIN-001", "Payer", "Regarder: la note d'honoraires.", language="fr")
    marked = ask("facturette", user=firm.staff, language="fr").terms
    assert "honorair" in marked
    assert not marked & {"d", "not", "note"}


def test_who_comes_from_the_searches_goes_back_to_them(administrator):
    group = {"language": "en", "phrases": "tram\nstreetcar"}
    response = administrator.post(f"{PAGE}new/?phrase=tram&from=report", group)
    assert response["Location"] == "/search/report/"
    response = administrator.post(f"{PAGE}new/", {"language": "en", "phrases": "lift\nelevator"})
    assert response["Location"] == PAGE
