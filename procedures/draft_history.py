"""Who changed what in a draft and when, out of the rows that django-simple-history keeps.

Steps, the facts on the revision and RACI letters have such rows; tools, records, benchmarks and the parts of a standard
are rewritten as whole lists and have none.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from procedures.drafting import StepRef
from procedures.merging import is_list
from procedures.models import Category, Procedure, Responsibility, Revision, Step
from procedures.phrases import labels_language
from procedures.redline.fields import Part, letter_words, redline_parts, step_parts
from procedures.redline.words import ADDED, REMOVED, SAME, Run
from procedures.step_versions import WITH_STEP, as_content, ids_of
from roles.models import Role, User
from sopdesk.lib.sorting import by_name

ROWS_PER_PAGE = 40
ONE_SITTING = datetime.timedelta(minutes=10)
"""Saves of one person at one place that follow one another as closely are told as one."""

FACTS = (
    "title", "language", "category", "tags", "purpose", "scope", "outcome", "trigger", "frequency", "prerequisites",
    "definitions", "background", "references", "contact", "review_interval_months", "change_summary", "significance",
    "effective_on",
)  # fmt: skip


class What(StrEnum):
    """What was done."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


@dataclass(slots=True)
class Change:
    """One thing that somebody did: to the step `uid`, or to facts and purpose (None).

    point: the row of the step's history behind it, by which the step is shown as it was then. parts: the fields with
    their redline. saves: how many saves are told as this one.
    """

    what: What
    at: datetime.datetime
    person: User | None
    uid: UUID | None
    title: str
    point: int | None
    parts: list[Part]
    older: Any = None
    newer: Any = None
    saves: int = 1


@dataclass(slots=True)
class Sitting:
    """What one person did in a row."""

    person: User | None
    changes: list[Change] = field(default_factory=list)

    @property
    def until(self) -> datetime.datetime:
        return self.changes[0].at


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the history begins: behind the row `number` of the table `rank`, written at `at`."""

    at: datetime.datetime
    rank: int
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.number}"


def read_place(text: str) -> Place | None:
    """The place that an address names; None when it names none."""
    try:
        at, rank, number = text.split("~")
        place = Place(datetime.datetime.fromisoformat(at), int(rank), int(number))
    except ValueError:
        return None
    return place if place.at.tzinfo else None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of the history of a draft, newest first, and where the rest of it begins."""

    sittings: list[Sitting]
    rest: Place | None


@dataclass(frozen=True, slots=True)
class Filters:
    """uid: only this step. only_facts: only facts and purpose. person: the id of who did it."""

    uid: UUID | None = None
    only_facts: bool = False
    person: int | None = None


def history_page(revision: Revision, filters: Filters, *, before: Place | None = None) -> HistoryPage:
    """What was done to `revision`, as far as `filters` let through; 10 queries whatever its length."""
    tables = _tables(revision, filters)
    rows: list[tuple[Place, Any]] = []
    for rank, table in enumerate(tables):
        found = table.select_related("history_user").order_by("-history_date", "-history_id")
        if before is not None:
            found = found.filter(_behind(before, rank))
        rows += [(Place(row.history_date, rank, row.history_id), row) for row in found[: ROWS_PER_PAGE + 1]]
    rows.sort(key=lambda pair: (pair[0].at, -pair[0].rank, pair[0].number), reverse=True)
    shown = rows[:ROWS_PER_PAGE]
    rest = shown[-1][0] if len(rows) > ROWS_PER_PAGE else None
    return HistoryPage(_sittings(_told([row for _place, row in shown], revision)), rest)


def _tables(revision: Revision, filters: Filters) -> list[QuerySet]:
    """The three tables of the history, each with what of it is wanted."""
    steps = Step.history.filter(revision_id=revision.pk)
    facts = Revision.history.filter(id=revision.pk)
    letters = Responsibility.history.filter(revision_id=revision.pk).exclude(history_change_reason=WITH_STEP)
    if filters.uid:
        steps, facts = steps.filter(uid=filters.uid), facts.none()
        letters = letters.filter(step_id__in=ids_of(revision, filters.uid))
    if filters.only_facts:
        steps, letters = steps.none(), letters.filter(step_id=None)
    tables = [steps, facts, letters]
    return [table.filter(history_user_id=filters.person) for table in tables] if filters.person else tables


def _behind(place: Place, rank: int) -> Q:
    """Condition on the rows of the table `rank`: they come behind `place`."""
    if rank > place.rank:
        return Q(history_date__lte=place.at)
    same = Q(history_date=place.at, history_id__lt=place.number) if rank == place.rank else Q(pk__in=[])
    return Q(history_date__lt=place.at) | same


# Words -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """Names for ids, looked up once for all rows."""

    roles: dict[int, Role]
    procedures: dict[int, Procedure]
    categories: dict[int, Category]
    uids: dict[int, UUID]
    titles: dict[str, str]
    language: str

    def said(self, row: Any) -> list[Part]:
        """The fields of the step that `row` of the history holds."""
        return step_parts(
            as_content(row, self.roles, self.procedures),
            {
                "steps": [{"uid": uid, "title": title} for uid, title in self.titles.items()],
                "language": self.language,
            },
        )

    def facts(self, row: Any) -> list[Part]:
        """The facts that `row` of the history of a revision holds, empty ones left out."""
        values = ((name, self._fact(name, row)) for name in FACTS)
        label = {name: capfirst(str(Revision._meta.get_field(name).verbose_name)) for name in FACTS}  # type: ignore[union-attr]
        return [Part(name, label[name], [Run(SAME, value)]) for name, value in values if value]

    def _fact(self, name: str, row: Any) -> str:
        match name:
            case "category":
                category = self.categories.get(row.category_id)
                return category.name if category else ""
            case "tags":
                return ", ".join(row.tags)
            case "effective_on":
                return date_format(row.effective_on, "DATE_FORMAT") if row.effective_on else ""
            case "frequency" | "significance":
                return str(getattr(row, f"get_{name}_display")())
            case _:
                return str(getattr(row, name) or "")


def _names_for(rows: Iterable[Any], revision: Revision) -> _Names:
    """What the `rows` name by ids; five queries."""
    rows = list(rows)
    steps = [row for row in rows if isinstance(row, Step.history.model)]
    letters = [row for row in rows if isinstance(row, Responsibility.history.model)]
    facts = [row for row in rows if isinstance(row, Revision.history.model)]
    stored = list(
        Step.history.filter(revision_id=revision.pk).order_by("history_date", "history_id")
        .values_list("id", "uid", "title")
    )  # fmt: skip
    return _Names(
        roles=Role.objects.in_bulk({row.role_id for row in [*steps, *letters] if row.role_id}),
        procedures=Procedure.objects.in_bulk({row.subprocedure_id for row in steps if row.subprocedure_id}),
        categories=Category.objects.in_bulk({row.category_id for row in facts if row.category_id}),
        uids={pk: uid for pk, uid, _title in stored},
        titles={str(uid): title for _pk, uid, title in stored},
        language=revision.language,
    )


# Changes -----------------------------------------------------------------------------------------------------


def _told(rows: list[Any], revision: Revision) -> list[Change]:
    """The changes behind `rows`, which are newest first; several saves of one sitting become one."""
    previous = {
        **_previous([row for row in rows if isinstance(row, Step.history.model)], "uid"),
        **_previous([row for row in rows if isinstance(row, Revision.history.model)], "id"),
    }
    names = _names_for([*rows, *previous.values()], revision)
    changes: list[Change] = []
    for row in rows:
        change = _change(row, previous.get((type(row), row.history_id)), names)
        if change is None or (changes and _continues(changes[-1], change, names)):
            continue
        changes.append(change)
    return changes


def _previous(rows: list[Any], same: str) -> dict[tuple[type[Model], int], Any]:
    """For each of `rows` the row before it in the history of the same thing; two queries at most."""
    if not rows:
        return {}
    model = type(rows[0])
    where = {same: OuterRef(same), "history_id__lt": OuterRef("history_id")}
    if same == "uid":
        where["revision_id"] = OuterRef("revision_id")
    earlier = model.objects.filter(**where).order_by("-history_id").values("history_id")[:1]
    numbers = dict(
        model.objects.filter(history_id__in=[row.history_id for row in rows])
        .annotate(earlier=Subquery(earlier))
        .order_by()
        .values_list("history_id", "earlier")
    )
    found = {row.history_id: row for row in model.objects.filter(history_id__in=[pk for pk in numbers.values() if pk])}
    return {(model, pk): found[earlier_pk] for pk, earlier_pk in numbers.items() if earlier_pk in found}


def _change(row: Any, older: Any, names: _Names) -> Change | None:
    common = {"at": row.history_date, "person": row.history_user}
    if isinstance(row, Responsibility.history.model):
        return _change_of_letter(row, names, common)
    if isinstance(row, Revision.history.model):
        parts = redline_parts(names.facts(older), names.facts(row)) if older else []
        what = What.CHANGED if older else What.ADDED
        if older and not parts:
            return None
        return Change(what, uid=None, title="", point=None, parts=parts, older=older, newer=row, **common)
    rest = {"uid": row.uid, "title": row.title or (older.title if older else ""), "point": row.history_id}
    if row.history_type == "-":
        return Change(What.REMOVED, parts=names.said(row), **rest, **common)
    if row.history_type == "+" or older is None:
        return Change(What.ADDED, parts=names.said(row), **rest, **common)
    if parts := redline_parts(names.said(older), names.said(row)):
        return Change(What.CHANGED, parts=parts, older=older, newer=row, **rest, **common)
    return Change(What.MOVED, parts=[], **rest, **common) if row.version == older.version else None


def _change_of_letter(row: Any, names: _Names, common: dict[str, Any]) -> Change:
    uid = names.uids.get(row.step_id) if row.step_id else None
    role = names.roles.get(row.role_id)
    with translation.override(labels_language({"language": names.language})):
        words = letter_words(role.name if role else "?", row.letter)
    kind = REMOVED if row.history_type == "-" else ADDED
    part = Part("responsibilities", _("Who else takes part"), [Run(kind, words)])
    title = names.titles.get(str(uid), "") if uid else ""
    return Change(What.CHANGED, uid=uid, title=title, point=None, parts=[part], **common)


def _continues(later: Change, change: Change, names: _Names) -> bool:
    """Take `change` into the `later` one, when both are saves of the same thing in one sitting."""
    if (later.what, later.uid, later.person) != (What.CHANGED, change.uid, change.person):
        return False
    if change.what != What.CHANGED or later.at - change.at > ONE_SITTING:
        return False
    if later.newer is None or change.newer is None:  # letters, beside a save of the fields or of other letters
        later.parts = [*change.parts, *later.parts] if change.newer is not None else [*later.parts, *change.parts]
        later.older, later.newer = later.older or change.older, later.newer or change.newer
        later.point = later.point or change.point
        return True
    said = names.said if later.uid else names.facts
    letters = [part for part in later.parts if is_list(part.name)]
    later.parts = [*redline_parts(said(change.older), said(later.newer)), *letters]
    later.older, later.saves = change.older, later.saves + 1
    return True


def _sittings(changes: list[Change]) -> list[Sitting]:
    """The changes, those of one person in a row together while no long pause lies between them."""
    found: list[Sitting] = []
    for change in changes:
        last = found[-1] if found else None
        if last is None or last.person != change.person or last.changes[-1].at - change.at > ONE_SITTING:
            last = Sitting(change.person)
            found.append(last)
        last.changes.append(change)
    return found


# What the page lets one choose -------------------------------------------------------------------------------


def steps_to_choose(revision: Revision) -> tuple[list[StepRef], list[tuple[str, str]]]:
    """The steps of the draft in their order (`uid` and number), and uid and title of those that were removed; two
    queries."""
    present = list(revision.steps.order_by("position").values_list("uid", "position"))
    uids = {uid for uid, _position in present}
    removed: dict[UUID, str] = {}
    gone = Step.history.filter(revision_id=revision.pk, history_type="-").order_by("history_date", "history_id")
    for uid, title in gone.values_list("uid", "title"):
        if uid not in uids:
            removed[uid] = title
    numbered = [StepRef(number, str(uid)) for number, (uid, _position) in enumerate(present, start=1)]
    return numbered, [(str(uid), title) for uid, title in removed.items()]


def people_to_choose(revision: Revision) -> list[User]:
    """Who did anything to the draft; one query."""
    wrote = Q(pk__in=Step.history.filter(revision_id=revision.pk).order_by().values("history_user_id"))
    wrote |= Q(pk__in=Revision.history.filter(id=revision.pk).order_by().values("history_user_id"))
    wrote |= Q(pk__in=Responsibility.history.filter(revision_id=revision.pk).order_by().values("history_user_id"))
    return by_name(User.objects.filter(wrote))
