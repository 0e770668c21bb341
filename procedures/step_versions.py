"""A step as it once was, out of the rows that django-simple-history keeps of it and of its RACI letters."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from procedures.content import step_content
from procedures.models import Procedure, Responsibility, Revision, Step
from roles.models import Role
from sopdesk.lib.errors import Missing

WITH_ITS_LETTERS = datetime.timedelta(seconds=1)
"""A step that comes with letters has its row just before theirs."""

WITH_STEP = "removed with its step"
"""Marks in the history the letters that come back when their step does."""


@dataclass(frozen=True, slots=True)
class StepVersion:
    """A step as it was when `row` of its history was written; `letters` besides the doer."""

    row: Any
    letters: list[tuple[int, str]]
    content: dict

    @property
    def uid(self) -> UUID:
        return self.row.uid


def get_version(revision: Revision, point: int) -> StepVersion:
    """The step of `revision` behind the row `point` of its history. Raises Missing."""
    row = Step.history.filter(revision_id=revision.pk, history_id=point).select_related("history_user").first()
    if row is None:
        raise Missing()
    letters = _letters_at(revision, row)
    roles = Role.objects.in_bulk({pk for pk in (row.role_id, *(role for role, _letter in letters)) if pk})
    procedures = Procedure.objects.in_bulk([row.subprocedure_id] if row.subprocedure_id else [])
    return StepVersion(row, letters, as_content(row, roles, procedures, letters))


def _letters_at(revision: Revision, row: Any) -> list[tuple[int, str]]:
    """The letters of the step when `row` was written: those of now, with everything since then taken back.

    What a draft was begun with left no rows, so that one cannot begin at the other end.
    """
    ids = [pk for (pk,) in ids_of(revision, row.uid).values_list("id").distinct()]
    now = Responsibility.objects.filter(revision=revision, step__uid=row.uid)
    found = set(now.values_list("role_id", "letter"))
    until = row.history_date + (WITH_ITS_LETTERS if row.history_type == "+" else datetime.timedelta())
    since = Responsibility.history.filter(step_id__in=ids, history_date__gt=until)
    for kind, role, letter in since.order_by("-history_date", "-history_id").values_list(
        "history_type", "role_id", "letter"
    ):
        found = found - {(role, letter)} if kind == "+" else found | {(role, letter)}
    if row.history_type == "-":  # its letters went just before it
        with_it = Responsibility.history.filter(step_id=row.id, history_change_reason=WITH_STEP)
        found |= set(with_it.values_list("role_id", "letter"))
    return sorted(found)


def latest_point(revision: Revision, uid: UUID) -> int | None:
    """The last row of the history of a step: what it is now."""
    rows = Step.history.filter(revision_id=revision.pk, uid=uid).order_by("-history_id")
    return rows.values_list("history_id", flat=True).first()


def as_content(row: Any, roles: dict[int, Role], procedures: dict[int, Procedure], letters: Sequence = ()) -> dict:
    """The step that `row` of the history holds, in the shape of a content; no query."""
    step = as_step(row)
    step.role, step.subprocedure = roles.get(row.role_id), procedures.get(row.subprocedure_id)
    rows = [
        {"role": {"id": pk, "name": roles[pk].name}, "letter": letter} for pk, letter in letters if pk in roles
    ]  # fmt: skip
    return step_content(step, row.position, rows)


def as_step(row: Any) -> Step:
    """The step as `row` of its history holds it, not stored."""
    return Step(**{column.attname: getattr(row, column.attname) for column in Step._meta.concrete_fields})


def ids_of(revision: Revision, uid: UUID) -> QuerySet:
    """Ids under which the step `uid` was stored: another one each time that it was brought back."""
    return Step.history.filter(revision_id=revision.pk, uid=uid).order_by().values("id")
