"""Forms that know what they began with, so that a save from a page that is out of date loses nothing."""

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django import forms
from django.db import models
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sopdesk.lib.merging import BothChanged, Theirs, base_of, read_base
from sopdesk.lib.sorting import sort_key

THEIRS = "theirs"
"""Name of the boxes with which somebody takes what another person saved in a field."""


class ByName(ModelChoiceIterator):
    """The choices of a field in the order of what people read, whatever the database thinks of accents.

    Every list of rows in a form is one: `SopdeskConfig` puts it into Django's field.
    """

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from sorted(map(self.choice, self.queryset.all()), key=lambda choice: sort_key(str(choice[1])))


class BaseField(forms.CharField):
    """The digests of the values with which a form began (`sopdesk.lib.merging`) ↔ JSON in a hidden control."""

    widget = forms.HiddenInput

    def prepare_value(self, value: object) -> object:
        return json.dumps(value) if isinstance(value, dict) else value

    def clean(self, value: object) -> dict[str, str]:
        return read_base(str(value or ""))


class MergingForm(forms.BaseForm):
    """Mixed into a form that changes something: it sends its base along and asks where two people changed a field.

    `began` and `offered` go to the action, and the action's BothChanged comes back through `take_conflict`.
    """

    is_contested = False

    def begin_with(self, stored: Mapping[str, object]) -> None:
        """Note what is stored now, at the end of `__init__`; fill in what the sender takes from somebody else."""
        self.fields["base"] = BaseField(required=False, initial=base_of(stored))
        if self.is_bound:
            data = cast("MultiValueDict", self.data).copy()
            self.data = data
            for name in data.getlist(THEIRS):
                if name in stored and name in self.fields:
                    self._fill(name, stored[name])

    @property
    def began(self) -> dict[str, str] | None:
        """The base that was sent; None for a caller who saw no page."""
        return self.cleaned_data.get("base") if self.add_prefix("base") in self.data else None

    @property
    def offered(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "base"}

    @property
    def status(self) -> int:
        """With which a page answers that shows this form."""
        if self.is_contested:
            return 409
        return 422 if self.errors else 200

    def take_conflict(self, error: BothChanged) -> None:
        """Show what somebody else saved beside each field that both changed; what the sender typed stays there.

        Sent again as it is, the form writes what the sender typed.
        """
        self.is_contested = True
        stored = {**error.kept, **{name: theirs.value for name, theirs in error.clashes.items()}}
        self.data[self.add_prefix("base")] = json.dumps({**(self.began or {}), **base_of(stored)})  # type: ignore[index]
        for name, value in error.kept.items():
            self._fill(name, value)
        for name, theirs in error.clashes.items():
            self[name].theirs = in_words(self.fields[name], theirs.value)  # type: ignore[attr-defined]
            self.add_error(name, _who_saved(theirs))
        self.add_error(None, error.message)

    def _fill(self, name: str, value: object) -> None:
        """Let the field `name` show `value`, as if it had been sent."""
        field, data = self.fields[name], cast("Any", self.data)
        shown = field.prepare_value(value)
        if isinstance(field.widget, forms.CheckboxInput):
            shown = ["on"] if value else []
        elif not isinstance(shown, list | tuple):
            shown = [shown]
        data.setlist(self.add_prefix(name), ["" if one is None else str(one) for one in shown])


def in_words(field: forms.Field, value: object) -> str:
    """A stored value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.date):
        return date_format(value)
    if isinstance(value, models.QuerySet | set | frozenset):
        return ", ".join(sorted(map(str, value))) or "—"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        labels = {str(key): str(label) for key, label in cast("Iterable", field.choices)}
        return labels.get(str(value), str(value))
    return "—" if value in (None, "") else str(value)


def _who_saved(theirs: Theirs) -> str:
    saver = theirs.saver
    if saver.at is None:
        return _("Somebody else saved something else here.")
    moment = date_format(timezone.localtime(saver.at), "SHORT_DATETIME_FORMAT")
    return _("%(name)s saved something else here (%(when)s).") % {"name": saver.name, "when": moment}
