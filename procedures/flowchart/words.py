"""The same flow as words, for everybody who does not look at the picture."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.flowchart.graph import STOP, Edge, Graph, Node
from procedures.models import StepKind


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step leads: under which condition, the number of that step (None for the end), and the words."""

    label: str
    number: int | None
    words: str


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A step and its ways on."""

    number: int
    title: str
    role: str
    ways: list[Way]


def lines_of(graph: Graph) -> list[FlowLine]:
    """One line per step, in order."""
    ways: dict[int, list[Way]] = {}
    for edge in graph.edges:
        ways.setdefault(edge.source, []).append(_way(edge, graph))
    return [
        FlowLine(node.number, node.title, graph.lanes[node.lane], ways.get(node.row, []))
        for node in graph.nodes
        if node.number is not None
    ]


def _way(edge: Edge, graph: Graph) -> Way:
    target = None if edge.target is None else graph.nodes[edge.target]
    if target is None or target.kind == STOP:
        return Way(edge.label, None, _("the procedure ends here"))
    if edge.target is not None and edge.target <= edge.source:
        return Way(edge.label, target.number, _("go back to step %(number)d") % {"number": target.number})
    return Way(edge.label, target.number, _("go to step %(number)d") % {"number": target.number})


def spoken(node: Node) -> str:
    """How a node is read out."""
    words = {"number": node.number, "title": node.title}
    if node.kind == StepKind.DECISION:
        said = _("Step %(number)d, decision: %(title)s") % words
    else:
        said = _("Step %(number)d: %(title)s") % words
    return ". ".join([said, *(detail.text for detail in node.details)])


def description_of(graph: Graph) -> str:
    """What the chart shows, in one sentence."""
    steps = sum(node.number is not None for node in graph.nodes)
    decisions = sum(node.is_decision for node in graph.nodes)
    roles = sum(map(bool, graph.lanes))
    parts = [ngettext("%(count)d step", "%(count)d steps", steps) % {"count": steps}]
    if decisions:
        parts.append(ngettext("%(count)d decision", "%(count)d decisions", decisions) % {"count": decisions})
    if roles:
        parts.append(ngettext("%(count)d role", "%(count)d roles", roles) % {"count": roles})
    return ", ".join(parts)
