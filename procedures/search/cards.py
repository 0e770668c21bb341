"""What the library shows of one text, by value: equal cards look the same, so that their HTML can be kept."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Case, F, JSONField, When
from django.urls import reverse

from procedures.models.revision import RevisionQuerySet
from procedures.search.snippets import opening
from procedures.search.standings import Standing, standing_of

_COLUMNS = (
    "pk", "procedure_id", "procedure__code", "number", "title", "language", "purpose", "next_review_on",
    "emergency_until", "procedure__owner__full_name", "procedure__owner__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Other:
    """A text of the same translation set, in another language."""

    language: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    """One text: `about` is how its purpose begins, `standing` how it stands today."""

    pk: int
    procedure: int
    code: str
    number: int
    title: str
    language: str
    about: str
    next_review_on: datetime.date | None
    standing: Standing
    owner: str

    @property
    def address(self) -> str:
        return reverse("procedure", args=[self.code])

    @property
    def as_other(self) -> Other:
        return Other(self.language, self.code, self.title)


def cards_of(
    readable: RevisionQuerySet, pks: Iterable[int], *, day: datetime.date, quoting: Collection[int] = ()
) -> dict[int, tuple[Card, dict | None]]:
    """The cards of `pks` as far as they are in `readable`, with the content of those in `quoting`; one query."""
    rows = readable.filter(pk__in=pks).order_by()
    columns: tuple[str, ...] = _COLUMNS
    if quoting:  # contents are long, so only of what is listed
        content = Case(When(pk__in=quoting, then=F("content")), output_field=JSONField())
        rows, columns = rows.annotate(quoted=content), (*_COLUMNS, "quoted")
    return {row[0]: (_card(row, day), row[-1] if quoting else None) for row in rows.values_list(*columns)}


def _card(row: tuple, day: datetime.date) -> Card:
    pk, procedure, code, number, title, language, purpose, next_review_on, emergency_until, name, email = row[:11]
    standing = standing_of(next_review_on=next_review_on, in_emergency=emergency_until is not None, day=day)
    return Card(pk, procedure, code, number, title, language, opening(purpose), next_review_on, standing, name or email)
