"""Two saves of one thing, merged value by value.

A form carries a short digest of every value that it began with (its base). A value that only one side changed since
is that side's; one that both changed differently is a clash, and people choose.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from django.db import models
from django.utils.translation import gettext as _

from sopdesk.lib.errors import Conflict

DIGEST_LENGTH = 12


@dataclass
class Merge:
    """What comes of an offered save. `taken`: values to be written. `kept`: names of fields that the sender did not
    touch and somebody else changed. `clashes`: names of fields that both changed."""

    taken: dict[str, object] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saver:
    """Who saved a value, and when; both empty when nobody knows."""

    name: str = ""
    at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else saved in a field that the sender changed as well."""

    value: object
    saver: Saver


class BothChanged(Conflict):
    """Sender and somebody else changed the same fields. Nothing was written.

    `clashes` holds those fields, `kept` what is stored in fields that only somebody else changed.
    """

    def __init__(self, *, clashes: Mapping[str, Theirs], kept: Mapping[str, object]) -> None:
        super().__init__(
            _(
                "Somebody else saved this while you were writing. Nothing was lost: save again to keep what you wrote, "
                "or tick what you take from them. What they changed elsewhere is filled in."
            )
        )
        self.clashes = dict(clashes)
        self.kept = dict(kept)


def settle(
    *,
    offered: Mapping[str, object],
    stored: Mapping[str, object],
    base: Mapping[str, str] | None,
    saved_by: Callable[[str], Saver],
    together: Collection[str] = (),
) -> dict[str, object]:
    """What of `offered` is to be written over the locked values `stored`; all of it without a base.

    Raises BothChanged where the sender, who began with `base`, and somebody else changed the same field. Fields that
    only make sense `together` are asked for together.
    """
    if base is None:
        return dict(offered)
    found = merge(offered=offered, stored=stored, base=base)
    if not found.clashes:
        return found.taken
    if not set(together).isdisjoint(found.clashes):
        found.clashes += [name for name in found.kept if name in together]
        found.kept = [name for name in found.kept if name not in together]
    raise BothChanged(
        clashes={name: Theirs(stored[name], saved_by(name)) for name in found.clashes},
        kept={name: stored[name] for name in found.kept},
    )


def merge(
    *,
    offered: Mapping[str, object],
    stored: Mapping[str, object],
    base: Mapping[str, str],
    is_current: bool = False,
) -> Merge:
    """Compare `offered` with `stored` by the digests of `base`, from which the sender began.

    `is_current`: nobody has saved since; then a field that the base does not know is the sender's to write.
    """
    result = Merge()
    for name, value in offered.items():
        mine, theirs, began = digest(value), digest(stored[name]), base.get(name)
        if mine == theirs:
            continue
        if mine == began:
            result.kept.append(name)
        elif theirs == began or (began is None and is_current):
            result.taken[name] = value
        else:
            result.clashes.append(name)
    return result


def base_of(values: Mapping[str, object]) -> dict[str, str]:
    """The digests of `values`, for a form that begins with them."""
    return {name: digest(value) for name, value in values.items()}


def read_base(text: str) -> dict[str, str]:
    """The base that a form sent as JSON; empty when it is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def columns_of(row: models.Model, names: Iterable[str]) -> dict[str, object]:
    """The stored values of the fields `names` of `row`, keys instead of related rows, without a query."""
    columns = {name: cast("models.Field", row._meta.get_field(name)).attname for name in names}
    return {name: getattr(row, column) for name, column in columns.items()}


def digest(value: object) -> str:
    """A short fingerprint of a value. Related rows count by their keys, sets and querysets in any order, lines of text
    however they end."""
    if isinstance(value, models.QuerySet | set | frozenset):
        value = sorted(plain(member) for member in value)  # type: ignore[type-var]
    elif isinstance(value, str):
        value = value.replace("\r\n", "\n")
    text = json.dumps(value, default=plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def plain(value: object) -> object:
    """`value` as it is compared."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)
