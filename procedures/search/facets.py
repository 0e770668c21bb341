"""Counting what can be filtered: how many procedures per status, department, category, role, kind and language, how
many are somebody's own, and how many follow a text that was revised since.

The number beside a value says how many are listed with it, the filters of the other facets as they are: translation
sets (`sets`), but texts as soon as languages are filtered by, and so beside each language. Everything, the total
included, is one database query whatever the number of procedures. What somebody browses without a query is kept until
the trail says that something has happened.
"""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

import datetime
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from django.core.cache import cache
from django.db.models import Q, QuerySet

from audit.trail import last_hash
from procedures.models import Favourite, SearchRole, Watch
from procedures.models.revision import RevisionQuerySet
from procedures.reading.sql import rows_of
from procedures.relatives.moved_on import MOVED_ON
from procedures.search import sets
from procedures.search.backend import backend
from procedures.search.questions import sql_of
from roles.models import Holding
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.sorting import sort_key

CACHE_SECONDS = 60


class Facet(StrEnum):
    """What the library can be filtered by; the value is the name of the parameter in its address."""

    MINE = "mine"
    STATUS = "status"
    DEPARTMENT = "department"
    CATEGORY = "category"
    ROLE = "role"
    KIND = "kind"
    LANGUAGE = "language"
    SOURCE = "source"


Chosen = Mapping[Facet, Sequence[str]]
"""The values that are filtered by: `Mine` and `Standing`, codes of departments, ids of categories and roles, kinds,
languages."""


class Mine(StrEnum):
    """Why a procedure is somebody's own: they own it, a role that they hold takes part in it, they gave it their star
    or watch it."""

    OWNER = "owner"
    ROLE = "role"
    FAVOURITE = "favourite"
    WATCHED = "watched"


class Source(StrEnum):
    """How a variant or translation stands to what it follows: NEWER when that was revised since."""

    NEWER = "newer"


MARKS: dict[Mine, type[Favourite] | type[Watch]] = {Mine.FAVOURITE: Favourite, Mine.WATCHED: Watch}
"""Reasons that are a mark of the person's own on a procedure."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose list it is, and on which day. Without one nothing is counted or filtered by status or as one's own.

    `starred` and `watched` are the procedures (ids) that they have marked: no trail tells when these change, so what
    is kept of a list is kept for them. See `asker_of` in `procedures.browsing.marks`.
    """

    pk: int
    day: datetime.date
    starred: tuple[int, ...] = ()
    watched: tuple[int, ...] = ()

    def with_my_roles(self) -> QuerySet:
        """Ids of the texts in which a role of the asker takes part."""
        held = Holding.objects.on(self.day).filter(user_id=self.pk).values("role_id")
        return SearchRole.objects.filter(role_id__in=held).values("revision_id")


@lru_cache(maxsize=512)
def _with_roles_of(person: int, day: datetime.date) -> tuple[str, tuple]:
    """`Asker.with_my_roles` as SQL, composed once per person and day."""
    return Asker(person, day).with_my_roles().query.sql_with_params()


def is_mine(asker: Asker, values: Sequence[str]) -> Q:
    """Condition on a revision that is the asker's own for one of the reasons `values`."""
    condition = Q(pk__in=[])
    if Mine.OWNER in values:
        condition |= Q(procedure__owner=asker.pk)
    if Mine.ROLE in values:
        condition |= Q(pk__in=asker.with_my_roles())
    for reason, marks in MARKS.items():
        if reason in values:
            condition |= Q(procedure__in=marks.objects.filter(person=asker.pk).values("procedure"))
    return condition


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value with its count. `label` is empty for kinds and languages, which the page knows how to name."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Survey:
    """All that the frame of a list needs: the values to filter by, the total, and what is browsed in order.

    members: of each text in a translation set, the readable texts of the whole set, filters and words aside.
    """

    values: Mapping[Facet, tuple[FacetValue, ...]]
    total: int
    ids: Sequence[int] = ()
    members: Mapping[int, Sequence[int]] = field(default_factory=dict)


_COLUMNS = {
    "id": "pk",
    "department": "procedure__department_id",
    "category": "category_id",
    "kind": "procedure__kind",
    "code": "procedure__code",
    **sets.COLUMNS,
}
_COLUMNS_OF_ASKER = {"owner": "procedure__owner_id", "standing": "standing"}

_CONDITIONS = {
    Facet.DEPARTMENT: "department IN (SELECT id FROM roles_department WHERE code IN {})",
    Facet.CATEGORY: "category IN {}",
    Facet.ROLE: "listed.id IN (SELECT revision_id FROM procedures_searchrole WHERE role_id IN {})",
    Facet.KIND: "kind IN {}",
    Facet.LANGUAGE: "spoken IN {}",
    Facet.STATUS: "standing IN {}",
}
_MOVED_ON = f"listed.id IN ({MOVED_ON})"
_NUMBERED = (Facet.CATEGORY, Facet.ROLE)

_COUNTS = {
    Facet.DEPARTMENT: (
        "SELECT 'department', code, name, number FROM"
        " (SELECT department, {number} AS number FROM listed WHERE {condition} GROUP BY department) AS counted"
        " JOIN roles_department ON roles_department.id = department"
    ),
    Facet.CATEGORY: (
        "SELECT 'category', CAST(category AS text), name, number FROM"
        " (SELECT category, {number} AS number FROM listed WHERE {condition} GROUP BY category) AS counted"
        " JOIN procedures_category ON procedures_category.id = category"
    ),
    Facet.ROLE: (
        "SELECT 'role', CAST(role_id AS text), name, number FROM"
        " (SELECT role_id, {number} AS number FROM listed CROSS JOIN procedures_searchrole AS acting"
        " WHERE acting.revision_id = listed.id AND {condition} GROUP BY role_id) AS counted"
        " JOIN roles_role ON roles_role.id = role_id"
    ),
    Facet.KIND: "SELECT 'kind', kind, '', {number} FROM listed WHERE {condition} GROUP BY kind",
    Facet.LANGUAGE: "SELECT 'language', spoken, '', count(*) FROM listed WHERE {condition} GROUP BY spoken",
}
_COUNTS_OF_ASKER = {
    Facet.STATUS: "SELECT 'status', standing, '', {number} FROM listed WHERE {condition} GROUP BY standing",
}


def browse(
    queryset: RevisionQuerySet, *, chosen: Chosen, prefer: str | None = None, asker: Asker | None = None
) -> Survey:
    """The counts over `queryset`, and the ids of what `chosen` leaves of it in the order of codes.

    Costs one small query, and a second one when something has happened since the last time. What comes out of the
    cache may lag by a minute behind changes that the trail does not record, so the caller reads the rows themselves
    through `queryset` again.
    """
    last = last_hash()
    question = queryset.known_as or queryset.query.sql_with_params()
    wanted = sorted((facet.value, tuple(values)) for facet, values in chosen.items())
    key = "library-" + sha256_hex(repr((last, question, wanted, prefer, asker)).encode())
    kept = cache.get(key) if last else None
    if kept is None:
        kept = survey(queryset, chosen=chosen, prefer=prefer, asker=asker, with_ids=True)
        cache.set(key, kept, CACHE_SECONDS)
    return kept


def survey(
    queryset: RevisionQuerySet,
    *,
    chosen: Chosen,
    matches: tuple[str, list] | None = None,
    prefer: str | None = None,
    asker: Asker | None = None,
    hits: Sequence[int] = (),
    with_ids: bool = False,
) -> Survey:
    """The counts over `queryset`, which is not filtered by `chosen` yet, in one query.

    matches: SQL of the texts to count (`SearchPage.matches`); without it everything in `queryset` is listed.
    prefer: the language in which a translation set is listed, once; None lists every text.
    asker: for status and one's own.
    hits: what is shown of the matches; members are told of these. Without `matches` they are told of everything.
    with_ids: also return the ids of everything that `chosen` leaves, in the order of codes.
    """
    fields, counts = dict(_COLUMNS), dict(_COUNTS)
    if asker is not None:
        fields |= _COLUMNS_OF_ASKER
        counts |= _COUNTS_OF_ASKER
    readable, params = sql_of(queryset, tuple(fields.values()), day=asker.day if asker else None)
    columns = ", ".join(fields)
    tables = f"readable({columns}) AS NOT MATERIALIZED ({readable})"
    source = "readable"
    if matches is not None:
        tables += f", matching AS MATERIALIZED ({matches[0]})"
        source = backend().each_with("matching", "readable")
        params += matches[1]
    tables += f", listed AS MATERIALIZED (SELECT readable.*, {sets.WORK} AS work FROM {source})"
    number = "count(*)" if prefer is None else sets.COUNT
    selects: list[str] = []
    for facet, select in counts.items():
        condition, values = _condition({other: chosen[other] for other in chosen if other != facet}, asker)
        selects.append(select.format(number=number, condition=condition))
        params += values
    if asker is not None:
        condition, values = _condition({other: chosen[other] for other in chosen if other != Facet.MINE}, asker)
        for reason in Mine:
            mine, mine_params = _mine([reason], asker)
            selects.append(f"SELECT 'mine', '{reason}', '', {number} FROM listed WHERE {mine} AND {condition}")
            params += [*mine_params, *values]
    condition, values = _condition({other: chosen[other] for other in chosen if other != Facet.SOURCE}, asker)
    selects.append(f"SELECT 'source', '{Source.NEWER}', '', {number} FROM listed WHERE {_MOVED_ON} AND {condition}")
    params += values
    condition, values = _condition(chosen, asker)
    selects.append(f"SELECT 'total', '', '', {number} FROM listed WHERE {condition}")
    params += values
    if with_ids:
        once = ""
        shown_params: list = []
        if prefer is not None:
            shown, shown_params = sets.shown(prefer, f"listed WHERE {condition}", values)
            once = f" AND (work IS NULL OR id IN ({shown}))"
        selects.append(
            f"SELECT 'id', code, '', id FROM (SELECT code, id FROM listed WHERE {condition}{once}) AS in_order"
        )
        params += [*values, *shown_params]
    if matches is None:
        selects.append("SELECT 'member', CAST(work AS text), '', id FROM listed WHERE work IS NOT NULL")
    elif hits:
        members, members_params = sets.members_of(hits, among="readable")
        selects.append(f"SELECT 'member', CAST(work AS text), '', id FROM ({members}) AS members")
        params += members_params
    return _surveyed(rows_of(f"WITH {tables} {' UNION ALL '.join(selects)}", params))


def _condition(chosen: Chosen, asker: Asker | None) -> tuple[str, list]:
    """SQL that a row of `listed` must satisfy, and its parameters."""
    parts = ["1 = 1"]
    params: list = []
    for facet, values in chosen.items():
        if not values or (asker is None and facet in (Facet.MINE, Facet.STATUS)):
            continue
        if facet == Facet.SOURCE:
            parts.append(_MOVED_ON)
        elif facet == Facet.MINE:
            condition, mine_params = _mine(values, asker)
            parts.append(condition)
            params += mine_params
        else:
            parts.append(_CONDITIONS[facet].format(f"({', '.join(['%s'] * len(values))})"))
            params += map(int, values) if facet in _NUMBERED else values
    return " AND ".join(parts), params


def _mine(values: Sequence[str], asker: Asker | None) -> tuple[str, list]:
    """The rule of `is_mine` for a row of `listed`."""
    parts, params = ["1 = 0"], []
    if asker and Mine.OWNER in values:
        parts.append("owner = %s")
        params.append(asker.pk)
    if asker and Mine.ROLE in values:
        acting, acting_params = _with_roles_of(asker.pk, asker.day)
        parts.append(f"listed.id IN ({acting})")
        params += acting_params
    for reason, marks in MARKS.items():
        if asker and reason in values:
            parts.append(f"procedure IN (SELECT procedure_id FROM {marks._meta.db_table} WHERE person_id = %s)")
            params.append(asker.pk)
    return f"({' OR '.join(parts)})", params


def _surveyed(rows: Sequence[tuple]) -> Survey:
    counted: dict[Facet, list[FacetValue]] = {facet: [] for facet in Facet}
    by_code: list[tuple[str, int]] = []
    by_work: dict[str, list[int]] = defaultdict(list)
    total = 0
    for source, value, label, number in rows:
        match source:
            case "total":
                total = number
            case "id":
                by_code.append((value, number))
            case "member":
                by_work[value].append(number)
            case "mine" | "source" if not number:
                pass
            case _:
                counted[Facet(source)].append(FacetValue(value, label, number))
    return Survey(
        values={
            facet: tuple(sorted(values, key=lambda value: (-value.count, sort_key(value.label), value.value)))
            for facet, values in counted.items()
        },
        total=total,
        ids=array("q", (pk for _, pk in sorted(by_code))),
        members={pk: members for members in by_work.values() for pk in members},
    )
