"""SVG in a Word document: drawn as vectors where that is known, with a bitmap of the same for everybody else."""

import io

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shape import InlineShape
from docx.shared import Emu
from docx.text.paragraph import Paragraph
from lxml import etree

from procedures.exporting.bitmaps import png_of
from procedures.exporting.wordparts import PIXEL, legal

SHARPNESS = 2  # pixels of the bitmap for one px on paper
CONTENT_TYPE = "image/svg+xml"
EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"


def add_drawing(paragraph: Paragraph, svg: str, *, room: tuple[float, float], name: str, words: str) -> None:
    """Put `svg`, shrunk into `room` (px), into `paragraph`; `words` are read out instead.

    Raises ValueError for what is no drawing with a width and a height.
    """
    root = etree.fromstring(svg)
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    scale = min(1.0, room[0] / width, room[1] / height)
    pixels = max(1, round(width * scale * SHARPNESS))
    sides = (Emu(round(side * scale * PIXEL)) for side in (width, height))
    shape = paragraph.add_run().add_picture(io.BytesIO(png_of(svg, width=pixels)), *sides)
    _add_vectors(paragraph, shape, svg)
    shape._inline.docPr.set("name", legal(name))
    shape._inline.docPr.set("descr", legal(words))


def _add_vectors(paragraph: Paragraph, shape: InlineShape, svg: str) -> None:
    """Name the drawing beside its bitmap, in the way that Word has known since 2016."""
    package = paragraph.part.package
    name = PackURI(package.next_partname("/word/media/drawing%d.svg"))
    relation = paragraph.part.relate_to(Part(name, CONTENT_TYPE, svg.encode(), package), RELATIONSHIP_TYPE.IMAGE)
    vectors = etree.Element(f"{{{NAMESPACE}}}svgBlip", nsmap={"asvg": NAMESPACE})
    vectors.set(qn("r:embed"), relation)
    extensions, extension = OxmlElement("a:extLst"), OxmlElement("a:ext")
    extension.set("uri", EXTENSION)
    extension.append(vectors)
    extensions.append(extension)
    next(shape._inline.iter(qn("a:blip"))).append(extensions)
