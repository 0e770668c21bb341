"""Who has confirmed what: one's own list, the list of a procedure, and the same as a table."""

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import drafts, publishing
from roles import actions as people
from tests.factories import make_next, make_revision, make_user
from training.models import Acknowledgement

pytestmark = pytest.mark.django_db


def queries_of(get) -> int:
    with CaptureQueriesContext(connection) as queries:
        get()
    return len(queries)


# One's own ---------------------------------------------------------------------------------------------------


def test_my_list_names_what_i_confirmed_and_nobody_elses(firm, confirm, page):
    confirm(make_revision(firm, title="Run the payroll"), firm.staff)
    confirm(make_revision(firm, title="Count the stock"), firm.owner)
    html = page(firm.staff, "learn")
    assert "Run the payroll" in html
    assert "Count the stock" not in html


def test_my_list_says_what_has_changed_since(firm, confirm, page):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    assert "Changed since" not in page(firm.staff, "learn")
    make_next(firm, revision.procedure, significance="minor")
    html = page(firm.staff, "learn")
    assert "Still counts for revision 2: minor changes only" in html
    assert "Changed since" not in html
    make_next(firm, revision.procedure, significance="major")
    html = page(firm.staff, "learn")
    assert "Changed since" in html
    assert reverse("compare-since-mine", args=[revision.procedure.code]) in html


def test_my_list_keeps_the_latest_of_a_procedure_only(firm, confirm, page):
    first = make_revision(firm)
    confirm(first, firm.staff)
    confirm(make_next(firm, first.procedure), firm.staff)
    html = page(firm.staff, "learn")
    assert "Revision 2 confirmed on" in html
    assert "revision 1 confirmed on" not in html


def test_my_list_does_not_tell_the_title_of_what_is_no_longer_for_me(firm, confirm, page):
    revision = make_revision(firm, title="Secret plans")
    confirm(revision, firm.outsider)
    drafts.change_procedure(
        revision.procedure, actor=firm.owner, fields={"audience": "departments"},
        audience_departments=[firm.finance], reason="Not for everybody.",
    )  # fmt: skip
    html = page(firm.outsider, "learn")
    assert "Secret plans" not in html
    assert revision.procedure.code in html
    assert "no longer for you to read" in html


def test_my_list_says_that_a_procedure_was_withdrawn(firm, confirm, page):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert "No longer in force" in page(firm.staff, "learn")


def test_an_empty_list_says_how_it_fills(firm, page):
    assert "At the end of a procedure you confirm" in page(firm.staff, "learn")


def test_the_settings_lead_to_my_list(firm, page):
    assert reverse("learn") in page(firm.staff, "settings")


def test_the_cost_of_my_list_does_not_grow(firm, confirm, client):
    confirm(make_revision(firm), firm.staff)
    client.force_login(firm.staff)
    client.get(reverse("learn"))
    few = queries_of(lambda: client.get(reverse("learn")))
    for _number in range(3):
        confirm(make_revision(firm), firm.staff)
    assert queries_of(lambda: client.get(reverse("learn"))) == few <= 6


# Those of a procedure ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["author", "owner", "auditor", "administrator"])
def test_who_looks_after_it_sees_counts_in_the_history_and_names_behind_them(firm, confirm, page, name):
    first = make_revision(firm)
    confirm(first, firm.staff)
    confirm(first, firm.outsider)
    second = make_next(firm, first.procedure)
    confirm(second, firm.staff)
    code = first.procedure.code
    html = page(firm.people[name], "history", code)
    assert "2 people" in html
    assert "1 person" in html
    html = page(firm.people[name], "acknowledgements", code)
    assert "Outsider" in html
    html = page(firm.people[name], "acknowledgements", code, query="?revision=2")
    assert "Outsider" not in html
    assert "Payroll clerk" in html


def test_readers_see_no_names_in_the_history(firm, confirm, page):
    revision = make_revision(firm)
    confirm(revision, firm.outsider)
    html = page(firm.staff, "history", revision.procedure.code)
    assert reverse("acknowledgements", args=[revision.procedure.code]) not in html
    assert "Read and understood" not in html


def test_names_stay_those_of_the_day(firm, confirm, page):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    people.change_person(firm.staff, actor=firm.administrator, fields={"full_name": "Renamed"})
    html = page(firm.author, "acknowledgements", revision.procedure.code)
    assert ">Staff<" in html
    assert "Renamed" not in html


@pytest.mark.parametrize("query", ["?revision=9", "?revision=x", "?revision=%00", "?page=99"])
def test_nonsense_in_the_address_shows_everything(firm, confirm, page, query):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    assert ">Staff<" in page(firm.author, "acknowledgements", revision.procedure.code, query=query)


def test_an_empty_list_of_a_procedure_says_so(firm, page):
    revision = make_revision(firm)
    assert "Nobody has confirmed this procedure yet." in page(firm.author, "acknowledgements", revision.procedure.code)


def test_the_cost_of_the_list_does_not_grow(firm, confirm, client):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    client.force_login(firm.author)
    address = reverse("acknowledgements", args=[revision.procedure.code])
    client.get(address)
    few = queries_of(lambda: client.get(address))
    for person in (firm.owner, firm.outsider, firm.approver):
        confirm(revision, person)
    assert queries_of(lambda: client.get(address)) == few <= 10


# As a table --------------------------------------------------------------------------------------------------


def exported(client, person, revision, format) -> bytes:
    client.force_login(person)
    response = client.get(reverse("acknowledgements-export", args=[revision.procedure.code, format]))
    assert response.status_code == 200
    name = f"{revision.procedure.code}-acknowledgements.{format}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    return response.content


def test_the_table_holds_what_the_page_shows(firm, confirm, client):
    revision = make_revision(firm)
    row = confirm(revision, firm.staff)
    confirm(revision, firm.owner)
    data = exported(client, firm.author, revision, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [found["name"] for found in rows] == ["Owner", "Staff"]
    assert rows[1] == {
        "procedure": revision.procedure.code, "revision": "1", "person": str(firm.staff.pk), "name": "Staff",
        "roles": "Payroll clerk", "read_and_understood_at": row.acknowledged_at.isoformat(),
        "content_hash": row.content_hash, "seal": row.seal, "seal_fits": "true", "trail_entry": str(row.trail_seq),
    }  # fmt: skip


def test_a_seal_that_does_not_fit_is_said(firm, confirm, client):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    Acknowledgement.objects.update(person_name="Forged")
    data = exported(client, firm.author, revision, "csv").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(data)))["seal_fits"] == "false"


def test_a_name_that_looks_like_a_formula_stays_a_name(firm, confirm, client):
    revision = make_revision(firm)
    person = make_user("formula", department=firm.finance)
    people.change_person(person, actor=firm.administrator, fields={"full_name": "=HYPERLINK(1)"})
    person.refresh_from_db()
    confirm(revision, person)
    assert "'=HYPERLINK(1)" in exported(client, firm.author, revision, "csv").decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, firm.author, revision, "xlsx"))).active
    cell = next(cell for cell in next(sheet.iter_rows(min_row=2)) if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"
