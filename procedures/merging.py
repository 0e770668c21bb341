"""Two saves of a draft or a step: `sopdesk.lib.merging` for values that are lists of rows as well."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import models

from procedures.models import Benchmark, Record, Responsibility, Revision, Step, Tool
from sopdesk.lib import merging
from sopdesk.lib.merging import Merge, columns_of

LETTERS = "responsibilities"
PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "tools": (Tool, ("name", "note")),
    "records": (Record, ("name", "place", "kept")),
    "benchmarks": (Benchmark, ("name", "unit", "target", "direction")),
}
"""The small parts of a draft that are saved as whole lists: model, and the columns that count."""


def merge(
    *,
    offered: Mapping[str, object],
    stored: Mapping[str, object],
    base: Mapping[str, str],
    is_current: bool,
) -> Merge:
    """As `sopdesk.lib.merging.merge`."""
    found = merging.merge(offered=_comparable(offered), stored=_comparable(stored), base=base, is_current=is_current)
    found.taken = {name: offered[name] for name in found.taken}
    return found


def base_of(values: Mapping[str, object]) -> dict[str, str]:
    """The digests of `values`, for a form that begins with them."""
    return merging.base_of(_comparable(values))


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


def _comparable(values: Mapping[str, object]) -> dict[str, object]:
    """`values` with plain lists in the place of rows, which may be dicts with more columns than are saved, and letters
    in any order."""
    return {name: _rows(name, value) for name, value in values.items()}


def _rows(name: str, value: object) -> object:
    if name in PARTS:
        columns = PARTS[name][1]
        return [[_cell(row.get(column, "")) for column in columns] for row in value]  # type: ignore[attr-defined]
    if name == LETTERS:
        pairs = ((row["role"], row["letter"]) if isinstance(row, dict) else row for row in value)  # type: ignore[attr-defined]
        return sorted({(role, letter) for role, letter in pairs})
    return value


def _cell(value: object) -> object:
    return merging.plain(Decimal(str(value))) if isinstance(value, int | float) else value
