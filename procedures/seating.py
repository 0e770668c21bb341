"""Whether a round can be completed at all when everybody decides once: a matching of people to slots.

A slot is filled for somebody who holds it, by that person or by their deputy. Nobody decides twice, and nobody is
decided for twice.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Node = tuple[str, int, int]
SINK: Node = ("sink", 0, 0)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How many slots of a stage must be filled, and for each of its slots the ids of the people who hold it."""

    needed: int
    slots: Sequence[Collection[int]]


def first_stuck(stages: Sequence[StagePlan], deciders: Mapping[int, Collection[int]] | None = None) -> int | None:
    """The index of the first stage for which too few different people are left; None when all can be completed.

    `deciders` says who can decide for a holder; holders that are not in it decide themselves.
    """
    links = _links(stages, deciders or {})
    for index, stage in enumerate(stages):
        for number in range(stage.needed):
            if not _fill_one_more(links, ("signature", index, number)):
                return index
    return None


def _links(stages: Sequence[StagePlan], deciders: Mapping[int, Collection[int]]) -> dict[Node, set[Node]]:
    """What leads on to what: signature → slot → holder → who decides; a pair of nodes lets one pass, not two."""
    links: dict[Node, set[Node]] = {SINK: set()}
    for index, stage in enumerate(stages):
        slots = range(len(stage.slots))
        for number in range(stage.needed):
            links["signature", index, number] = {("slot", index, slot) for slot in slots}
        for slot in slots:
            links["slot", index, slot] = {("slot filled", index, slot)}
            links["slot filled", index, slot] = {("holder", person, 0) for person in stage.slots[slot]}
            for person in stage.slots[slot]:
                links["holder", person, 0] = {("decided for", person, 0)}
                links["decided for", person, 0] = {("decider", other, 0) for other in deciders.get(person, [person])}
    for people in [node_links for (kind, _, _), node_links in links.items() if kind == "decided for"]:
        links |= {decider: {SINK} for decider in people}
    return links


def _fill_one_more(links: dict[Node, set[Node]], signature: Node) -> bool:
    """Find a way from `signature` to somebody, which may move people who sit already and leaves none standing."""
    came_from: dict[Node, Node] = {}
    waiting = deque([signature])
    while waiting and SINK not in came_from:
        node = waiting.popleft()
        for following in links[node] - came_from.keys() - {signature}:
            came_from[following] = node
            waiting.append(following)
    if SINK not in came_from:
        return False
    node = SINK
    while node != signature:
        before = came_from[node]
        links[before].discard(node)
        links[node].add(before)
        node = before
    return True
