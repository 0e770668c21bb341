"""HTML file → procedure: saved pages, exports of Word, Confluence and other wikis, fragments. Nothing is fetched."""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext as _
from lxml.etree import _Element as Element

from procedures.importing.blocks import SourceDocument, Tally
from procedures.importing.counting import words_of
from procedures.importing.document import Note, ParsedProcedure, UnreadableDocument
from procedures.importing.language import detect_language
from procedures.importing.links import unresolved_addresses
from procedures.importing.pictures import PictureStore
from procedures.importing.recognising import recognise
from procedures.importing.reporting import procedure_of
from procedures.importing.rich.blocks import HEADINGS, TooMuch, TreeReader, line_of
from procedures.importing.rich.inline import UNSEEN, picture_markdown, text_of, usable_address
from procedures.importing.rich.parsing import parse_html
from procedures.importing.rich.word import lists_of_paragraphs

MAX_HTML = 20_000_000
MAX_DATA_PICTURE = 14_000_000

# Finds a picture that came along with the page: its bytes by the address in the page, None when there is no such file.
Beside = Callable[[str], bytes | None]

_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_DATA = re.compile(r"data:image/[\w.+-]+(?P<coded>;base64)?,", re.IGNORECASE)
_CHROME = frozenset({"nav"})
_ROLES = frozenset({"navigation", "search", "banner", "contentinfo", "menu", "complementary"})
_MARKS_OF_CHROME = re.compile(
    r"\b(?:sphinxsidebar|breadcrumbs?|navbar|nav-?menu|sidebar|site-(?:header|footer|nav)|page-metadata|cookie\w*|skip-link"
    r"|headerlink|toc(?:-?macro)?|table-of-contents|screen-?reader\w*|visually-?hidden|sr-only|footer-body)\b"
)
_DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})
_MEDIA = frozenset({"iframe", "video", "audio", "embed", "object"})
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2})?")


def decode_html(data: bytes) -> str:
    """The text of a page in the encoding it states, UTF-8 where it states none. Raises UnreadableDocument."""
    if len(data) > MAX_HTML:
        raise UnreadableDocument(_("The file is larger than %(limit)d MB.") % {"limit": MAX_HTML // 1_000_000})
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise UnreadableDocument(_("The file is not text: it contains null bytes."))
    stated = _CHARSET.search(data[:4_000])
    for encoding in ("utf-8-sig", stated[1].decode("ascii", "replace") if stated else "", "cp1252"):
        try:
            text = data.decode(encoding) if encoding else ""
        except (UnicodeDecodeError, LookupError):
            continue
        if text.strip():
            return text
    if not data.strip():
        raise UnreadableDocument(_("The file is empty."))
    return data.decode("latin-1")


def parse_html_file(text: str, *, filename: str, beside: Beside | None = None) -> ParsedProcedure:
    """Read a procedure from HTML. `beside` finds the pictures that came with it; others are listed, never fetched."""
    store = PictureStore()
    reader = _Reader(filename, store, beside)
    try:
        document, words = reader.read(parse_html(text))
    except TooMuch as error:
        raise UnreadableDocument(str(error)) from error
    return procedure_of(document, recognise(document), words=words, store=store)


@dataclass(slots=True)
class _Reader:
    filename: str
    store: PictureStore
    beside: Beside | None
    unresolved: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    dropped_text: list[str] = field(default_factory=list)

    def read(self, root: Element) -> tuple[SourceDocument, Counter[str]]:
        if not any(text.strip() for text in _texts(root)) and root.find(".//img") is None:
            raise UnreadableDocument(_("The page holds no text."))
        lists_of_paragraphs(root)
        content = self._content(root)
        found = _counted(root)
        words = words_of("\n".join(_texts(root)))
        for element in list(content.iter(*_MEDIA)):
            self._media(element)
        for chrome in [element for element in content.iter() if element is not content and _is_chrome(element)]:
            if next(chrome.iterancestors("html"), None) is not None:
                self._drop(chrome)
        self._note_what_is_never_taken(root, content)
        stated = root.get("lang", "") or root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
        language = stated[:2].lower() if _LANGUAGE.fullmatch(stated) else detect_language(words)
        trees = TreeReader(self._picture, language, notes=self.notes)
        blocks = trees.read(content)
        anchors = {found for element in root.iter() for found in (element.get("id"), element.get("name")) if found}
        fields = self._fields(root, blocks_have_title=any(block.kind == "heading" for block in blocks))
        document = SourceDocument(
            blocks=blocks,
            file_name=self.filename,
            language=language,
            fields=fields,
            unresolved=tuple([*self.unresolved, *unresolved_addresses(blocks, anchors)]),
            dropped=tuple(self.dropped),
            notes=tuple(self.notes),
            tally=Tally(
                found=found,
                otherwise=trees.otherwise,
                dropped=self.lost + trees.emptied,
                dropped_text="\n".join(self.dropped_text),
            ),
        )
        return document, words

    def _content(self, root: Element) -> Element:
        """The part of a page that is the document: <main> or the one <article> where there is one, else the body."""
        body = root.find("body")
        whole = body if body is not None else root
        mains = [element for element in whole.iter() if element.tag == "main" or element.get("role") == "main"]
        mains = mains or list(whole.iter("article"))
        if len(mains) != 1 or len(text_of(mains[0]).split()) < 20:
            return whole
        main = mains[0]
        parent = main.getparent()
        around = [main]
        while parent is not None and around[-1] is not whole:
            for sibling in list(parent):
                if sibling is not around[-1]:
                    self._drop(sibling)
                elif (sibling.tail or "").strip():
                    self.dropped_text.append(sibling.tail or "")
                    sibling.tail = None
            around.append(parent)
            parent = parent.getparent()
        return main

    def _drop(self, element: Element) -> None:
        """Take a part of the page out that is not part of the document, and say so."""
        parent = element.getparent()
        if parent is None or not isinstance(element.tag, str):
            return
        tail, element.tail = element.tail, None
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + (tail or "")
        else:
            parent.text = (parent.text or "") + (tail or "")
        parent.remove(element)
        counts = _counted(element)
        text = " ".join(" ".join(_texts(element)).split())
        if text or counts.total():
            self.lost += counts
            self.dropped_text += list(_texts(element))
            what = _("page navigation: %(text)s") % {"text": text[:120]}
            self.dropped.append(Note(line_of(element), what, _("It belongs to the site, not to the text."), loss=False))

    def _note_what_is_never_taken(self, root: Element, content: Element) -> None:
        """Drawings and programs are left out by whatever reads text; here they are named."""
        why = _("SVG drawings can hold programs and are not taken. Save it as a PNG picture and add it in the editor.")
        for drawing in content.iter("svg"):
            if drawing.get("aria-hidden") != "true" and next(drawing.iterancestors("a", "button", "svg"), None) is None:
                title = " ".join((drawing.get("aria-label") or drawing.findtext("title") or "").split())
                self.dropped.append(Note(line_of(drawing), " ".join([_("drawing"), title[:120]]).strip(), why))
        if any(_has_program(element) for element in root.iter()):
            self.notes.append(Note(0, _("programs"), _("The file holds programs. They are neither run nor imported.")))

    def _media(self, element: Element) -> None:
        address = usable_address(element.get("src", "") or element.get("data", ""))
        what = f"<{element.tag}> {address}".strip()[:200]
        self.unresolved.append(Note(line_of(element), what, _("Embedded media; kept as a link.")))
        if address:
            element.tag = "a"
            element.set("href", address)
            for child in list(element):
                element.remove(child)
            element.text = address

    def _picture(self, image: Element) -> str:
        """The Markdown for a picture: ours by its key, a stranger's by its address, its words where there is none."""
        source = (image.get("src") or image.get("data-src") or "").strip()
        alt = " ".join((image.get("alt") or image.get("title") or "").split())
        line = line_of(image)
        if _DATA.match(source):
            return self._kept(_data_of(source), alt, _("picture in the page"), line, name=source[-2_000:])
        name = source.split("?")[0].rsplit("/", 1)[-1][:80] or "?"
        data = self.beside(source) if self.beside and source else None
        if data is not None:
            return self._kept(data, alt, _("picture %(name)s") % {"name": name}, line, name=source)
        address = usable_address(source)
        if address:
            return picture_markdown(alt, address)
        what = _("picture %(name)s") % {"name": name}
        return self._lost(alt, what, line, _("A picture in another file, which is not part of the document."))

    def _kept(self, data: bytes | None, alt: str, what: str, line: int, *, name: str) -> str:
        if data is None:
            return self._lost(alt, what, line, _("The file does not hold it."))
        key, reason = self.store.add(data, name=name)
        return picture_markdown(alt, f"media:{key}") if key else self._lost(alt, what, line, reason)

    def _lost(self, alt: str, what: str, line: int, reason: str) -> str:
        self.lost["images"] += 1
        self.dropped.append(Note(line, what, reason))
        return picture_markdown(alt, "")[2:-3] if alt else ""

    @staticmethod
    def _fields(root: Element, *, blocks_have_title: bool) -> dict[str, str]:
        """The title of the page serves when the text has no heading; the site's name behind a dash is no part of it."""
        title = " ".join((root.findtext(".//head/title") or "").split())
        if blocks_have_title or not title:
            return {}
        return {"title": re.split(r"\s+[-–—|·]\s+", title)[0][:200]}


def _is_chrome(element: Element) -> bool:
    if not isinstance(element.tag, str):
        return False
    if element.tag in _CHROME or element.get("role") in _ROLES or element.get("aria-hidden") == "true":
        return True
    return bool(_MARKS_OF_CHROME.search(f"{element.get('class', '')} {element.get('id', '')}".lower()))


def _has_program(element: Element) -> bool:
    if element.tag == "script":
        return element.get("type", "").lower() not in _DATA_SCRIPTS
    return any(
        name.startswith("on") or (name in ("href", "action") and value.strip().lower().startswith("javascript:"))
        for name, value in ((str(name), str(value)) for name, value in element.attrib.items())
    )


def _counted(root: Element) -> Counter[str]:
    """What a page holds, tag by tag, by other means than those that read it."""
    counts: Counter[str] = Counter({"headings": 0, "list items": 0, "ordered items": 0, "tables": 0, "images": 0})
    for element in root.iter():
        tag = element.tag
        if tag in HEADINGS:
            counts["headings"] += bool("".join(_texts(element)).strip())
        elif tag == "li":
            counts["list items"] += 1
            parent = element.getparent()
            counts["ordered items"] += parent is not None and parent.tag == "ol"
        elif tag == "table":
            counts["tables"] += 1
        elif tag == "img":
            counts["images"] += 1
    return counts


def _texts(element: Element) -> Iterator[str]:
    """The text that readers see, block by block; what scripts and styles hold is none."""
    line: list[str] = []
    for kind, text in _pieces(element):
        if kind == "text":
            line.append(text)
        elif line:
            yield "".join(line)
            line = []
    if line:
        yield "".join(line)


_IN_LINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
    }
    | {"span", "strike", "strong", "sub", "sup", "tt", "u", "var", "img", "wbr", "label", "time"}
)


def _pieces(root: Element) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Element]] = [("open", root)]
    while waiting:
        step, element = waiting.pop()
        if step == "tail":
            if element.tail:
                yield "text", element.tail
            continue
        if step == "close":
            yield "break", ""
            continue
        if not isinstance(element.tag, str) or element.tag in UNSEEN:
            continue
        block = element.tag not in _IN_LINE
        if block:
            yield "break", ""
            waiting.append(("close", element))
        if element.text:
            yield "text", element.text
        for child in reversed(element):
            waiting.append(("tail", child))
            waiting.append(("open", child))


def _data_of(address: str) -> bytes | None:
    match = _DATA.match(address)
    if not match or len(address) > MAX_DATA_PICTURE:
        return None
    body = address[match.end() :]
    try:
        return base64.b64decode("".join(body.split())) if match["coded"] else unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        return None
