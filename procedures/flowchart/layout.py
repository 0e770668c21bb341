"""Where everything stands: boxes in their lane and row, every line in a channel of its own.

Nothing but the box of a row is as high as that row, so a horizontal line at its height meets no other box; vertical
lines run beside the boxes of a lane, each in a track of its own, or in the gap between two rows. Hence lines cross at
right angles at most: they never run through a box and never lie on each other.

From a box outwards a lane has: the zone, with labels of ways out and the ends of the procedure; the tracks; the border.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from procedures.flowchart.graph import START, STOP, Edge, Graph, Node
from procedures.flowchart.metrics import BOLD, width, wrap
from procedures.models import StepKind

LEFT, RIGHT = -1, 1

TEXT = 12.0
LINE = 15.5
SMALL = 10.5
SMALL_LINE = 13.0
HEAD = 12.5
HEAD_LINE = 16.0

BOX_WIDTHS = {1: 320.0, 2: 235.0, 3: 170.0, 4: 136.0, 5: 128.0}
NARROWEST_BOX = 122.0
PAD_X, PAD_Y = 10.0, 8.0
NUMBER_GAP = 8.0
SLANT = 12.0
"""How far the tip of a decision stands out."""
CORNER = 12.0
"""The folded corner of a notice."""
DOUBLE = 5.0
"""Between the two lines at either side of a sub-procedure."""

GAP = 28.0
ARROW = 8.0
BEND_ROOM = 16.0
ZONE = 15.0
TRACK = 11.0
EDGE_OF_LANE = 9.0
PORT_ROOM = 11.0
ABOVE_BOX = 7.0
"""How far a label at the side may stand out above its box: less than the next bend of a line is away."""
LABEL_WIDTHS = (54.0, 72.0, 90.0)
LABEL_LINES = 4
PILL_HEIGHT = 24.0
TERMINAL_HALF = 9.0
PHASE = 24.0

WIDEST = 1000.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a line: their lines, the left end of the first baseline, and the rectangle that they fill."""

    lines: list[str]
    x: float
    y: float
    width: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        return (self.x, self.y - SMALL, self.x + self.width, self.y + (len(self.lines) - 1) * SMALL_LINE + 3)


@dataclass(slots=True)
class Box:
    """A node with its place. The lines of its title begin at `text_x`, the first one behind the number."""

    node: Node
    lines: list[str]
    text_x: float = 0.0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def border(self, side: int, y: float) -> float:
        """The x of the border on `side` at height `y`."""
        edge = self.x if side == LEFT else self.x + self.width
        if self.node.kind == StepKind.NOTICE and side == RIGHT:
            return edge - max(0.0, CORNER - (y - self.y))
        if not self.node.is_decision:
            return edge
        half = self.height / 2
        return edge - side * SLANT * abs(y - self.y - half) / half


@dataclass(frozen=True, slots=True)
class Terminal:
    """A small end of the procedure beside a decision."""

    x: float
    y: float
    width: float
    height: float = 2 * TERMINAL_HALF


@dataclass(slots=True)
class Line:
    """An edge as it is drawn: corner points from border to border."""

    edge: Edge
    points: list[Point] = field(default_factory=list)
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    lines: list[str]
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    graph: Graph
    width: float
    height: float
    head: float
    lanes: list[Lane]
    boxes: list[Box]
    lines: list[Line]
    terminals: list[Terminal]
    phase_width: float
    end_word: str

    @property
    def is_wide(self) -> bool:
        """Whether it stays readable only at its own size, whatever the room."""
        return self.width > WIDEST

    def rows(self) -> list[tuple[float, float]]:
        """Top and bottom of every row, the gap below it included."""
        tops = [box.y for box in self.boxes] + [self.height]
        return [(tops[place], tops[place + 1]) for place in range(len(self.boxes))]


@dataclass(slots=True)
class _Way:
    """A way out through a side of its box: along the row to a track and back to another row, or to an end there."""

    edge: Edge
    out_side: int
    in_side: int
    channel: tuple[int, int] | None
    """Lane and side whose tracks it uses; None for one that ends beside its box."""
    label: list[str]
    label_width: float
    out_y: float = 0.0
    in_y: float = 0.0
    track: int = 0

    @property
    def is_end(self) -> bool:
        return self.channel is None


def layout_of(graph: Graph, *, end_word: str, nobody_word: str) -> Layout:
    """Place everything in `graph`. `end_word` stands in the small ends beside decisions, `nobody_word` above the lane
    of the steps without a role."""
    return _Layouter(graph, end_word, nobody_word).run()


class _Layouter:
    def __init__(self, graph: Graph, end_word: str, nobody_word: str) -> None:
        self.graph = graph
        self.names = [name or nobody_word for name in graph.lanes] if any(graph.lanes) else []
        self.end_word = end_word
        self.end_width = math.ceil(width(end_word, SMALL)) + 18
        self.box_width = BOX_WIDTHS.get(len(graph.lanes), NARROWEST_BOX)
        self.boxes = [self._box(node) for node in graph.nodes]
        self.ways = list(self._ways())
        self.zones = self._zones()

    def run(self) -> Layout:
        ports = self._ports()
        phase_width = PHASE if self.graph.phases else 0.0
        heads = [wrap(name, self.box_width, HEAD, scale=BOLD) for name in self.names] or [[]]
        head = max(map(len, heads)) * HEAD_LINE + 14 if self.names else 0.0
        next_lines = [(edge, self._next_label(edge)) for edge in self.graph.edges if edge.is_next]
        height = self._rows(head, ports, next_lines)
        tracks = self._tracks()
        lanes = self._columns(phase_width, heads, tracks)
        lines = [self._next_line(edge, label) for edge, label in next_lines]
        terminals: list[Terminal] = []
        lines += [self._way_line(way, lanes, terminals) for way in self.ways]
        right = lanes[-1].x + lanes[-1].width
        return Layout(
            self.graph, right, height, head, lanes, self.boxes, lines, terminals, phase_width, self.end_word
        )  # fmt: skip

    # Boxes ---------------------------------------------------------------------------------------------------

    def _box(self, node: Node) -> Box:
        if node.kind in (START, STOP):
            return Box(node, [node.title], width=math.ceil(width(node.title, TEXT)) + 30, height=PILL_HEIGHT)
        inset = SLANT + 1 if node.is_decision else DOUBLE + PAD_X - 2 if node.kind == StepKind.SUBPROCEDURE else PAD_X
        indent = math.ceil(width(str(node.number), TEXT) * BOLD) + NUMBER_GAP
        lines = wrap(node.title, self.box_width - 2 * inset, TEXT, indent=indent)
        height = len(lines) * LINE + len(node.details) * LINE + 2 * PAD_Y
        return Box(node, lines, inset, width=self.box_width, height=max(height, 36.0))

    # Sides ---------------------------------------------------------------------------------------------------

    def _ways(self) -> Iterable[_Way]:
        """The edges that leave through a side, each with its sides: to another lane towards it, back on the left,
        forward on the right, to an end where there is most room."""
        leaving: dict[int, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            if not edge.is_next:
                leaving[edge.source].append(edge)
        for row, found in leaving.items():
            box = self.boxes[row]
            taken = {LEFT: 0, RIGHT: 0}
            for edge in sorted(found, key=self._urgency):
                side = self._side(edge, taken)
                taken[side] += 1
                label, label_width = _side_label(edge.label)
                if edge.target is None:
                    yield _Way(edge, side, side, None, label, label_width)
                    continue
                here, there = box.node.lane, self.boxes[edge.target].node.lane
                in_side = side if here == there else -side
                yield _Way(edge, side, in_side, (there, in_side), label, label_width)

    def _lane(self, edge: Edge) -> tuple[int, int | None]:
        return self.boxes[edge.source].node.lane, None if edge.target is None else self.boxes[edge.target].node.lane

    def _urgency(self, edge: Edge) -> int:
        here, there = self._lane(edge)
        return 2 if there is None else 1 if here == there else 0

    def _side(self, edge: Edge, taken: dict[int, int]) -> int:
        here, there = self._lane(edge)
        if there is None:
            return LEFT if taken[LEFT] < taken[RIGHT] else RIGHT
        if here != there:
            return RIGHT if there > here else LEFT
        return LEFT if edge.target is not None and edge.target <= edge.source else RIGHT

    def _zones(self) -> dict[tuple[int, int], float]:
        """Lane and side → room between boxes and tracks."""
        zones: dict[tuple[int, int], float] = defaultdict(lambda: ZONE)
        for way in self.ways:
            lane = self.boxes[way.edge.source].node.lane
            needed = max(way.label_width + 10, ZONE + (self.end_width + 4 if way.is_end else 0))
            zones[lane, way.out_side] = max(zones[lane, way.out_side], needed)
        return zones

    def _ports(self) -> list[dict[int, list[tuple[_Way, bool]]]]:
        """For every row and side what meets the box there, from top to bottom; True marks what leaves."""
        ports: list[dict[int, list[tuple[_Way, bool]]]] = [{LEFT: [], RIGHT: []} for _box in self.boxes]
        for way in self.ways:
            ports[way.edge.source][way.out_side].append((way, True))
            if way.edge.target is not None:
                ports[way.edge.target][way.in_side].append((way, False))
        for row, sides in enumerate(ports):
            for met in sides.values():
                met.sort(key=partial(self._rank, row))
        return ports

    def _rank(self, row: int, port: tuple[_Way, bool]) -> tuple[int, int, int]:
        """Order of the ports of a side, so that lines of one box do not cross: what goes up stands on top, the nearest
        first; what goes down below, the farthest first. An end beside the box stands between the two."""
        way, leaves = port
        here, there = self._lane(way.edge)
        other = way.edge.target if leaves else way.edge.source
        if there is None or other is None:
            return (1, 0, 0)
        if other == row:
            return (0 if leaves else 2, 0, 0)
        away = abs(here - there) if leaves else 0
        return (0, away, row - other) if other < row else (2, -away, row - other)

    # Rows ----------------------------------------------------------------------------------------------------

    def _rows(
        self, head: float, ports: list[dict[int, list[tuple[_Way, bool]]]], next_lines: list[tuple[Edge, list[str]]]
    ) -> float:
        """Give every box its height and its y, every port its y. Returns the height of the whole."""
        gaps = {edge.source: self._gap(edge, label) for edge, label in next_lines}
        y = head + 14
        for row, box in enumerate(self.boxes):
            rooms = {side: _rooms(met) for side, met in ports[row].items()}
            box.height = max([box.height, *(sum(room) + PORT_ROOM + 2 for room in rooms.values())])
            box.y = y
            for side, met in ports[row].items():
                for (way, leaves), at in zip(met, _spread(rooms[side], box.height), strict=True):
                    if leaves:
                        way.out_y = y + at
                    else:
                        way.in_y = y + at
            y += box.height + gaps.get(row, GAP)
        return math.ceil(self.boxes[-1].bottom + 14)

    def _gap(self, edge: Edge, label: list[str]) -> float:
        here, there = self._lane(edge)
        room = len(label) * SMALL_LINE + 6 if label else 0.0
        return max(GAP, room + (BEND_ROOM + 6 if here != there else ARROW + 8))

    def _next_label(self, edge: Edge) -> list[str]:
        lane = self.boxes[edge.source].node.lane
        return wrap(edge.label, self.box_width / 2 + self.zones[lane, RIGHT] - 16, SMALL)

    # Columns -------------------------------------------------------------------------------------------------

    def _tracks(self) -> dict[tuple[int, int], int]:
        """Give every way the innermost track of its channel that is free over its whole length, short ones first.
        Returns how many tracks each channel has."""
        counts: dict[tuple[int, int], int] = defaultdict(int)
        taken: dict[tuple[int, int], list[list[tuple[float, float]]]] = defaultdict(list)
        for way in sorted(self.ways, key=lambda way: (abs(way.out_y - way.in_y), way.out_y)):
            if way.channel is None:
                continue
            top, bottom = min(way.out_y, way.in_y) - 5, max(way.out_y, way.in_y) + 5
            tracks = taken[way.channel]
            for place, spans in enumerate(tracks):
                if all(bottom < other_top or top > other_bottom for other_top, other_bottom in spans):
                    way.track = place
                    spans.append((top, bottom))
                    break
            else:
                way.track = len(tracks)
                tracks.append([(top, bottom)])
            counts[way.channel] = len(tracks)
        return counts

    def _columns(self, x: float, heads: list[list[str]], tracks: dict[tuple[int, int], int]) -> list[Lane]:
        """Give every lane its place and width, every box its x."""
        lanes = []
        for index, name in enumerate(self.graph.lanes):
            sides = {
                side: self.zones[index, side] + max(0, tracks[index, side] - 1) * TRACK + EDGE_OF_LANE
                for side in (LEFT, RIGHT)
            }
            lane_width = math.ceil(sides[LEFT] + self.box_width + sides[RIGHT])
            lanes.append(Lane(name, heads[index], x, lane_width))
            middle = x + sides[LEFT] + self.box_width / 2
            for box in self.boxes:
                if box.node.lane == index:
                    box.x = middle - box.width / 2
                    box.text_x += box.x
            x += lane_width
        return lanes

    def _track_x(self, way: _Way, lanes: list[Lane]) -> float:
        assert way.channel is not None  # nosec B101
        lane, side = way.channel
        inner = next(box for box in self.boxes if box.node.lane == lane and box.width == self.box_width)
        edge = inner.x if side == LEFT else inner.x + inner.width
        return edge + side * (self.zones[lane, side] + way.track * TRACK)

    # Lines ---------------------------------------------------------------------------------------------------

    def _next_line(self, edge: Edge, label: list[str]) -> Line:
        box, below = self.boxes[edge.source], self.boxes[edge.source + 1]
        room = len(label) * SMALL_LINE + 6 if label else 0.0
        line = Line(edge, [(box.middle, box.bottom)])
        if abs(box.middle - below.middle) > 0.1:
            bend = max(box.bottom + room, (box.bottom + below.y) / 2 - 2)
            bend = min(bend, below.y - BEND_ROOM + 2)
            line.points += [(box.middle, bend), (below.middle, bend)]
        line.points.append((below.middle, below.y))
        if label:
            line.label = _label(label, box.middle + 6, box.bottom + SMALL + 3)
        return line

    def _way_line(self, way: _Way, lanes: list[Lane], terminals: list[Terminal]) -> Line:
        box = self.boxes[way.edge.source]
        start = box.border(way.out_side, way.out_y)
        line = Line(way.edge, [(start, way.out_y)])
        flat = box.x if way.out_side == LEFT else box.x + box.width
        if way.edge.target is None:
            end = flat + way.out_side * ZONE
            line.points.append((end, way.out_y))
            left = end if way.out_side == RIGHT else end - self.end_width
            terminals.append(Terminal(left, way.out_y - TERMINAL_HALF, self.end_width))
        else:
            target = self.boxes[way.edge.target]
            x = self._track_x(way, lanes)
            line.points += [(x, way.out_y), (x, way.in_y), (target.border(way.in_side, way.in_y), way.in_y)]
        if way.label:
            x = flat + 5 if way.out_side == RIGHT else flat - 5 - way.label_width
            above = TERMINAL_HALF + 4 if way.is_end else 4
            line.label = _label(way.label, x, way.out_y - above - (len(way.label) - 1) * SMALL_LINE)
        return line


def _label(lines: list[str], x: float, y: float) -> Label:
    return Label(lines, x, y, max(width(line, SMALL) for line in lines))


def _side_label(text: str) -> tuple[list[str], float]:
    """A label in as narrow a column as keeps it to a few lines and its words whole, and its width."""
    lines: list[str] = []
    longest = max((width(word, SMALL) for word in text.split()), default=0.0)
    for limit in LABEL_WIDTHS:
        lines = wrap(text, limit, SMALL)
        if len(lines) <= LABEL_LINES and longest <= limit:
            break
    return lines, max((width(line, SMALL) for line in lines), default=0.0)


def _rooms(ports: list[tuple[_Way, bool]]) -> list[float]:
    """How much each port of a side needs above its line: its label, and the end beside the box that is next above."""
    rooms, above = [], -ABOVE_BOX
    for way, leaves in ports:
        own = len(way.label) * SMALL_LINE + 3 if leaves and way.label else 0.0
        own += TERMINAL_HALF if way.is_end else 0.0
        rooms.append(max(PORT_ROOM, own + above))
        above = TERMINAL_HALF if way.is_end else 0.0
    return rooms


def _spread(rooms: list[float], height: float) -> list[float]:
    """The heights of ports within a box: a single one in the middle if its headroom allows, several spread out."""
    if len(rooms) == 1:
        return [max(height / 2, rooms[0])]
    slack = (height - sum(rooms) - PORT_ROOM) / (len(rooms) + 1)
    found, at = [], 0.0
    for room in rooms:
        at += room + slack
        found.append(at)
    return found
