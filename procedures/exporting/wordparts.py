"""What python-docx leaves to its users: numbering, fields, links, languages, styles; and text that XML can hold."""

import io
import re
import zipfile
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

WRITTEN_ON = (2000, 1, 1, 0, 0, 0)
"""The date of every part in the package, so that one text gives the same bytes twice."""

LEFT_OUT = {
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.CUSTOM_XML,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
}
MAX_ADDRESS = 2_000
LEVELS = 9
TABLE_STYLES = ("Normal Table", "Table Grid")
PIXEL = 9525  # in units of the format, at 96 pixels an inch
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PAGE = Cm(21), Cm(29.7)
TEXT_WIDTH, ACROSS_WIDTH = Cm(16.6), Cm(25.3)
CELL_PT = 9.5
FAINT, FAINT_STOP = RGBColor(0xDF, 0xE3, 0xE6), RGBColor(0xF0, 0xC9, 0xC6)
_STOP, _QUIET, _ACCENT = RGBColor(0xA3, 0x23, 0x1C), RGBColor(0x44, 0x4B, 0x51), RGBColor(0x0A, 0x5A, 0x75)


def legal(text: str) -> str:
    """`text` without what no XML file can hold: control characters, halves of surrogate pairs."""
    return _NOT_XML.sub("", text)


def element(name: str, **attributes: object) -> Any:
    """A new element `name` ("w:num") with attributes of the same namespace."""
    made = OxmlElement(name)
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), str(value))
    return made


# Styles ------------------------------------------------------------------------------------------------------


def set_up(document: Document, *, language: str) -> None:
    """A4, our styles, and the language in which Word checks the spelling."""
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = Emu((PAGE[0] - TEXT_WIDTH) // 2)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.4)
    _drop_table_styles(document)
    normal = _style(document, "Normal")
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(5)
    for name, size in (("Title", 20), ("Heading 1", 14), ("Heading 2", 11.5), ("Heading 3", 10.5), ("Heading 4", 10.5)):
        heading = _style(document, name)
        heading.font.name, heading.font.size, heading.font.color.rgb = "Calibri", Pt(size), _ACCENT
        _plain_fonts(heading)
    _style(document, "Heading 1").paragraph_format.space_before = Pt(16)
    _style(document, "Heading 1").paragraph_format.space_after = Pt(3)
    _add_style(document, "SOP Facts", size=9, colour=_QUIET)
    _add_style(document, "SOP Note", size=10.5, border="7A4B00")
    _add_style(document, "SOP Stop", size=10.5, colour=_STOP, border="A3231C")
    _add_style(document, "SOP Code", size=9, font="Consolas")
    _add_style(document, "SOP Cell", size=CELL_PT, around=2)
    _add_style(document, "SOP Gap", size=4)
    for name in ("Header", "Footer"):
        _style(document, name).font.size = Pt(8.5)
        _style(document, name).font.color.rgb = _QUIET
    _newest_layout(document)
    for run_defaults in document.styles.element.iter(qn("w:rPrDefault")):
        properties = run_defaults.find(qn("w:rPr"))
        for old in properties.findall(qn("w:lang")):
            properties.remove(old)
        properties.append(element("w:lang", val=language, eastAsia=language, bidi="ar-SA"))


def _newest_layout(document: Document) -> None:
    """Without this Word lays out as its version of 2010 did, and says "compatibility mode" on top."""
    settings_of_word: Any = document.settings.element
    for setting in settings_of_word.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for zoom in settings_of_word.iter(qn("w:zoom")):
        zoom.set(qn("w:percent"), "100")  # the schema asks for it


def _drop_table_styles(document: Document) -> None:
    """Take out the hundred tables that the template of python-docx offers: every look-up of a style goes past them."""
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in TABLE_STYLES:
            style.delete()


def _style(document: Document, name: str) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no style of paragraphs")
    return style


def _plain_fonts(style: ParagraphStyle) -> None:
    """Let the name of the font count: the template's own headings follow the theme instead."""
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _add_style(
    document: Document,
    name: str,
    *,
    size: float,
    colour: RGBColor | None = None,
    border: str = "",
    font: str = "",
    around: float | None = None,
) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no style of paragraphs")
    style.base_style = document.styles["Normal"]
    style.font.size = Pt(size)
    if font:
        style.font.name = font
    if colour is not None:
        style.font.color.rgb = colour
    if around is not None:
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(around)
    if border:
        frame = element("w:pBdr")
        frame.append(element("w:left", val="single", sz=18, space=6, color=border))
        # The order of elements is part of the format: borders stand in front of spacing.
        style.element.get_or_add_pPr().insert_element_before(
            frame, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )


def turn_page(document: Document, *, across: bool) -> None:
    """What follows stands on a new page, which lies across or upright."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.page_width, section.page_height = reversed(PAGE) if across else PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    # The section before ends with its last paragraph: an empty one behind a full page would make one page more.
    holder: Any = document.paragraphs[-1]._p
    last = holder.getprevious()
    if last.tag == qn("w:p"):
        last.get_or_add_pPr().append(holder.pPr.sectPr)
        holder.getparent().remove(holder)


# Numbering ---------------------------------------------------------------------------------------------------


class Numbering:
    """Lists of one document: the steps, which count through, and lists in the text, each with a count of its own."""

    def __init__(self, document: Document) -> None:
        self._root = document.part.numbering_part.element
        self._next_list = 1 + max((int(node.get(qn("w:abstractNumId"))) for node in self._abstract()), default=0)
        self._ordered = self._define("decimal")
        bullets = self._define("bullet")
        self.steps = self._number(self._define("decimal", hanging=720))
        self.bullets = self._number(bullets)

    def ordered(self, start: int = 1) -> int:
        """A new numbered list that begins with `start`."""
        return self._number(self._ordered, start=start)

    def _abstract(self) -> list[Any]:
        return self._root.findall(qn("w:abstractNum"))

    def _define(self, form: str, *, hanging: int = 360) -> int:
        number, self._next_list = self._next_list, self._next_list + 1
        definition = element("w:abstractNum", abstractNumId=number)
        definition.append(element("w:multiLevelType", val="hybridMultilevel"))
        for level in range(LEVELS):
            row = element("w:lvl", ilvl=level)
            text = "•" if form == "bullet" else f"%{level + 1}."
            for name, value in (("start", 1), ("numFmt", form), ("lvlText", text), ("lvlJc", "left")):
                row.append(element(f"w:{name}", val=value))
            properties = element("w:pPr")
            properties.append(element("w:ind", left=hanging + 360 * level, hanging=min(hanging, 720)))
            row.append(properties)
            definition.append(row)
        first_use = self._root.find(qn("w:num"))  # definitions stand in front of their uses
        if first_use is None:
            self._root.append(definition)
        else:
            first_use.addprevious(definition)
        return number

    def _number(self, definition: int, *, start: int = 1) -> int:
        used = self._root.add_num(definition)
        override = used.add_lvlOverride(ilvl=0)
        override.add_startOverride(max(start, 0))
        return int(used.numId)


def number(paragraph: Paragraph, list_id: int, level: int = 0) -> None:
    """Make `paragraph` an item of the list `list_id`."""
    properties: Any = paragraph._p.get_or_add_pPr()
    properties = properties.get_or_add_numPr()
    properties.get_or_add_ilvl().val = min(level, LEVELS - 1)
    properties.get_or_add_numId().val = list_id


# Runs --------------------------------------------------------------------------------------------------------


def add_field(paragraph: Paragraph, instruction: str) -> None:
    """A field of Word's: only for instructions of ours ("PAGE"), never for text of users."""
    field = element("w:fldSimple", instr=instruction)
    run = element("w:r")
    text = element("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def add_link(paragraph: Paragraph, address: str) -> Any | None:
    """A link in `paragraph` for runs to stand in; None for an address that Word would stumble over."""
    target = usable_address(address)
    if not target:
        return None
    relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = element("w:hyperlink")
    link.set(qn("r:id"), relation)
    paragraph._p.append(link)
    return link


def usable_address(address: str) -> str:
    """An absolute address that Word opens; empty for everything else (Word calls a file damaged over a bad one)."""
    address = legal(address).strip()
    if address.startswith("/") and not address.startswith("//"):
        address = settings.BASE_URL + address
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    if not (is_web or (parts.scheme == "mailto" and "@" in parts.path)):
        return ""
    target = iri_to_uri(address).replace("[", "%5B").replace("]", "%5D")
    return target if len(target) <= MAX_ADDRESS and re.fullmatch(r"[!-~]+", target) else ""


def mark_link(run: Run) -> None:
    run.font.underline = True
    run.font.color.rgb = _ACCENT


# The package -------------------------------------------------------------------------------------------------


def package_of(document: Document) -> bytes:
    """The file, without what nobody needs of python-docx's own template; the same bytes for the same document."""
    for relations in (document.part.package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype in LEFT_OUT:
                del relations[key]
    written = io.BytesIO()
    document.save(written)
    packed = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, WRITTEN_ON), source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
