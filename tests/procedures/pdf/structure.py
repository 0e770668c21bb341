"""What PDF/UA-1 asks of a file and a program can see: the checks that ours pass (veraPDF is no package of ours)."""

import io
import re
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

STANDARD = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "P", "H1", "H2", "H3", "H4", "H5", "H6",
    "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Link", "Figure",
    "NonStruct", "Form",
}  # fmt: skip
"""The structure types of ISO 32000-1 that WeasyPrint writes: with no others there is nothing for a role map to say."""


def elements(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every structure element, in the order in which it is read."""
    waiting = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        found = waiting.pop().get_object()
        if isinstance(found, list):
            waiting += reversed(found)
        elif isinstance(found, DictionaryObject):
            if "/S" in found:
                yield found
            if "/K" in found:
                kids = found["/K"]
                waiting.append(kids)


def faults(data: bytes, *, language: str) -> list[str]:
    """What is wrong with `data` as PDF/UA-1, by the checks of this module; nothing when all is well."""
    reader = PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    found = []
    metadata = root["/Metadata"].get_object().get_data().decode()
    if not re.search(r"pdfuaid:part(=\"|>)1", metadata):
        found.append("metadata: no pdfuaid:part 1")
    if "dc:title" not in metadata or not reader.metadata.title:
        found.append("metadata: no title")
    if root.get("/MarkInfo", {}).get("/Marked") is not True and str(root["/MarkInfo"]["/Marked"]).lower() != "true":
        found.append("not marked")
    if root.get("/Lang") != language:
        found.append(f"language {root.get('/Lang')}")
    if str(root["/ViewerPreferences"]["/DisplayDocTitle"]).lower() != "true":
        found.append("the title is not displayed")
    if "/Outlines" not in root or not reader.outline:
        found.append("no bookmarks")
    if reader.is_encrypted:
        found.append("encrypted")
    for number, page in enumerate(reader.pages, start=1):
        if page.get("/Tabs") != "/S":
            found.append(f"page {number}: tab order")
        if "/StructParents" not in page:
            found.append(f"page {number}: not in the structure")
        for annotation in page.get("/Annots", []):
            if "/StructParent" not in annotation.get_object():
                found.append(f"page {number}: a link outside the structure")
        if any("/EmbeddedFile" in str(annotation) for annotation in page.get("/Annots", [])):
            found.append(f"page {number}: an attached file")
    level = 0
    seen = set()
    for element in elements(reader):
        kind = element["/S"][1:]
        seen.add(kind)
        if kind not in STANDARD:
            found.append(f"structure type {kind}")
        if kind == "Figure" and not element.get("/Alt"):
            found.append("a figure without words")
        if re.fullmatch(r"H[1-6]", kind):
            if not level and kind != "H1":
                found.append(f"the first heading is {kind}")
            if level and int(kind[1]) > level + 1:
                found.append(f"{kind} below H{level}")
            level = int(kind[1])
    if not {"Document", "H1", "Table", "TH", "TD"} <= seen:
        found.append(f"only {sorted(seen)}")
    found.extend(_tables(reader))
    return [*found, *_fonts(reader)]


def _tables(reader: PdfReader) -> Iterator[str]:
    """Every cell of a table with headers names them."""
    for table in (element for element in elements(reader) if element["/S"] == "/Table"):
        cells = list(_cells(table))
        headers = [cell for cell in cells if cell["/S"] == "/TH"]
        if not headers:
            yield "a table without headers"
        if any("/ID" not in cell for cell in headers):
            yield "a header without id"
        for cell in cells:
            if cell["/S"] == "/TD" and not cell.get("/A", {}).get("/Headers"):
                yield "a cell without headers"


def _cells(element: DictionaryObject) -> Iterator[DictionaryObject]:
    for kid in element.get("/K", []):
        kid = kid.get_object() if isinstance(kid, IndirectObject) else kid
        if isinstance(kid, DictionaryObject) and "/S" in kid:
            if kid["/S"] in ("/TH", "/TD"):
                yield kid
            elif kid["/S"] != "/Table":
                yield from _cells(kid)


def _fonts(reader: PdfReader) -> Iterator[str]:
    for number, page in enumerate(reader.pages, start=1):
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object().get("/DescendantFonts", [font])[0].get_object()
            descriptor = inner.get("/FontDescriptor", {})
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
                yield f"page {number}: a font that is not embedded"
            if "/ToUnicode" not in font.get_object():
                yield f"page {number}: a font without letters"
        break  # WeasyPrint shares one set of resources
