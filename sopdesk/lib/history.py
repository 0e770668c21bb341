"""Who stands in the row history (django-simple-history): set explicitly, never from the request."""

from typing import TypeVar

from django.db import models

RowT = TypeVar("RowT", bound=models.Model)


def written_by(row: RowT, actor: models.Model | None, *, reason: str = "") -> RowT:
    """Name `actor` (None for the system) and a reason for the next history row of `row`, and return it."""
    row._history_user = actor  # type: ignore[attr-defined]
    if reason:
        row._change_reason = reason  # type: ignore[attr-defined]
    return row
