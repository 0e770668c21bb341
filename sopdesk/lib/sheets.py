"""Tables that people bring along and take away: CSV in any common dialect, and XLSX.

Reading gives text only. A formula is read as the value that the spreadsheet program stored beside it and is never
worked out; macros and links to other files are not looked at. Writing marks every text that a spreadsheet would take
for a formula as text, since what one person typed is opened on the machine of another.

openpyxl, with the numpy that it takes along where there is one, is loaded by who reads or writes a workbook: it would
be a fifth of a web process that has nothing to do with any.
"""

import csv
import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from sopdesk.lib.badinput import BadInput

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 24 * 1024 * 1024
MAX_CELL_ELEMENTS = 500_000  # tags around cells and their texts; 2,000 rows of 12 columns have about 200,000
MAX_OTHER_ELEMENTS = 60_000  # tags of styles, names and the like, which cost ten times as much
MAX_ROWS = 2000
MAX_COLUMNS = 60
MAX_CELL = 10_000
MAX_TEXT = 1_000_000  # characters of the whole table
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_DELIMITERS = ",;\t|"
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CELLS = ("xl/worksheets/", "xl/sharedStrings.xml")
_WIDEST, _NARROWEST = 60, 10
_EMPTY_ROWS = 10  # rows of a workbook that are looked at for each one that may be filled

Value = str | int | float | datetime.date


class BadSheet(BadInput):
    """The file is not a table that sopdesk can read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: where it stands in the file (from 1), and its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_sheet(data: bytes, *, filename: str, max_rows: int = MAX_ROWS) -> list[Line]:
    """The rows of a CSV file, or of the first sheet of an XLSX file, that are not empty; the header is one of them.

    Raises BadSheet, with a sentence for the person who chose the file, for other kinds of files, damaged ones, and
    more than `max_rows` rows, MAX_COLUMNS columns, MAX_CELL characters in a cell, MAX_TEXT
    characters or MAX_BYTES in all.
    """
    if len(data) > MAX_BYTES:
        raise BadSheet(_("This file is larger than %(size)d MB. Split it first.") % {"size": MAX_BYTES // 1024 // 1024})
    if not data.strip():
        raise BadSheet(_("This file is empty."))
    if not filename.lower().endswith(ENDINGS):
        raise BadSheet(_("Only tables can be read here: CSV (.csv) or Excel (.xlsx)."))
    rows = _xlsx_rows(data, max_rows) if filename.lower().endswith(".xlsx") else _csv_rows(data)
    lines: list[Line] = []
    room = MAX_TEXT
    for number, cells in rows:
        texts = [_UNPRINTABLE.sub("", cell).replace("\r\n", "\n").strip() for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if len(lines) > max_rows:  # the header is not counted
            raise _too_many(max_rows)
        _check_size(number, texts)
        room -= sum(map(len, texts))
        if room < 0:
            raise BadSheet(_("This table holds too much text. Split it first."))
        lines.append(Line(number, tuple(_told_as_text(text) for text in texts)))
    if not lines:
        raise BadSheet(_("This file is empty."))
    return lines


def _too_many(max_rows: int) -> BadSheet:
    return BadSheet(_("This table has more than %(number)d rows. Split it first.") % {"number": max_rows})


def _check_size(number: int, texts: Sequence[str]) -> None:
    if len(texts) > MAX_COLUMNS:
        raise BadSheet(
            _("Line %(line)d has more than %(number)d columns.") % {"line": number, "number": MAX_COLUMNS}
        )  # fmt: skip
    if max(map(len, texts)) > MAX_CELL:
        raise BadSheet(
            _("Line %(line)d has a cell of more than %(number)d characters.") % {"line": number, "number": MAX_CELL}
        )


def _told_as_text(text: str) -> str:
    """`text` without the apostrophe with which `write_csv` marks what only looks like a formula."""
    return text[1:].strip() if text.startswith("'") and _FORMULA.match(text[1:]) else text


# CSV ---------------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data)
    told = re.match(r"sep=(.)\r?\n", text)  # the first line by which Excel is told the delimiter
    delimiter = told[1] if told else _delimiter(text)
    reader = csv.reader(io.StringIO(text[told.end() :] if told else text, newline=""), delimiter=delimiter)
    before = 1 if told else 0
    start = before + 1
    try:
        for row in reader:
            yield start, row
            start = before + reader.line_num + 1
    except csv.Error as error:
        raise BadSheet(_("Line %(line)d cannot be read. Is a quotation mark missing?") % {"line": start}) from error


def _decoded(data: bytes) -> str:
    """The text of a CSV file: UTF-16 where it says so, UTF-8, or else what Windows programs write in Western Europe."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise BadSheet(_("This file is damaged: it is not the UTF-16 text that it says it is.")) from error
    if b"\x00" in data:
        raise BadSheet(_("This file is not a text file. Save it as CSV (UTF-8) or as .xlsx."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The delimiter that splits the first line into most cells; a comma when none does."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def cells(delimiter: str) -> int:
        return len(next(csv.reader([first], delimiter=delimiter), []))

    return max(_DELIMITERS, key=cells)


def write_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """`rows` as CSV that Excel opens as it is (UTF-8 with byte order mark). Text that looks like a formula gets an
    apostrophe in front, which `read_sheet` takes off again."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([[_neutral(value) for value in row] for row in rows])
    return file.getvalue().encode("utf-8-sig")


def _neutral(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    text = _UNPRINTABLE.sub("", value)
    # Blank text is no formula, and readers that trim it would find the apostrophe alone.
    return f"'{text}" if text.strip() and _FORMULA.match(text) else text


# XLSX --------------------------------------------------------------------------------------------------------


def _xlsx_rows(data: bytes, max_rows: int) -> Iterator[tuple[int, list[str]]]:
    _check_archive(data)
    from openpyxl import load_workbook  # noqa: PLC0415  see above

    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        # Rows and columns up to the last cell are filled with empty ones: without limits, one cell far away would do.
        deepest = max_rows * _EMPTY_ROWS
        rows = sheet.iter_rows(max_row=deepest + 1, max_col=MAX_COLUMNS + 1, values_only=True)
        for number, row in enumerate(rows, start=1):
            if number > deepest:
                raise _too_many(max_rows)
            yield number, [_text(value) for value in row]
    except BadSheet:
        raise
    except Exception as error:  # a damaged workbook can fail in any way, in several libraries
        raise BadSheet(_("This Excel file cannot be read. Save it again as .xlsx, or as CSV.")) from error


def _check_archive(data: bytes) -> None:
    """Refuse archives that would unpack to more than a table needs, in bytes or in elements.

    Each element of a workbook's XML becomes an object of some hundred bytes: a file of 30 kB could fill the memory.
    Counting them costs a tenth of a second at most; zipfile never unpacks more than is declared.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise _too_large()
            of_cells, of_others = 0, 0
            for entry in entries:
                elements = archive.read(entry).count(b"<")
                if entry.filename.startswith(_CELLS):
                    of_cells += elements
                else:
                    of_others += elements
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, BadSheet):
            raise
        raise BadSheet(_("This Excel file cannot be read. Save it again as .xlsx, or as CSV.")) from error
    if of_cells > MAX_CELL_ELEMENTS or of_others > MAX_OTHER_ELEMENTS:
        raise _too_large()


def _too_large() -> BadSheet:
    return BadSheet(_("This Excel file is too large once unpacked. Remove what is not part of the table."))


def _text(value: object) -> str:
    """The value of a cell as a person reads it: whole numbers without a point, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def write_xlsx(rows: Iterable[Sequence[Value]], *, title: str) -> bytes:
    """`rows`, the first of them the header, as a workbook of one sheet. Text stays text, whatever it begins with."""
    from openpyxl import Workbook  # noqa: PLC0415  see above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    table = [list(row) for row in rows]
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "1")
    sheet.freeze_panes = "A2"
    for column, cells in enumerate(zip(*table, strict=True), start=1):
        widest = max(len(str(cell)) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(widest + 2, _NARROWEST), _WIDEST)
    for number, row in enumerate(table):
        sheet.append([_cell(sheet, value, is_header=number == 0) for value in row])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _cell(sheet: object, value: Value, *, is_header: bool) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  see above
    from openpyxl.styles import Font  # noqa: PLC0415

    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, datetime.date):
            cell.number_format = "yyyy-mm-dd"
        return cell
    text = _UNPRINTABLE.sub("", value)[:MAX_CELL]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would make a formula of a text that begins with "="
    cell.quotePrefix = bool(_FORMULA.match(text))
    if is_header:
        cell.font = Font(bold=True)
    return cell
