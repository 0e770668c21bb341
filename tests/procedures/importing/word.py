"""Short ways to make a Word document in a test."""

import io
import zipfile
from collections.abc import Callable

from docx import Document
from docx.oxml import parse_xml
from PIL import Image

from procedures.importing.document import ParsedProcedure
from procedures.importing.docx.reading import parse_docx

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def data_of(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read_word(document, *, filename: str = "file.docx") -> ParsedProcedure:
    return parse_docx(document if isinstance(document, bytes) else data_of(document), filename=filename)


def with_xml(*fragments: str) -> ParsedProcedure:
    """A document of these pieces of WordprocessingML, each beginning like "<w:p >"."""
    document = Document()
    for fragment in fragments:
        tag, rest = fragment.split(" ", 1)
        opened = f"{tag} {NAMESPACES} {rest}"
        document.element.body.insert(len(document.element.body) - 1, parse_xml(opened))
    return read_word(document)


def rewritten(
    data: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None
) -> bytes:
    """The package with its members changed; None takes one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = change(member.filename, old.read(member))
            if content is not None:
                new.writestr(member.filename, content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def picture(color: str = "red", kind: str = "PNG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), color).save(out, kind)
    out.seek(0)
    return out
