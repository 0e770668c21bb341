import gc
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation

from audit import guards
from tests.factories import Firm, make_firm


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Transactional tests empty every table behind themselves, which the trail's triggers rightly refuse."""
    with django_db_blocker.unblock():
        assert guards.missing(connection) == [], "a migration rebuilt the table of the trail without its triggers"
        guards.remove(connection)
        if connection.vendor == "postgresql":
            connection.ops.sql_flush = partial(rows_to_delete, connection.ops.sql_flush)


def rows_to_delete(truncate: Callable[..., list[str]], style, tables: list[str], *, reset_sequences=False, **options):
    """TRUNCATE makes new files for hundreds of tables and indexes, most of which are empty: the rows of the others are
    deleted instead, without triggers as there, for which PostgreSQL wants a superuser."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if reset_sequences or not cursor.fetchone()[0]:
            return truncate(style, tables, reset_sequences=reset_sequences, **options)
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables))
        filled = [row[0] for row in cursor.fetchall()]
    return ["SET LOCAL session_replication_role = replica", *(f'DELETE FROM "{table}"' for table in filled)]


@pytest.fixture
def firm(db) -> Firm:
    return make_firm()


@pytest.fixture(scope="module")
def module_database(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """For fixtures of a module: what they write is there for each of its tests, and gone after the last. Each test
    still takes back what it changes, in a transaction inside this one. Yields the folder of their media."""
    media = tmp_path_factory.mktemp("module-media")
    outer = transaction.atomic()
    outer._from_testcase = True  # Django's own mark: what must be the outermost transaction may be inside this one
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=str(media)), outer:
        yield media
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def files_and_extras_of_its_own(request, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.LINK_CHECK_HOSTS = ["docs.example.org"]
    settings.SEARCH_MEANING = False  # whether or not the extra is installed here; its own tests switch it on
    if "module_database" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("module_database"), settings.MEDIA_ROOT)


@pytest.fixture(autouse=True)
def language_of_nobody() -> Iterator[None]:
    """Whoever asked last leaves their language behind in this thread."""
    yield
    translation.deactivate()


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end, and need not be looked through for rubbish."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Django removes the test database itself; SQLite's journal and our queue file stay behind."""
    name = django_settings.DATABASES["default"]["TEST"]["NAME"]
    if name.endswith(".sqlite3"):
        for leftover in Path(name).parent.glob(f"{Path(name).stem}*"):
            leftover.unlink(missing_ok=True)
