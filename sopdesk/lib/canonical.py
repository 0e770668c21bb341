"""One byte form for one content, so that its hash can be signed and checked years later.

Changing what `canonical_json` gives for any value breaks every stored hash: the golden vectors in
tests/lib/test_canonical.py must never change.
"""

import datetime as dt
import hashlib
import json
import unicodedata
from decimal import Decimal
from typing import Any
from uuid import UUID


def canonical_json(value: Any) -> bytes:
    """Return `value` as JSON in UTF-8 with sorted keys, no spaces, and text in Unicode form NFC.

    Takes None, bool, int, str, list, tuple, dict with str keys, and as strings: datetime (UTC, microseconds, "Z"),
    date (ISO), Decimal (digits as they are, no exponent) and UUID. Raises TypeError for anything else, floats
    included, and ValueError for naive datetimes, Decimals that are not finite, keys that become equal, and text
    that UTF-8 cannot hold.
    """
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            return int(value)
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return _plain_dict(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case dt.datetime():
            return _utc(value)
        case dt.date():
            return value.isoformat()
        case Decimal():
            return _digits(value)
        case UUID():
            return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _plain_dict(value: dict[str, Any]) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"a key must be text, not {type(key).__name__}")
        plain[unicodedata.normalize("NFC", key)] = _plain(item)
    if len(plain) != len(value):
        raise ValueError("two keys are the same text")
    return plain


def _utc(moment: dt.datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError("a datetime without time zone has no canonical form")
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _digits(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"{number} has no canonical form")
    return format(number, "f")
