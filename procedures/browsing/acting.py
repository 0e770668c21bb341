"""What a role does: the procedures in which it takes part, with the very steps."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from procedures.browsing.shelves import Spine
from procedures.content import revision_content
from procedures.models import Letter, Responsibility, Revision, SearchRole, Step
from procedures.models.revision import RevisionQuerySet
from roles.models import Role, User
from roles.queries import role_ids_of, today
from sopdesk.lib.sorting import sort_key


@dataclass(frozen=True, slots=True)
class RoleCount:
    """A role with the number of procedures in which it takes part; `is_own` when the person holds it today."""

    role: Role
    number: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class StepPart:
    """A step with the letters of the role in it."""

    number: int
    title: str
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What a role has to do with one procedure: letters for the whole, and its steps in their order."""

    revision: Revision
    letters: tuple[Letter, ...]
    steps: tuple[StepPart, ...]


def roles_taking_part(readable: RevisionQuerySet, spines: Iterable[Spine]) -> dict[int, set[int]]:
    """In which of `spines` which role takes part, by the rule of the library's filter: id of the role → ids of texts;
    one query."""
    listed = {spine.pk for spine in spines}
    found: dict[int, set[int]] = defaultdict(set)
    taking_part = SearchRole.objects.filter(revision__in=_ids(readable))
    for role, revision in taking_part.values_list("role_id", "revision_id"):
        if revision in listed:
            found[role].add(revision)
    return found


def texts_done_by(readable: RevisionQuerySet, role: Role) -> set[int]:
    """The ids of the texts of `readable` in which `role` itself does something; one query."""
    doing = Step.objects.filter(revision__in=_ids(readable), role=role).order_by().values_list("revision_id")
    named = Responsibility.objects.filter(revision__in=_ids(readable), role=role, letter=Letter.RESPONSIBLE)
    return {pk for (pk,) in doing.union(named.order_by().values_list("revision_id"))}


def _ids(readable: RevisionQuerySet) -> QuerySet:
    return readable.order_by().values("pk")


def own_roles(user: User) -> set[int]:
    """The ids of the roles that `user` holds today; one query."""
    return {row["role_id"] for row in role_ids_of(user, day=today())}


def roles_named(pks: Iterable[int], *, first: Collection[int] = ()) -> list[Role]:
    """The roles `pks` by name, those of `first` before the others; one query."""
    found = Role.objects.filter(pk__in=list(pks)).select_related("department")
    return sorted(found, key=lambda role: (role.pk not in first, sort_key(role.name)))


def texts_with_steps(readable: RevisionQuerySet, pks: Iterable[int]) -> dict[int, Revision]:
    """The texts `pks` that `readable` has, with what `part_of` reads; one query."""
    return readable.filter(pk__in=list(pks)).select_related("procedure").defer("rendered").in_bulk()


def part_of(revision: Revision, role: Role) -> Part:
    """What `role` has to do with `revision`, as its text says; without a query when its content is loaded."""
    content = revision_content(revision)
    steps = []
    for step in content["steps"]:
        letters = _letters(step["responsibilities"], role)
        if step["role"] and step["role"]["id"] == role.pk:
            letters = {Letter.RESPONSIBLE, *letters}
        if letters:
            steps.append(StepPart(step["number"], step["title"], _in_order(letters)))
    return Part(revision, _in_order(_letters(content["responsibilities"], role)), tuple(steps))


def _letters(rows: list[dict], role: Role) -> set[Letter]:
    return {Letter(row["letter"]) for row in rows if row["role"]["id"] == role.pk}


def _in_order(letters: set[Letter]) -> tuple[Letter, ...]:
    return tuple(letter for letter in Letter if letter in letters)
