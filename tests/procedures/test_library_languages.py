"""A procedure and its translations are one row of the library, in the language of the person."""

import pytest
from django.test import Client

from procedures.models import Procedure
from procedures.permissions import library_revisions_for
from procedures.search.facets import Asker
from procedures.search.listing import select_all
from roles.models import User
from roles.queries import today
from tests.factories import Firm
from tests.procedures.search.conftest import publish  # noqa: F401
from tests.procedures.test_library import LIBRARY, listed, text


def reader(firm: Firm, language: str) -> Client:
    User.objects.filter(pk=firm.staff.pk).update(language=language)
    client = Client()
    client.force_login(User.objects.get(pk=firm.staff.pk))
    return client


def translate(original: str, *codes: str) -> None:
    source = Procedure.objects.get(code=original)
    Procedure.objects.filter(code__in=codes).update(translation_of=source)


@pytest.fixture
def payroll(firm, publish):  # noqa: F811
    """FIN-100 in English, its French and German translations, and FIN-200, which has none."""
    publish("FIN-100", "Run the payroll", "Lock: the time sheets")
    publish("FIN-110", "Faire la paie", "Fermer: les relevés du payroll", language="fr")
    publish("FIN-120", "Lohn abrechnen", "Sperren: die Stundenzettel", language="de", department=firm.operations)
    publish("FIN-200", "Count the stock", "Count: twice")
    translate("FIN-100", "FIN-110", "FIN-120")


def others(response) -> list[list[str]]:
    """The codes that each row also names, in order."""
    return [[other.code for other in row.others] for row in response.context["rows"]]


def counts(response, name: str) -> dict[str, int]:
    [group] = [group for group in response.context["groups"] if group.name == name]
    return {choice.value: choice.count for choice in group.shown}


@pytest.mark.parametrize(
    ("language", "code", "also"),
    [("en", "FIN-100", ["FIN-120", "FIN-110"]), ("fr", "FIN-110", ["FIN-120", "FIN-100"])],
)
def test_a_set_is_one_row_in_the_language_of_the_person(firm, payroll, language, code, also):
    response = reader(firm, language).get(LIBRARY)
    assert listed(response) == [code, "FIN-200"]
    assert others(response) == [also, []]
    assert response.context["listing"].total == 2
    assert 'hreflang="de"><span lang="de">Deutsch' in text(response)


def test_without_a_text_in_that_language_the_original_is_shown(firm, payroll):
    Procedure.objects.filter(code="FIN-110").update(translation_of=Procedure.objects.get(code="FIN-200"))
    assert listed(reader(firm, "fr").get(LIBRARY)) == ["FIN-100", "FIN-110"]


def test_the_language_filter_wins(firm, payroll):
    client = reader(firm, "en")
    assert listed(client.get(LIBRARY, {"language": "fr"})) == ["FIN-110"]
    both = client.get(LIBRARY, {"language": ["en", "fr"]})
    assert listed(both) == ["FIN-100", "FIN-110", "FIN-200"]
    assert both.context["listing"].total == 3
    assert others(both)[1] == ["FIN-100", "FIN-120"]


@pytest.mark.parametrize("query", [{}, {"q": "payroll stock"}])
def test_each_value_says_how_many_it_would_list(firm, payroll, query):
    client = reader(firm, "en")
    response = client.get(LIBRARY, query)
    for name in ("department", "language"):
        for value, count in counts(response, name).items():
            assert len(listed(client.get(LIBRARY, {**query, name: value}))) == count, (name, value)


def test_filters_choose_among_the_members(firm, payroll):
    response = reader(firm, "en").get(LIBRARY, {"department": "OPS"})
    assert listed(response) == ["FIN-120"]
    assert others(response) == [["FIN-100", "FIN-110"]]


def test_a_set_found_in_two_languages_is_one_hit_in_the_own(firm, payroll):
    response = reader(firm, "fr").get(LIBRARY, {"q": "payroll"})
    assert listed(response) == ["FIN-110", "FIN-200"], "all name the role Payroll clerk"
    assert response.context["listing"].total == 2
    assert "du <mark>payroll</mark>" in text(response)


def test_words_of_another_language_find_that_text_and_lead_to_the_own(firm, payroll):
    response = reader(firm, "fr").get(LIBRARY, {"q": "Stundenzettel"})
    assert listed(response) == ["FIN-120"]
    assert others(response) == [["FIN-110", "FIN-100"]]


def test_a_hidden_member_leaves_no_trace(firm, payroll, publish):  # noqa: F811
    Procedure.objects.filter(code="FIN-100").update(audience="departments")
    for query in ({}, {"q": "payroll"}):
        response = reader(firm, "en").get(LIBRARY, query)
        assert sorted(listed(response)) == ["FIN-110", "FIN-200"], "the oldest of the others"
        assert "FIN-100" not in text(response)
        assert "Run the payroll" not in text(response)


def test_pages_and_export_have_every_set_once(firm, publish):  # noqa: F811
    for at in range(1, 13):
        publish(f"FIN-{at:03d}", f"Run the payroll {at}", "Pay: them")
        publish(f"FIN-{at + 500}", f"Payroll numéro {at}", "Payer: payroll payroll", language="fr")
        translate(f"FIN-{at:03d}", f"FIN-{at + 500}")
    client = reader(firm, "en")
    pages = [client.get(LIBRARY, {"q": "payroll", "page": page}) for page in (1, 2)]
    assert [len(listed(page)) for page in pages] == [10, 2]
    wanted = {f"FIN-{at:03d}" for at in range(1, 13)}
    assert {code for page in pages for code in listed(page)} == wanted
    readable = library_revisions_for(User.objects.get(pk=firm.staff.pk))
    for query in ("", "payroll"):
        exported = select_all(readable, query=query, chosen={}, language="en", asker=Asker(firm.staff.pk, today()))
        assert exported.total == 12
        assert set(readable.filter(pk__in=list(exported.ids)).values_list("procedure__code", flat=True)) == wanted


@pytest.mark.parametrize(("query", "number"), [({}, 7), ({"q": "payroll"}, 13)])
def test_sets_cost_no_further_query(firm, payroll, django_assert_max_num_queries, query, number):
    client = reader(firm, "en")
    with django_assert_max_num_queries(number):
        client.get(LIBRARY, query)
