"""The master list: a row for each text in force, sorted and filtered, and its export row by row the same."""

import csv
import datetime
import io
import re
from html.parser import HTMLParser

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from procedures.models import Revision
from tests.factories import Firm, make_revision
from tests.procedures.browsing.test_shelves import for_finance, in_french
from tests.procedures.test_library import many

LIST = "/library/list/"


class Cells(HTMLParser):
    """The rows of the table on the page: the text of each cell, a date as its machine-readable day."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True
        elif tag == "time":
            self.rows[-1][-1] = dict(attrs)["datetime"]
            self.open = False
        elif tag == "span" and ("class", "signer") in attrs and self.rows[-1][-1].strip():
            self.rows[-1][-1] += "; "

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.open = False

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def on_page(response) -> list[list[str]]:
    cells = Cells()
    cells.feed(re.search(r"<table.*?</table>", response.content.decode(), re.DOTALL)[0])
    return [["" if (said := " ".join(cell.split())) == "–" else said for cell in row] for row in cells.rows]


def in_csv(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def in_xlsx(response) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.fixture
def staff(firm: Firm) -> Client:
    client = Client()
    client.force_login(firm.staff)
    return client


@pytest.fixture
def library(firm: Firm) -> Revision:
    source = make_revision(firm, code="FIN-020", title="Zahlen prüfen", language="en")
    make_revision(firm, code="FIN-003", title="=HYPERLINK(1)", category=None)
    make_revision(firm, code="FIN-100", title="Abschluss", kind="policy")
    in_french(firm, source, "Établir la paie")
    return source


@pytest.mark.parametrize("query", ["", "?sort=title", "?sort=-next_review_on", "?kind=policy", "?sort=kind&q=payroll"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_export_is_the_page_row_by_row(firm, staff, library, query, language):
    firm.staff.language = language
    firm.staff.save(update_fields=["language"])
    rows = on_page(staff.get(LIST + query))
    table = in_csv(staff.get(reverse("master-list-export", args=["csv"]) + query))
    assert [[cell.removeprefix("'") for cell in row] for row in table] == rows
    assert len(rows) > 1


def test_cells_have_their_types_and_formulas_are_text(firm, staff, library):
    header, *rows = in_xlsx(staff.get(reverse("master-list-export", args=["xlsx"])))
    by_code = {row[0]: row for row in rows}
    assert by_code["FIN-003"][1] == "=HYPERLINK(1)"
    assert by_code["FIN-003"][6] == 1
    assert isinstance(by_code["FIN-003"][7], datetime.datetime)
    response = staff.get(reverse("master-list-export", args=["xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row}.isdisjoint({"f"})
    assert any(cell.startswith("'=") for row in in_csv(staff.get("/library/list.csv")) for cell in row)


def test_every_translation_has_its_row(staff, library):
    assert [row[0] for row in on_page(staff.get(LIST))[1:]] == ["FIN-003", "FIN-020", "FIN-020-FR", "FIN-100"]


def test_titles_are_sorted_by_alphabet_both_ways(staff, library):
    titles = [row[1] for row in on_page(staff.get(LIST, {"sort": "title"}))[1:]]
    assert titles == ["Abschluss", "Établir la paie", "=HYPERLINK(1)", "Zahlen prüfen"]
    assert [row[1] for row in on_page(staff.get(LIST, {"sort": "-title"}))[1:]] == titles[::-1]


def test_a_row_says_who_signed_and_how_it_stands(firm, staff, library):
    Revision.objects.filter(pk=library.pk).update(next_review_on=datetime.date(2020, 1, 1))
    rows = {row[0]: row for row in on_page(staff.get(LIST))}
    assert "Review overdue" in rows["FIN-020"][9]
    assert rows["FIN-020"][11].startswith("Approver, ")
    assert "In force" in rows["FIN-100"][9]


def test_only_what_one_may_read_is_listed_and_exported(firm, staff):
    for_finance(firm, title="Zanzibar secret")
    outsider = Client()
    outsider.force_login(firm.outsider)
    assert "Zanzibar" in staff.get("/library/list.csv").content.decode()
    for address in (LIST, "/library/list.csv", LIST + "?q=zanzibar"):
        page = outsider.get(address).content.decode()
        assert "Zanzibar" not in page
        assert "text in force" not in page or "0 texts" in page


@pytest.mark.parametrize("sort", ["--code", "approvals", "\x00", "pk", "-"])
def test_an_order_that_there_is_not_is_the_usual_one(staff, library, sort):
    assert staff.get(LIST, {"sort": sort}).context["sort"] == "code"


def test_queries_do_not_grow_with_the_rows(firm, staff, django_assert_max_num_queries):
    many(firm, 120)
    with django_assert_max_num_queries(9):
        page = staff.get(LIST)
    assert len(page.context["page_obj"].object_list) == 100


def test_drafts_have_no_place_in_it_nor_in_its_addresses(firm):
    make_revision(firm, state="draft", title="Order the xylophones")
    make_revision(firm)
    author = Client()
    author.force_login(firm.author)
    response = author.get(LIST, {"drafts": "1", "kind": "procedure"})
    assert "xylophones" not in response.content.decode()
    assert "drafts" not in response.context["export_query"]
    assert not any("drafts" in heading.address for heading in response.context["headings"])
    assert response.context["total"] == 1


def test_the_file_has_its_name_in_the_language_of_the_person(firm, staff, library):
    firm.staff.language = "fr"
    firm.staff.save(update_fields=["language"])
    response = staff.get(reverse("master-list-export", args=["csv"]))
    assert "liste-des-documents-" in response["Content-Disposition"]
