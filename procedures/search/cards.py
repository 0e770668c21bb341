"""What the library shows of one text, by value: equal cards look the same, so that their HTML can be kept."""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

import datetime
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse

from procedures.models import Revision
from procedures.models.revision import RevisionQuerySet
from procedures.reading.sql import day_from, places, rows_of, table_of
from procedures.search.questions import sql_of
from procedures.search.snippets import opening
from procedures.search.standings import Standing, standing_of

_COLUMNS = {
    "pk": "pk",
    "procedure": "procedure_id",
    "code": "procedure__code",
    "number": "number",
    "title": "title",
    "language": "language",
    "purpose": "purpose",
    "next_review_on": "next_review_on",
    "emergency_until": "emergency_until",
    "owner": "procedure__owner__full_name",
    "email": "procedure__owner__email",
}
"""Column of the common table → field of a revision."""


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
    readable: RevisionQuerySet, pks: Collection[int], *, day: datetime.date, quoting: Collection[int] = ()
) -> dict[int, tuple[Card, dict | None]]:
    """The cards of `pks` as far as they are in `readable`, with the content of those in `quoting`; one query."""
    if not pks:
        return {}
    sql, params = sql_of(readable, tuple(_COLUMNS.values()))
    content = "NULL"
    if quoting:  # contents are long, so only of what is listed
        long_text = f"SELECT content FROM {table_of(Revision)} AS text WHERE text.id = readable.pk"
        content, params = f"CASE WHEN pk IN {places(quoting)} THEN ({long_text}) END", [*params, *quoting]
    params += pks
    rows = rows_of(
        f"WITH readable({', '.join(_COLUMNS)}) AS NOT MATERIALIZED ({sql})"
        f" SELECT readable.*, {content} FROM readable WHERE pk IN {places(pks)}",
        params,
    )
    return {row[0]: (_card(row, day), json.loads(row[-1]) if row[-1] else None) for row in rows}


def _card(row: tuple, day: datetime.date) -> Card:
    pk, procedure, code, number, title, language, purpose, review, emergency_until, name, email = row[: len(_COLUMNS)]
    review_on = day_from(review)
    standing = standing_of(next_review_on=review_on, in_emergency=emergency_until is not None, day=day)
    return Card(pk, procedure, code, number, title, language, opening(purpose), review_on, standing, name or email)
