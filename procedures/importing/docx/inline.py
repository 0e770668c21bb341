"""What stands in one paragraph of a Word document: runs, links, fields, pictures, notes, text boxes."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml.etree import Element as make
from lxml.etree import SubElement as add
from lxml.etree import _Element as Element

from procedures.exporting.ownformat import CHART_NAME
from procedures.importing.document import Note
from procedures.importing.docx.package import R, Relation, W
from procedures.importing.docx.styles import Styles, is_on, value_of
from procedures.importing.rich.inline import usable_address
from procedures.importing.source import SUPERSCRIPTS

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_V = "{urn:schemas-microsoft-com:vml}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_TRANSPARENT = frozenset(
    {"ins", "moveTo", "smartTag", "customXml", "sdtContent", "dir", "bdo", "ruby", "rubyBase", "rt"}
)
_NO_TEXT = frozenset({"drawing", "pict", "object", "pPr", "rPr", "instrText", "delText"})
_GONE = frozenset({"del", "moveFrom"})
_HYPERLINK = re.compile(r"\s*HYPERLINK\s+(?:\\l\s+)?(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>\S+))", re.IGNORECASE)
_MAX_DEPTH = 60


@dataclass(slots=True)
class After:
    """What hangs on a paragraph and is read behind it: text boxes, and footnotes with their marks."""

    boxes: list[Element] = field(default_factory=list)
    notes: list[tuple[str, Element]] = field(default_factory=list)


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    shown: bool = False

    @property
    def is_contents(self) -> bool:
        return self.shown and self.instruction.strip().upper().startswith("TOC")


@dataclass(slots=True)
class Inline:
    """Writes the inside of paragraphs. `picture` answers a relationship and the alternative text with an element."""

    styles: Styles
    relations: dict[str, Relation]
    picture: Callable[[Relation, str, int], Element]
    footnotes: dict[tuple[str, str], Element]
    line: int = 0
    unresolved: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    comments: dict[str, int] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    hidden: list[str] = field(default_factory=list)
    _fields: list[_Field] = field(default_factory=list)
    _marks: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def in_contents(self) -> bool:
        """True within a field that holds a table of contents, which may run over many paragraphs."""
        return any(row.is_contents for row in self._fields)

    def write(self, paragraph: Element, target: Element) -> After:
        """Write the paragraph into `target`."""
        after = After()
        self._children(paragraph, target, after, "", 0)
        return after

    def skim(self, paragraph: Element) -> None:
        """Follow the fields of a paragraph that is not kept."""
        self._children(paragraph, make("p"), After(), "", 0)

    @staticmethod
    def chosen(alternatives: Element) -> Element:
        """The best of several ways to draw the same thing; the others repeat its text."""
        best = alternatives.find(f"{_MC}Choice")
        fallback = alternatives.find(f"{_MC}Fallback")
        found = best if best is not None else fallback
        return found if found is not None else alternatives

    def _children(self, parent: Element, target: Element, after: After, href: str, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        for child in parent:
            self._child(child, tag_of(child), target, after, href, depth)

    def _child(self, child: Element, tag: str, target: Element, after: After, href: str, depth: int) -> None:
        if tag == "r":
            self._run(child, target, after, href, depth)
        elif tag == "hyperlink":
            self._children(child, target, after, self._address(child) or href, depth + 1)
        elif tag == "fldSimple":
            row = _Field(child.get(f"{W}instr", ""), shown=True)
            self._children(child, target, after, self._field_address(row) or href, depth + 1)
        elif tag in _TRANSPARENT:
            self.changes["inserted"] += tag == "ins"
            self.changes["moved"] += tag == "moveTo"
            self._children(child, target, after, href, depth + 1)
        elif tag in _GONE:
            self.changes["deleted"] += tag == "del"
        elif tag == "sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                self._children(content, target, after, href, depth + 1)
        elif tag == "AlternateContent":
            self._children(self.chosen(child), target, after, href, depth + 1)
        elif tag in ("oMath", "oMathPara"):
            self._formula(child, target)
        elif tag == "commentRangeStart":
            self.comments.setdefault(child.get(f"{W}id", ""), self.line)

    # Runs ----------------------------------------------------------------------------------------------------

    def _run(self, run: Element, target: Element, after: After, href: str, depth: int) -> None:
        look = run.find(f"{W}rPr")
        if look is not None and is_on(look.find(f"{W}vanish")):
            self._hidden(run)
            return
        texts = make("span")
        for child in run:
            self._part(child, tag_of(child), texts, after, depth)
        if not len(texts) and not texts.text:
            return
        address = href or next((found for row in self._fields if row.shown and (found := self._field_address(row))), "")
        self._formatted(texts, look, target, address)

    def _part(self, part: Element, tag: str, texts: Element, after: After, depth: int) -> None:
        if tag == "fldChar":
            self._field_mark(part, texts)
        elif tag == "instrText":
            if self._fields:
                self._fields[-1].instruction += part.text or ""
        elif self._fields and not self._fields[-1].shown:
            return
        elif tag in ("footnoteReference", "endnoteReference"):
            key = (tag.removesuffix("Reference"), part.get(f"{W}id", ""))
            if key in self.footnotes:
                mark = self._marks.setdefault(key, str(len(self._marks) + 1).translate(SUPERSCRIPTS))
                _append(texts, mark)
                after.notes.append((mark, self.footnotes[key]))
        elif tag in ("drawing", "pict", "object"):
            self._drawing(part, tag, texts, after)
        elif tag == "AlternateContent":
            for child in self.chosen(part):
                self._part(child, tag_of(child), texts, after, depth + 1)
        elif tag == "commentReference":
            self.comments.setdefault(part.get(f"{W}id", ""), self.line)
        elif tag in ("br", "cr"):
            if part.get(f"{W}type") not in ("page", "column"):
                add(texts, "br")
            else:
                _append(texts, " ")
        else:
            _append(texts, text_of_part(part, tag))

    def _formatted(self, texts: Element, look: Element | None, target: Element, href: str) -> None:
        element = target
        if href:
            element = add(element, "a", href=href)
        if look is not None:
            style = value_of(look.find(f"{W}rStyle"))
            for mark, tag in (("b", "strong"), ("i", "em")):
                own = look.find(f"{W}{mark}")
                if is_on(own) if own is not None else bool(style) and self.styles.look(style, mark):
                    element = add(element, tag)
            if style and self.styles.is_inline_code(style):
                element = add(element, "code")
            raised = value_of(look.find(f"{W}vertAlign"))
            if raised in ("superscript", "subscript") and not any(True for _mark in texts.iter("img")):
                element = add(element, raised[:3])
        if element is target:
            target.append(texts)
        else:
            element.append(texts)

    def _hidden(self, run: Element) -> None:
        text = "".join(text_of_part(part, tag_of(part)) for part in run)
        if text.strip():
            self.hidden.append(text)
            what = _("hidden text: %(text)s") % {"text": " ".join(text.split())[:100]}
            self.dropped.append(Note(self.line, what, _("Word does not show it to readers."), loss=False))

    def _formula(self, formula: Element, target: Element) -> None:
        text = "".join(part.text or "" for part in formula.iter(f"{_M}t"))
        if text.strip():
            _append(target, text)
            self.unresolved.append(Note(self.line, text[:100], _("A formula: its signs are kept, its form is not.")))

    # Fields and links ----------------------------------------------------------------------------------------

    def _field_mark(self, mark: Element, texts: Element) -> None:
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            box = mark.find(f"{W}ffData/{W}checkBox")
            if box is not None:
                ticked = box.find(f"{W}checked")
                ticked = ticked if ticked is not None else box.find(f"{W}default")
                _append(texts, "☑ " if is_on(ticked) else "☐ ")
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _field_address(self, row: _Field) -> str:
        match = _HYPERLINK.match(row.instruction)
        if not match or "\\l" in row.instruction[: match.end()]:
            return ""
        return match["quoted"] or match["bare"] or ""

    def _address(self, link: Element) -> str:
        relation = self.relations.get(link.get(f"{R}id", ""))
        if relation is not None and relation.external:
            anchor = link.get(f"{W}anchor")
            address = f"{relation.target}#{anchor}" if anchor else relation.target
            if not usable_address(address):
                why = _("A link to another file or to a program; its words are kept.")
                self.unresolved.append(Note(self.line, address[:200], why))
            return address
        anchor = link.get(f"{W}anchor", "")
        if anchor and not anchor.startswith("_Toc"):
            text = " ".join("".join(part.text or "" for part in link.iter(f"{W}t")).split())
            why = _("A link to another place in the document; its words are kept.")
            self.unresolved.append(Note(self.line, text[:100] or anchor, why))
        return ""

    # Pictures ------------------------------------------------------------------------------------------------

    def _drawing(self, drawing: Element, tag: str, texts: Element, after: After) -> None:
        boxes = list(outermost_boxes(drawing))
        after.boxes.extend(boxes)
        for picture in pictures_of(drawing):
            relation = self.relations.get(relation_of(picture))
            if relation is None:
                self.dropped.append(Note(self.line, _("picture"), _("The file does not hold it.")))
            else:
                texts.append(self.picture(relation, alternative_of(picture), self.line))
        if is_own_chart(drawing):
            self.dropped.append(Note(self.line, _("flowchart"), _("It is drawn anew from the steps.")))
        for kind, what in ((_CHART, _("chart")), (_DIAGRAM, _("diagram of shapes"))):
            if any(True for _found in drawing.iter(kind)):
                why = _("Drawn by Word itself; take a picture of it and add that.")
                self.dropped.append(Note(self.line, what, why))
        if tag == "object":
            why = _("A file inside the document; only its picture is imported.")
            self.unresolved.append(Note(self.line, _("embedded object"), why))


def raw_text(paragraph: Element) -> str:
    """All text that belongs to the paragraph itself, without text boxes, hidden and deleted text."""
    return "".join(_raw(paragraph, 0))


def _raw(element: Element, depth: int) -> Iterator[str]:
    for child in element:
        tag = tag_of(child)
        if tag in _GONE or tag in _NO_TEXT or depth > _MAX_DEPTH:
            continue
        if tag == "r" and is_on(child.find(f"{W}rPr/{W}vanish")):
            continue
        if tag == "AlternateContent":
            yield from _raw(Inline.chosen(child), depth + 1)
        elif tag in ("br", "cr"):
            yield "\n"
        elif tag in ("t", "tab", "sym", "noBreakHyphen", "ptab"):
            yield text_of_part(child, tag)
        else:
            yield from _raw(child, depth + 1)


def text_of_part(part: Element, tag: str) -> str:
    """The characters of one part of a run."""
    if tag == "t":
        return part.text or ""
    if tag in ("tab", "ptab"):
        return " "
    if tag == "noBreakHyphen":
        return "-"
    if tag == "sym":
        code = part.get(f"{W}char", "")
        number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", code) else 0
        # Symbol fonts keep their signs in the private area; what they look like only the font knows.
        return _SYMBOLS.get(number & 0xFF, "•") if 0xF000 <= number <= 0xF0FF else chr(number) if number >= 32 else ""
    return ""


_SYMBOLS = {
    0xA8: "☐", 0xFE: "☑", 0xFD: "☒", 0x6F: "☐", 0x78: "☒", 0xE0: "→", 0xDF: "←", 0xFC: "✓", 0xFB: "✗", 0xB7: "•",
    0xB0: "°", 0xB1: "±", 0x6D: "µ", 0xA3: "≤", 0xB3: "≥", 0xB4: "×",
}  # fmt: skip


def outermost_boxes(drawing: Element) -> Iterator[Element]:
    """The contents of text boxes in a drawing; boxes within boxes come with the outer one."""
    for child in drawing:
        tag = tag_of(child)
        if tag == "txbxContent":
            yield child
        elif tag == "AlternateContent":
            yield from outermost_boxes(Inline.chosen(child))
        else:
            yield from outermost_boxes(child)


def pictures_of(drawing: Element) -> Iterator[Element]:
    """The pictures of a drawing, without those inside its text boxes."""
    if is_own_chart(drawing):
        return
    for child in drawing:
        tag = tag_of(child)
        if child.tag in (f"{_A}blip", f"{_V}imagedata"):
            if relation_of(child):
                yield child
        elif tag == "AlternateContent":
            yield from pictures_of(Inline.chosen(child))
        elif tag != "txbxContent":
            yield from pictures_of(child)


def is_own_chart(drawing: Element) -> bool:
    """Whether it is a flowchart that our own Word export drew from the steps."""
    properties = drawing.find(f"{_WP}inline/{_WP}docPr")
    return properties is not None and properties.get("name") == CHART_NAME


def relation_of(picture: Element) -> str:
    return picture.get(f"{R}embed") or picture.get(f"{R}link") or picture.get(f"{R}id") or ""


def alternative_of(picture: Element) -> str:
    """The alternative text: of the drawing, of the picture in it, or of the old kind of shape."""
    for above in picture.iterancestors():
        properties = [child for child in above if child.tag == f"{_WP}docPr" or tag_of(child) == "nvPicPr"]
        for found in properties:
            inner = next((part for part in found if tag_of(part) == "cNvPr"), found)
            row = found if found.tag == f"{_WP}docPr" else inner
            text = row.get("descr") or row.get("title") or ""
            if text.strip():
                return text
        if above.tag == f"{_V}shape":
            return above.get("alt", "") or picture.get("{urn:schemas-microsoft-com:office:office}title", "")
        if tag_of(above) == "p":
            break
    return ""


def tag_of(element: Element) -> str:
    """The name of an element without its namespace, "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _append(target: Element, text: str) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text
