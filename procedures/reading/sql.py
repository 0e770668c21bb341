"""What statements written by hand need to name tables and to read what SQLite answers."""

import datetime

from django.db import connection, models


def table_of(model: type[models.Model]) -> str:
    """The name of its table, as it stands in SQL."""
    return connection.ops.quote_name(model._meta.db_table)


def moment_from(text: str) -> datetime.datetime:
    """A moment that was cast to text; SQLite keeps UTC without saying so."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
