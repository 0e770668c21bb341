"""What monitoring asks."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from sopdesk import views
from sopdesk.lib import files


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def test_healthz_answers_without_the_database(client: Client) -> None:
    response = client.get("/healthz")  # pytest-django fails the test should the database be touched
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_readyz_is_public_and_says_what_works(client: Client, db: None, media: Path) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok"}


def test_readyz_leaves_no_file_behind(client: Client, db: None, media: Path) -> None:
    client.get("/readyz")
    assert list(media.rglob("*")) == []


def test_readyz_fails_when_a_migration_is_missing(client: Client, db: None, media: Path) -> None:
    app, name = sorted(views._newest_migrations())[0]
    MigrationRecorder(connection).record_unapplied(app, name)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "failed", "database": "ok", "migrations": "failed", "storage": "ok"}


def test_readyz_fails_when_files_cannot_be_written(client: Client, db: None, media: Path) -> None:
    media.write_text("a file where the folder should be")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["storage"] == "failed"


def test_readyz_keeps_reasons_out_of_public(
    client: Client, db: None, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatabaseError("password of user secret refused")

    monkeypatch.setitem(views.READINESS, "database", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "secret" not in response.text


@pytest.fixture
def elsewhere(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    assert not isinstance(files.default_storage, FileSystemStorage)


def test_storage_elsewhere_is_tried_by_a_round_trip_that_leaves_nothing(elsewhere: None) -> None:
    files.check_storage()
    assert files.default_storage.listdir("readyz")[1] == []


def test_storage_elsewhere_that_changes_what_it_keeps_is_not_ready(
    client: Client, db: None, elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ContentFile", lambda text: ContentFile(text + b"!"))
    assert client.get("/readyz").json()["storage"] == "failed"
    assert files.default_storage.listdir("readyz")[1] == []


def test_readyz_fails_when_the_database_answers_nonsense(
    client: Client, db: None, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CursorWrapper, "fetchone", lambda self: (2,), raising=False)
    assert client.get("/readyz").json()["database"] == "failed"
