"""Content-addressed storage: whole or not at all, and never silently something else."""

import os
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage

from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.files import StoredBytes, StoredFileDamaged, read_stored, store_bytes

DATA = b"minutes of the meeting"
SHA256 = sha256_hex(DATA)
NAME = f"{SHA256[:2]}/{SHA256}.txt"


class RacedStorage(InMemoryStorage):
    """A storage in which somebody else is always a moment faster."""

    def save(self, name, content, max_length=None):
        super().save(name, ContentFile(DATA))
        return super().save(name, content, max_length)


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture(params=["folder", "memory"])
def storage(request, settings, folder):
    if request.param == "memory":
        use_storage(settings, "django.core.files.storage.InMemoryStorage")


def use_storage(settings, backend: str) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend}}


def overwrite(name: str, data: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_content_is_stored_under_its_hash(storage):
    assert store_bytes(DATA, suffix=".txt") == StoredBytes(name=NAME, sha256=SHA256, size=len(DATA))
    assert read_stored(NAME) == DATA


def test_empty_content_is_stored(storage):
    assert read_stored(store_bytes(b"", suffix=".txt").name) == b""


def test_same_content_twice_is_one_file(storage):
    assert store_bytes(DATA, suffix=".txt") == store_bytes(DATA, suffix=".txt")
    assert default_storage.listdir(SHA256[:2])[1] == [f"{SHA256}.txt"]


def test_storing_again_does_not_touch_an_intact_file(folder):
    store_bytes(DATA, suffix=".txt")
    os.utime(folder / NAME, (1, 1))
    store_bytes(DATA, suffix=".txt")
    assert (folder / NAME).stat().st_mtime == 1


def test_damaged_file_is_noticed_on_reading(storage):
    store_bytes(DATA, suffix=".txt")
    overwrite(NAME, b"minutes of another meeting")
    with pytest.raises(StoredFileDamaged, match=SHA256) as caught:
        read_stored(NAME)
    assert caught.value.name == NAME


def test_missing_file_counts_as_damaged(storage):
    with pytest.raises(StoredFileDamaged):
        read_stored(NAME)


def test_storing_again_puts_a_damaged_file_right(storage):
    store_bytes(DATA, suffix=".txt")
    overwrite(NAME, b"half")
    store_bytes(DATA, suffix=".txt")
    assert read_stored(NAME) == DATA
    assert default_storage.listdir(SHA256[:2])[1] == [f"{SHA256}.txt"]


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_failure_while_writing_leaves_nothing_behind(folder, monkeypatch, failing):
    def broken(*args):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, broken)
        with pytest.raises(OSError, match="disk full"):
            store_bytes(DATA, suffix=".txt")
    assert files_in(folder) == []
    store_bytes(DATA, suffix=".txt")
    assert files_in(folder) == [NAME]


def test_content_reaches_the_disk_before_the_name_appears(folder, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("fsync"), fsync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("replace"), replace(*paths)))
    store_bytes(DATA, suffix=".txt")
    assert order == ["fsync", "replace", "fsync"]


def test_file_has_the_permissions_of_the_settings(folder, settings):
    settings.FILE_UPLOAD_PERMISSIONS = 0o640
    store_bytes(DATA, suffix=".txt")
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o640


def test_two_writers_at_once_leave_one_file(settings, folder):
    use_storage(settings, f"{__name__}.RacedStorage")
    assert store_bytes(DATA, suffix=".txt").name == NAME
    assert default_storage.listdir(SHA256[:2])[1] == [f"{SHA256}.txt"]
    assert read_stored(NAME) == DATA


@pytest.mark.parametrize("suffix", ["", "txt", ".", ".TXT", "/../x", ".t/x", ".tar.gz", ".waytoolong", ".a\n"])
def test_odd_suffix_is_refused(folder, suffix):
    with pytest.raises(ValueError, match="not a suffix"):
        store_bytes(DATA, suffix=suffix)
    assert files_in(folder) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../settings.py",
        "/etc/passwd",
        f"../{NAME}",
        f"00/{SHA256}.txt",
        f"{SHA256[:2]}/{SHA256}",
        f"{NAME}\n",
        "a/b.txt",
    ],
)
def test_reading_another_name_is_refused(folder, name):
    with pytest.raises(ValueError, match="not the name of a stored file"):
        read_stored(name)
