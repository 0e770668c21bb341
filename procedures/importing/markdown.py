"""Markdown file → procedure. The entry points `decode` and `parse_markdown`; pure, no database, nothing fetched."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from django.utils.translation import gettext as _

from procedures.importing.blocks import SourceDocument
from procedures.importing.cleaning import clean
from procedures.importing.counting import words_of
from procedures.importing.dialects import DialectReader, letters_to_bullets
from procedures.importing.document import (
    MAX_FILE_BYTES,
    ParsedProcedure,
    UnreadableDocument,
)
from procedures.importing.frontmatter import FrontMatter, as_text, split_front_matter
from procedures.importing.htmltags import HtmlReader
from procedures.importing.language import detect_language
from procedures.importing.links import unresolved_addresses
from procedures.importing.ownfiles import is_own, parsed_from_own, read_own
from procedures.importing.pictures import PictureStore
from procedures.importing.recognising import recognise
from procedures.importing.reporting import procedure_of
from procedures.importing.source import Source
from procedures.importing.tokens import blocks_of

# The time to read brackets that never close grows with their square.
_MAX_BRACKETS = 20_000


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one; any line ends.

    Raises UnreadableDocument, with a sentence for the person who chose the file, when it is empty, larger than
    2 MB or in another encoding.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableDocument(_too_large())
    try:
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            _("The file is not UTF-8 text (byte %(byte)d cannot be read). Save it as UTF-8 and try again.")
            % {"byte": error.start + 1}
        ) from error
    if "\0" in text:
        raise UnreadableDocument(_("The file is not text: it contains null bytes."))
    if not text.strip():
        raise UnreadableDocument(_("The file is empty."))
    return text


def parse_markdown(text: str, *, filename: str, store: PictureStore | None = None) -> ParsedProcedure:
    """Read a procedure from Markdown of any common dialect.

    `filename` gives the title when the text has none. Raises UnreadableDocument for a text that is empty or larger
    than 2 MB; anything else is read as far as it goes, and the report says what became of it. `store` holds the
    pictures that the text names by their key.
    """
    if not text.strip():
        raise UnreadableDocument(_("The file is empty."))
    if len(text.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
        raise UnreadableDocument(_too_large())
    if any(paragraph.count("[") > _MAX_BRACKETS for paragraph in re.split(r"\n[ \t]*\n", text)):
        message = _("A paragraph has more than %(limit)s brackets; this is not a written text.")
        raise UnreadableDocument(message % {"limit": _MAX_BRACKETS})
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if is_own(text):
        return parsed_from_own(read_own(text), text)
    front = split_front_matter(text)
    document = read_document(front, filename=filename)
    return procedure_of(document, recognise(document), words=words_of(front.body), store=store)


def read_document(front: FrontMatter, *, filename: str) -> SourceDocument:
    """The blocks of a Markdown body, all dialects translated; nothing is recognised yet."""
    language = _language(front)
    dialects = DialectReader(language)
    source = dialects.read(Source.of(front.body, first_line=front.body_line))
    html = HtmlReader()
    html.read(source)
    unresolved = [*dialects.unresolved, *html.unresolved]
    dropped = [*dialects.dropped, *html.dropped]
    clean(source, unresolved=unresolved, dropped=dropped, anchors=html.anchors)
    blocks = blocks_of(letters_to_bullets(source))
    unresolved += unresolved_addresses(blocks, html.anchors)
    return SourceDocument(
        blocks=blocks,
        file_name=filename,
        language=language,
        fields=front.fields,
        unread_fields=front.unread,
        unresolved=tuple(sorted(unresolved, key=lambda note: note.line)),
        dropped=tuple(dropped),
        notes=tuple(front.notes),
    )


def _too_large() -> str:
    return _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE_BYTES // 1_000_000}


def _language(front: FrontMatter) -> str:
    for name in ("language", "lang", "locale", "ms.contentlocale"):
        stated = as_text(front.fields.get(name, "")).casefold()
        if re.fullmatch(r"[a-z]{2}([-_][a-z]{2})?", stated):
            return stated[:2]
    return detect_language(words_of(front.body))
