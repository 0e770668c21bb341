"""Any file that can be imported → procedures: by its ending, alone or in a zip with its pictures."""

import posixpath
import re
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from procedures.importing.archives import Archive
from procedures.importing.csvsteps import parse_csv
from procedures.importing.document import MAX_FILE_BYTES, ParsedProcedure, UnreadableDocument
from procedures.importing.docx.package import MAX_PICTURE, OLE, old_word
from procedures.importing.docx.reading import parse_docx
from procedures.importing.markdown import decode, parse_markdown
from procedures.importing.ownfiles import is_own, parsed_from_own, read_own
from procedures.importing.pictures import PictureStore
from procedures.importing.rich.html import MAX_HTML, Beside, decode_html, parse_html_file
from procedures.importing.source import Source

MAX_UPLOAD = 20_000_000
MAX_DOCUMENTS = 200
MARKDOWN = (".md", ".markdown")
HTML = (".html", ".htm")
WORD = (".docx", ".docm")
TABLES = (".csv", ".tsv")
ZIP = (".zip",)
ENDINGS = MARKDOWN + WORD + HTML + TABLES + ZIP
_IN_ZIP = MARKDOWN + WORD + HTML
_PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff")

# A picture in Markdown, in HTML within it, and the address at the end that a label stands for.
_PICTURE = (
    r"(?P<head>!\[(?P<alt>[^\[\]]{0,600})\]\()(?:<(?P<bracketed>[^<>\n]{1,500})>|(?P<bare>[^()\s<>]{1,500}))(?=[)\s])"
    r"|(?P<tag><img\b[^<>]{0,500}?\bsrc\s{0,5}=\s{0,5}[\"'])(?P<quoted>[^\"'<>]{1,500})(?=[\"'])"
    r"|(?P<label>^ {0,3}\[[^\]\n]{1,200}\]:[ \t]{1,9})(?P<target>[^\s<>]{1,500})"
)


def documents_in(data: bytes, filename: str) -> list[str]:
    """The documents of an archive by their path in it, sorted; [""] for a file that is one document itself.

    Raises UnreadableDocument for an archive that is unsafe, too large or holds none.
    """
    if not filename.lower().endswith(ZIP):
        return [""]
    archive = Archive(data)
    if "[Content_Types].xml" in archive and any(name.startswith("word/") for name in archive):
        return [""]
    bad = archive.bad_name()
    if bad:
        message = _("“%(name)s” in the archive leads outside it. The archive is not opened.")
        raise UnreadableDocument(message % {"name": bad[:100]})
    found = sorted(name for name in archive if name.lower().endswith(_IN_ZIP) and not _is_litter(name))
    if not found:
        message = _("The archive holds no document that can be imported (%(endings)s).")
        raise UnreadableDocument(message % {"endings": ", ".join(_IN_ZIP)})
    if len(found) > MAX_DOCUMENTS:
        message = _("The archive holds %(count)d documents; %(limit)d can be imported at a time.")
        raise UnreadableDocument(message % {"count": len(found), "limit": MAX_DOCUMENTS})
    return found


def parse_file(data: bytes, *, filename: str, member: str = "") -> ParsedProcedure:
    """Read one procedure; `member` names the document in an archive. Raises UnreadableDocument."""
    if len(data) > MAX_UPLOAD:
        raise UnreadableDocument(_("The file is larger than %(limit)d MB.") % {"limit": MAX_UPLOAD // 1_000_000})
    if member:
        return _parse_member(Archive(data), member)
    ending = posixpath.splitext(filename.lower())[1]
    _refuse_other_kinds(data, ending)
    if ending in WORD or ending in ZIP:
        return parse_docx(data, filename=filename)
    if ending in HTML:
        return parse_html_file(decode_html(data), filename=filename)
    if ending in TABLES:
        return parse_csv(data, filename=filename)
    if ending in MARKDOWN:
        return parse_markdown(decode(data), filename=filename)
    message = _("Files of this kind cannot be imported. Those that can: %(endings)s.")
    raise UnreadableDocument(message % {"endings": ", ".join(ENDINGS)})


def _refuse_other_kinds(data: bytes, ending: str) -> None:
    """Say what a file is when its name says something else, or nothing that can be imported."""
    if data.startswith(b"%PDF-"):
        raise UnreadableDocument(_("This is a PDF file. Open it in Word, save it as .docx and import that."))
    if ending in WORD + ZIP:
        return
    if data.startswith(OLE):
        raise UnreadableDocument(old_word())
    if data.startswith(b"PK\x03\x04") and ending in MARKDOWN + HTML + TABLES:
        message = _("This is a Word document or an archive, although its name ends in %(ending)s. Rename it first.")
        raise UnreadableDocument(message % {"ending": ending})


def _parse_member(archive: Archive, member: str) -> ParsedProcedure:
    if member not in archive or archive.bad_name():
        raise UnreadableDocument(_("There is no such document in the archive."))
    name = posixpath.basename(member)
    ending = posixpath.splitext(name.lower())[1]
    if ending in WORD:
        return parse_docx(archive.read(member, limit=MAX_UPLOAD), filename=name)

    def beside(address: str) -> bytes | None:
        found = _resolved(address, member)
        return archive.read(found, limit=MAX_PICTURE) if found and found in archive else None

    if ending in HTML:
        text = decode_html(archive.read(member, limit=MAX_HTML))
        return parse_html_file(text, filename=name, beside=beside)
    text = decode(archive.read(member, limit=MAX_FILE_BYTES))
    if is_own(text):
        return parsed_from_own(read_own(text), text, beside=beside)
    store = PictureStore()
    text, refused = _with_pictures(text, member, beside, store)
    procedure = parse_markdown(text, filename=name, store=store)
    notes = tuple(replace(note, why=refused.get(unquote(note.what), note.why)) for note in procedure.report.unresolved)
    return replace(procedure, report=replace(procedure.report, unresolved=notes))


def _with_pictures(text: str, member: str, beside: Beside, store: PictureStore) -> tuple[str, dict[str, str]]:
    """The text with the addresses of pictures that came along replaced by the keys under which they are kept; and why
    some were not taken, by their address."""
    refused: dict[str, str] = {}

    def kept(address: str) -> str:
        path = _resolved(address, member)
        if not path.lower().endswith(_PICTURE_ENDINGS):
            return ""
        known = store.known(path)
        if known is None:
            data = beside(address)
            known = store.add(data, name=path) if data is not None else ("", "")
        if known[1]:
            refused[unquote(address)] = known[1]
        return known[0]

    def replaced(match: re.Match[str], number: int) -> str:
        head = match["head"] or match["tag"] or match["label"]
        key = kept(match["bracketed"] or match["bare"] or match["quoted"] or match["target"])
        return f"{head}media:{key}" if key else match[0]

    source = Source.of(text.replace("\r\n", "\n").replace("\r", "\n"))
    source.replace(_PICTURE, replaced, flags=re.MULTILINE | re.IGNORECASE)
    return source.text, refused


def _resolved(address: str, member: str) -> str:
    """The path in the archive that a relative address means; "" for one that leads out of it or to the web."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return ""
    path = unquote(parts.path).replace("\\", "/")
    whole = path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(member), path)
    found = posixpath.normpath(whole)
    return "" if found.startswith("..") or found.startswith("/") else found


def _is_litter(name: str) -> bool:
    """What systems leave in archives: resource forks, editors' copies, hidden folders."""
    return any(part.startswith((".", "__MACOSX", "~$")) for part in name.split("/"))
