"""Files stored under the hash of their content: never overwritten with something else, and checked on reading."""

import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.utils.functional import LazyObject

from sopdesk.lib.canonical import sha256_hex

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_NAME = re.compile(rf"([0-9a-f]{{2}})/(\1[0-9a-f]{{62}}){_SUFFIX.pattern}")


class StoredFileDamaged(Exception):
    """The stored file is missing or no longer holds what was put there. `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"stored file {name} is missing or damaged")
        self.name = name


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Where content lies: its name in the default storage, its SHA-256 (hex), its size in bytes."""

    name: str
    sha256: str
    size: int


def store_bytes(data: bytes, *, suffix: str) -> StoredBytes:
    """Put `data` into the default storage under its hash and `suffix` (".png"), whole or not at all.

    Storing the same content again changes nothing, except that a damaged or missing file is put right.
    Raises ValueError for a suffix other than a dot and up to 8 small letters or digits.
    """
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"not a suffix: {suffix!r}")
    sha256 = sha256_hex(data)
    stored = StoredBytes(name=f"{sha256[:2]}/{sha256}{suffix}", sha256=sha256, size=len(data))
    if not _is_intact(stored.name):
        _write(stored.name, data)
    return stored


def read_stored(name: str) -> bytes:
    """Return the content that `store_bytes` put under `name`.

    Raises StoredFileDamaged when it is missing or differs from its hash, ValueError when `name` is no such name.
    """
    sha256 = _hash_in(name)
    try:
        with default_storage.open(name) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise StoredFileDamaged(name) from error
    if sha256_hex(data) != sha256:
        raise StoredFileDamaged(name)
    return data


def _hash_in(name: str) -> str:
    match = _NAME.fullmatch(name)
    if not match:
        raise ValueError(f"not the name of a stored file: {name!r}")
    return match[2]


def _is_intact(name: str) -> bool:
    try:
        read_stored(name)
    except StoredFileDamaged:
        return False
    return True


def _write(name: str, data: bytes) -> None:
    storage = _storage()
    if isinstance(storage, FileSystemStorage):
        _write_file(storage, name, data)
        return
    storage.delete(name)
    given = storage.save(name, ContentFile(data))
    if given != name:
        # Somebody else stored the same content in between and was given the name.
        storage.delete(given)


def _storage() -> Storage:
    """The default storage itself, so that its class can be asked for."""
    return default_storage._wrapped if isinstance(default_storage, LazyObject) else default_storage


def _write_file(storage: FileSystemStorage, name: str, data: bytes) -> None:
    """Write beside the final place and rename, so that a reader or a power cut never meets half a file."""
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True, mode=storage.directory_permissions_mode or 0o777)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if storage.file_permissions_mode is not None:
                os.fchmod(descriptor, storage.file_permissions_mode)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_storage() -> None:
    """Write for real, but into a file without a name: `manage.py verify` must never meet a stray one. Storage that is
    no folder gets a round trip. Raises whatever goes wrong."""
    if not isinstance(default_storage, FileSystemStorage):
        _send_there_and_back(default_storage)
        return
    location = Path(default_storage.location)
    location.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=location) as probe:
        probe.write(b"readyz")
        probe.flush()


def _send_there_and_back(storage: Storage) -> None:
    text = secrets.token_bytes(16)
    name = storage.save(f"readyz/{uuid4()}", ContentFile(text))
    try:
        with storage.open(name) as stored:
            if stored.read() != text:
                raise RuntimeError("what is stored is not what was sent")
    finally:
        storage.delete(name)
