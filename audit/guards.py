"""Triggers with which the database itself refuses to change or delete an entry of the trail.

They are the second barrier behind `audit.models`, for whatever does not go through the ORM; the hash chain is the
third. Whoever owns the database can take them away, which `missing` tells. What they cannot stop, the chain and the
checkpoints show (docs/operations.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_entry"
REFUSED = "entries of the trail are never changed or deleted"

# INSERT OR REPLACE deletes without a DELETE trigger (unless recursive triggers are on), so on SQLite an entry may
# only be put behind the last one.
_SQLITE = {
    "audit_entry_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "audit_entry_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "audit_entry_in_order": (
        "BEFORE INSERT ON audit_entry WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entry) "
        "BEGIN SELECT RAISE(ABORT, 'entries are added at the end of the trail'); END"
    ),
}
# ENABLE ALWAYS: they fire for replication too. Row triggers do not see TRUNCATE, hence the last one.
_POSTGRES = {
    "audit_entry_no_update": f"BEFORE UPDATE ON {TABLE} FOR EACH ROW",
    "audit_entry_no_delete": f"BEFORE DELETE ON {TABLE} FOR EACH ROW",
    "audit_entry_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT",
}
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place; those that are there stay."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, body in _SQLITE.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
            return
        cursor.execute(_FUNCTION)
        for name, when in _POSTGRES.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
            cursor.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_entry_refuse()")
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: before a migration that rewrites the table, and for tests that play the intruder."""
    with connection.cursor() as cursor:
        for name in _names(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if _is_sqlite(connection) else f" ON {TABLE}"))


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers inside the block."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that are not in place, or that were switched off."""
    with connection.cursor() as cursor:
        if _is_sqlite(connection):
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A' AND NOT tgisinternal",
                [TABLE],
            )
        present = {name for (name,) in cursor.fetchall()}
    return [name for name in _names(connection) if name not in present]


def _names(connection: BaseDatabaseWrapper) -> list[str]:
    return list(_SQLITE if _is_sqlite(connection) else _POSTGRES)


def _is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"
