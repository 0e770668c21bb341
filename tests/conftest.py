import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import override_settings

from audit import guards
from tests.factories import Firm, make_firm


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Transactional tests empty every table behind themselves, which the trail's triggers rightly refuse."""
    with django_db_blocker.unblock():
        assert guards.missing(connection) == [], "a migration rebuilt the table of the trail without its triggers"
        guards.remove(connection)


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
def media_in_a_temporary_folder(request, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    if "module_database" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("module_database"), settings.MEDIA_ROOT)


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
