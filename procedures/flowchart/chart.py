"""What others ask of this package: the chart of a content for a page, for paper, and as a file."""

import re
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procedures.flowchart.graph import STOP, Graph, graph_of
from procedures.flowchart.layout import Layout, layout_of
from procedures.flowchart.metrics import plain
from procedures.flowchart.svg import Names, draw
from procedures.flowchart.words import FlowLine, description_of, lines_of

FEWEST_STEPS = 3
SHRUNK = 1.12
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn flow: the SVG, the same as text, a sentence about it, and whether it needs paper that lies across."""

    svg: SafeString
    lines: list[FlowLine]
    description: str
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The upper part of a chart that stands elsewhere in the page: the id to use, and the part of it to show."""

    drawing: str
    width: int
    height: int


def has_chart(content: dict) -> bool:
    """Whether a chart would say anything: of fewer than three steps it would not."""
    return len(content["steps"]) >= FEWEST_STEPS


def chart_of(content: dict) -> Chart | None:
    """The chart for a page that holds the steps too, in the language that is active; None when it would say nothing."""
    if not has_chart(content):
        return None
    graph, layout = _laid_out(content)
    return _chart(graph, layout, draw(layout, _names(content, graph)))


def thumbnail_of(content: dict) -> Thumbnail | None:
    """What a page needs to show `chart_of(content)` a second time, small."""
    if not has_chart(content):
        return None
    graph, layout = _laid_out(content)
    width = round(layout.width)
    return Thumbnail(f"{_names(content, graph).prefix}-drawing", width, min(round(layout.height), width * 3 // 4))


def pages_of(content: dict, *, upright: tuple[float, float], across: tuple[float, float]) -> list[Chart]:
    """The chart for paper with so many px of width and height on an upright page and on one turned to lie across,
    which a wide chart takes: in one piece, or cut between steps. What is shrunk to fit the width leaves room for more.
    The words of a piece are those of its own steps.
    """
    if not has_chart(content):
        return []
    graph, layout = _laid_out(content)
    names = _names(content, graph)
    width, height = across if layout.is_wide else upright
    cuts = _cut(layout, height / min(1.0, width / layout.width))
    return [
        _chart(graph, layout, draw(layout, replace(names, prefix=f"{names.prefix}-{at}"), rows=rows), rows=rows)
        for at, rows in enumerate(cuts, start=1)
    ]


def standalone_svg(content: dict, *, steps_at: str) -> str:
    """The chart as a file of its own whose nodes link to `steps_at`; "" when it would say nothing."""
    if not has_chart(content):
        return ""
    graph, layout = _laid_out(content)
    return draw(layout, _names(content, graph), steps_at=steps_at, standalone=True)


def _laid_out(content: dict) -> tuple[Graph, Layout]:
    graph = graph_of(content)
    return graph, layout_of(graph, end_word=_("End"), nobody_word=_("Nobody named"))


def _names(content: dict, graph: Graph) -> Names:
    code = plain(content["code"])
    return Names(
        prefix=f"flow-{_NOT_IN_ID.sub('-', code.lower())}-{content['number']}",
        title=_("Flowchart of %(code)s") % {"code": code},
        description=description_of(graph),
    )


def _chart(graph: Graph, layout: Layout, svg: str, *, rows: tuple[int, int] | None = None) -> Chart:
    shown = {node.number for node in (graph.nodes[rows[0] : rows[1] + 1] if rows else graph.nodes)}
    lines = [line for line in lines_of(graph) if line.number in shown]
    # Every word in it was escaped by `svg`, which writes nothing else that comes from a person.
    return Chart(SafeString(svg), lines, description_of(graph), layout.is_wide)  # nosec B308 B703


def _cut(layout: Layout, room: float) -> list[tuple[int, int]]:
    """First and last rows of every page. Where a little more shrinking saves a page, it is done; the end of the
    procedure never stands on a page alone."""
    pages = min((_filled(layout, room * more) for more in (1.0, SHRUNK)), key=len)
    if len(pages) > 1 and layout.boxes[pages[-1][0]].node.kind == STOP:
        (first, _last), (_first, last) = pages[-2:]
        pages[-2:] = [(first, last)]
    return pages


def _filled(layout: Layout, room: float) -> list[tuple[int, int]]:
    rows, pages, first = layout.rows(), [], 0
    for row, (_top, bottom) in enumerate(rows):
        start = rows[first][0] - layout.head if first else 0.0
        if row > first and bottom - start > room:
            pages.append((first, row - 1))
            first = row
    return [*pages, (first, len(rows) - 1)]
