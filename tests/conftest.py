from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.factories import Firm, make_firm


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
