from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

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


@pytest.fixture(autouse=True)
def media_in_a_temporary_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def pytest_sessionfinish() -> None:
    """Django removes the test database itself; SQLite's journal and our queue file stay behind."""
    name = django_settings.DATABASES["default"]["TEST"]["NAME"]
    if name.endswith(".sqlite3"):
        for leftover in Path(name).parent.glob(f"{Path(name).stem}*"):
            leftover.unlink(missing_ok=True)
