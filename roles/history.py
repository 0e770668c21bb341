"""What the trail says about people, departments, roles and holdings, in words for their pages."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Field, Model
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit import names, trail
from roles.models import Holding

WORDS: dict[str, str | Promise] = {
    names.PERSON_ADD: pgettext_lazy("person", "Added"),
    names.PERSON_CHANGE: pgettext_lazy("person", "Changed"),
    names.PERSON_DEACTIVATE: pgettext_lazy("person", "Deactivated"),
    names.PERSON_ACTIVATE: pgettext_lazy("person", "Activated"),
    names.DEPARTMENT_ADD: pgettext_lazy("department", "Added"),
    names.DEPARTMENT_CHANGE: pgettext_lazy("department", "Changed"),
    names.ROLE_ADD: pgettext_lazy("role", "Added"),
    names.ROLE_CHANGE: pgettext_lazy("role", "Changed"),
    names.FIRM_CHANGE: _("Look of documents changed"),
    names.STATEMENT_ACCEPT: _("E-signature statement accepted"),
    names.SIGNATURE_FAIL: _("Signature refused"),
    names.SIGNATURE_LOCK: _("Signing locked"),
    names.HOLDING_ADD: _("Role given"),
    names.HOLDING_END: _("Last day in the role set"),
    names.ABSENCE_ADD: _("Absence noted"),
    names.ABSENCE_END: _("Absence ended"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an entry: `new` alone when it was set, `old` and `new` when it was changed."""

    label: str
    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime.datetime
    who: str
    what: str
    values: list[Value]
    reason: str


def events_of(
    subject: Model, *, words: Mapping[str, str | Promise] = WORDS, unseen: Collection[str] = (), limit: int = 50
) -> list[Event]:
    """The latest `limit` events of a person, department, role or another row, newest first.

    words: what the events are called.
    unseen: fields whose values are left out.
    """
    return [
        Event(
            at=entry.at,
            who=entry.actor_label,
            what=str(words.get(entry.name, entry.name)),
            values=[
                _value(subject, name, value)
                for name, value in entry.data.items()
                if value not in (None, "") and name not in unseen
            ],
            reason=entry.reason,
        )
        for entry in trail.entries_for(subject).order_by("-seq")[:limit]
    ]


def _value(subject: Model, name: str, value: object) -> Value:
    model = Holding if name in ("role", "starts", "ends") else type(subject)
    if isinstance(value, Mapping):
        return Value(_label(model, name), _shown(model, name, value["new"]), _shown(model, name, value["old"]))
    return Value(_label(model, name), _shown(model, name, value))


def _label(model: type[Model], name: str) -> str:
    field = _field(model, name)
    return capfirst(str(field.verbose_name)) if field else name


def _shown(model: type[Model], name: str, value: object) -> str:
    """`value` as people write it. Values that no longer fit the field are shown as they were recorded."""
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name in ("starts", "ends", "access_ends"):
        return date_format(datetime.date.fromisoformat(str(value)))
    field = _field(model, name)
    choices = dict(field.flatchoices) if field else {}
    return str(choices.get(value, value))


def _field(model: type[Model], name: str) -> Field | None:
    """The field of that name; None for what an older sopdesk recorded and this one no longer has."""
    return next((field for field in model._meta.fields if field.name == name), None)
