"""Tables of a Word document: rows that stay whole, a head on every page, columns as wide as what stands in them."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.shared import Emu, Pt
from docx.table import Table, _Cell

from procedures.exporting.wordparts import CELL_PT, TEXT_WIDTH, element, legal
from procedures.flowchart.metrics import BOLD, width

NARROWER = 0.88
"""Calibri against the table of widths, which is that of DejaVu Sans; it leaves room for a face that takes its place."""
PADDING_PT = 11.0  # left and right in a cell
LONGEST = 240.0
"""How wide a text in points makes its column at most."""


def new_table(document: Document, columns: int) -> Table:
    table = document.add_table(rows=0, cols=columns)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    return table


def add_table(document: Document, head: list[str], rows: list[list[str]], *, room: int = TEXT_WIDTH) -> None:
    """A table of plain text with a head that is repeated on every page."""
    table = new_table(document, len(head))
    fill_row(table, head, bold=[True] * len(head))
    repeat_row(table)
    for row in rows:
        fill_row(table, row)
    share_width(table, [head, *rows], room=room)
    end_table(document)


def fill_row(table: Table, texts: list[str], *, bold: Sequence[bool] = ()) -> None:
    for cell, text, is_bold in zip_longest(add_row(table), texts, bold[: len(texts)]):
        run = cell.paragraphs[0].add_run(legal(text))
        run.bold = is_bold or None


def add_row(table: Table) -> tuple[_Cell, ...]:
    """The cells of a new last row, which no page break divides unless it is as high as a page."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))
    for cell in row.cells:
        cell.paragraphs[0].style = "SOP Cell"
    return row.cells


def repeat_row(table: Table) -> None:
    """Have the last row of `table` stand on top of every page."""
    row = table.rows[-1]
    row._tr.get_or_add_trPr().append(element("w:tblHeader"))
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        properties: Any = cell._tc.get_or_add_tcPr()
        properties.append(element("w:shd", val="clear", color="auto", fill="F3F5F6"))


def share_width(table: Table, rows: list[list[str]], *, room: int = TEXT_WIDTH) -> None:
    """Divide the width among the columns: the longest word of each first, the rest by what they hold."""
    columns = list(zip_longest(*rows, fillvalue=""))
    words = [max((_width(word) * BOLD for text in column for word in text.split()), default=0.0) for column in columns]
    texts = [min(max((_width(text) for text in column), default=0.0), LONGEST) for column in columns]
    free = Emu(room).pt - len(columns) * PADDING_PT
    if sum(words) > free:
        words = [word * free / sum(words) for word in words]
    spare = free - sum(words)
    more = [max(text - word, 1.0) for text, word in zip(texts, words, strict=True)]
    widths = [Pt(PADDING_PT + word + spare * wish / sum(more)) for word, wish in zip(words, more, strict=True)]
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=False):
        column.width = wide
    for row in table._tbl.tr_lst:
        for cell, wide in zip(row.tc_lst, widths, strict=False):
            cell.width = wide


def end_table(document: Document) -> None:
    """A line of almost no height: Word makes one table of two without it."""
    document.add_paragraph(style="SOP Gap")


def _width(text: str) -> float:
    return width(text, CELL_PT) * NARROWER
