"""Tables in and out: dialects, limits, and text that pretends to be a formula."""

import csv
import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopdesk.lib.sheets import MAX_BYTES, MAX_CELL, MAX_COLUMNS, BadSheet, read_sheet, write_csv, write_xlsx

HEADER_AND_ROW = [("Department", "Task"), ("Finance", "Clôture é")]
FORMULAS = ["=1+1", "+33 1", "-5 %", "@SUM(A1)", "\tx", "＝1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]


def cells(data: bytes, filename: str = "tasks.csv") -> list[tuple[str, ...]]:
    return [line.cells for line in read_sheet(data, filename=filename)]


def workbook_of(rows: list[list], **fields) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiter_and_encoding_are_found_out(delimiter, encoding):
    text = "".join(delimiter.join(row) + "\r\n" for row in HEADER_AND_ROW)
    assert cells(text.encode(encoding)) == HEADER_AND_ROW


def test_excels_own_line_about_the_delimiter_is_no_row():
    lines = read_sheet(b"sep=;\r\nDepartment;Task\r\nFinance;a, b\r\n", filename="x.csv")
    assert [(line.number, line.cells) for line in lines] == [(2, ("Department", "Task")), (3, ("Finance", "a, b"))]


def test_lines_keep_their_number_in_the_file():
    data = b'Department,Task\n\n"Fin\nance",Close\n,,\nFinance,Pay\n'
    assert [line.number for line in read_sheet(data, filename="x.csv")] == [1, 3, 6]


def test_a_delimiter_within_quotes_does_not_count():
    assert cells(b'"a;b;c;d",x\n1,2\n') == [("a;b;c;d", "x"), ("1", "2")]


def test_a_workbook_is_read_with_numbers_and_dates_as_people_read_them():

    rows = [["Task", "Score", "Day"], ["Pay", 4.0, datetime.datetime(2026, 1, 31)], ["Count", 2.5, None]]
    assert cells(workbook_of(rows), "t.xlsx") == [
        ("Task", "Score", "Day"),
        ("Pay", "4", "2026-01-31"),
        ("Count", "2.5"),
    ]


def test_a_formula_of_a_workbook_is_never_worked_out():
    """Only what the spreadsheet program stored beside it counts, and here there is nothing."""
    assert cells(workbook_of([["Task", "About"], ["Pay", "=1+1"]]), "t.xlsx") == [("Task", "About"), ("Pay",)]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(text):
    table = [["Task"], [text]]
    written = next(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig").split("\n", 1)[1], newline="")))
    assert written == [f"'{text}"]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(table, title="Tasks"))).active
    assert (sheet["A2"].data_type, sheet["A2"].quotePrefix) == ("s", True)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows):
    rows = [["a", "b", "c"], *rows]
    in_csv = read_sheet(write_csv(rows), filename="x.csv")
    in_xlsx = read_sheet(write_xlsx(rows, title="x"), filename="x.xlsx")
    assert [line.cells for line in in_csv] == [line.cells for line in in_xlsx]


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"", "x.csv"),
        (b" \n ", "x.csv"),
        (b",,,\n,,\n", "x.csv"),
        (b"a,b\n", "x.xls"),
        (b"a,b\n", "x.xlsx"),
        (b"PK\x03\x04 cut off", "x.xlsx"),
        (b"a\x00b", "x.csv"),
        (b"\xff\xfea", "x.csv"),
        (b"a,b\n" + b'"never closed' + b"x" * 200_000, "x.csv"),
        (b"x" * (MAX_BYTES + 1), "x.csv"),
        (b"," * MAX_COLUMNS + b"x\n", "x.csv"),
        (b"a\n" + b"x" * (MAX_CELL + 1), "x.csv"),
        (b"a\n" + (b"x" * MAX_CELL + b"\n") * 101, "x.csv"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data, filename):
    with pytest.raises(BadSheet) as refused:
        read_sheet(data, filename=filename)
    assert str(refused.value).endswith((".", "?"))


def test_more_rows_than_allowed_are_refused():
    data = b"Task\n" + b"x\n" * 4
    assert len(read_sheet(data, filename="x.csv", max_rows=4)) == 5
    for table, name in ((data, "x.csv"), (workbook_of([["Task"], *[["x"]] * 4]), "x.xlsx")):
        with pytest.raises(BadSheet, match="more than 3 rows"):
            read_sheet(table, filename=name, max_rows=3)


def test_a_cell_far_away_is_not_padded_up_to():
    book = openpyxl.Workbook()
    book.active["A1"] = "Task"
    book.active["XFD1048576"] = "far away"
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(BadSheet, match="rows"):
        read_sheet(file.getvalue(), filename="x.xlsx", max_rows=100)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    assert len(file.getvalue()) < MAX_BYTES
    with pytest.raises(BadSheet, match="unpacked"):
        read_sheet(file.getvalue(), filename="x.xlsx")


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>" + b"<c/>" * 600_000),
        ("xl/sharedStrings.xml", b"<sst>" + b"<si/>" * 600_000 + b"</sst>"),
        ("xl/styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * 70_000 + b"</cellXfs></styleSheet>"),
    ],
)  # fmt: skip
def test_a_small_file_of_very_many_elements_is_refused_before_they_become_objects(part, xml):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_of([["Task"], ["Pay"]]))) as old, zipfile.ZipFile(file, "w", 8) as new:
        for entry in old.infolist():
            if entry.filename != part:
                new.writestr(entry, old.read(entry))
        new.writestr(part, xml)
    assert len(file.getvalue()) < 100_000
    with pytest.raises(BadSheet, match="unpacked"):
        read_sheet(file.getvalue(), filename="x.xlsx")


def test_entities_in_a_workbook_are_not_expanded():
    good = workbook_of([["Task"], ["Pay"]])
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            text = old.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                text = text.replace(b"<worksheet", bomb.encode() + b"<worksheet", 1).replace(b"Pay", b"&b;")
            new.writestr(entry, text)
    try:
        found = cells(file.getvalue(), "x.xlsx")
    except BadSheet:
        return
    assert not any("aaaa" in cell for row in found for cell in row)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_refused_or_read_but_never_breaks(place, garbage):
    good = workbook_of([["Department", "Task"], ["Finance", "Pay"]])
    place %= len(good)
    damaged = good[:place] + garbage + good[place + len(garbage) :]
    try:
        read_sheet(damaged, filename="x.xlsx")
    except BadSheet as refused:
        assert str(refused)
