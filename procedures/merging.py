"""Two saves of one thing, merged field by field.

A form carries a short digest of every value that it began with (its base). A field that only one side changed since
takes that side's value; one that both changed differently is a clash, and people choose.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from django.db import models

from procedures.models import Benchmark, Record, Responsibility, Revision, Step, Tool

LETTERS = "responsibilities"
PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "tools": (Tool, ("name", "note")),
    "records": (Record, ("name", "place", "kept")),
    "benchmarks": (Benchmark, ("name", "unit", "target", "direction")),
}
"""The small parts of a draft that are saved as whole lists: model, and the columns that count."""

DIGEST_LENGTH = 12


@dataclass
class Merge:
    """What comes of an offered save. `taken`: values to be written. `kept`: names of fields that the sender did not
    touch and somebody else changed. `clashes`: names of fields that both changed."""

    taken: dict[str, object] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def merge(
    *,
    offered: Mapping[str, object],
    stored: Mapping[str, object],
    base: Mapping[str, str],
    is_current: bool,
) -> Merge:
    """Compare `offered` with `stored` by the digests of `base`, from which the sender began.

    `is_current`: nobody has saved since; then a field that the base does not know is the sender's to write.
    """
    result = Merge()
    for name, value in offered.items():
        mine, theirs, began = digest(name, value), digest(name, stored[name]), base.get(name)
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
    return {name: digest(name, value) for name, value in values.items()}


def read_base(text: str) -> dict[str, str]:
    """The base that a form sent as JSON; empty when it is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def stored_values(row: Revision | Step, names: Iterable[str]) -> dict[str, object]:
    """What is stored under `names`, fields and lists, of a draft or a step; one query per list."""
    draft, step = (row.revision, row) if isinstance(row, Step) else (row, None)
    lists = {name: _stored_rows(draft, name, step) for name in names if is_list(name)}
    return {**columns_of(row, [name for name in names if not is_list(name)]), **lists}


def is_list(name: str) -> bool:
    """Whether `name` is one of the lists, which have rows of their own."""
    return name == LETTERS or name in PARTS


def _stored_rows(draft: Revision, name: str, step: Step | None) -> list:
    if name == LETTERS:
        return list(Responsibility.objects.filter(revision=draft, step=step).values_list("role_id", "letter"))
    model, columns = PARTS[name]
    return list(model._default_manager.filter(revision=draft).order_by("position").values(*columns))


def columns_of(row: models.Model, names: Iterable[str]) -> dict[str, object]:
    """The stored values of the fields `names` of `row`, keys instead of related rows, without a query."""
    columns = {name: cast("models.Field", row._meta.get_field(name)).attname for name in names}
    return {name: getattr(row, column) for name, column in columns.items()}


def digest(name: str, value: object) -> str:
    """A short fingerprint of a value; rows may be dicts with more columns than are saved, in any order of letters."""
    if name in PARTS:
        columns = PARTS[name][1]
        value = [[_cell(row.get(column, "")) for column in columns] for row in value]  # type: ignore[attr-defined]
    elif name == LETTERS:
        pairs = ((row["role"], row["letter"]) if isinstance(row, dict) else row for row in value)  # type: ignore[attr-defined]
        value = sorted({(role, letter) for role, letter in pairs})
    text = json.dumps(value, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _cell(value: object) -> object:
    return _plain(Decimal(str(value))) if isinstance(value, int | float) else value


def _plain(value: object) -> object:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)
