"""Signed notes of how the trail stood, kept outside of the database.

Whoever owns the database can write the whole trail anew, so that its chain fits. What was signed before, with a key
that does not lie in the database, and kept elsewhere, then no longer fits: the entry with that number is missing or
has another hash. Each checkpoint is a line of a file that only grows; a copy of it in other hands carries the proof.
"""

import base64
import binascii
import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.models import Checkpoint, Entry, Head
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 1


class NoKey(Exception):
    """There is no key for checkpoints, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: the trail had `count` entries, and the last one, number `seq`, had `hash`."""

    seq: int
    hash: str
    count: int
    at: datetime.datetime
    key: str
    signature: str

    def signed(self) -> bytes:
        """The bytes under the signature."""
        return canonical_json(
            {"format": FORMAT, "seq": self.seq, "hash": self.hash, "count": self.count, "at": self.at, "key": self.key}
        )

    def as_text(self) -> str:
        return json.dumps({**json.loads(self.signed()), "signature": self.signature}, sort_keys=True)


# The key -----------------------------------------------------------------------------------------------------


def make_key(path: Path) -> str:
    """Write a new private key to `path`, readable by its owner alone, and the public one beside it.

    Returns the key's name. Raises FileExistsError: a key is never written over.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    public = key.public_key()
    public_file(path).write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return name_of(public)


def public_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


def name_of(key: Ed25519PublicKey) -> str:
    """By which a key is told from others: the beginning of the SHA-256 of its public half."""
    return sha256_hex(key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))[:16]


def private_key() -> Ed25519PrivateKey:
    """Raises NoKey."""
    if not settings.CHECKPOINT_KEY:
        raise NoKey("CHECKPOINT_KEY is not set")
    try:
        key = serialization.load_pem_private_key(Path(settings.CHECKPOINT_KEY).read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise NoKey(f"CHECKPOINT_KEY: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey("CHECKPOINT_KEY is no Ed25519 key")
    return key


def known_keys() -> dict[str, Ed25519PublicKey]:
    """The public keys whose signatures count, by name: today's, and those of earlier keys in CHECKPOINT_OLD_KEYS."""
    keys = []
    for path in [str(public_file(Path(settings.CHECKPOINT_KEY))), *settings.CHECKPOINT_OLD_KEYS]:
        try:
            key = serialization.load_pem_public_key(Path(path).read_bytes())
        except (OSError, ValueError) as error:
            raise NoKey(f"{path}: {error}") from error
        if isinstance(key, Ed25519PublicKey):
            keys.append(key)
    return {name_of(key): key for key in keys}


# Making ------------------------------------------------------------------------------------------------------


def is_due(now: datetime.datetime) -> bool:
    """Whether enough entries or enough time have come since the last checkpoint; never without a new entry."""
    head, last = Head.objects.filter(pk=1).first(), latest()
    if head is None or head.seq == (last.seq if last else 0):
        return False
    if last is None or head.seq - last.seq >= settings.CHECKPOINT_ENTRIES:
        return True
    return now - last.at >= datetime.timedelta(seconds=settings.CHECKPOINT_SECONDS)


@transaction.atomic
def make_checkpoint() -> Checkpoint | None:
    """Sign how the trail stands, add the line to the file, and then keep it in the database.

    None when the last one says it all already. A process that dies in between leaves a line without a row, which is
    no fault. Raises NoKey and OSError.
    """
    key = private_key()
    head = Head.objects.select_for_update().filter(pk=1).first()
    if head is None or Checkpoint.objects.filter(seq=head.seq).exists():
        return None
    unsigned = Line(head.seq, head.hash, head.seq, timezone.now(), name_of(key.public_key()), "")
    signature = base64.b64encode(key.sign(unsigned.signed())).decode()
    line = Line(unsigned.seq, unsigned.hash, unsigned.count, unsigned.at, unsigned.key, signature)
    _append(line)
    return Checkpoint.objects.create(
        seq=line.seq, hash=line.hash, count=line.count, at=line.at, key=line.key, signature=line.signature
    )


def _append(line: Line) -> None:
    descriptor = os.open(settings.CHECKPOINT_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line.as_text().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def latest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-seq").first()


def latest_lines(count: int) -> list[Line]:
    """The last `count` checkpoints, newest first."""
    return [line_of(row) for row in Checkpoint.objects.order_by("-seq")[:count]]


def lines_up_to(seq: int, *, count: int) -> list[Line]:
    """The last `count` checkpoints that were made before entry `seq` or with it, newest first."""
    return [line_of(row) for row in Checkpoint.objects.filter(seq__lte=seq).order_by("-seq")[:count]]


# Checking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Broken:
    """A line of the file that is none of ours."""

    number: int
    what: str


def read_lines(path: Path) -> Iterator[Line | Broken]:
    """The lines of a file of checkpoints, one at a time. Raises OSError."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, start=1):
            yield _parsed(text) or Broken(number, "is no checkpoint")


def _parsed(text: str) -> Line | None:
    try:
        value = json.loads(text)
        at = datetime.datetime.fromisoformat(value["at"])
        line = Line(value["seq"], value["hash"], value["count"], at, value["key"], value["signature"])
        return line if value["format"] == FORMAT and isinstance(line.seq, int) else None
    except (ValueError, KeyError, TypeError):
        return None


def line_of(row: Checkpoint) -> Line:
    return Line(row.seq, row.hash, row.count, row.at, row.key, row.signature)


def is_genuine(line: Line, keys: dict[str, Ed25519PublicKey]) -> bool:
    """Whether one of our keys signed exactly this."""
    key = keys.get(line.key)
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(line.signature, validate=True), line.signed())
    except (InvalidSignature, binascii.Error, ValueError, TypeError):
        return False
    return True


def checkpoint_faults(path: Path | None = None) -> Iterator[str]:
    """What does not fit between the checkpoints in the file at `path` (the configured one) and the trail.

    Nothing without a key: checkpoints are not used then. Raises NoKey when its public half is gone, and OSError when
    the file is.
    """
    if not settings.CHECKPOINT_KEY:
        return
    keys, found = known_keys(), set()
    path = path or Path(settings.CHECKPOINT_FILE)
    if path.exists() or Checkpoint.objects.exists():
        for line in read_lines(path):
            if isinstance(line, Broken):
                yield f"line {line.number} of {path.name} {line.what}"
                continue
            found.add(line.signature)
            yield from _faults_of(line, keys)
    for row in Checkpoint.objects.order_by("seq").iterator(chunk_size=2000):
        if row.signature not in found and path == Path(settings.CHECKPOINT_FILE):
            yield f"checkpoint {row.seq}: is not in {path.name}"
            yield from _faults_of(line_of(row), keys)


def _faults_of(line: Line, keys: dict[str, Ed25519PublicKey]) -> Iterator[str]:
    if not is_genuine(line, keys):
        yield f"checkpoint {line.seq}: the signature does not fit"
        return
    stored = Entry.objects.filter(seq=line.seq).values_list("hash", flat=True).first()
    if stored is None:
        yield f"checkpoint {line.seq}: the trail had {line.count} entries then, and entry {line.seq} is missing"
    elif stored != line.hash:
        yield f"checkpoint {line.seq}: the trail up to here is not the one that was signed"


def last_genuine(path: Path | None = None) -> Line | None:
    """The last checkpoint in the file that one of our keys signed. Raises NoKey and OSError."""
    keys, last = known_keys(), None
    for line in read_lines(path or Path(settings.CHECKPOINT_FILE)):
        if isinstance(line, Line) and is_genuine(line, keys):
            last = line
    return last
