"""What a content says about the flow: steps in rows, roles in lanes, and where each step leads.

Every step has a row of its own, in the order of the text. The row before the first step is the start; the row after
the last one is the end, where the last step leads to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from procedures.flowchart.metrics import plain
from procedures.models import StepKind
from procedures.models.step import END

START, STOP = "start", "stop"
"""Kinds of the two nodes that are no steps."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A line below a title: `mark` is one of hold, items, code, notice; the word says the same as the mark."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """What stands in one row. `kind` is that of the step, START or STOP; `number` is None for these two."""

    row: int
    kind: str
    number: int | None
    title: str
    lane: int
    details: tuple[Detail, ...] = ()

    @property
    def is_decision(self) -> bool:
        return self.kind == StepKind.DECISION

    @property
    def is_hold(self) -> bool:
        return any(detail.mark == "hold" for detail in self.details)


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one row to another; `target` is None where the procedure ends on the way."""

    source: int
    target: int | None
    label: str = ""

    @property
    def is_next(self) -> bool:
        return self.target == self.source + 1


@dataclass(frozen=True, slots=True)
class Phase:
    """Neighbouring rows of one section."""

    title: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Graph:
    """`lanes` are the names of the roles in the order of their first step, "" for nobody named, which comes first."""

    lanes: list[str]
    nodes: list[Node]
    edges: list[Edge]
    phases: list[Phase]


def graph_of(content: dict) -> Graph:
    """The flow of `content`, with words in the language that is active."""
    steps = content["steps"]
    lanes, lane_of = _lanes(steps)
    edges = list(_edges(steps))
    nodes = [Node(0, START, None, _("Start"), lane_of[0])]
    nodes += [
        Node(row, step["kind"], step["number"], plain(step["title"]) or _("Step without a title"), lane, _details(step))
        for row, (step, lane) in enumerate(zip(steps, lane_of, strict=True), start=1)
    ]
    if any(edge.target == len(steps) + 1 for edge in edges):
        nodes.append(Node(len(steps) + 1, STOP, None, _("End"), lane_of[-1]))
    return Graph(lanes, nodes, [Edge(0, 1), *edges], list(_phases(steps)))


def _lanes(steps: list[dict]) -> tuple[list[str], list[int]]:
    """The names of the lanes, and the lane of each step. A notice without a role stands where the reader goes next."""
    roles: list[dict | None] = [step["role"] for step in steps]
    for places in (range(len(steps) - 2, -1, -1), range(1, len(steps))):
        for place in places:
            neighbour = place + (1 if places.step < 0 else -1)
            if roles[place] is None and steps[place]["kind"] == StepKind.NOTICE:
                roles[place] = roles[neighbour]
    keys = [role["id"] if role else None for role in roles]
    names = {role["id"]: plain(role["name"]) for role in roles if role}
    order = [key for key in [None, *names] if key in keys]
    return [names.get(key, "") for key in order], [order.index(key) for key in keys]


def _edges(steps: list[dict]) -> Iterator[Edge]:
    """Where each step leads; two ways to one place are one line with both labels."""
    rows = {step["uid"]: row for row, step in enumerate(steps, start=1)}
    for row, step in enumerate(steps, start=1):
        labels: dict[int | None, list[str]] = {}
        for branch in step["branches"] or [{"label": "", "target": ""}]:
            is_end = branch["target"] == END and row < len(steps)
            target = None if is_end else rows.get(branch["target"], row + 1)
            labels.setdefault(target, []).append(plain(branch["label"]))
        for target, words in labels.items():
            yield Edge(row, target, " / ".join(filter(None, words)))


def _details(step: dict) -> tuple[Detail, ...]:
    found = []
    if step.get("hold"):
        found.append(Detail("hold", _("Hold point")))
    if step["kind"] == StepKind.NOTICE:
        found.append(Detail("notice", _("Notice")))
    if step["kind"] == StepKind.CHECKLIST:
        found.append(Detail("items", _("%(count)d to tick") % {"count": len(step.get("items") or [])}))
    if step["kind"] == StepKind.SUBPROCEDURE:
        found.append(Detail("code", plain(step.get("subprocedure") or "") or _("Another procedure")))
    return tuple(found)


def _phases(steps: list[dict]) -> Iterator[Phase]:
    """The sections, where there is more than one."""
    if len({step["section"] for step in steps}) < 2:
        return
    first = 1
    for row, step in enumerate(steps, start=1):
        if row == len(steps) or steps[row]["section"] != step["section"]:
            if title := plain(step["section"]):
                yield Phase(title, first, row)
            first = row + 1
