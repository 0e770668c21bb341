"""The SQL of what somebody may read, composed once where it is known what it depends on: composing it takes longer than
most answers."""

import datetime
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from django.db.models import Choices

from procedures.models.revision import RevisionQuerySet
from procedures.search.standings import standing_on

Sql = tuple[str, list]


@dataclass(frozen=True, slots=True)
class _Question:
    known_as: Hashable
    columns: tuple[str, ...]
    day: datetime.date | None
    queryset: RevisionQuerySet = field(compare=False)

    def composed(self) -> tuple[str, tuple]:
        rows = self.queryset.order_by()
        if self.day is not None:
            rows = rows.annotate(standing=standing_on(self.day))
        return _with_constants(*rows.values_list(*self.columns).query.sql_with_params())


def _with_constants(sql: str, params: Sequence) -> tuple[str, tuple]:
    """The same with the states, kinds and audiences in it written out. A plan that PostgreSQL keeps is made without
    the parameters, and without these it knows nothing of how many texts are meant."""
    parts = sql.split("%s")
    written = [f"'{value}'" if isinstance(value, StrEnum | Choices) else "%s" for value in params]
    kept = tuple(value for value in params if not isinstance(value, StrEnum | Choices))
    return "".join(part + value for part, value in zip(parts, [*written, ""], strict=True)), kept


@lru_cache(maxsize=256)
def _composed_once(question: _Question) -> tuple[str, tuple]:
    return question.composed()


def sql_of(queryset: RevisionQuerySet, columns: Sequence[str] = ("pk",), *, day: datetime.date | None = None) -> Sql:
    """SQL of `columns` of `queryset` in no order, and its parameters. With `day` there is a column `standing` besides
    those of a revision."""
    question = _Question(queryset.known_as, tuple(columns), day, queryset)
    sql, params = question.composed() if queryset.known_as is None else _composed_once(question)
    return sql, list(params)
