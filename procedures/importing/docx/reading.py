"""DOCX file → procedure. Entry point `parse_docx`; pure, no database, nothing is fetched or run."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml.etree import Element as make
from lxml.etree import _Element as Element

from procedures.importing.blocks import SourceDocument, Tally
from procedures.importing.counting import words_of
from procedures.importing.document import Note, ParsedProcedure, UnreadableDocument
from procedures.importing.docx.inline import Inline, pictures_of, raw_text, tag_of
from procedures.importing.docx.package import MAX_PICTURE, Package, Relation, W
from procedures.importing.docx.styles import Numberings, Styles, is_on
from procedures.importing.docx.walking import Walker
from procedures.importing.language import detect_language, fold
from procedures.importing.links import unresolved_addresses
from procedures.importing.pictures import PictureStore
from procedures.importing.recognising import recognise
from procedures.importing.reporting import procedure_of
from procedures.importing.rich.blocks import TooMuch, TreeReader
from procedures.importing.rich.inline import picture_markdown, usable_address
from procedures.importing.titles import known_field, looks_like_code

MAX_PARAGRAPHS = 40_000
_GONE = frozenset({"del", "moveFrom", "Fallback"})
_FIELD_LINE = re.compile(r"(?P<name>[^\W\d][^:|\n]{1,40}?)\s*:\s*(?P<value>[^:\n]{1,80})")
_REPEATED_FIELDS = frozenset({"code", "version", "effective date", "owner", "status", "approver"})
_CODE_NAMES = frozenset({"procedure", "document", "sop", "reference", "ref", "nr", "werkinstructie"})


def read_docx(data: bytes, *, filename: str, store: PictureStore) -> tuple[SourceDocument, Counter[str]]:
    """The blocks of a DOCX file and the words of the file. Raises UnreadableDocument for what is none, or too much."""
    package = Package.open(data)
    main = package.xml(package.main)
    body = main.find(f"{W}body") if main is not None else None
    if body is None:
        raise UnreadableDocument(_("This is not a Word document (.docx)."))
    reader = _Reader(package, filename, store)
    try:
        return reader.read(body)
    except TooMuch as error:
        raise UnreadableDocument(str(error)) from error


def parse_docx(data: bytes, *, filename: str) -> ParsedProcedure:
    """Read a procedure from a Word document. Raises UnreadableDocument; the report says what became of every part."""
    store = PictureStore()
    document, words = read_docx(data, filename=filename, store=store)
    return procedure_of(document, recognise(document), words=words, store=store)


@dataclass(slots=True)
class _Reader:
    package: Package
    filename: str
    store: PictureStore
    unresolved: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    def read(self, body: Element) -> tuple[SourceDocument, Counter[str]]:
        styles = Styles.of(next(iter(self.package.related("styles")), None))
        numbering = next(iter(self.package.related("numbering")), None)
        notes = {
            (kind, note.get(f"{W}id", "")): note
            for kind in ("footnote", "endnote")
            for tree in self.package.related(f"{kind}s")
            for note in tree.iter(f"{W}{kind}")
            if note.get(f"{W}type") in (None, "normal")
        }
        relations = self.package.relations(self.package.main)
        inline = Inline(styles, relations, self._picture, notes)
        walker = Walker(styles, Numberings.of(numbering, styles), inline)
        seen = _Seen.of(body, styles, Numberings.of(numbering, styles), notes)
        if len(seen.texts) > MAX_PARAGRAPHS:
            message = _("The document has more than %(limit)d paragraphs. Split it first.")
            raise UnreadableDocument(message % {"limit": MAX_PARAGRAPHS})
        tree = walker.walk(body)
        words = words_of("\n".join(seen.texts))
        language = detect_language(words)
        trees = TreeReader(
            lambda image: picture_markdown(image.get("alt", ""), image.get("src", "")), language, notes=self.notes
        )
        blocks = trees.read(tree)
        fields = self._around()
        self._about(walker, inline)
        self._comments(inline.comments)
        dropped = [*walker.dropped, *inline.dropped, *self.dropped]
        unresolved = [*inline.unresolved, *self.unresolved, *unresolved_addresses(blocks, set())]
        document = SourceDocument(
            blocks=blocks,
            file_name=self.filename,
            language=language,
            fields=fields,
            unresolved=tuple(sorted(unresolved, key=lambda note: note.line)),
            dropped=tuple(sorted(dropped, key=lambda note: note.line)),
            notes=tuple(self.notes),
            tally=Tally(
                found=seen.counts,
                otherwise=trees.otherwise,
                dropped=self.lost + trees.emptied,
                dropped_text="\n".join(walker.dropped_text),
            ),
        )
        return document, words

    def _picture(self, relation: Relation, alt: str, line: int) -> Element:
        """The element for a picture: ours by its key, a stranger's by its address, its words where there is none."""
        reason, key = "", ""
        if relation.external:
            address = usable_address(relation.target)
            if address.startswith(("http://", "https://")):
                return make("img", src=address, alt=alt)
            reason = _("A picture in another file, which is not part of the document.")
        elif relation.target not in self.package.archive:
            reason = _("The file does not hold it.")
        else:
            known = self.store.known(relation.target)
            if known is None:
                data = self.package.archive.read(relation.target, limit=MAX_PICTURE)
                known = self.store.add(data, name=relation.target)
            key, reason = known
        if key:
            return make("img", src=f"media:{key}", alt=alt)
        self.lost["images"] += 1
        what = _("picture %(name)s") % {"name": relation.target.rsplit("/", 1)[-1][:80]}
        self.dropped.append(Note(line, what, reason))
        instead = make("span")
        instead.text = f"[{alt or what}]"
        return instead

    def _about(self, walker: Walker, inline: Inline) -> None:
        changes = walker.changes + inline.changes
        counted = {
            "inserted": _("%(count)d insertions"),
            "deleted": _("%(count)d deletions"),
            "moved": _("%(count)d moved passages"),
        }
        told = [text % {"count": changes[kind]} for kind, text in counted.items() if changes[kind]]
        if told:
            why = _("All tracked changes were accepted.")
            self.notes.append(Note(0, _("tracked changes: %(list)s") % {"list": ", ".join(told)}, why))
        if self.package.has_macros:
            self.notes.append(Note(0, _("macros"), _("The file holds programs. They are neither run nor imported.")))

    def _comments(self, places: dict[str, int]) -> None:
        for tree in self.package.related("comments"):
            for comment in tree.iter(f"{W}comment"):
                text = " ".join(" ".join(raw_text(paragraph) for paragraph in comment.iter(f"{W}p")).split())
                author = comment.get(f"{W}author", "")
                what = _("comment of %(author)s: %(text)s") % {"author": author or "?", "text": text[:1_000]}
                why = _("Comments are listed here and stay out of the text.")
                self.notes.append(Note(places.get(comment.get(f"{W}id", ""), 0), what, why))

    def _around(self) -> dict[str, str]:
        """What page headers and footers say about the document: known fields are taken, the rest is listed."""
        fields: dict[str, str] = {}
        told: dict[str, None] = {}
        titles: dict[str, bool] = {}
        for kind in ("header", "footer"):
            for tree in self.package.related(kind):
                own: list[str] = []
                has_code = False
                for paragraph in tree.iter(f"{W}p"):
                    text = " ".join(raw_text(paragraph).split())
                    match = _FIELD_LINE.fullmatch(text)
                    name = known_field(match["name"]) if match else ""
                    if match and name in _REPEATED_FIELDS:
                        fields.setdefault(match["name"], match["value"].strip())
                    elif match and looks_like_code(match["value"].strip()) and fold(match["name"]) in _CODE_NAMES:
                        fields.setdefault("code", match["value"].strip())
                        has_code = True
                    elif match and name == "title":
                        own.append(match["value"].strip())
                    elif re.search(r"[^\W\d]", text):
                        told[text[:200]] = None
                titles |= dict.fromkeys(own, has_code)
        # Annexes have headers of their own; the one with the code of the document is that of the whole.
        named = [title for title, with_code in titles.items() if with_code] or list(titles)
        if len(named) == 1:
            fields["title"] = named[0]
        for text in [*told, *(title for title in titles if title != fields.get("title"))]:
            what = _("page header or footer: %(text)s") % {"text": text}
            self.dropped.append(Note(0, what, _("It repeats on every page and is not part of the text."), loss=False))
        return fields


@dataclass(slots=True)
class _Seen:
    """The document counted part by part, by other means than those that read it."""

    counts: Counter[str]
    texts: list[str]

    @classmethod
    def of(
        cls, body: Element, styles: Styles, numberings: Numberings, notes: dict[tuple[str, str], Element]
    ) -> "_Seen":
        seen = cls(Counter({"headings": 0, "list items": 0, "ordered items": 0, "tables": 0, "images": 0}), [])
        for element in _visible(body):
            seen._count(element, tag_of(element), styles, numberings)
        for note in notes.values():
            for element in _visible(note):
                seen._count(element, tag_of(element), styles, numberings)
        return seen

    def _count(self, element: Element, tag: str, styles: Styles, numberings: Numberings) -> None:
        if tag == "tbl":
            self.counts["tables"] += 1
        elif tag in ("drawing", "pict", "object"):
            self.counts["images"] += sum(1 for _picture in pictures_of(element))
        if tag != "p":
            return
        text = raw_text(element)
        self.texts.append(text)
        style = styles.style_of(element)
        if styles.is_contents(style) or styles.is_code(style):
            return
        filled = bool(text.strip()) or any(
            any(True for _picture in pictures_of(drawing))
            for drawing in element.iter(f"{W}drawing", f"{W}pict", f"{W}object")
        )
        if not filled or is_on(element.find(f"{W}pPr/{W}rPr/{W}del")):
            return
        place = numberings.place(element)
        if styles.is_title(style) or styles.heading_level(element):
            self.counts["headings"] += bool(text.strip())
        elif place and not place.level.silent:
            self.counts["list items"] += 1
            self.counts["ordered items"] += place.level.ordered


def _visible(element: Element) -> Iterator[Element]:
    """All elements below that readers see, text boxes included, each once."""
    waiting = [element]
    while waiting:
        current = waiting.pop()
        tag = tag_of(current)
        if tag in _GONE or (tag == "tr" and current.find(f"{W}trPr/{W}del") is not None):
            continue
        if tag == "sdt" and any(
            gallery.get(f"{W}val") == "Table of Contents"
            for gallery in current.iterfind(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
        ):
            continue
        yield current
        if tag == "AlternateContent":
            waiting.append(Inline.chosen(current))
        else:
            waiting.extend(reversed(current))
