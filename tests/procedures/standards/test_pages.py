"""The pages of standards: the list, trying a name, looking a code up, files, blank forms, and the editor of parts."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from procedures.actions import approval, standards
from procedures.models import Audience, Revision, StandardPart
from procedures.states import State
from tests.factories import make_draft, make_revision
from tests.procedures.standards.making import make_standard, next_draft, part_named

pytestmark = pytest.mark.django_db


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


# The list ----------------------------------------------------------------------------------------------------


def test_the_list_shows_standards_in_force_with_their_parts(firm):
    make_standard(firm)
    make_standard(firm, code="FIN-S02", state=State.DRAFT)
    make_revision(firm, code="FIN-100")
    page = text_of(client_of(firm.staff).get("/standards/"))
    for address in ("invoice-files", "chart-of-accounts", "invoice", "archive"):
        assert f"/standards/FIN-S01/{address}/" in page
    assert "FIN-S02" not in page
    assert "FIN-100" not in page


def test_the_list_holds_only_what_one_may_read(firm):
    make_standard(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance])
    assert "FIN-S01" in text_of(client_of(firm.staff).get("/standards/"))
    page = text_of(client_of(firm.outsider).get("/standards/"))
    assert "FIN-S01" not in page
    assert "No standards yet" in page


def test_the_list_takes_the_same_queries_for_many_standards(firm, django_assert_max_num_queries):
    client = client_of(firm.staff)
    make_standard(firm)
    client.get("/standards/")
    for number in (2, 3, 4):
        make_standard(firm, code=f"FIN-S0{number}")
    with django_assert_max_num_queries(8):
        client.get("/standards/")


def test_the_library_finds_a_standard_by_a_code_and_a_word_of_its_parts(firm):
    make_standard(firm)
    make_revision(firm, code="FIN-100")
    client = client_of(firm.staff)
    for words in ("6020", "social security", "currency"):
        page = text_of(client.get("/library/", {"q": words}))
        assert "FIN-S01" in page, words
        assert "FIN-100 r" not in page, words


# Using a part ------------------------------------------------------------------------------------------------


def test_a_name_is_tried_with_and_without_script(firm):
    make_standard(firm)
    client = client_of(firm.staff)
    address = "/standards/FIN-S01/invoice-files/"
    page = text_of(client.get(address, {"name": "2026-01-31_INV_Acme.pdf"}))
    assert "does not follow the rule" in page
    assert "20260131_INV_Acme.pdf" in page
    part = text_of(client.get(address, {"name": "20260131_INV_Acme.pdf"}, headers={"HX-Request": "true"}))
    assert "This name is right." in part
    assert "<html" not in part
    assert "HX-Request" in client.get(address)["Vary"]


def test_the_reader_page_holds_the_parts_and_the_box(firm):
    revision = make_standard(firm)
    assert 'action="/procedures/FIN-S01/1/parts/invoice-files/"' in revision.rendered
    assert 'id="part-chart-of-accounts"' in revision.rendered
    for words in ("Gross pay", "Deprecated", "EUR, USD", "Restore", "20260131_INV_Acme.pdf"):
        assert words in revision.rendered


def test_codes_are_looked_up_by_code_word_and_state(firm):
    make_standard(firm)
    client = client_of(firm.staff)
    address = "/standards/FIN-S01/chart-of-accounts/"
    assert "6020" not in text_of(client.get(address, {"q": "gross"}))
    assert "Wages" in text_of(client.get(address, {"q": "60 PAY"}))
    only_old = text_of(client.get(address, {"status": "deprecated"}))
    assert "Bonuses" in only_old
    assert "use 6010" in only_old
    assert "Social security" not in only_old
    assert "No code matches" in text_of(client.get(address, {"q": "zebra"}))
    text_of(client.get(address, {"q": "x\x00" * 300, "status": "'", "page": "zzz"}))


def test_a_table_is_exported_with_formulas_as_text(firm):
    codes = {"codes": [{"code": "6010", "name": "=HYPERLINK(1)"}, {"code": "6020", "name": "Levies", "note": "+1"}]}
    make_standard(firm, parts=[("codes", "Chart", codes)])
    client = client_of(firm.staff)
    answer = client.get("/standards/FIN-S01/chart/codes.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="FIN-S01-r1-chart.csv"'
    table = text_of(answer)
    assert "'=HYPERLINK(1)" in table
    assert "'+1" in table
    book = openpyxl.load_workbook(io.BytesIO(client.get("/standards/FIN-S01/chart/codes.xlsx").content))
    rows = list(book.active.iter_rows(values_only=False))
    assert [cell.value for cell in rows[0]] == ["code", "name", "note", "status", "replacement", "since"]
    assert (rows[1][1].value, rows[1][1].data_type) == ("=HYPERLINK(1)", "s")
    assert client.get("/standards/FIN-S01/chart/codes.exe").status_code == 404


def test_a_blank_form_has_a_place_for_every_field(firm):
    make_standard(firm)
    page = text_of(client_of(firm.staff).get("/standards/FIN-S01/invoice/blank/"))
    for words in ("Invoice number", "EUR", "USD", "Remarks", "(optional)"):
        assert words in page


@pytest.mark.parametrize(
    "address",
    [
        "/standards/FIN-S01/nothing/",
        "/standards/FIN-S09/invoice-files/",
        "/standards/FIN-S01/invoice-files/codes.csv",
        "/standards/FIN-S01/chart-of-accounts/blank/",
        "/procedures/FIN-S01/1/parts/nothing/",
        "/procedures/FIN-S01/2/parts/invoice-files/",
    ],
)
def test_what_is_not_there_answers_404(firm, address):
    make_standard(firm)
    assert client_of(firm.staff).get(address).status_code == 404


def test_a_part_follows_the_rules_of_its_standard(firm):
    revision = make_standard(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance])
    draft = next_draft(firm, revision)
    standards.save_code(
        part_named(draft, "Chart of accounts"), actor=firm.author, fields={"code": "6040", "name": "Travel"}
    )
    part, table = "/standards/FIN-S01/chart-of-accounts/", "/standards/FIN-S01/chart-of-accounts/codes.csv"
    of_draft = "/procedures/FIN-S01/2/parts/chart-of-accounts/"
    outsider, staff, author = map(client_of, (firm.outsider, firm.staff, firm.author))
    assert [outsider.get(path).status_code for path in (part, table, of_draft)] == [404, 404, 404]
    assert "6040" not in text_of(staff.get(part))
    assert staff.get(of_draft).status_code == 404
    page = text_of(author.get(of_draft))
    assert "6040" in page
    assert "not the revision in force" in page


# The editor of parts -----------------------------------------------------------------------------------------


def naming_form(part: StandardPart, **changes) -> dict:
    return {
        "version": standards.version_of(part), "name": part.name, "note": "",
        "parts-0-type": "date", "parts-0-label": "", "parts-0-detail": "YYYYMM", "parts-0-min": "", "parts-0-max": "",
        "parts-1-type": "separator", "parts-1-label": "", "parts-1-detail": " ", "parts-1-min": "", "parts-1-max": "",
        "parts-2-type": "text", "parts-2-label": "Subject", "parts-2-detail": "A-Z", "parts-2-min": "2",
        "parts-2-max": "9", "parts-3-type": "text", "parts-3-label": "", "parts-3-detail": "", "parts-3-min": "",
        "parts-3-max": "", "examples-0-name": "202601 ABC", **changes,
    }  # fmt: skip


def test_a_part_is_added_and_written_with_plain_forms(firm):
    make_draft(firm, code="FIN-S05", kind="standard")
    client = client_of(firm.author)
    base = "/procedures/FIN-S05/draft/parts/"
    assert "No parts yet" in text_of(client.get(base))
    answer = client.post(base, {"kind": "naming", "name": "Minutes"})
    assert answer["Location"] == f"{base}minutes/"
    page = text_of(client.get(f"{base}minutes/"))
    assert 'name="parts-0-type"' in page
    part = StandardPart.objects.get(name="Minutes")
    assert client.post(f"{base}minutes/", naming_form(part)).status_code == 302
    part.refresh_from_db()
    assert part.data == {
        "key": "minutes",
        "parts": [
            {"type": "date", "detail": "YYYYMM"},
            {"type": "separator", "detail": " "},
            {"type": "text", "label": "Subject", "detail": "A-Z", "min": 2, "max": 9},
        ],
        "examples": ["202601 ABC"],
    }
    assert 'value="202601 ABC"' in text_of(client.get(f"{base}minutes/"))


def test_a_rule_that_does_not_work_comes_back_with_row_and_reason(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Invoice files")
    client = client_of(firm.author)
    address = "/procedures/FIN-S01/draft/parts/invoice-files/"
    page = text_of(client.post(address, naming_form(part, **{"parts-0-detail": "D.M.Y"})), status=422)
    assert "Row 1: “D.M.Y” is no format for a date" in page
    assert 'value="D.M.Y"' in page
    page = text_of(client.post(address, naming_form(part, **{"examples-0-name": "wrong"})), status=422)
    assert "“wrong” does not follow the rule" in page
    page = text_of(client.post(address, naming_form(part, **{"parts-2-min": "x"})), status=422)
    assert "Row 3, From" in page


def test_a_form_and_storage_rules_are_written(firm):
    draft = make_standard(firm, state=State.DRAFT)
    client = client_of(firm.author)
    form, storage = part_named(draft, "Invoice"), part_named(draft, "Archive")
    base = "/procedures/FIN-S01/draft/parts/"
    fields = {
        "version": standards.version_of(form), "name": "Receipt", "form_fields-0-name": "Currency",
        "form_fields-0-format": "list", "form_fields-0-needed": "no", "form_fields-0-values": "EUR, CHF",
        "form_fields-0-note": "",
    }  # fmt: skip
    assert client.post(f"{base}invoice/", fields).status_code == 302
    form.refresh_from_db()
    assert form.name == "Receipt"
    assert form.data["fields"] == [{"name": "Currency", "format": "list", "required": False, "values": "EUR, CHF"}]
    rules = {
        "version": standards.version_of(storage), "name": "Archive", "rules-0-what": "Receipts",
        "rules-0-where": "Safe", "rules-0-how_often": "", "rules-0-kept": "", "rules-0-who": str(firm.clerk_role.pk),
        "rules-0-tested": "",
    }  # fmt: skip
    assert client.post(f"{base}archive/", rules).status_code == 302
    storage.refresh_from_db()
    who = {"id": firm.clerk_role.pk, "name": "Payroll clerk"}
    assert storage.data["rules"] == [{"what": "Receipts", "where": "Safe", "who": who}]
    assert "Safe" in text_of(client.get(f"{base}archive/"))


def test_the_second_of_two_saves_sees_both_texts(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Invoice files")
    client = client_of(firm.author)
    address = "/procedures/FIN-S01/draft/parts/invoice-files/"
    mine = naming_form(part, name="My name")
    standards.save_part(
        part, actor=firm.author, version=standards.version_of(part), fields={"name": "Their name", "note": "Theirs."}
    )
    page = text_of(client.post(address, mine), status=409)
    assert 'value="My name"' in page
    assert "Their name" in page
    assert "Author saved this while you were writing" in page
    part.refresh_from_db()
    assert part.name == "Their name"
    assert client.post(address, {**mine, "version": standards.version_of(part)}).status_code == 302
    part.refresh_from_db()
    assert part.name == "My name"


def test_a_part_that_was_submitted_or_removed_gives_the_text_back(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Invoice files")
    standards.remove_part(part, actor=firm.author)
    address = "/procedures/FIN-S01/draft/parts/invoice-files/"
    page = text_of(client_of(firm.author).post(address, naming_form(part, note="Keep this.")), status=404)
    assert "Keep this." in page
    approval.submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    answer = client_of(firm.author).post(
        "/procedures/FIN-S01/draft/parts/archive/",
        {"version": "x", "name": "Archive", "rules-0-what": "Written too late", "rules-0-where": "Safe"},
    )
    assert "Written too late" in text_of(answer, status=409)


def test_only_a_standard_has_parts(firm):
    make_draft(firm, code="FIN-100")
    client = client_of(firm.author)
    assert client.get("/procedures/FIN-100/draft/parts/").status_code == 404
    assert "draft/parts" not in text_of(client.get("/procedures/FIN-100/draft/"))
    make_draft(firm, code="FIN-S05", kind="standard")
    assert "/procedures/FIN-S05/draft/parts/" in text_of(client.get("/procedures/FIN-S05/draft/"))


def test_parts_are_moved_and_removed_by_buttons(firm):
    draft = make_standard(firm, state=State.DRAFT)
    client = client_of(firm.author)
    base = "/procedures/FIN-S01/draft/parts/"
    assert client.post(f"{base}archive/move/", {"position": "1"}).status_code == 302
    assert draft.standardparts.order_by("position").first().name == "Archive"
    assert client.post(f"{base}archive/move/", {"position": "x"}).status_code == 400
    assert client.post(f"{base}archive/remove/").status_code == 302
    assert not draft.standardparts.filter(name="Archive").exists()


@pytest.mark.parametrize(
    "data", [[], {}, {"parts": [1], "examples": [2], "codes": "x", "fields": [[]], "rules": [{"who": 1}]}]
)
def test_whatever_was_imported_can_be_opened_and_mended(firm, data):
    draft = make_standard(firm, state=State.DRAFT)
    StandardPart.objects.filter(revision=draft).update(data=data)
    client = client_of(firm.author)
    for key in ("invoice-files", "chart-of-accounts", "invoice", "archive"):
        text_of(client.get(f"/procedures/FIN-S01/draft/parts/{key}/"))
        text_of(client.get(f"/procedures/FIN-S01/1/parts/{key}/"))
    text_of(client.get("/procedures/FIN-S01/draft/parts/"))
    text_of(client.get("/procedures/FIN-S01/draft/preview/"))
    assert client.post(f"{CODES_PAGE}codes/", {"code": "1", "name": "One", "status": "active"}).status_code == 302


# Codes -------------------------------------------------------------------------------------------------------

CODES_PAGE = "/procedures/FIN-S01/draft/parts/chart-of-accounts/"


def test_a_code_is_changed_on_its_page(firm):
    draft = next_draft(firm, make_standard(firm))
    client = client_of(firm.author)
    page = text_of(client.get(f"{CODES_PAGE}codes/", {"code": "6020"}))
    assert "This code was published" in page
    assert "Remove code" not in page
    shown = {"code": "6020", "name": "Social security"}
    form = {"was": "6020", "shown": json.dumps(shown), **shown, "status": "deprecated", "replacement": "6010"}
    assert client.post(f"{CODES_PAGE}codes/", {**form, "since": "2026-01-01"}).status_code == 302
    page = text_of(client.get(CODES_PAGE))
    assert "since 2026-01-01" in page
    page = text_of(client.post(f"{CODES_PAGE}codes/", {**form, "name": "Levies"}), status=409)
    assert "saved this while you were writing" in page
    answer = client.post(f"{CODES_PAGE}codes/remove/", {"code": "6010"})
    assert answer.status_code in (302, 400)
    assert any(row["code"] == "6010" for row in part_named(draft, "Chart of accounts").data["codes"])
    assert client.get(f"{CODES_PAGE}codes/", {"code": "9999"}).status_code == 404


def upload(text: str | bytes, name: str = "codes.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def test_a_file_is_previewed_and_then_taken_over(firm):
    draft = next_draft(firm, make_standard(firm))
    client = client_of(firm.author)
    file = upload("Code;Libellé;Remarque\n6010;Salaires;\n6040;Voyages;Train\n")
    page = client.post(f"{CODES_PAGE}codes/import/", {"file": file, "replaces": "yes"})
    html = text_of(page)
    assert "Voyages" in html
    plan = page.context["plan"]
    assert (plan.added, plan.changed, plan.deprecated, plan.removed) == (["6040"], ["6010"], ["6020"], [])
    part = part_named(draft, "Chart of accounts")
    assert [row["code"] for row in part.data["codes"]] == ["6010", "6020", "6030"], "a preview changes nothing"
    sent = {"version": page.context["take_over"]["version"].value(), "codes": json.dumps(plan.codes)}
    assert client.post(f"{CODES_PAGE}codes/import/", sent).status_code == 302
    part.refresh_from_db()
    codes = {row["code"]: row for row in part.data["codes"]}
    assert codes["6010"]["name"] == "Salaires"
    assert codes["6020"]["status"] == "deprecated"


def test_a_workbook_is_read_too(firm):
    make_standard(firm, state=State.DRAFT)
    book = openpyxl.Workbook()
    book.active.append(["code", "name"])
    book.active.append([6040, "Travel"])
    file = io.BytesIO()
    book.save(file)
    page = client_of(firm.author).post(
        f"{CODES_PAGE}codes/import/", {"file": upload(file.getvalue(), "codes.xlsx"), "replaces": "no"}
    )
    assert page.context["plan"].added == ["6040"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code,name\n6010,\n6010,Twice\n", ["Line 2: “6010” has no name.", "Line 3: “6010” is there already"]),
        ("code,name,status\n1,A,maybe\n", ["Line 2: “maybe” is no status"]),
        ("code,name,status,replacement\n1,A,deprecated,9\n", ["“9” is no other code"]),
        ("code,name\n", ["There are no codes in this file."]),
        ("", ["empty"]),
    ],
)
def test_a_file_that_does_not_fit_says_so_by_line(firm, text, words):
    make_standard(
        firm, state=State.DRAFT, parts=[("codes", "Chart of accounts", {"codes": [{"code": "5", "name": "X"}]})]
    )
    answer = client_of(firm.author).post(f"{CODES_PAGE}codes/import/", {"file": upload(text), "replaces": "no"})
    page = text_of(answer, status=422)
    for word in words:
        assert word in page


def test_five_thousand_codes_stay_usable(firm, django_assert_max_num_queries):
    codes = [{"code": f"{number:06d}", "name": f"Account number {number}"} for number in range(5000)]
    revision = make_standard(firm, parts=[("codes", "Chart of accounts", {"codes": codes})])
    assert len(json.dumps(revision.content)) < 600_000
    assert len(revision.rendered) < 250_000
    assert "4500 more codes are in the full table" in revision.rendered
    client = client_of(firm.staff)
    with django_assert_max_num_queries(14):
        page = text_of(client.get("/standards/FIN-S01/chart-of-accounts/", {"page": "50"}))
    assert "004999" in page
    assert len(page) < 120_000
    assert "004242" in text_of(client.get("/standards/FIN-S01/chart-of-accounts/", {"q": "4242"}))


def test_the_review_page_says_which_parts_changed(firm):
    draft = next_draft(firm, make_standard(firm))
    part = part_named(draft, "Chart of accounts")
    standards.save_code(part, actor=firm.author, fields={"code": "6040", "name": "Travel"})
    from procedures.actions import approval

    round = approval.submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    page = text_of(client_of(firm.approver).get(round.get_absolute_url()))
    assert "added: 6040" in page
