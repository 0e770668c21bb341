"""The HTML of authors' texts, as `sopdesk.lib.markup` makes it, in paragraphs of a Word document."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import escape
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Cm, Emu
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import html

from procedures.exporting.worddrawings import add_drawing
from procedures.exporting.wordparts import PIXEL, Numbering, add_link, legal, mark_link, number
from procedures.exporting.wordtables import add_row, end_table, new_table, repeat_row, share_width

MAX_WIDTH, MAX_HEIGHT = Cm(16), Cm(20)
MAX_COLUMNS = 60  # Word itself takes 63
MAX_DEPTH = 40
MEDIA_PREFIX = "/media-of-this-text/"
HEADINGS = {"h2": 1, "h3": 3, "h4": 3, "h5": 4, "h6": 5}
Holder = Document | _Cell


def media_address(key: str) -> str:
    """What stands in the HTML for the picture `key`, for `WordText` to find."""
    return MEDIA_PREFIX + key


@dataclass(frozen=True, slots=True)
class _Look:
    """How the text at one place looks."""

    bold: bool = False
    italic: bool = False
    code: bool = False
    raised: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: in which list, at which depth, in which style."""

    style: str = "Normal"
    list_id: int = 0
    level: int = -1
    depth: int = 0


class WordText:
    """Puts texts into one document."""

    def __init__(self, document: Document, pictures: Mapping[str, bytes], drawings: Mapping[str, str]) -> None:
        self.document = document
        self.pictures = pictures
        self.drawings = drawings
        self.numbering = Numbering(document)

    def add(self, source: str, *, style: str = "Normal", label: str = "") -> None:
        """Append the HTML `source`; `label` begins its first paragraph in bold letters."""
        place = _Place(style=style)
        if label and source.startswith("<p>"):
            source = f"<p><strong>{escape(label)}</strong> {source.removeprefix('<p>')}"
        elif label:
            labelled = self.document.add_paragraph(style=style)
            labelled.add_run(legal(label)).bold = True
            labelled.paragraph_format.keep_with_next = True
        if source.strip():
            self._blocks(html.fragment_fromstring(source, create_parent="div"), place)

    def plain(self, text: str, *, style: str = "Normal") -> Paragraph:
        return self.document.add_paragraph(legal(text), style=style)

    # Blocks

    def _blocks(self, parent: Any, place: _Place) -> None:
        """Blocks one by one; text and inline elements between them make paragraphs of their own."""
        open_paragraph: Paragraph | None = None
        if (parent.text or "").strip():
            open_paragraph = self._paragraph(place)
            self._run(open_paragraph, parent.text, _Look())
        for child in parent:
            if child.tag in _BLOCKS:
                open_paragraph = None
                self._block(child, place)
            elif isinstance(child.tag, str):
                open_paragraph = open_paragraph or self._paragraph(place)
                self._inline_of(open_paragraph, child, _Look())
            if (child.tail or "").strip():
                open_paragraph = open_paragraph or self._paragraph(place)
                self._run(open_paragraph, child.tail, _Look())

    def _block(self, node: Any, place: _Place) -> None:
        deeper = replace(place, depth=place.depth + 1)
        if place.depth > MAX_DEPTH:
            self._run(self._paragraph(place), node.text_content(), _Look())
        elif node.tag in HEADINGS:
            self._inline(self.document.add_paragraph(style=f"Heading {HEADINGS[node.tag]}"), node, _Look())
        elif node.tag in ("p", "summary"):
            self._inline(self._paragraph(place), node, _Look())
        elif node.tag in ("ul", "ol"):
            self._list(node, place)
        elif node.tag == "pre":
            self._run(self.document.add_paragraph(style="SOP Code"), node.text_content().rstrip("\n"), _Look(code=True))
        elif node.tag == "table":
            self._table(node)
        elif node.tag == "blockquote":
            self._blocks(node, replace(deeper, style="Quote"))
        elif node.tag == "hr":
            self.document.add_paragraph("* * *", style=place.style)
        else:
            self._blocks(node, deeper)

    def _paragraph(self, place: _Place) -> Paragraph:
        if place.level >= 0:
            paragraph = self.document.add_paragraph(style=place.style)
            paragraph.paragraph_format.left_indent = Cm(0.64 * (min(place.level, 8) + 1))
            return paragraph
        return self.document.add_paragraph(style=place.style)

    def _list(self, node: Any, place: _Place) -> None:
        is_ordered = node.tag == "ol"
        start = node.get("start", "1")
        list_id = self.numbering.ordered(int(start)) if is_ordered else self.numbering.bullets
        level = place.level + 1
        inner = replace(place, list_id=list_id, level=level, depth=place.depth + 1)
        for item in node:
            if not isinstance(item.tag, str):
                continue
            paragraph = self.document.add_paragraph(style="List Number" if is_ordered else "List Bullet")
            # A count belongs to one list: a deeper level of it would go on where the level above stopped.
            number(paragraph, list_id, 0 if is_ordered else level)
            if is_ordered and level:
                paragraph.paragraph_format.left_indent = Cm(0.64 * (min(level, 8) + 1))
            self._item(paragraph, item, inner)

    def _item(self, paragraph: Paragraph, item: Any, place: _Place) -> None:
        """The first text of an item stands beside its number, the rest below."""
        is_first = True
        if (item.text or "").strip():
            self._run(paragraph, item.text, _Look())
        for child in item:
            if not isinstance(child.tag, str):
                continue
            if child.tag == "p" and is_first and not paragraph.runs:
                self._inline(paragraph, child, _Look())
            elif child.tag in _BLOCKS:
                is_first = False
                self._block(child, place)
            else:
                self._inline_of(paragraph if is_first else self._paragraph(place), child, _Look())
            if (child.tail or "").strip():
                self._run(paragraph if is_first else self._paragraph(place), child.tail, _Look())

    def _table(self, node: Any) -> None:
        rows = [[cell for cell in row if cell.tag in ("th", "td")] for row in node.iter("tr")]
        columns = max(map(len, rows), default=0)
        if not columns or columns > MAX_COLUMNS:
            for row in rows:
                self.plain(" | ".join(cell.text_content() for cell in row))
            return
        table = new_table(self.document, columns)
        for at, row in enumerate(rows):
            cells = add_row(table)
            for cell, source in zip(cells, row, strict=False):
                self._inline(cell.paragraphs[0], source, _Look(bold=source.tag == "th"))
            if at == 0 and row and row[0].tag == "th":
                repeat_row(table)
        share_width(table, [[cell.text_content() for cell in row] for row in rows])
        end_table(self.document)

    # Runs

    def _inline(self, paragraph: Paragraph, node: Any, look: _Look) -> None:
        self._run(paragraph, node.text or "", look)
        for child in node:
            if isinstance(child.tag, str):
                self._inline_of(paragraph, child, look)
            self._run(paragraph, child.tail or "", look)

    def _inline_of(self, paragraph: Paragraph, node: Any, look: _Look) -> None:
        match node.tag:
            case "strong" | "b":
                look = replace(look, bold=True)
            case "em" | "i":
                look = replace(look, italic=True)
            case "code":
                look = replace(look, code=True)
            case "sup":
                look = replace(look, raised=True)
            case "a":
                look = replace(look, link=node.get("href") or "")
            case "br":
                paragraph.add_run().add_break()
            case "img":
                self._picture(paragraph, node)
        self._inline(paragraph, node, look)

    def _run(self, paragraph: Paragraph, text: str, look: _Look) -> None:
        text = legal(text) if look.code else legal(text).replace("\n", " ")
        if not text:
            return
        run = paragraph.add_run(text)
        run.bold = look.bold or None
        run.italic = look.italic or None
        run.font.superscript = look.raised or None
        if look.code:
            run.font.name = "Consolas"
        if look.link and (link := add_link(paragraph, look.link)) is not None:
            mark_link(run)
            link.append(run._r)

    def _picture(self, paragraph: Paragraph, node: Any) -> None:
        """The picture with its words; the words alone when it cannot be shown."""
        words, address = legal(node.get("alt") or ""), node.get("src") or ""
        if address in self.drawings:
            room = MAX_WIDTH / PIXEL, MAX_HEIGHT / PIXEL
            add_drawing(paragraph, self.drawings[address], room=room, name=words, words=words)
            return
        data = self.pictures.get(address.removeprefix(MEDIA_PREFIX))
        run = paragraph.add_run()
        if data is None or not _add_picture(run, data):
            run.text = f"[{words}]" if words else ""
            return
        for properties in run._r.iter(qn("wp:docPr")):
            properties.set("descr", words)


_BLOCKS = {"p", "ul", "ol", "pre", "table", "blockquote", "hr", "div", "section", "details", "summary", *HEADINGS}


def _add_picture(run: Run, data: bytes) -> bool:
    try:
        picture = run.add_picture(io.BytesIO(data))
    except Exception:  # a picture that cannot be read must not cost the whole document
        return False
    pixels = picture.width / PIXEL, picture.height / PIXEL
    scale = min(1.0, MAX_WIDTH / (pixels[0] * PIXEL or 1), MAX_HEIGHT / (pixels[1] * PIXEL or 1))
    picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
    return True
