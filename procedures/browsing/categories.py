"""The tree of categories, and which names a category has borne.

A text carries the name of its category as it was when it was submitted, under its hash. Renaming and merging move
the shelf and leave the text: what the column of a frozen revision may say is therefore told by the trail.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from audit import names, trail
from procedures.models import Category, Revision
from sopdesk.lib.sorting import sort_key

NamesBorne = Mapping[int, set[str]]

DEEPEST = 4
"""Levels of the tree. Nobody finds a shelf below that."""


@dataclass(slots=True)
class Node:
    """A category where it stands. `own` counts what lies on it, `total` what lies on it and below."""

    category: Category
    depth: int
    own: int = 0
    total: int = 0
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """This node and everything below, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def height(self) -> int:
        """How many levels there are, this one included."""
        return 1 + max((child.height for child in self.children), default=0)


def forest_of(counts: Mapping[int | None, int] | None = None) -> list[Node]:
    """All categories as trees, each shelf in its order, with what `counts` says lies on each; one query."""
    below: dict[int | None, list[Category]] = defaultdict(list)
    for category in Category.objects.order_by():
        below[category.parent_id].append(category)
    for siblings in below.values():
        siblings.sort(key=place_of)
    return [_node(category, 1, below, counts or {}) for category in below[None]]


def place_of(category: Category) -> tuple:
    """What siblings are ordered by: where they were put, and else their names."""
    return (category.position, sort_key(category.name), category.pk)


def _node(category: Category, depth: int, below: Mapping, counts: Mapping[int | None, int]) -> Node:
    children = [_node(child, depth + 1, below, counts) for child in below.get(category.pk, ())]
    own = counts.get(category.pk, 0)
    return Node(category, depth, own, own + sum(child.total for child in children), children)


def nodes_of(forest: list[Node]) -> Iterator[Node]:
    """Every node, in the order in which the tree is read."""
    for node in forest:
        yield from node.walk()


def revisions_per_category() -> Mapping[int | None, int]:
    """How many revisions, in whatever state, lie on each shelf; one query."""
    counted = Revision.objects.exclude(category=None).order_by().values_list("category").annotate(Count("pk"))
    return dict(counted)


def path_to(forest: list[Node], pk: int) -> list[Node]:
    """The nodes from the top down to the category `pk`, itself last; empty when there is none."""
    for node in forest:
        if node.category.pk == pk:
            return [node]
        found = path_to(node.children, pk)
        if found:
            return [node, *found]
    return []


def names_borne() -> NamesBorne:
    """The names that each category, and those that were merged into it, have had since; from the trail, one query."""
    borne: dict[int, set[str]] = defaultdict(set)
    for entry in trail.entries().filter(name__in=[names.CATEGORY_CHANGE, names.CATEGORY_MERGE]).order_by("seq"):
        pk = int(entry.subject_id)
        if entry.name == names.CATEGORY_MERGE:
            borne[entry.data["into"]["id"]] |= {entry.data["name"], *borne[pk]}
        elif "name" in entry.data:
            borne[pk] |= {entry.data["name"]["old"]}
    return borne


def categories_in_circles() -> list[Category]:
    """The categories that no walk from the top reaches; none, unless somebody wrote rows by hand."""
    reached = {node.category.pk for node in nodes_of(forest_of())}
    return list(Category.objects.exclude(pk__in=reached))
