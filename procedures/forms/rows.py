"""A field of several rows (tools, records, branches …), and forms as the pairs that a browser would send."""

import copy
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class RowsInput(forms.Widget):
    """Reads controls named `<field>-<row>-<column>` and leaves out empty rows.

    Templates draw them with `_rows.html` from `subwidgets`.
    """

    def __init__(self, columns: Mapping[str, forms.Field], *, spare: int) -> None:
        super().__init__()
        self.columns = columns
        self.spare = spare

    def value_from_datadict(self, data: Mapping, files: Mapping, name: str) -> list[dict[str, object]]:
        row_name = re.compile(re.escape(name) + r"-(\d{1,4})-\w+")
        numbers = sorted({int(match[1]) for key in data if (match := row_name.fullmatch(key))})
        rows = (
            {
                column: field.widget.value_from_datadict(data, files, f"{name}-{number}-{column}")
                for column, field in self.columns.items()
            }
            for number in numbers
        )
        return [row for row in rows if not self.is_empty(row)]

    def is_empty(self, row: Mapping) -> bool:
        """Whether every cell is blank or as it stands in a spare row."""
        return all(
            str(row.get(column) or "").strip() in ("", str(field.initial or ""))
            for column, field in self.columns.items()
        )

    def subwidgets(self, name: str, value: list[dict] | None, attrs: dict | None = None) -> Iterator[dict]:
        """One dict per row, spare empty ones at the end: its number and its cells (label, id, control)."""
        blank = {column: field.initial for column, field in self.columns.items()}
        for number, row in enumerate([*(value or []), *[blank] * self.spare]):
            yield {"number": number, "cells": [self._cell(name, number, column, row) for column in self.columns]}

    def template_row(self, name: str) -> dict:
        """An empty row whose number is `__n__`, for the script that adds rows."""
        blank = {column: field.initial for column, field in self.columns.items()}
        return {"number": "__n__", "cells": [self._cell(name, "__n__", column, blank) for column in self.columns]}

    def _cell(self, name: str, number: int | str, column: str, row: Mapping) -> dict[str, object]:
        field = self.columns[column]
        cell_name = f"{name}-{number}-{column}"
        attrs = {
            **field.widget_attrs(field.widget),
            "id": f"id_{cell_name}",
            "class": "select" if isinstance(field.widget, forms.Select) else "input",
        }
        control = field.widget.render(cell_name, field.prepare_value(row.get(column)), attrs)
        return {"label": field.label, "id": attrs["id"], "column": column, "control": control}


class RowsField(forms.Field):
    """A list of dicts, one per row that is not empty. Errors name the row and the column.

    columns: name → field of one cell; its `initial` is what a spare row holds.
    spare: how many empty rows stand ready, which is all there is to add one without script.
    """

    default_error_messages = {
        "cell": gettext_lazy("Row %(row)d, %(column)s: %(error)s"),
        "too_many": gettext_lazy("There are %(count)d rows; %(limit)d are possible."),
    }
    MAX_ROWS = 100

    def __init__(self, *, columns: dict[str, forms.Field], spare: int = 1, **options: Any) -> None:
        super().__init__(widget=RowsInput(columns, spare=spare), required=False, **options)
        self.columns = columns

    def __deepcopy__(self, memo: dict) -> "RowsField":
        duplicate = super().__deepcopy__(memo)
        duplicate.columns = duplicate.widget.columns = copy.deepcopy(self.columns, memo)
        return duplicate

    def clean(self, value: list[dict] | None) -> list[dict[str, object]]:
        rows, errors = [], []
        for number, raw in enumerate(value or [], start=1):
            row = {}
            for column, field in self.columns.items():
                try:
                    row[column] = field.clean(raw.get(column))
                except forms.ValidationError as error:
                    params = {"row": number, "column": field.label, "error": " ".join(error.messages)}
                    errors.append(forms.ValidationError(self.error_messages["cell"], code="cell", params=params))
            rows.append(row)
        if len(rows) > self.MAX_ROWS:
            params = {"count": len(rows), "limit": self.MAX_ROWS}
            errors.append(forms.ValidationError(self.error_messages["too_many"], code="too_many", params=params))
        if errors:
            raise forms.ValidationError(errors)
        return rows

    def has_changed(self, initial: list[dict] | None, data: list[dict] | None) -> bool:
        try:
            return self.clean(initial) != self.clean(data)
        except forms.ValidationError:
            return True

    def as_text(self, rows: list[dict] | None) -> str:
        """The rows as people read them, one a line."""
        lines = []
        for row in rows or []:
            cells = (_shown(field, row.get(column)) for column, field in self.columns.items())
            lines.append(" · ".join(cell for cell in cells if cell))
        return "\n".join(lines)


def shown_value(bound: forms.BoundField) -> str:
    """What a field holds, in words: the label of a choice, rows line by line, an em dash for nothing."""
    if isinstance(bound.field, RowsField):
        return bound.field.as_text(bound.value()) or "—"
    return _shown(bound.field, bound.value()) or "—"


def _shown(field: forms.Field, value: object) -> str:
    if isinstance(field, forms.BooleanField):
        return _("Yes") if field.to_python(value) else _("No")
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in list(cast("Iterable", field.choices))}
        return labels.get(str("" if value is None else value), _("unknown"))
    return "" if value is None else str(field.prepare_value(value))


def posted_pairs(form: forms.Form, only: Collection[str] | None = None) -> list[tuple[str, str, str]]:
    """Field, name and value of every control with which `form`, or its fields `only`, would be sent as it stands."""
    pairs = []
    for bound in form:
        if only is not None and bound.name not in only:
            continue
        if isinstance(bound.field, RowsField):
            for number, row in enumerate(bound.value() or []):
                pairs += [(bound.name, f"{bound.html_name}-{number}-{column}", _sent(row[column])) for column in row]
        else:
            pairs.append((bound.name, bound.html_name, _sent(bound.value())))
    return pairs


def _sent(value: object) -> str:
    return "" if value is None else str(value)


def posted_texts(form_class: type[forms.Form], data: MultiValueDict) -> list[tuple[str, str]]:
    """Label and text of what was sent to a form that cannot be shown any more, for people to copy."""
    hidden = {name for name, field in form_class.base_fields.items() if field.widget.is_hidden}
    texts = []
    for key in data:
        name, value = key.split("-")[0], str(data.get(key))
        if name in form_class.base_fields and name not in hidden and value.strip():
            texts.append((str(form_class.base_fields[name].label), value))
    return texts
