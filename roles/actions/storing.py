"""Storing a person, department, role or holding: values are tidied, settled with what others saved, checked, and told
to the trail."""

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from audit import trail
from roles.errors import NotValid
from roles.models import User
from roles.permissions import can_administer
from sopdesk.lib.errors import NotPermitted
from sopdesk.lib.history import written_by
from sopdesk.lib.merging import settle


def require_administrator(actor: User | None) -> None:
    if actor is not None and not can_administer(actor):
        raise NotPermitted(_("Only administrators change people, departments and roles."))


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


# How values are tidied before they are compared and stored; fields that are not named stay as they are.
TIDY: dict[str, Callable[[object], object]] = {
    "email": lambda value: str(value).strip().lower(),
    "full_name": _one_line,
    "name": _one_line,
    "code": lambda value: str(value).strip().upper(),
}


def clean(name: str, value: object) -> Any:
    tidy = TIDY.get(name)
    return tidy(value) if tidy else value


def settled(row: models.Model, fields: Mapping[str, object], base: Mapping[str, str] | None) -> dict[str, object]:
    """What of `fields` is to be written into the locked `row`. Raises BothChanged."""
    offered = {name: clean(name, value) for name, value in fields.items()}
    stored = {name: getattr(row, name) for name in fields}
    return settle(offered=offered, stored=stored, base=base, saved_by=partial(trail.saver_of, row))


def change(
    row: models.Model, *, actor: User | None, fields: Mapping[str, object], allowed: tuple[str, ...]
) -> dict[str, object]:
    """Store those `fields` of the locked `row` that differ. Returns old and new values for the trail, {} for none."""
    unknown = set(fields) - set(allowed)
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    before = {name: getattr(row, name) for name in fields}
    changed = {
        name: value for name, value in ((name, clean(name, value)) for name, value in fields.items())
        if before[name] != value
    }  # fmt: skip
    if not changed:
        return {}
    for name, value in changed.items():
        setattr(row, name, value)
    store(row, actor=actor, fields=tuple(changed))
    return {
        name: {"old": _plain(before[name]), "new": _plain(value)} for name, value in sorted(changed.items())
    }  # fmt: skip


def store(row: models.Model, *, actor: User | None, fields: tuple[str, ...]) -> None:
    """Check and save `fields` of `row`. Raises NotValid by field, also when somebody else was a moment faster."""
    written_by(row, actor)
    try:
        _validate(row, fields)
        try:
            with transaction.atomic():
                row.save(update_fields=None if row._state.adding else fields)
        except IntegrityError:
            _validate(row, fields)
            raise
    except ValidationError as error:
        raise NotValid(error.message_dict) from error


def _validate(row: models.Model, fields: tuple[str, ...]) -> None:
    for name in ("department", "head"):
        linked = getattr(row, name) if name in fields else None
        if linked is not None and not linked.is_active:
            raise ValidationError({name: _("%(name)s is not active.") % {"name": linked}})
    row.full_clean(exclude={field.name for field in row._meta.fields} - set(fields))


def facts(row: models.Model, fields: tuple[str, ...]) -> dict[str, object]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: object) -> object:
    """`value` as the trail keeps it: a linked row by its name, a day in ISO form."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, models.Model) else value
