"""The flowchart in pieces that fit on the pages of a Word document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from procedures.flowchart import FlowLine, pages_of

# The room below a heading in px, on a page and on one that lies across.
UPRIGHT_PX = (625.0, 830.0)
ACROSS_PX = (950.0, 540.0)
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class ChartPiece:
    """A page of the chart: the drawing, the room it has in px, and what it says as text."""

    svg: str
    room: tuple[float, float]
    words: str
    is_wide: bool


def chart_pieces(content: dict) -> Iterator[ChartPiece]:
    """The chart in the language that is active; nothing of a text with too few steps for one."""
    for chart in pages_of(content, upright=UPRIGHT_PX, across=ACROSS_PX):
        yield ChartPiece(
            svg=_without_links(chart.svg),
            room=ACROSS_PX if chart.is_wide else UPRIGHT_PX,
            words="\n".join([f"{_('Flowchart')} – {chart.description}", *map(_said, chart.lines)]),
            is_wide=chart.is_wide,
        )


def _without_links(svg: str) -> str:
    """The drawing without what only a page can do: links to its steps, words on hover."""
    root: Any = etree.fromstring(svg)
    for node in list(root.iter(f"{_SVG}a")):
        node.tag = f"{_SVG}g"
        node.attrib.clear()
    for title in root.findall(f".//{_SVG}text/{_SVG}title"):
        title.getparent().text = title.tail
        title.getparent().remove(title)
    return etree.tostring(root, encoding="unicode")


def _said(line: FlowLine) -> str:
    role = f" ({line.role})" if line.role else ""
    ways = "; ".join(f"{way.label} → {way.words}" if way.label else way.words for way in line.ways)
    return f"{line.number}. {line.title}{role} – {ways}"
