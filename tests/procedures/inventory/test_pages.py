"""The pages of the inventory."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from procedures.models import InventoryTask, Origin
from tests.procedures.inventory.conftest import make_task

pytestmark = pytest.mark.django_db


def client_for(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def author(firm) -> Client:
    return client_for(firm.author)


def upload(text: str | bytes, name: str = "tasks.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def test_the_list_shows_status_priority_and_what_covers_each_task(inventory, author):
    html = author.get("/inventory/").content.decode()
    for word in ("Not written", "Being written", "Published", "Review overdue", "Not needed", "Task inventory"):
        assert word in html
    assert "5 × 4 × 1.5 × 1" in html
    assert inventory.tasks["published"].procedure.code in html
    assert f"/procedures/new/?task={inventory.tasks['not written'].pk}" in html
    assert "<b>3 of 6</b>" in html


def test_the_list_does_not_name_a_procedure_that_the_person_may_not_read(inventory):
    secret = inventory.tasks["secret"]
    client = client_for(inventory.other_author)
    for address in ("/inventory/", f"/inventory/{secret.pk}/", "/inventory/export.csv", "/inventory/?q=hidden"):
        html = client.get(address).content.decode()
        assert secret.procedure.code not in html
        assert "A hidden title" not in html
    assert "Covered by a procedure that you may not read." in client.get(f"/inventory/{secret.pk}/").content.decode()


@pytest.mark.parametrize("pages", [1, 2])
def test_the_list_costs_the_same_however_long_it_is(firm, author, django_assert_num_queries, pages):
    for number in range(60 * pages - 40):
        make_task(firm, f"Task {number}", owner_role=firm.clerk_role)
    author.get("/inventory/")
    with django_assert_num_queries(10):
        author.get("/inventory/")


def test_the_list_has_pages_and_filters_that_stay(firm, author):
    for number in range(55):
        make_task(firm, f"Task {number:02d}", frequency="weekly")
    make_task(firm, "Ship", department=firm.operations, frequency="daily")
    html = author.get("/inventory/?department=FIN&order=title").content.decode()
    assert "55 tasks" in html
    assert "page=2" in html and "department=FIN" in html
    second = author.get("/inventory/?department=FIN&order=title&page=2").content.decode()
    assert "Task 54" in second and "Task 00" not in second and "Ship" not in second
    assert "No task fits" in author.get("/inventory/?q=zebra").content.decode()
    assert author.get("/inventory/?department=<x>&status=x&role=x&page=x&frequency=x&order=x").status_code == 200


def test_an_empty_inventory_says_what_will_stand_here(author, firm):
    html = author.get("/inventory/").content.decode()
    assert "No task is listed yet" in html
    assert "Add a task" in html
    assert "Add a task" not in client_for(firm.auditor).get("/inventory/").content.decode()


def test_the_tabs_of_the_library_lead_here_for_those_whom_it_concerns(firm, author):
    assert 'href="/inventory/"' in author.get("/library/").content.decode()
    assert 'href="/inventory/"' not in client_for(firm.staff).get("/library/").content.decode()


def test_adding_a_task(firm, author):
    values = {
        "title": "Close the books", "department": firm.finance.pk, "frequency": "monthly", "impact": "5",
        "feasibility": "4", "owner_role": firm.clerk_role.pk, "pain_points": "Late.", "description": "All of it.",
    }  # fmt: skip
    response = author.post("/inventory/new/", values)
    task = InventoryTask.objects.get()
    assert response.headers["Location"] == f"/inventory/{task.pk}/"
    assert (task.title, task.impact, task.feasibility, task.origin) == ("Close the books", 5, 4, Origin.MANUAL)
    again = author.post("/inventory/new/", {**values, "description": "Written twice"})
    html = again.content.decode()
    assert again.status_code == 422
    assert "This department has a task with this name already." in html
    assert "Written twice" in html, "what was typed is kept"
    assert 'aria-invalid="true"' in html


def test_a_search_that_found_nothing_leads_to_a_task(firm, author):
    nothing = author.get("/library/", {"q": "petty cash zebra"}).content.decode()
    assert "/inventory/new/?words=petty%20cash%20zebra" in nothing
    assert "/inventory/new/" not in client_for(firm.staff).get("/library/", {"q": "petty cash zebra"}).content.decode()
    form = author.get("/inventory/new/", {"words": "petty cash zebra"}).content.decode()
    assert 'value="Petty cash zebra"' in form
    values = {"title": "Petty cash", "department": firm.finance.pk, "frequency": "daily", "impact": 3, "feasibility": 3}
    author.post("/inventory/new/", {**values, "search_words": "petty cash zebra"})
    task = InventoryTask.objects.get()
    assert (task.origin, task.search_words) == (Origin.SEARCH, "petty cash zebra")
    assert "petty cash zebra" in author.get(f"/inventory/{task.pk}/").content.decode()


def test_changing_a_task_touches_only_what_was_changed(firm, author):
    task = make_task(firm, "Pay", impact=2)
    shown = {
        "title": "Pay", "department": firm.finance.pk, "frequency": "on_demand", "impact": "4", "feasibility": "3",
        "description": "", "pain_points": "", "owner_role": "",
        "base": author.get(f"/inventory/{task.pk}/").context["form"]["base"].value(),
    }  # fmt: skip
    InventoryTask.objects.filter(pk=task.pk).update(pain_points="Somebody else wrote this meanwhile.")
    assert author.post(f"/inventory/{task.pk}/", shown).status_code == 302
    task.refresh_from_db()
    assert (task.impact, task.pain_points) == (4, "Somebody else wrote this meanwhile.")
    refused = author.post(f"/inventory/{task.pk}/", {**shown, "title": ""})
    assert refused.status_code == 422


def test_ruling_out_and_taking_it_back(firm, author):
    task = make_task(firm, "Plants")
    refused = author.post(f"/inventory/{task.pk}/not-needed/", {"reason": ""})
    assert refused.status_code == 422
    assert "Say why, so that nobody has to ask again." in refused.content.decode()
    author.post(f"/inventory/{task.pk}/not-needed/", {"reason": "The landlord does it."})
    assert "The landlord does it." in author.get(f"/inventory/{task.pk}/").content.decode()
    author.post(f"/inventory/{task.pk}/needed/")
    task.refresh_from_db()
    assert task.not_needed_reason == ""


def test_linking_a_procedure_by_its_code(inventory, author):
    task, code = inventory.tasks["not written"], inventory.tasks["published"].procedure.code
    refused = author.post(f"/inventory/{task.pk}/link/", {"code": "FIN-999"})
    assert refused.status_code == 422
    assert "There is no procedure FIN-999 that you may read." in refused.content.decode()
    assert author.post(f"/inventory/{task.pk}/link/", {"code": code.lower()}).status_code == 302
    task.refresh_from_db()
    assert task.procedure.code == code
    author.post(f"/inventory/{task.pk}/unlink/")
    task.refresh_from_db()
    assert task.procedure is None
    history = author.get(f"/inventory/{task.pk}/").content.decode()
    assert "Procedure linked" in history and "Procedure unlinked" in history


def test_removing_a_task_asks_first(firm, author):
    task = make_task(firm, "Typo")
    assert "Remove “Typo”?" in author.get(f"/inventory/{task.pk}/delete/").content.decode()
    assert author.post(f"/inventory/{task.pk}/delete/").headers["Location"] == "/inventory/"
    assert not InventoryTask.objects.exists()


def test_an_auditor_reads_a_task_and_changes_nothing(inventory):
    client, task = client_for(inventory.firm.auditor), inventory.tasks["not written"]
    html = client.get(f"/inventory/{task.pk}/").content.decode()
    assert "Close the books" in html and "Save changes" not in html and "Write this" not in html
    assert client.post(f"/inventory/{task.pk}/", {"title": "x"}).status_code == 403


def test_exports_hold_the_rows_of_the_screen_in_their_order(inventory, author):
    firm = inventory.firm
    make_task(firm, "=HYPERLINK(1)", pain_points="@x")
    for query in ("", "?order=title", "?status=not_written", "?q=hyperlink"):
        html = author.get(f"/inventory/{query}").content.decode()
        as_csv = author.get(f"/inventory/export.csv{query}")
        rows = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline="")))
        book = openpyxl.load_workbook(io.BytesIO(author.get(f"/inventory/export.xlsx{query}").content))
        sheet = [[str(cell) if cell is not None else "" for cell in row] for row in book.active.values]
        titles = [row[1].removeprefix("'") for row in rows[1:]]
        assert titles == [row[1] for row in sheet[1:]]
        places = [html.index(f">{title}</a></th>") for title in titles]
        assert places == sorted(places)
        assert html.count('<th scope="row"><a href="/inventory/') == len(titles)
    assert as_csv["Content-Disposition"] == 'attachment; filename="task-inventory.csv"'
    assert rows[1][1] == "'=HYPERLINK(1)"


def test_the_sample_is_a_table_of_either_kind(author):
    for format in ("csv", "xlsx"):
        response = author.get(f"/inventory/sample.{format}")
        assert response.status_code == 200
        assert f"sample.{format}" in response["Content-Disposition"]
    assert author.get("/inventory/sample.pdf").status_code == 404


def preview(client: Client, data, name="tasks.csv"):
    return client.post("/inventory/import/", {"file": upload(data, name)})


def test_an_import_shows_what_would_change_and_saves_it_on_agreement(firm, author):
    make_task(firm, "Pay", impact=2)
    make_task(firm, "Count", impact=3)
    response = preview(author, "Task;Impact;Colour\nPay;5;red\nCount;3;blue\nShip;4;green\n")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Impact: from 2 to 5" in html and "Columns that are not read: Colour." in html
    assert InventoryTask.objects.count() == 2, "nothing is saved yet"
    form = response.context["form"]
    sent = {"filename": "tasks.csv", "rows": form["rows"].value()}
    assert author.post("/inventory/import/", sent).headers["Location"] == "/inventory/"
    assert dict(InventoryTask.objects.values_list("title", "impact")) == {"Pay": 5, "Count": 3, "Ship": 4}


def test_faults_are_listed_by_line_and_column_and_nothing_can_be_saved(firm, author):
    response = preview(author, "Task,Impact\nPay,9\n,1\n")
    html = response.content.decode()
    assert response.status_code == 422
    assert "2 cells to correct" in html and "Write a whole number from 1 to 5." in html
    assert "Save these tasks" not in html


def test_what_somebody_else_changed_in_between_is_checked_again(firm, author):
    rows = preview(author, f"Task,Role\nPay,{firm.clerk_role.name}\n").context["form"]["rows"].value()
    type(firm.clerk_role).objects.filter(pk=firm.clerk_role.pk).update(is_active=False)
    response = author.post("/inventory/import/", {"filename": "x.csv", "rows": rows})
    assert response.status_code == 422
    assert not InventoryTask.objects.exists()


@pytest.mark.parametrize(
    "rows", ["", "[]", "{}", "[1]", '[["x","y"]]', '[[1,"Task"]]' * 2, "null", "[" * 50_000, '[[1,"Task"],[2,["a"]]]']
)
def test_rows_that_did_not_come_from_the_preview_are_refused(author, rows):
    response = author.post("/inventory/import/", {"filename": "x.csv", "rows": rows})
    assert response.status_code == 400
    assert not InventoryTask.objects.exists()


@pytest.mark.parametrize(
    ("data", "name"), [(b"", "x.csv"), (b"%PDF-1.7", "x.pdf"), (b"PK\x03\x04", "x.xlsx"), (b"\x00" * 50, "x.csv")]
)
def test_files_that_are_no_tables_are_refused_beside_the_field(author, data, name):
    response = preview(author, data, name)
    assert response.status_code == 422
    assert 'id="id_file_error"' in response.content.decode()


def test_a_big_table_is_previewed_without_showing_all_of_it(firm, author):
    data = "Task,Pain points\n" + "".join(f"Task {number},{'x' * 400}\n" for number in range(2000))
    response = preview(author, data)
    assert response.status_code == 200
    assert "The first 50 are shown." in response.content.decode()
    assert len(response.content) < 2_000_000
    sent = {"filename": "x.csv", "rows": response.context["form"]["rows"].value()}
    author.post("/inventory/import/", sent)
    assert InventoryTask.objects.count() == 2000
    too_many = preview(author, data + "one more,x\n")
    assert "more than 2000 rows" in too_many.content.decode()
