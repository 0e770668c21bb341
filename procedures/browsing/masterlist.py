"""The master list: every text in force, one a row, with who signed it; the same rows on the page and in its export.

Every translation has its row here, unlike in the library: each is a document of its own with a revision and a review.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from procedures.models import Decision, EmergencyIssue, Kind, Verdict
from procedures.models.revision import RevisionQuerySet
from procedures.search.engine import search
from procedures.search.facets import Asker, Chosen, survey
from procedures.search.listing import narrowed
from sopdesk.lib.sheets import Value
from sopdesk.lib.sorting import sort_key

REVIEW_SOON = datetime.timedelta(days=30)
AT_ONCE = 500  # rows whose signatures are read in one query

COLUMNS: Mapping[str, str | Promise] = {
    "code": _("Code"),
    "title": _("Title"),
    "kind": _("Kind"),
    "department": _("Department"),
    "category": _("Category"),
    "owner": _("Owner"),
    "number": _("Revision"),
    "effective_on": _("Effective from"),
    "next_review_on": _("Next review"),
    "status": _("Status"),
    "language": _("Language"),
    "approvals": _("Signed by"),
}
_READ = (
    "pk", "procedure__code", "title", "procedure__kind", "procedure__department__name", "category__name",
    "procedure__owner__full_name", "procedure__owner__email", "number", "effective_on", "next_review_on",
    "emergency_until", "language",
)  # fmt: skip
SORTABLE = tuple(name for name in COLUMNS if name != "approvals")
LAST_DAY = datetime.date.max


class Status(StrEnum):
    """How a text in force stands, the most urgent first."""

    EMERGENCY = "emergency"
    OVERDUE = "overdue"
    DUE = "due"
    IN_FORCE = "in_force"

    @property
    def label(self) -> str | Promise:
        return STATUS_LABELS[self]

    @property
    def chip(self) -> str:
        """The name of the chip that shows it."""
        return CHIPS[self]


STATUS_LABELS: Mapping[Status, str | Promise] = {
    Status.EMERGENCY: _("Emergency issue"),
    Status.OVERDUE: _("Review overdue"),
    Status.DUE: _("Review due soon"),
    Status.IN_FORCE: _("In force"),
}

CHIPS: Mapping[Status, str] = {
    Status.EMERGENCY: "overdue",
    Status.OVERDUE: "overdue",
    Status.DUE: "due",
    Status.IN_FORCE: "published",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `approvals` is filled in by `with_approvals`."""

    pk: int
    code: str
    title: str
    kind: str
    department: str
    category: str
    owner: str
    number: int
    effective_on: datetime.date | None
    next_review_on: datetime.date | None
    status: Status
    language: str
    approvals: tuple[str, ...] = ()

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def language_label(self) -> str:
        return name_of_language(self.language)

    def values(self) -> list[Value]:
        """The cells of the row, as they are exported and, dates aside, shown."""
        return [
            self.code, self.title, self.kind_label, self.department, self.category, self.owner, self.number,
            self.effective_on or "", self.next_review_on or "", str(self.status.label), self.language_label,
            "; ".join(self.approvals),
        ]  # fmt: skip


def name_of_language(code: str) -> str:
    """The name of a language in the language of the page; its code when it is not known."""
    try:
        return get_language_info(code)["name_translated"].capitalize()
    except KeyError:
        return code


def entries_of(
    readable: RevisionQuerySet,
    *,
    words: str,
    chosen: Chosen,
    language: str,
    sort: str,
    day: datetime.date,
    asker: Asker | None = None,
) -> list[Entry]:
    """The rows of `readable` that fit `words` and the filters, in the order `sort` (a column, "-" before it turns it
    round; rows that are equal stand by code). One query, two more with words."""
    texts = narrowed(readable, chosen, asker).order_by()
    rows = texts.values_list(*_READ)
    wanted = _found(readable, words, chosen, language, asker) if words else None
    entries = [_entry(row, day) for row in rows if wanted is None or row[0] in wanted]
    name = sort.removeprefix("-")
    entries.sort(key=lambda entry: entry.code)
    if name != "code" or sort.startswith("-"):
        entries.sort(key=_sorter(name), reverse=sort.startswith("-"))
    return entries


def _found(readable: RevisionQuerySet, words: str, chosen: Chosen, language: str, asker: Asker | None) -> set[int]:
    page = search(words, queryset=narrowed(readable, chosen, asker), limit=1, language=language)
    if page.matches is None:
        return set()
    return set(survey(readable, chosen=chosen, matches=page.matches, asker=asker, with_ids=True).ids)


def _entry(row: Sequence[Any], day: datetime.date) -> Entry:
    pk, code, title, kind, department, category = row[:6]
    owner, email, number, effective_on, next_review_on, emergency_until, language = row[6:]
    status = _status(next_review_on, emergency_until, day)
    return Entry(
        pk, code, title, kind, department, category or "", owner or email, number, effective_on, next_review_on, status,
        language,
    )  # fmt: skip


def _status(next_review_on: datetime.date | None, emergency_until: datetime.date | None, day: datetime.date) -> Status:
    if emergency_until is not None:
        return Status.EMERGENCY
    if next_review_on is None or next_review_on > day + REVIEW_SOON:
        return Status.IN_FORCE
    return Status.OVERDUE if next_review_on < day else Status.DUE


def _sorter(name: str) -> Callable[[Entry], Any]:
    """What rows are ordered by: words by alphabet, dates and numbers by value, nothing after everything."""
    match name:
        case "number":
            return lambda entry: entry.number
        case "effective_on" | "next_review_on":
            return lambda entry: getattr(entry, name) or LAST_DAY
        case "status":
            order = list(Status)
            return lambda entry: order.index(entry.status)
        case "kind":
            labels = {kind: sort_key(str(Kind(kind).label)) for kind in Kind.values}
            return lambda entry: labels[entry.kind]
        case "language":
            return lambda entry: sort_key(name_of_language(entry.language))
    return lambda entry: sort_key(getattr(entry, name))


def with_approvals(entries: Sequence[Entry]) -> Iterator[Entry]:
    """`entries` with who signed each text and when; of an emergency issue, who issued it. Two queries for each
    AT_ONCE rows."""
    for start in range(0, len(entries), AT_ONCE):
        chunk = entries[start : start + AT_ONCE]
        signed = _signers([entry.pk for entry in chunk])
        for entry in chunk:
            yield replace(entry, approvals=tuple(signed.get(entry.pk, ())))


def _signers(revisions: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    decisions = Decision.objects.filter(
        round__revision__in=revisions, verdict=Verdict.APPROVE, invalidated_at=None
    ).order_by("decided_at", "pk")  # fmt: skip
    for revision, name, at in decisions.values_list("round__revision_id", "decider_name", "decided_at"):
        found[revision].append(f"{name}, {date_format(localdate(at), 'DATE_FORMAT')}")
    issues = EmergencyIssue.objects.filter(
        round__revision__in=revisions, round__outcome="", round__revision__emergency_until__isnull=False
    ).order_by("pk")  # fmt: skip
    for revision, name, at in issues.values_list("round__revision_id", "issuer_name", "issued_at"):
        found[revision].append(f"{name}, {date_format(localdate(at), 'DATE_FORMAT')}")
    return found


def table_of(entries: Sequence[Entry]) -> Iterator[list[Value]]:
    """The list as a table with its header, for an export."""
    yield [str(label) for label in COLUMNS.values()]
    for entry in with_approvals(entries):
        yield entry.values()
