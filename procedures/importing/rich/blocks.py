"""A tree of HTML elements → the blocks that the recogniser reads, and what had to change its form on the way."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from django.utils.translation import gettext as _
from lxml.etree import _Element as Element

from procedures.importing.admonitions import admonition_kind, label
from procedures.importing.blocks import Block, Item, markdown_of
from procedures.importing.document import Note
from procedures.importing.rich.inline import (
    MAX_DEPTH,
    UNSEEN,
    Picture,
    Span,
    child_spans,
    look_of,
    markdown_of_spans,
    plain_of_spans,
    text_of,
)

MAX_LIST_DEPTH = 10
MAX_HEADING = 250
"""What is longer is text that was made large."""
MAX_COLUMNS = 60
MAX_ROW_SPAN = 500
MAX_CELLS = 60_000
LIST_TEXT = "-"
"""Stands as the text of a list, which is written from its entries."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_BLOCKS = (
    HEADINGS
    | _LISTS
    | {"p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "body", "html", "form", "fieldset"}
    | {"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "li", "dl", "dt", "dd", "pre", "blockquote"}
    | {"hr", "figure", "figcaption", "details", "summary", "address", "center", "legend", "hgroup"}
)
_ALONE = frozenset({"summary", "legend", "dt", "figcaption", "caption"})
_BOXES = frozenset({"admonition", "alert", "callout", "message", "notification"})
_BOX = re.compile(r"(?:confluence-information-macro|admonition|alert|callout|panel|is)-(?P<word>[a-z]+)")
_TICK = re.compile(r"^[☐☑☒✓✔❏❑□]\s*")
_NOT_TICKED = "☐❏❑□"


@dataclass(slots=True)
class TreeReader:
    """Reads one tree. `otherwise` counts what was kept in another form, `emptied` what held nothing at all."""

    picture: Picture
    language: str = "en"
    notes: list[Note] = field(default_factory=list)
    otherwise: Counter[str] = field(default_factory=Counter)
    emptied: Counter[str] = field(default_factory=Counter)
    _holders: set[Element] = field(default_factory=set)

    def read(self, root: Element) -> tuple[Block, ...]:
        """The blocks of everything below `root`."""
        self._holders = _holders_of_blocks(root)
        return tuple(self._flow(root, Span(""), 0, 0))

    def _flow(self, element: Element, look: Span, depth: int, nesting: int) -> list[Block]:
        """The blocks within `element`; text between blocks becomes paragraphs."""
        blocks: list[Block] = []
        pending: list[Span] = []
        line = line_of(element)

        def flush() -> None:
            nonlocal line
            blocks.extend(_paragraph(pending, line))
            pending.clear()

        if element.text:
            pending.append(look.of(element.text))
        for child in element:
            tag = child.tag
            if isinstance(tag, str) and tag not in UNSEEN:
                if tag in _BLOCKS:
                    flush()
                    blocks += self._block(child, tag, look, depth + 1, nesting)
                    line = line_of(child)
                elif child in self._holders and depth < MAX_DEPTH:
                    flush()
                    blocks += self._flow(child, look_of(child, look), depth + 1, nesting)
                    line = line_of(child)
                else:
                    if not pending:
                        line = line_of(child) or line
                    pending.extend(child_spans(child, look, self.picture, depth))
            if child.tail:
                pending.append(look.of(child.tail))
        flush()
        return blocks

    def _block(self, child: Element, tag: str, look: Span, depth: int, nesting: int) -> list[Block]:
        line = line_of(child)
        if depth > MAX_DEPTH:
            return _paragraph([Span(text_of(child))], line)
        if tag in HEADINGS:
            return self._heading(child, tag, line, depth, nesting)
        if tag in _LISTS:
            return self._list(child, tag, look, depth, nesting)
        if tag == "table":
            return self._table(child, look, depth, nesting)
        if tag == "pre":
            code = text_of(child).strip("\n")
            longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
            fence = "`" * max(3, longest + 1)
            return [Block("code", f"{fence}\n{code}\n{fence}", line)] if code.strip() else []
        if tag == "blockquote":
            return _quoted(self._flow(child, look, depth, nesting), line)
        if tag == "hr":
            return [Block("rule", "---", line)]
        inner = self._flow(child, look, depth, nesting)
        if tag in _ALONE and len(inner) == 1 and inner[0].kind == "paragraph":
            plain = inner[0].plain
            return [replace(inner[0], text=f"**{plain}**")] if "*" not in inner[0].text and plain else inner
        kind = _box_kind(child) if tag in ("div", "section", "aside") else ""
        return self._box(inner, kind, line) if kind and inner else inner

    def _box(self, inner: list[Block], kind: str, line: int) -> list[Block]:
        first = inner[0]
        named = first.kind == "paragraph" and admonition_kind(first.plain.rstrip(":")) == kind
        name = first.plain.rstrip(":") if named else label(kind, self.language)
        text = markdown_of(inner[1:] if named else inner)
        quoted = "\n".join(f"> {row}".rstrip() for row in f"**{name}:** {text}".split("\n"))
        return [Block("quote", quoted, line)] if text else inner

    def _heading(self, child: Element, tag: str, line: int, depth: int, nesting: int) -> list[Block]:
        if child in self._holders:
            inner = self._flow(child, Span(""), depth, nesting)
            if len(inner) != 1 or inner[0].kind != "paragraph":
                self.otherwise["headings"] += 1
                self.notes.append(Note(line, _("heading"), _("It holds a list or a table and is kept as text.")))
                return inner
        spans = [span for span in _own_spans(child, self.picture)]
        text, plain = markdown_of_spans(spans, line_break=" ", plain=True), plain_of_spans(spans)
        if not text:
            return []
        if not plain or len(plain) > MAX_HEADING:
            self.otherwise["headings"] += bool(plain)
            return _paragraph(spans, line)
        level = int(tag[1])
        return [Block("heading", f"{'#' * level} {text.lstrip(chr(92))}", line, plain=plain, level=level)]

    # Lists ---------------------------------------------------------------------------------------------------

    def _list(self, element: Element, tag: str, look: Span, depth: int, nesting: int) -> list[Block]:
        if nesting >= MAX_LIST_DEPTH:
            return self._flat_list(element)
        ordered = tag == "ol"
        number = _integer(element.get("start")) or 1
        items: list[Item] = []
        for child in element:
            if not isinstance(child.tag, str) or child.tag in UNSEEN:
                continue
            if child.tag in _LISTS and items:
                inner = self._list(child, child.tag, look, depth + 1, nesting + 1)
                items[-1] = replace(items[-1], blocks=(*items[-1].blocks, *inner))
                continue
            blocks = self._block_children(child, look, depth, nesting)
            if child.tag != "li" and not blocks:
                continue
            if child.tag != "li" and items:
                items[-1] = replace(items[-1], blocks=(*items[-1].blocks, *blocks))
                continue
            if child.tag == "li":
                number = _integer(child.get("value")) or number
            checked, blocks = _ticked(child, blocks)
            items.append(Item(tuple(blocks), line_of(child), number if ordered else 0, checked))
            number += 1
        if not items:
            return []
        return [Block("ordered" if ordered else "bullets", LIST_TEXT, line_of(element), items=tuple(items))]

    def _block_children(self, child: Element, look: Span, depth: int, nesting: int) -> list[Block]:
        if child.tag == "li" or child.tag in _BLOCKS or child in self._holders:
            return self._flow(child, look, depth + 1, nesting + 1)
        return _paragraph(list(child_spans(child, look, self.picture, depth)), line_of(child))

    def _flat_list(self, element: Element) -> list[Block]:
        entries = sum(1 for _item in element.iter("li"))
        self.otherwise["list items"] += entries
        self.otherwise["ordered items"] += sum(_is_ordered(item) for item in element.iter("li"))
        self.notes.append(Note(line_of(element), _("list"), _("It lies too deep and is kept as lines of text.")))
        return _paragraph([Span(text_of(element))], line_of(element))

    # Tables --------------------------------------------------------------------------------------------------

    def _table(self, table: Element, look: Span, depth: int, nesting: int) -> list[Block]:
        line = line_of(table)
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows_of(table)]
        rows = [row for row in rows if row]
        caption = [
            block for found in table.iterchildren("caption") for block in self._flow(found, look, depth, nesting)
        ]
        if any(True for _found in table.iter(*HEADINGS)) or max(map(len, rows), default=0) < 2:
            return caption + self._layout(table, rows, look, depth, nesting)
        grid = self._grid(rows)
        if not any(cell for row in grid for cell in row):
            self.emptied["tables"] += 1
            return caption
        body = _pipe_table(grid)
        return [*caption, Block("table", body, line, rows=tuple(map(tuple, grid)))]

    def _layout(
        self, table: Element, rows: Sequence[Sequence[Element]], look: Span, depth: int, nesting: int
    ) -> list[Block]:
        """The text of a table that only places it on the page: one cell, one column, or headings inside."""
        blocks = [block for row in rows for cell in row for block in self._flow(cell, look, depth + 2, nesting)]
        if blocks:
            self.otherwise["tables"] += 1
            why = _("It only places text on the page: the text is kept, without the frame.")
            self.notes.append(Note(line_of(table), _("table"), why))
        else:
            self.emptied["tables"] += 1
        return blocks

    def _grid(self, rows: Sequence[Sequence[Element]]) -> list[list[str]]:
        """The cells as Markdown on one line each; the text of a merged cell stands in its first place."""
        grid: list[list[str]] = []
        taken: dict[tuple[int, int], str] = {}
        cells = merged = 0
        for at, row in enumerate(rows):
            out: list[str] = []
            for cell in row:
                while (at, len(out)) in taken:
                    out.append(taken.pop((at, len(out))))
                wide = min(_integer(cell.get("colspan")) or 1, MAX_COLUMNS)
                high = min(_integer(cell.get("rowspan")) or 1, MAX_ROW_SPAN, len(rows) - at)
                merged += wide > 1 or high > 1
                for down in range(1, high):
                    for across in range(wide):
                        taken[(at + down, len(out) + across)] = ""
                out += [self._cell(cell), *[""] * (wide - 1)]
            while (at, len(out)) in taken:
                out.append(taken.pop((at, len(out))))
            grid.append(out[:MAX_COLUMNS] if not any(out[MAX_COLUMNS:]) else out)
            cells += len(out)
            if cells > MAX_CELLS:
                raise TooMuch(_("A table has more than %(limit)d cells.") % {"limit": MAX_CELLS})
        width = max(map(len, grid), default=0)
        if merged:
            what = _("%(count)d merged cells") % {"count": merged}
            why = _("The text of a merged cell stands in its first place.")
            self.notes.append(Note(line_of(rows[0][0]), what, why, loss=False))
        return [row + [""] * (width - len(row)) for row in grid]

    def _cell(self, cell: Element) -> str:
        lines = list(self._cell_lines(cell, 0))
        return " / ".join(filter(None, lines)).replace("|", "\\|").replace("\n", " ")

    def _cell_lines(self, element: Element, depth: int) -> Iterator[str]:
        """What stands in a cell, block by block; lists and inner tables as lines with their marks."""
        pending: list[Span] = [Span(element.text)] if element.text else []
        for child in element:
            tag = child.tag
            if isinstance(tag, str) and tag not in UNSEEN:
                if (tag in _BLOCKS or child in self._holders) and depth < MAX_DEPTH:
                    yield markdown_of_spans(pending, line_break=" / ")
                    pending = []
                    yield from self._cell_block(child, tag, depth)
                else:
                    pending.extend(child_spans(child, look_of(element, Span("")), self.picture))
            if child.tail:
                pending.append(Span(child.tail))
        yield markdown_of_spans(pending, line_break=" / ")

    def _cell_block(self, child: Element, tag: str, depth: int) -> Iterator[str]:
        if tag == "li":
            ordered = _is_ordered(child)
            self.otherwise["list items"] += 1
            self.otherwise["ordered items"] += ordered
            text = " / ".join(filter(None, self._cell_lines(child, depth + 1)))
            yield f"{_place(child)}. {text}" if ordered else f"• {text}"
            return
        if tag == "table":
            self.otherwise["tables"] += 1
            self.notes.append(Note(line_of(child), _("table"), _("It stands in a cell: its text is kept there.")))
        self.otherwise["headings"] += tag in HEADINGS
        self.otherwise["code blocks"] += tag == "pre"
        yield from self._cell_lines(child, depth + 1)


class TooMuch(ValueError):
    """The file holds more than anybody writes."""


def line_of(element: Element) -> int:
    """The place in the file: the reader's own count where it set one, else the line of the source."""
    return _integer(element.get("line")) or cast(int, element.sourceline or 0)


def rows_of(table: Element) -> Iterator[Element]:
    """The rows of a table, without those of tables inside it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def _holders_of_blocks(root: Element) -> set[Element]:
    """All elements with a block somewhere inside; a set of elements keeps them alive and so the same."""
    holders: set[Element] = set()
    for block in root.iter(*_BLOCKS):
        above = block.getparent()
        while above is not None and above not in holders:
            holders.add(above)
            above = above.getparent()
    return holders


def _own_spans(element: Element, picture: Picture) -> Iterator[Span]:
    if element.text:
        yield Span(element.text)
    for child in element:
        yield from child_spans(child, Span(""), picture)
        if child.tail:
            yield Span(child.tail)


def _paragraph(spans: Sequence[Span], line: int) -> list[Block]:
    text = markdown_of_spans(spans)
    return [Block("paragraph", text, line, plain=plain_of_spans(spans))] if text else []


def _quoted(blocks: Sequence[Block], line: int) -> list[Block]:
    text = "\n".join(f"> {row}".rstrip() for row in markdown_of(blocks).split("\n"))
    return [Block("quote", text, line)] if blocks else []


def _pipe_table(grid: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in grid]
    return "\n".join([lines[0], "|" + " --- |" * len(grid[0]), *lines[1:]])


def _box_kind(element: Element) -> str:
    classes = element.get("class", "").lower().split()
    words = [match["word"] for name in classes if (match := _BOX.fullmatch(name))]
    if _BOXES.intersection(classes):
        words += classes
    return next(filter(None, map(admonition_kind, words)), "")


def _ticked(item: Element, blocks: list[Block]) -> tuple[bool | None, list[Block]]:
    """Whether an entry has a box, and its blocks without a box that is a mere sign."""
    box = next((found for found in item.iter("input") if found.get("type", "").lower() == "checkbox"), None)
    if box is not None and next(box.iterancestors("li"), None) is item:
        return box.get("checked") is not None, blocks
    parent = item.getparent()
    if parent is not None and "task-list" in parent.get("class", ""):
        return "checked" in item.get("class", "").split(), blocks
    first = blocks[0] if blocks else None
    match = _TICK.match(first.text) if first and first.kind == "paragraph" else None
    if first and match and match.end() < len(first.text):
        bare = replace(first, text=first.text[match.end() :], plain=_TICK.sub("", first.plain))
        return match[0][0] not in _NOT_TICKED, [bare, *blocks[1:]]
    return None, blocks


def _is_ordered(item: Element) -> bool:
    parent = item.getparent()
    return parent is not None and parent.tag == "ol"


def _place(item: Element) -> int:
    parent = item.getparent()
    start = (_integer(parent.get("start")) or 1) if parent is not None else 1
    return _integer(item.get("value")) or start + sum(1 for _before in item.itersiblings("li", preceding=True))


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0
