"""Draws a layout as SVG that may stand inside a page: no style, no script, nothing from elsewhere.

Presentation attributes give colours for paper and for the picture on its own; `static/css/flowchart.css` paints the
same classes in a page, dark mode included. Ids begin with the chart's prefix, so that charts never clash.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape  # nosec B406

from procedures.flowchart.graph import START, STOP, Node
from procedures.flowchart.layout import (
    CORNER,
    DOUBLE,
    HEAD,
    HEAD_LINE,
    LINE,
    SLANT,
    SMALL,
    SMALL_LINE,
    TEXT,
    Box,
    Label,
    Lane,
    Layout,
    Point,
    Terminal,
)
from procedures.flowchart.metrics import wrap
from procedures.flowchart.words import spoken
from procedures.models import StepKind

FONTS = "DejaVu Sans, Noto Sans CJK SC, Noto Sans CJK JP, Noto Sans, Verdana, sans-serif"
INK, INK_2, INK_3 = "#14191c", "#424b52", "#58626a"
PAPER, CANVAS, HAIRLINE, LINE_STRONG = "#ffffff", "#f3f5f6", "#dbe0e3", "#7d878e"
ACCENT = "#0a5a75"
WARN, WARN_SOFT, STOP_INK, STOP_SOFT = "#7a4b00", "#fdf1d8", "#a3231c", "#fdeae8"
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
TURN = 6.0
NUMBER_SPACE = 2 * "\N{NO-BREAK SPACE}"
ARROW_LENGTH, ARROW_HALF = 7.0, 3.5

# Twelve by twelve, drawn beside the word that says the same.
MARKS = {
    "hold": ("M3.6 .8h4.8l2.8 2.8v4.8l-2.8 2.8h-4.8l-2.8-2.8v-4.8zM3.5 6h5", STOP_INK),
    "notice": ("M6 1l5.4 9.6h-10.8zM6 4.4v2.8M6 8.8v.2", WARN),
    "items": ("M1.2 1.2h9.6v9.6h-9.6zM3.4 6l1.9 2 3.3-4.2", INK_3),
    "code": ("M1.2 1.6h9.6v8.8h-9.6zM3.4 1.6v8.8M8.6 1.6v8.8", INK_3),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the chart is called, and what every id in it begins with."""

    prefix: str
    title: str
    description: str


def draw(
    layout: Layout, names: Names, *, steps_at: str = "", standalone: bool = False, rows: tuple[int, int] | None = None
) -> str:
    """`layout` as one SVG element.

    steps_at: the address of the page whose `#step-3` the nodes link to, "" for this page. standalone: as a file of its
    own. rows: only these rows, first and last, below the names of the lanes.
    """
    top, bottom = _span(layout, rows)
    height = bottom - top + (layout.head if rows and top else 0)
    wide, high = _n(layout.width), _n(height)
    ids = f"{names.prefix}-title {names.prefix}-desc"
    return "".join(
        [
            f'<svg{NAMESPACE} class="flowchart{" wide" if layout.is_wide else ""}"',
            f' viewBox="0 0 {wide} {high}"',
            f' width="{wide}" height="{high}" role="group" aria-labelledby="{ids}"',
            f' font-family="{FONTS}" font-size="{_n(TEXT)}" fill="{INK}">',
            f'<title id="{names.prefix}-title">{_text(names.title)}</title>',
            f'<desc id="{names.prefix}-desc">{_text(names.description)}</desc>',
            f'<g id="{names.prefix}-drawing" class="flow-drawing">',
            f'<rect width="{wide}" height="{high}" fill="{PAPER}"/>' if standalone else "",
            *_lanes(layout, height),
            *_drawing(layout, top, bottom, prefix=steps_at, shift=(layout.head - top) if rows and top else 0.0),
            "</g></svg>",
        ]
    )


def _span(layout: Layout, rows: tuple[int, int] | None) -> tuple[float, float]:
    if rows is None:
        return 0.0, layout.height
    spans = layout.rows()
    top = 0.0 if rows[0] == 0 else spans[rows[0]][0] - PAGE_MARGIN
    return top, spans[rows[1]][1] - (PAGE_MARGIN if rows[1] + 1 < len(spans) else 0)


PAGE_MARGIN = 9.0
"""How far above its first box a page begins: below the bend of the line that leads there."""


def _drawing(layout: Layout, top: float, bottom: float, *, prefix: str, shift: float) -> Iterator[str]:
    whole = (top, bottom) == (0.0, layout.height)
    lines = [(line, [line.points] if whole else list(_clipped(line.points, top, bottom))) for line in layout.lines]
    yield f'<g transform="translate(0 {_n(shift)})">' if shift else "<g>"
    yield from _phases(layout, top, bottom)
    yield f'<g class="flow" fill="none" stroke="{INK_3}" stroke-width="1.25">'
    yield from (_path(points) for _line, parts in lines for points in parts)
    yield f'</g><path class="arrow" fill="{INK_3}" d="'
    yield from (_arrow(line.points) for line, _parts in lines if top <= line.points[-1][1] <= bottom)
    yield '"/>'
    yield from (_terminal(layout, terminal) for terminal in layout.terminals if top <= terminal.y < bottom)
    yield from (_node(box, steps_at=prefix) for box in layout.boxes if top <= box.y < bottom)
    labels = [line.label for line in layout.lines if line.label and top <= line.label.y < bottom]
    yield f'<g class="way" font-size="{_n(SMALL)}" fill="{INK_2}">'
    yield from (_label(label) for label in labels)
    if not whole:
        yield from _goes_on(layout, top, bottom)
    yield "</g></g>"


# Lanes and sections ------------------------------------------------------------------------------------------


def _lanes(layout: Layout, height: float) -> Iterator[str]:
    for index, lane in enumerate(layout.lanes):
        if index % 2 == 0:
            yield _lane_ground(lane, height)
    for lane in layout.lanes[1:]:
        yield (f'<path class="border" stroke="{HAIRLINE}" fill="none" d="M{_n(lane.x)} 0V{_n(height)}"/>')
    if not layout.head:
        return
    start = layout.lanes[0].x
    below = f"M{_n(start)} {_n(layout.head)}H{_n(layout.width)}"
    yield f'<path class="border" stroke="{LINE_STRONG}" fill="none" d="{below}"/>'
    yield f'<g class="role-name" font-size="{_n(HEAD)}" font-weight="bold" text-anchor="middle">'
    for lane in layout.lanes:
        y = (layout.head - (len(lane.lines) - 1) * HEAD_LINE) / 2 + HEAD * 0.35
        for place, line in enumerate(lane.lines):
            yield f'<text x="{_n(lane.x + lane.width / 2)}" y="{_n(y + place * HEAD_LINE)}">{_text(line)}</text>'
    yield "</g>"


def _lane_ground(lane: Lane, height: float) -> str:
    return f'<rect class="lane" x="{_n(lane.x)}" width="{_n(lane.width)}" height="{_n(height)}" fill="{CANVAS}"/>'


def _phases(layout: Layout, top: float, bottom: float) -> Iterator[str]:
    """Sections as bars down the left side, their names upwards; a name that is too long for its bar is cut."""
    rows = layout.rows()
    for phase in layout.graph.phases:
        first = max(layout.boxes[phase.first].y - 2, top + 1)
        last = min(rows[phase.last][1] - 12 if phase.last + 1 < len(rows) else layout.boxes[phase.last].bottom, bottom)
        if last - first < LINE:
            continue
        wide, middle, centre = layout.phase_width - 8, layout.phase_width / 2 - 1, (first + last) / 2
        words = wrap(phase.title, last - first - 10, SMALL)
        shown = words[0] + ("…" if len(words) > 1 else "") if words else ""
        yield (
            f'<rect class="phase" x="3" y="{_n(first)}" width="{_n(wide)}" height="{_n(last - first)}" rx="3"'
            f' fill="{CANVAS}" stroke="{HAIRLINE}"/>'
            f'<text class="phase-name" transform="rotate(-90 {_n(middle)} {_n(centre)})" x="{_n(middle)}"'
            f' y="{_n(centre + SMALL * 0.35)}" font-size="{_n(SMALL)}" fill="{INK_2}" text-anchor="middle">'
            f"<title>{_text(phase.title)}</title>{_text(shown)}</text>"
        )


# Lines -------------------------------------------------------------------------------------------------------


def _clipped(points: list[Point], top: float, bottom: float) -> Iterator[list[Point]]:
    """The parts of a line of level and upright pieces that lie between two heights."""
    part: list[Point] = []
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        low, high = min(y1, y2), max(y1, y2)
        if high < top or low > bottom:
            if part:
                yield part
            part = []
            continue
        start, end = (x1, min(max(y1, top), bottom)), (x2, min(max(y2, top), bottom))
        if part and part[-1] != start:
            yield part
            part = []
        part = part or [start]
        part.append(end)
    if part:
        yield part


def _path(points: list[Point]) -> str:
    """A line with rounded corners."""
    steps = [f"M{_p(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        turn = min(TURN, _distance(before, corner) / 2, _distance(corner, after) / 2)
        steps.append(f"L{_p(_towards(corner, before, turn))}Q{_p(corner)} {_p(_towards(corner, after, turn))}")
    return f'<path d="{"".join(steps)}L{_p(points[-1])}"/>'


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(point: Point, other: Point, step: float) -> Point:
    whole = _distance(point, other) or 1.0
    return point[0] + (other[0] - point[0]) * step / whole, point[1] + (other[1] - point[1]) * step / whole


def _arrow(points: list[Point]) -> str:
    (x1, y1), (x, y) = points[-2:]
    if abs(x - x1) > abs(y - y1):
        back = -ARROW_LENGTH if x > x1 else ARROW_LENGTH
        return f"M{_n(x)} {_n(y)}l{_n(back)} {_n(-ARROW_HALF)}v{_n(2 * ARROW_HALF)}z"
    back = -ARROW_LENGTH if y > y1 else ARROW_LENGTH
    return f"M{_n(x)} {_n(y)}l{_n(-ARROW_HALF)} {_n(back)}h{_n(2 * ARROW_HALF)}z"


def _label(label: Label) -> str:
    return "".join(
        f'<text x="{_n(label.x)}" y="{_n(label.y + place * SMALL_LINE)}">{_text(line)}</text>'
        for place, line in enumerate(label.lines)
    )


def _goes_on(layout: Layout, top: float, bottom: float) -> Iterator[str]:
    """At the edge of a page the step that a line leads to, for lines that go further than the next step."""
    for line in layout.lines:
        target = line.edge.target
        if line.edge.is_next or target is None:
            continue
        for (x, y1), (_x, y2) in zip(line.points, line.points[1:], strict=False):
            for cut, y in ((top, top + 8), (bottom, bottom - 2)):
                if 0 < cut < layout.height and min(y1, y2) < cut < max(y1, y2):
                    yield f'<text x="{_n(x + 3)}" y="{_n(y)}" font-size="8">→{layout.graph.nodes[target].number}</text>'


# Boxes -------------------------------------------------------------------------------------------------------


def _terminal(layout: Layout, terminal: Terminal) -> str:
    return _pill(terminal.x, terminal.y, terminal.width, terminal.height, layout.end_word, kind=STOP, size=SMALL)


def _pill(x: float, y: float, width: float, height: float, word: str, *, kind: str, size: float) -> str:
    fill, ink = (INK_2, PAPER) if kind == STOP else (PAPER, INK)
    return (
        f'<rect class="pill {kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
        f' rx="{_n(height / 2)}" fill="{fill}" stroke="{INK_2}"/>'
        f'<text class="pill-word {kind}" x="{_n(x + width / 2)}" y="{_n(y + height / 2 + size * 0.36)}"'
        f' font-size="{_n(size)}" fill="{ink}" text-anchor="middle">{_text(word)}</text>'
    )


def _node(box: Box, *, steps_at: str) -> str:
    node = box.node
    if node.kind in (START, STOP):
        return _pill(box.x, box.y, box.width, box.height, node.title, kind=node.kind, size=TEXT)
    used = len(box.lines) * LINE + len(node.details) * LINE
    y = box.y + (box.height - used) / 2 + TEXT * 0.98
    parts = [
        f'<a href="{_attribute(steps_at)}#step-{node.number}" aria-label="{_attribute(spoken(node))}">',
        *_shape(box),
        f'<text x="{_n(box.text_x)}" y="{_n(y)}"><tspan class="number" font-weight="bold" fill="{ACCENT}">',
        f"{node.number}</tspan>{NUMBER_SPACE}{_text(box.lines[0])}</text>",
    ]
    for place, line in enumerate(box.lines[1:], start=1):
        parts.append(f'<text x="{_n(box.text_x)}" y="{_n(y + place * LINE)}">{_text(line)}</text>')
    for place, detail in enumerate(node.details, start=len(box.lines)):
        path, colour = MARKS[detail.mark]
        at = y + place * LINE
        parts.append(
            f'<path class="mark is-{detail.mark}" transform="translate({_n(box.text_x)} {_n(at - 9.5)})" d="{path}"'
            f' fill="none" stroke="{colour}" stroke-width="1.2"/>'
            f'<text class="detail is-{detail.mark}" x="{_n(box.text_x + 17)}" y="{_n(at)}" font-size="{_n(SMALL)}"'
            f' fill="{colour}">{_text(detail.text)}</text>'
        )
    return "".join([*parts, "</a>"])


def _shape(box: Box) -> Iterable[str]:
    x, y, right, bottom = box.x, box.y, box.x + box.width, box.bottom
    kind = _class(box.node)
    fill, stroke, weight = _paint(box.node)
    paint = f'class="{kind}" fill="{fill}" stroke="{stroke}" stroke-width="{weight}"'
    match box.node.kind:
        case StepKind.DECISION:
            middle = y + box.height / 2
            corners = [
                (x + SLANT, y), (right - SLANT, y), (right, middle), (right - SLANT, bottom), (x + SLANT, bottom),
                (x, middle),
            ]  # fmt: skip
            yield f'<path {paint} d="M{"L".join(map(_p, corners))}z"/>'
        case StepKind.NOTICE:
            yield (
                f'<path {paint} d="M{_n(x)} {_n(y)}H{_n(right - CORNER)}L{_n(right)} {_n(y + CORNER)}V{_n(bottom)}'
                f'H{_n(x)}zM{_n(right - CORNER)} {_n(y)}v{_n(CORNER)}h{_n(CORNER)}"/>'
            )
        case _:
            yield (f'<rect {paint} x="{_n(x)}" y="{_n(y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="5"/>')
    if box.node.kind == StepKind.SUBPROCEDURE:
        yield (
            f'<path class="double" fill="none" stroke="{stroke}" stroke-width="{weight}"'
            f' d="M{_n(x + DOUBLE)} {_n(y)}V{_n(bottom)}M{_n(right - DOUBLE)} {_n(y)}V{_n(bottom)}"/>'
        )


def _class(node: Node) -> str:
    return f"node {node.kind}" + (" hold" if node.is_hold else "")


def _paint(node: Node) -> tuple[str, str, str]:
    """Fill, stroke and its width."""
    fill = WARN_SOFT if node.is_decision else PAPER
    if node.is_hold:
        return (fill if node.is_decision else STOP_SOFT), STOP_INK, "1.75"
    if node.is_decision or node.kind == StepKind.NOTICE:
        return fill, WARN, "1.25"
    return fill, LINE_STRONG, "1.25"


# Writing -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def _n(number: float) -> str:
    """A number as short as a tenth of a pixel needs, whatever the language."""
    text = f"{number:.1f}"
    return text[:-2] if text.endswith(".0") else text


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _text(text: str) -> str:
    return text if text.isalnum() else escape(text)


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&#39;"})
