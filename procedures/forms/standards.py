"""The forms of the parts of a standard."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from procedures.forms.drafts import MarkdownField
from procedures.forms.rows import RowsField
from procedures.models import StandardKind, StandardPart
from procedures.standards import blanks, codes, namerows, naming, storing
from procedures.standards.labels import CODE_STATES, FIELD_FORMATS, PART_TYPES
from procedures.standards.problems import BadPart, Problem, rows_of
from roles.models import Role
from sopdesk.lib.markup import check_markup
from sopdesk.lib.sheets import BadSheet, read_sheet
from sopdesk.lib.sorting import by_name

LONG_LINE = 400
"""Longer than what the rules allow, so that they say what is too long in their own words."""


class NewPartForm(forms.Form):
    """What a part begins with."""

    kind = forms.ChoiceField(label=_("Kind of part"), choices=StandardKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As people would look for it: “Names of invoice files”.")
    )


class PartForm(forms.Form):
    """What every part has: name, note, and the version that the page showed. Subclasses add rows and `data`."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120)
    note = MarkdownField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-markdown": True}),
        validators=[check_markup],
        help_text=_("What it is for, and what it does not cover."),
    )

    ROWS: Mapping[str, Any] = {}
    """Fields of rows → the words on the button that adds one."""

    def __init__(self, *args: Any, roles: Iterable[Role] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {role.pk: role for role in roles}

    @classmethod
    def initial_of(cls, part: StandardPart, version: str) -> dict[str, object]:
        """What the form shows for `part` as it is stored."""
        data = part.data if isinstance(part.data, dict) else {}  # what was imported may be anything
        return {"version": version, "name": part.name, "note": part.note, **cls.rows_from(data)}

    @classmethod
    def rows_from(cls, data: Mapping) -> dict[str, object]:
        return {}

    def part_data(self) -> dict[str, object]:
        """The part's data out of the cleaned rows."""
        return {}

    def problems(self) -> list[Problem]:
        return []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for problem in self.problems():
                self.add_error(problem.field if problem.field in self.fields else None, problem.sentence)
        return cleaned

    @property
    def details(self) -> dict[str, object]:
        """What the action takes."""
        fields = {name: self.cleaned_data[name] for name in ("name", "note")}
        return {**fields, "data": self.part_data()} if self.ROWS else fields

    @property
    def rows_fields(self) -> list[tuple[forms.BoundField, str]]:
        """The fields of rows, each with the words on its button."""
        return [(self[name], label) for name, label in self.ROWS.items()]


def _length_column(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}))


class NamingForm(PartForm):
    """A naming rule: one row per part of the name, from left to right."""

    parts = RowsField(
        label=_("Parts of the name, from left to right"),
        help_text=_(
            "Details: the text itself; the date format (YYYYMMDD, YYYY-MM-DD, YYYYMM …); the characters of a text "
            "(A-Z a-z 0-9 letters - _); the range of a number (1-9999); the values of a list with commas. "
            "From and to: how many characters or digits."
        ),
        columns={
            "type": forms.ChoiceField(label=_("Kind"), choices=list(PART_TYPES.items()), initial="text"),
            "label": forms.CharField(label=_("Name"), required=False, max_length=namerows.MAX_LABEL),
            "detail": forms.CharField(
                label=_("Details"), required=False, strip=False, max_length=namerows.MAX_VALUES * namerows.MAX_VALUE
            ),
            "min": _length_column(pgettext_lazy("length", "From")),
            "max": _length_column(pgettext_lazy("length", "To")),
        },
        spare=2,
    )
    examples = RowsField(
        label=_("Right names"),
        help_text=_("Examples for people to copy; each is checked against the rule."),
        columns={"name": forms.CharField(label=_("File name"), max_length=naming.MAX_NAME)},
    )

    ROWS = {"parts": _("Add a part of the name"), "examples": _("Add a name")}

    @classmethod
    def rows_from(cls, data: Mapping) -> dict[str, object]:
        columns = ("type", "label", "detail", "min", "max")
        parts = [{column: row.get(column) for column in columns} for row in rows_of(data, "parts")]
        return {"parts": parts, "examples": [{"name": name} for name in namerows.examples_of(dict(data))]}

    def part_data(self) -> dict[str, object]:
        rows = [
            {name: value for name, value in row.items() if value not in (None, "")}
            for row in self.cleaned_data.get("parts") or []
        ]
        examples = [row["name"] for row in self.cleaned_data.get("examples") or []]
        return {"parts": rows, "examples": examples}

    def problems(self) -> list[Problem]:
        return naming.naming_problems(self.part_data())


class BlankForm(PartForm):
    """A form template: one row per field."""

    form_fields = RowsField(
        label=_("Fields, from top to bottom"),
        columns={
            "name": forms.CharField(label=_("Field"), max_length=LONG_LINE),
            "format": forms.ChoiceField(label=_("Format"), choices=list(FIELD_FORMATS.items()), initial="text"),
            "needed": forms.ChoiceField(
                label=_("Needed"), choices=[("yes", _("Required")), ("no", _("Optional"))], initial="yes"
            ),
            "values": forms.CharField(label=_("Values of a list"), required=False, max_length=LONG_LINE),
            "note": forms.CharField(label=_("Note"), required=False, max_length=LONG_LINE),
        },
        spare=2,
    )

    ROWS = {"form_fields": _("Add a field")}

    @classmethod
    def rows_from(cls, data: Mapping) -> dict[str, object]:
        rows = [
            {
                "name": row.get("name"),
                "format": row.get("format"),
                "needed": "yes" if row.get("required") else "no",
                "values": row.get("values", ""),
                "note": row.get("note", ""),
            }
            for row in blanks.fields_of(dict(data))
        ]
        return {"form_fields": rows}

    def part_data(self) -> dict[str, object]:
        rows = []
        for row in self.cleaned_data.get("form_fields") or []:
            kept = {"name": row["name"], "format": row["format"], "required": row["needed"] == "yes"}
            if row["format"] == "list":
                kept["values"] = row["values"]
            rows.append({**kept, **({"note": row["note"]} if row["note"] else {})})
        return {"fields": rows}

    def problems(self) -> list[Problem]:
        return [Problem("form_fields", problem.text, problem.row) for problem in blanks.form_problems(self.part_data())]


class StorageForm(PartForm):
    """Storage and backup rules: one row per kind of thing."""

    rules = RowsField(
        label=_("What is stored, and how it is safe"),
        columns={
            "what": forms.CharField(label=_("What"), max_length=LONG_LINE),
            "where": forms.CharField(label=_("Where"), max_length=LONG_LINE),
            "how_often": forms.CharField(label=_("How often"), required=False, max_length=LONG_LINE),
            "kept": forms.CharField(label=_("Kept how long"), required=False, max_length=LONG_LINE),
            "who": forms.TypedChoiceField(label=_("Who checks"), required=False, coerce=int, empty_value=None),
            "tested": forms.CharField(label=_("How it is tested"), required=False, max_length=LONG_LINE),
        },
        spare=1,
    )

    ROWS = {"rules": _("Add a rule")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = cast("forms.ChoiceField", cast("RowsField", self.fields["rules"]).columns["who"])
        who.choices = [("", gettext("Nobody yet")), *((role.pk, role.name) for role in by_name(self.roles.values()))]

    @classmethod
    def rows_from(cls, data: Mapping) -> dict[str, object]:
        rows = [
            {**{column: row.get(column, "") for column in storing.COLUMNS}, "who": _role_id(row)}
            for row in storing.storage_rows_of(dict(data))
        ]
        order = ("what", "where", "how_often", "kept", "who", "tested")
        return {"rules": [{column: row[column] for column in order} for row in rows]}

    def part_data(self) -> dict[str, object]:
        rows = []
        for row in self.cleaned_data.get("rules") or []:
            kept = {name: value for name, value in row.items() if value and name != "who"}
            if row["who"]:
                kept["who"] = {"id": row["who"], "name": self.roles[row["who"]].name}
            rows.append(kept)
        return {"rules": rows}

    def problems(self) -> list[Problem]:
        return storing.storage_problems(self.part_data())


def _role_id(row: Mapping) -> object:
    return row["who"].get("id") if isinstance(row.get("who"), dict) else None


class CodeTableForm(PartForm):
    """Name and note of a code table; its codes have forms of their own."""


FORMS: dict[str, type[PartForm]] = {
    StandardKind.NAMING: NamingForm,
    StandardKind.CODES: CodeTableForm,
    StandardKind.FORM: BlankForm,
    StandardKind.STORAGE: StorageForm,
}


# Codes -------------------------------------------------------------------------------------------------------


class CodeForm(forms.Form):
    """One code. `was` is the code that is changed (empty: a new one), `shown` what the page showed of it."""

    was = forms.CharField(required=False, max_length=codes.MAX_CODE, widget=forms.HiddenInput)
    shown = forms.JSONField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(label=_("Code"), max_length=codes.MAX_CODE)
    name = forms.CharField(label=_("Name"), max_length=codes.MAX_NAME)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=codes.MAX_NOTE,
        help_text=_("What belongs here, and what does not."),
    )  # fmt: skip
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=list(CODE_STATES.items()), initial=codes.ACTIVE,
        help_text=_("A deprecated code stays in the table, so that old entries can be read."),
    )  # fmt: skip
    replacement = forms.CharField(
        label=_("Use instead"), required=False, max_length=codes.MAX_CODE, help_text=_("Another code of this table.")
    )
    since = forms.DateField(
        label=_("Deprecated since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    @property
    def fields_to_save(self) -> dict[str, str]:
        data = self.cleaned_data
        since = data["since"].isoformat() if data["since"] else ""
        return codes.slim({**{name: data[name] for name in codes.COLUMNS if name != "since"}, "since": since})

    @property
    def shown_code(self) -> dict | None:
        shown = self.cleaned_data["shown"]
        return shown if isinstance(shown, dict) and self.cleaned_data["was"] else None

    @staticmethod
    def initial_of(code: Mapping[str, str]) -> dict[str, object]:
        return {**code, "was": code["code"], "shown": dict(code), "status": code.get("status") or codes.ACTIVE}


class CodesFileForm(forms.Form):
    """A file of codes, and what it does to the table."""

    file = forms.FileField(
        label=_("File with codes"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_(
            "CSV or Excel (.xlsx). The first line names the columns: code, name, and if you like note, status, "
            "replacement, since."
        ),
    )
    replaces = forms.ChoiceField(
        label=_("What happens to the codes that are here"),
        choices=[
            ("no", _("They stay; those in the file are added or changed")),
            ("yes", _("The file takes their place; published codes that it leaves out are deprecated")),
        ],
        initial="no",
        widget=forms.RadioSelect,
    )

    def clean_file(self) -> list[dict]:
        """The codes in the file. What cannot be read is said by line."""
        upload = self.cleaned_data["file"]
        try:
            lines = read_sheet(upload.read(), filename=upload.name, max_rows=codes.MAX_CODES)
            return codes.read_rows((line.number, line.cells) for line in lines)
        except BadSheet:
            raise
        except BadPart as error:
            said = gettext("Line %(line)d: %(text)s")
            raise forms.ValidationError(
                [
                    said % {"line": problem.row, "text": problem.text} if problem.row else problem.text
                    for problem in error.problems
                ]
            ) from error

    @cached_property
    def is_replacing(self) -> bool:
        return self.cleaned_data["replaces"] == "yes"


class TakeOverForm(forms.Form):
    """The codes of a preview, to be taken over as they were shown."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)
    codes = forms.JSONField(widget=forms.HiddenInput)

    def clean_codes(self) -> list[dict]:
        found = self.cleaned_data["codes"]
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise forms.ValidationError(gettext("These codes cannot be read. Choose the file again."))
        return found
