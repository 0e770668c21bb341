"""What ties a person to a procedure, and what the reader page must know before it can tell whether it has changed.

The reader page asks this each time. Two statements are written by hand, since composing them with the ORM takes
longer than everything else on the page together (6 ms against 0.2); both run on SQLite and PostgreSQL as they are.
"""

import datetime
from bisect import insort
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from notifications.queries import unread_count_sql
from procedures.models import Category, Procedure, Revision
from procedures.reading.extensions import Extension, Keys, Tie, extensions, ties_of_extensions
from procedures.reading.sql import day_from, rows_of, table_of
from procedures.states import OPEN_STATES, State
from roles.models import Department, Holding, Role, User

Model = TypeVar("Model", bound=models.Model)


def _fields(model: type[models.Model], *names: str) -> tuple[str, ...]:
    """`names` in the order in which `from_db` wants their values."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


# What is read at a glance. The rest of a row is loaded when it is asked for, like after `only()`.
REVISION_FIELDS = _fields(
    Revision, "id", "procedure_id", "number", "state", "title", "language", "category_id", "frequency",
    "effective_on", "next_review_on", "ended_reason", "content_hash", "sanitiser_version", "source_id",
    "emergency_until",
)  # fmt: skip
PROCEDURE_FIELDS = _fields(
    Procedure, "id", "code", "kind", "department_id", "owner_id", "risk", "audience", "variant_of_id",
    "translation_of_id",
)  # fmt: skip
DEPARTMENT_FIELDS = _fields(Department, "id", "code", "name")
OWNER_FIELDS = _fields(User, "id", "full_name", "email")
CATEGORY_FIELDS = _fields(Category, "id", "name")
DATES = tuple(REVISION_FIELDS.index(name) for name in ("effective_on", "next_review_on", "emergency_until"))


@dataclass(slots=True)
class Standing:
    """One person's ties to one procedure on one day, and its later revision on the way, whoever may see that.

    `followers`: ids of its variants and translations, whoever may read them. `unread`: how many notices of whatever
    kind wait for the person, which every page shows. `further`: name of an extension of the
    reader page → its ties, sorted.
    """

    role_ids: set[int] = field(default_factory=set)
    is_invited: bool = False
    reader_departments: dict[int, str] = field(default_factory=dict)
    reader_roles: dict[int, str] = field(default_factory=dict)
    pending_number: int | None = None
    pending_state: str = ""
    followers: set[int] = field(default_factory=set)
    unread: int = 0
    further: dict[str, list[Tie]] = field(default_factory=dict)

    def add(self, kind: str | None, number: int, text: str) -> None:
        match kind:
            case "role":
                self.role_ids.add(number)
            case "invited":
                self.is_invited = True
            case "department":
                self.reader_departments[number] = text
            case "reader":
                self.reader_roles[number] = text
            case "pending":
                self.pending_number, self.pending_state = number, text
            case "follower":
                self.followers.add(number)
            case "unread":
                self.unread = number
            case str():
                insort(self.further.setdefault(kind, []), (number, text))

    @property
    def marks(self) -> tuple[object, ...]:
        """All ties, as a value that is the same whatever order the database answers in."""
        return (
            sorted(self.role_ids), self.is_invited, sorted(self.reader_departments.items()),
            sorted(self.reader_roles.items()), self.pending_number, self.pending_state, sorted(self.followers),
            self.unread, sorted(self.further.items()),
        )  # fmt: skip


def standing_of(user: User, revision: Revision, *, day: datetime.date) -> Standing:
    """The ties of `user` to the procedure of `revision` on `day`, and what comes after `revision`; one query."""
    values: dict[str, Any] = {
        "user": user.pk,
        "day": day,
        "procedure": revision.procedure_id,
        "revision": revision.pk,
        "number": revision.number,
    }
    standing = Standing()
    for row in rows_of(_ties(GIVEN, extensions()), values):
        standing.add(*row)
    return standing


def current_and_standing(user: User, code: str, *, day: datetime.date) -> tuple[Revision, Standing] | None:
    """What is followed of the procedure `code` on `day`, or was withdrawn last, and the ties of `user` to it; one
    query. None when nothing of it was released. It does not ask whether `user` may read it.

    The revision comes with procedure, department, owner and category, and without its long texts.
    """
    rows = rows_of(_glance(extensions()), {"user": user.pk, "day": day, "code": code})
    if not rows:
        return None
    standing = Standing()
    for row in rows:
        standing.add(*row[-3:])
    return _revision_from(list(rows[0])), standing


GIVEN = Keys("%(procedure)s", "%(revision)s", "%(number)s")
FOLLOWED = Keys(
    "(SELECT procedure_id FROM followed)",
    "(SELECT revision_id FROM followed)",
    "(SELECT revision_number FROM followed)",
)


@cache
def _ties(keys: Keys, further: tuple[Extension, ...]) -> str:
    """Rows of (kind, number, text), those of the extensions `further` at the end."""
    procedure, number = keys.procedure, keys.number
    coauthors = table_of(Procedure.coauthors.through)
    departments, roles = table_of(Procedure.audience_departments.through), table_of(Procedure.audience_roles.through)
    open_states = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
    return f"""
        SELECT 'role' AS kind, role_id AS tied, '' AS words FROM {table_of(Holding)}
            WHERE user_id = %(user)s AND starts <= %(day)s AND (ends IS NULL OR ends >= %(day)s)
        UNION ALL SELECT 'invited', user_id, '' FROM {coauthors}
            WHERE procedure_id = {procedure} AND user_id = %(user)s
        UNION ALL SELECT 'department', readers.department_id, named.name FROM {departments} readers
            JOIN {table_of(Department)} named ON named.id = readers.department_id
            WHERE readers.procedure_id = {procedure}
        UNION ALL SELECT 'reader', readers.role_id, named.name FROM {roles} readers
            JOIN {table_of(Role)} named ON named.id = readers.role_id WHERE readers.procedure_id = {procedure}
        UNION ALL SELECT 'pending', later.number, later.state FROM {table_of(Revision)} later
            WHERE later.procedure_id = {procedure} AND later.number > {number} AND later.state IN ({open_states})
        UNION ALL SELECT 'follower', follower.id, '' FROM {table_of(Procedure)} follower
            WHERE follower.variant_of_id = {procedure} OR follower.translation_of_id = {procedure}
        UNION ALL SELECT 'unread', ({unread_count_sql(keys.user)}), ''
        {ties_of_extensions(keys, further)}
    """  # noqa: S608  names of tables and states are ours, values are parameters


@cache
def _glance(further: tuple[Extension, ...]) -> str:
    """The revision with its parents, repeated beside each of the ties; once, with empty ties, when there are none."""
    parents = (
        ("revision", REVISION_FIELDS),
        ("procedure", PROCEDURE_FIELDS),
        ("department", DEPARTMENT_FIELDS),
        ("owner", OWNER_FIELDS),
        ("category", CATEGORY_FIELDS),
    )
    columns = [f"{source}.{name} AS {source}_{name}" for source, names in parents for name in names]
    ties = _ties(FOLLOWED, further)
    return f"""
        WITH followed AS (
            SELECT {", ".join(columns)} FROM {table_of(Revision)} revision
            JOIN {table_of(Procedure)} procedure ON procedure.id = revision.procedure_id
            JOIN {table_of(Department)} department ON department.id = procedure.department_id
            JOIN {table_of(User)} owner ON owner.id = procedure.owner_id
            LEFT JOIN {table_of(Category)} category ON category.id = revision.category_id
            WHERE procedure.code = %(code)s AND (
                revision.state IN ('{State.PUBLISHED}', '{State.WITHDRAWN}')
                OR (revision.state = '{State.APPROVED}' AND revision.effective_on <= %(day)s)
                OR (revision.state = '{State.IN_REVIEW}' AND revision.emergency_until >= %(day)s)
            )
            ORDER BY revision.number DESC LIMIT 1
        ), ties AS ({ties})
        SELECT followed.*, ties.* FROM followed LEFT JOIN ties ON 1 = 1
    """  # noqa: S608  names of tables and states are ours, values are parameters


def _revision_from(row: list[Any]) -> Revision:
    for index in DATES:
        row[index] = day_from(row[index])
    revision = _take(row, Revision, REVISION_FIELDS)
    procedure = revision.procedure = _take(row, Procedure, PROCEDURE_FIELDS)
    procedure.department = _take(row, Department, DEPARTMENT_FIELDS)
    procedure.owner = _take(row, User, OWNER_FIELDS)
    revision.category = _take(row, Category, CATEGORY_FIELDS) if revision.category_id else None
    return revision


def _take(row: list[Any], model: type[Model], names: tuple[str, ...]) -> Model:
    """An instance out of the first columns of `row`, which are taken away."""
    values = row[: len(names)]
    del row[: len(names)]
    return model.from_db(connection.alias, names, values)
