"""The body of a Word document → a tree of HTML elements, paragraph by paragraph.

Tracked changes are accepted. Each element carries the number of its paragraph as `line`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml.etree import Element as make
from lxml.etree import SubElement as add
from lxml.etree import _Element as Element

from procedures.importing.document import Note
from procedures.importing.docx.inline import Inline, raw_text, tag_of
from procedures.importing.docx.package import W
from procedures.importing.docx.styles import Numberings, Place, Styles, integer, left_of, value_of

_TRANSPARENT = frozenset({"ins", "moveTo", "customXml", "smartTag", "sdtContent"})
_GONE = frozenset({"del", "moveFrom"})
_SLACK = 60
"""Twips by which indentations may differ and still be meant alike."""
MAX_NESTING = 40


@dataclass(slots=True)
class _Open:
    """A list that is being written: the element, where it came from, where its text begins."""

    element: Element
    place: Place
    left: int


@dataclass(slots=True)
class _Flow:
    """One stream of paragraphs (body, cell, text box) with its open lists, outermost first."""

    target: Element
    lists: list[_Open] = field(default_factory=list)
    code: Element | None = None


@dataclass(slots=True)
class Walker:
    """Walks once through a document. `dropped_text` is what was left out on purpose, for the count of words."""

    styles: Styles
    numberings: Numberings
    inline: Inline
    line: int = 0
    notes: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    dropped_text: list[str] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    _titles: int = 0
    _has_title: bool = False
    _carried: Element | None = None

    def walk(self, body: Element) -> Element:
        """The whole body as one <body> element."""
        self._has_title = any(
            self.styles.is_title(self.styles.style_of(paragraph)) and raw_text(paragraph).strip()
            for paragraph in body.iterchildren(f"{W}p")
        )
        root = make("body")
        self._children(body, _Flow(root), 0)
        return root

    def _children(self, parent: Element, flow: _Flow, depth: int) -> None:
        if depth > MAX_NESTING:
            return
        for child in parent:
            tag = tag_of(child)
            if tag == "p":
                self._paragraph(child, flow, depth)
            elif tag == "tbl":
                self._table(child, flow, depth)
            elif tag == "sdt":
                self._control(child, flow, depth)
            elif tag in _TRANSPARENT:
                self._children(child, flow, depth + 1)
            elif tag in _GONE:
                self.changes["deleted"] += 1
            elif tag == "AlternateContent":
                self._children(self.inline.chosen(child), flow, depth + 1)
            elif tag == "altChunk":
                what, why = _("inserted file"), _("Another file is inserted here; its text is not imported.")
                self.dropped.append(Note(self.line, what, why))

    def _control(self, control: Element, flow: _Flow, depth: int) -> None:
        """A content control: its content counts, except for a table of contents."""
        gallery = value_of(control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"))
        content = control.find(f"{W}sdtContent")
        if content is None:
            return
        if gallery == "Table of Contents":
            self._drop_contents([paragraph for paragraph in content.iter(f"{W}p")])
        else:
            self._children(content, flow, depth + 1)

    def _drop_contents(self, paragraphs: list[Element]) -> None:
        texts = [raw_text(paragraph) for paragraph in paragraphs]
        if not any(note.what == _("table of contents") for note in self.dropped):
            why = _("Made anew from the headings.")
            self.dropped.append(Note(self.line + 1, _("table of contents"), why, loss=False))
        self.line += len(paragraphs)
        self.dropped_text += texts

    # Paragraphs ----------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Element, flow: _Flow, depth: int) -> None:
        style = self.styles.style_of(paragraph)
        if self.styles.is_contents(style) or self.inline.in_contents:
            self.inline.skim(paragraph)
            self._drop_contents([paragraph])
            return
        self.line += 1
        self.inline.line = self.line
        content = make("p", line=str(self.line))
        if self._carried is not None:
            content, self._carried = self._carried, None
        after = self.inline.write(paragraph, content)
        if paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            # The mark at its end was deleted: it and the next paragraph are one.
            self._carried = content
            return
        if _is_empty(content):
            flow.code = None
        elif self.styles.is_code(style):
            self._code(content, flow)
        else:
            flow.code = None
            self._place(paragraph, content, style, flow)
        for box in after.boxes:
            self._children(box, _Flow(flow.target), depth + 1)
        for number, note in after.notes:
            self._note(number, note, flow, depth)

    def _code(self, content: Element, flow: _Flow) -> None:
        for line_break in list(content.iter("br")):
            line_break.text = "\n"
        text = "".join(map(str, content.itertext()))
        if flow.code is None:
            target = flow.lists[-1].element[-1] if flow.lists and len(flow.lists[-1].element) else flow.target
            flow.code = add(target, "pre", line=str(self.line))
            flow.code.text = text
        else:
            flow.code.text = f"{flow.code.text}\n{text}"

    def _place(self, paragraph: Element, content: Element, style: str, flow: _Flow) -> None:
        """Put a paragraph where it belongs: heading, entry of a list, text below an entry, or text."""
        level = self._level(paragraph, style)
        place = self.numberings.place(paragraph)
        if level:
            flow.lists.clear()
            content.tag = f"h{level}"
            label = self.numberings.counted(place).label.strip() if place else ""
            if label:
                content.text = f"{label}{'.' if label[-1].isdigit() else ''} {content.text or ''}"
            flow.target.append(content)
            return
        if place and not place.level.silent:
            self._entry(self.numberings.counted(place), paragraph, content, flow)
            return
        target = self._below_entry(paragraph, style, place, flow)
        if target is None:
            flow.lists.clear()
            flow.target.append(content)
        else:
            target.append(content)

    def _level(self, paragraph: Element, style: str) -> int:
        """The level of a heading, 0 for text. The first title is level 1 and moves all headings down by one."""
        if not raw_text(paragraph).strip():
            return 0
        if self.styles.is_title(style):
            self._titles += 1
            return min(self._titles, 2)
        level = self.styles.heading_level(paragraph)
        return min(level + self._has_title, 6) if level else 0

    def _entry(self, place: Place, paragraph: Element, content: Element, flow: _Flow) -> None:
        left = left_of(self.styles.property(paragraph, "ind") if _own_indent(paragraph) else None, place.level.left)
        left = left or place.level.left
        while flow.lists and not self._holds(flow.lists[-1], place, left):
            flow.lists.pop()
        current = flow.lists[-1] if flow.lists else None
        if current is None or not self._is_same(current, place, left):
            host = flow.target if current is None else current.element[-1]
            tag = "ol" if place.level.ordered else "ul"
            current = _Open(add(host, tag, line=str(self.line)), place, left)
            if place.number:
                current.element.set("start", str(place.number))
            flow.lists.append(current)
        entry = add(current.element, "li", line=str(self.line))
        if place.number:
            entry.set("value", str(place.number))
        entry.append(content)

    @staticmethod
    def _is_same(current: _Open, place: Place, left: int) -> bool:
        if current.place.numbering == place.numbering:
            return current.place.depth == place.depth
        return (
            current.place.level.ordered == place.level.ordered
            and not place.level.ordered
            and abs(current.left - left) <= _SLACK
        )

    @staticmethod
    def _holds(current: _Open, place: Place, left: int) -> bool:
        """Whether the entry goes into this list or below its last entry."""
        if current.place.numbering == place.numbering:
            return place.depth >= current.place.depth
        if left > current.left + _SLACK:
            return True
        return Walker._is_same(current, place, left)

    def _below_entry(self, paragraph: Element, style: str, place: Place | None, flow: _Flow) -> Element | None:
        """The entry that a paragraph without number goes on with, by its indentation; None for ordinary text."""
        if not flow.lists:
            return None
        if place and place.level.silent:
            depth = min(place.depth, len(flow.lists) - 1)
            del flow.lists[depth + 1 :]
            return flow.lists[depth].element[-1]
        left = left_of(self.styles.property(paragraph, "ind"))
        if not left and self.styles.continues_list(style):
            left = flow.lists[0].left
        if left <= 0:
            return None
        fitting = [at for at, opened in enumerate(flow.lists) if opened.left <= left + _SLACK]
        if not fitting:
            return None
        del flow.lists[fitting[-1] + 1 :]
        return flow.lists[-1].element[-1]

    def _note(self, number: str, note: Element, flow: _Flow, depth: int) -> None:
        """A footnote, right below the paragraph that calls it."""
        target = flow.lists[-1].element[-1] if flow.lists else flow.target
        holder = add(target, "div")
        self._children(note, _Flow(holder), depth + 1)
        first = next(holder.iter("p"), None)
        if first is not None:
            first.text = f"{number} {(first.text or '').lstrip()}"

    # Tables --------------------------------------------------------------------------------------------------

    def _table(self, table: Element, flow: _Flow, depth: int) -> None:
        indent = table.find(f"{W}tblPr/{W}tblInd")
        left = integer(indent.get(f"{W}w"), 0) if indent is not None else 0
        target = flow.target
        fitting = [opened for opened in flow.lists if 0 < opened.left <= left + _SLACK]
        if fitting:
            target = fitting[-1].element[-1]
        out = add(target, "table", line=str(self.line + 1))
        if not fitting:
            flow.lists.clear()
        flow.code = None
        above: dict[int, Element] = {}
        for row in _rows(table, self.changes):
            line = add(out, "tr")
            column = integer(value_of(row.find(f"{W}trPr/{W}gridBefore")), 0)
            for _before in range(min(column, 60)):
                add(line, "td")
            for cell in _cells(row):
                wide = max(integer(value_of(cell.find(f"{W}tcPr/{W}gridSpan")), 1), 1)
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                if merge is not None and value_of(merge) != "restart" and column in above:
                    self._merged(cell, above[column], depth)
                else:
                    element = add(line, "td", line=str(self.line + 1))
                    if wide > 1:
                        element.set("colspan", str(wide))
                    self._children(cell, _Flow(element), depth + 1)
                    above.pop(column, None)
                    if merge is not None:
                        above[column] = element
                        element.set("rowspan", "1")
                column += wide
        if not len(out):
            target.remove(out)

    def _merged(self, cell: Element, into: Element, depth: int) -> None:
        """A cell that goes on with the one above: what it may still hold goes there."""
        into.set("rowspan", str(int(into.get("rowspan", "1")) + 1))
        self._children(cell, _Flow(into), depth + 1)


def _rows(table: Element, changes: Counter[str]) -> Iterator[Element]:
    for child in table:
        tag = tag_of(child)
        if tag == "tr" and child.find(f"{W}trPr/{W}del") is not None:
            changes["deleted"] += 1
        elif tag == "tr":
            yield child
        elif tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _rows(child, changes)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        tag = tag_of(child)
        if tag == "tc":
            yield child
        elif tag in ("sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _own_indent(paragraph: Element) -> bool:
    return paragraph.find(f"{W}pPr/{W}ind") is not None


def _is_empty(content: Element) -> bool:
    has_text = any(str(text).strip() for text in content.itertext())
    return not has_text and not any(True for _picture in content.iter("img", "hr"))
