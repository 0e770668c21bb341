"""What somebody has marked for themselves, as far as they may read it today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from procedures.browsing.shelves import texts_of
from procedures.models import Favourite, Opening, Revision, Watch
from procedures.permissions import library_revisions_for
from procedures.reading.sql import rows_of, table_of
from procedures.search.facets import MARKS, Asker, Mine
from roles.models import User
from roles.queries import today


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked procedures in force, in the order asked for; `others` counts those that are not in force any more, or not
    for this person."""

    revisions: list[Revision]
    marks: dict[int, Any]
    others: int

    @property
    def rows(self) -> list[tuple[Revision, Any]]:
        return [(revision, self.marks[revision.procedure_id]) for revision in self.revisions]


def favourites_of(user: User) -> Marked:
    """The favourites of `user`, the latest first; two queries."""
    return _marked(user, list(Favourite.objects.filter(person=user).order_by("-added_at", "-pk")))


def openings_of(user: User) -> Marked:
    """What `user` opened last; two queries."""
    return _marked(user, list(Opening.objects.filter(person=user).order_by("-seen_at", "-pk")))


def watches_of(user: User) -> Marked:
    """What `user` watches, the latest first; two queries."""
    return _marked(user, list(Watch.objects.filter(person=user).order_by("-since", "-pk")))


def asker_of(user: User) -> Asker:
    """`user` as the one for whom the library lists today, with what they have marked; one query."""
    marks = sorted(rows_of(_marks_sql(), [user.pk, user.pk]))
    starred, watched = (
        tuple(procedure for procedure, reason in marks if reason == mark) for mark in (Mine.FAVOURITE, Mine.WATCHED)
    )
    return Asker(user.pk, today(), starred, watched)


@cache
def _marks_sql() -> str:
    return " UNION ALL ".join(
        f"SELECT procedure_id, '{reason}' FROM {table_of(marks)} WHERE person_id = %s"  # noqa: S608  names are ours
        for reason, marks in MARKS.items()
    )


def favourite_ids(user: User, procedures: Collection[int]) -> set[int]:
    """Which of `procedures` (ids) carry the star of `user`; one query, none without procedures."""
    if not procedures:
        return set()
    found = Favourite.objects.filter(person=user, procedure__in=procedures)
    return set(found.values_list("procedure_id", flat=True))


def _marked(user: User, marks: Sequence[Any]) -> Marked:
    if not marks:
        return Marked([], {}, 0)
    by_procedure = {mark.procedure_id: mark for mark in marks}
    readable = library_revisions_for(user, today())
    found = {
        procedure: pk
        for pk, procedure in readable.filter(procedure__in=by_procedure).order_by().values_list("pk", "procedure_id")
    }
    ids = [found[procedure] for procedure in by_procedure if procedure in found]
    return Marked(texts_of(readable, ids), by_procedure, len(marks) - len(ids))
