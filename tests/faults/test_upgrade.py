"""kill -9 while `manage.py migrate` changes a database with data in it: what was there is whole, and migrating again
comes to the end."""

import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.db import connection

from procedures.invariants import violations
from procedures.states import State
from tests.factories import make_firm, make_next, make_revision
from tests.faults.faults import kill_process, run_in_a_process

pytestmark = pytest.mark.django_db(transaction=True)

MOMENTS = (12, 25, 40, 60)
"""Numbers of statements in front of which the process is killed."""
LATER = ("9001_note", "9002_longer_titles")


@pytest.fixture
def copy() -> Iterator[str]:
    """The name of a copy of the test's database, since what is migrated here must not stay."""
    make_next(firm := make_firm(), make_revision(firm).procedure)
    make_revision(firm, state=State.IN_REVIEW)
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            target = str(Path(folder) / "copy.sqlite3")
            with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(target)) as file:
                source.backup(file)
            yield target
        return
    target = f"{name}_copy"
    on_the_server(f'DROP DATABASE IF EXISTS "{target}"', f'CREATE DATABASE "{target}" TEMPLATE "{name}"')
    yield target
    on_the_server(f'DROP DATABASE "{target}"')


def on_the_server(*statements: str) -> None:
    """PostgreSQL copies only a database to which nobody is connected."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def in_the_copy(name: str, act: Callable[[], object], *, killed_at: int = 0) -> int:
    """Run `act` on the copy in a process of its own; killed in front of statement `killed_at`, 0 for never."""
    number = 0

    def watch(execute, sql, params, many, context):
        nonlocal number
        number += 1
        if number == killed_at:
            kill_process()
        return execute(sql, params, many, context)

    def there() -> None:
        connection.settings_dict["NAME"] = name
        site.MIGRATION_MODULES = {"procedures": "tests.faults.upgrade"}
        with connection.execute_wrapper(watch):
            act()

    return run_in_a_process(there)


def migrate() -> None:
    call_command("migrate", "procedures", verbosity=0, interactive=False)


def look() -> None:
    """Raise unless everything holds and both migrations are there."""
    assert list(violations()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'procedures' AND name LIKE '9%'")
        assert {row[0] for row in cursor.fetchall()} == set(LATER)
        cursor.execute("SELECT count(*) FROM procedures_decision WHERE note <> 'was approve'")
        assert cursor.fetchone()[0] == 0


def look_before() -> None:
    """Raise unless everything holds that today's code can see."""
    assert list(violations()) == []


def test_a_migration_that_is_killed_leaves_what_was_there_and_can_be_repeated(copy):
    killed = 0
    for moment in MOMENTS:
        if in_the_copy(copy, migrate, killed_at=moment) == -signal.SIGKILL:
            killed += 1
            assert in_the_copy(copy, look_before) == 0
    assert killed >= 2
    assert in_the_copy(copy, migrate) == 0
    assert in_the_copy(copy, look) == 0
