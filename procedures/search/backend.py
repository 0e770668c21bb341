"""Which index this installation has: the one of its database."""

from types import ModuleType

from django.db import connection

from procedures.search import postgres, sqlite

BY_VENDOR: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgres}


def backend() -> ModuleType:
    """The module with `put`, `remove`, `clear` and the SQL of matches for the database in use."""
    return BY_VENDOR[connection.vendor]
