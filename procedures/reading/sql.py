"""What statements written by hand need to name tables and to read what SQLite answers."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection, models


def table_of(model: type[models.Model]) -> str:
    """The name of its table, as it stands in SQL."""
    return connection.ops.quote_name(model._meta.db_table)


def rows_of(statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple]:
    """The answer to `statement`, whose text is one of a few; PostgreSQL plans it once per connection."""
    database: Any = connection  # our two backends have this cursor, Django's type does not know
    with database.prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def places(values: Collection[Any]) -> str:
    """The list of parameters that stands for `values`, which are not empty."""
    return f"({', '.join(['%s'] * len(values))})"


def day_from(value: datetime.date | str | None) -> datetime.date | None:
    """A date as it comes out of a statement; SQLite knows no dates."""
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def moment_from(text: str) -> datetime.datetime:
    """A moment that was cast to text; SQLite keeps UTC without saying so."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
