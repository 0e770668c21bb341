"""The form of the details of a draft, and what it shares with that of a step (`procedures.forms.steps`)."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from procedures.forms.rows import RowsField
from procedures.merging import LETTERS, PARTS, base_of
from procedures.models import Benchmark, Category, Direction, Letter, Record, Revision, Tool
from roles.models import Role
from sopdesk.lib.forms import BaseField
from sopdesk.lib.markup import check_markup
from sopdesk.lib.merging import columns_of
from sopdesk.lib.sorting import by_name

MAX_TAGS = 20
MAX_TAG_LENGTH = 40


def field_of(model: type[models.Model], name: str, **options: Any) -> forms.Field:
    """The form field that fits a column: its length, choices, validators and, if none is given, its label."""
    field = cast("models.Field", model._meta.get_field(name)).formfield(**options)
    return cast("forms.Field", field)


class MarkdownField(forms.CharField):
    """Text whose lines end in "\\n" whichever way it was sent, so that a comparison finds only what people changed."""

    def to_python(self, value: object) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(initial) != self.to_python(data)


def markdown_field(model: type[models.Model], name: str, *, rows: int = 3, **options: Any) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": rows, "data-markdown": True})
    return field_of(model, name, form_class=MarkdownField, widget=widget, validators=[check_markup], **options)


class TagsField(forms.Field):
    """Words with commas between them ↔ a list without doubles."""

    widget = forms.TextInput

    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        words = (" ".join(word.split()) for word in str(value or "").split(","))
        return list(dict.fromkeys(word for word in words if word))

    def validate(self, value: list[str]) -> None:
        ProhibitNullCharactersValidator()(" ".join(value))
        if len(value) > MAX_TAGS:
            raise forms.ValidationError(gettext("At most %(count)d tags.") % {"count": MAX_TAGS})
        if too_long := [tag for tag in value if len(tag) > MAX_TAG_LENGTH]:
            message = gettext("“%(tag)s” is too long for a tag; %(limit)d characters are possible.")
            raise forms.ValidationError(message % {"tag": too_long[0], "limit": MAX_TAG_LENGTH})

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(self.prepare_value(data))


def _role_column() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=_("Role"), coerce=int)


def _letter_column() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Part"), choices=[("", _("Choose…")), *Letter.choices])


def role_choices(roles: Iterable[Role], empty: str) -> list[tuple[int | str, str]]:
    return [("", empty), *((role.pk, role.name) for role in by_name(roles))]


class DraftForm(forms.Form):
    """What both forms share: the version that the page showed, the digests of its values, and RACI rows."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    base = BaseField(required=False)
    responsibilities = RowsField(
        label=_("Who else takes part"),
        columns={"role": _role_column(), "letter": _letter_column()},
        spare=2,
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {role.pk: role for role in roles}
        self.column("responsibilities", "role").choices = role_choices(roles, gettext("Choose…"))

    def column(self, field: str, column: str) -> forms.ChoiceField:
        """The column of a field of rows in which something is chosen."""
        return cast("forms.ChoiceField", cast("RowsField", self.fields[field]).columns[column])

    @property
    def letters(self) -> list[tuple[int, str]]:
        """The RACI letters in the shape that the actions take."""
        return [(row["role"], row["letter"]) for row in self.cleaned_data["responsibilities"]]

    @property
    def details(self) -> dict[str, object]:
        """The cleaned fields in the shape that the actions take, lists and letters apart."""
        raise NotImplementedError

    @property
    def values(self) -> dict[str, object]:
        """Everything that the form offers, in the shape that `procedures.merging` compares."""
        return {**self.details, LETTERS: self.letters}


class DetailsForm(DraftForm):
    """Facts and purpose: every field of a draft that is not a step's."""

    title = field_of(Revision, "title", help_text=_("As people would look for it: “Run the monthly payroll”."))
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("No category")
    )
    tags = TagsField(label=_("Tags"), required=False, help_text=_("Other words that people use, with commas between."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    contact = field_of(Revision, "contact", help_text=_("Whom does one ask? A role, a mailbox or a telephone number."))
    purpose = markdown_field(Revision, "purpose", help_text=_("What this is for, in one or two sentences."))
    scope = markdown_field(Revision, "scope", help_text=_("What it covers, and what it does not."))
    outcome = markdown_field(Revision, "outcome", help_text=_("How does one know that it is done?"))
    trigger = field_of(Revision, "trigger", label=_("What starts it"))
    frequency = field_of(Revision, "frequency", label=_("How often"))
    prerequisites = markdown_field(
        Revision, "prerequisites", help_text=_("What must be there: access, documents, approvals.")
    )
    tools = RowsField(
        label=_("Tools and systems"),
        columns={
            "name": field_of(Tool, "name", label=_("Name")),
            "note": field_of(Tool, "note", label=_("Note")),
        },
    )
    records = RowsField(
        label=_("Records and forms"),
        columns={
            "name": field_of(Record, "name", label=_("Name")),
            "place": field_of(Record, "place", label=_("Kept where")),
            "kept": field_of(Record, "kept", label=_("Kept how long")),
        },
    )
    benchmarks = RowsField(
        label=_("Benchmarks"),
        help_text=_("A target that can be measured, such as: hours from request to answer, at most 24."),
        columns={
            "name": field_of(Benchmark, "name", label=_("What is measured")),
            "direction": forms.ChoiceField(label=_("Target"), choices=Direction.choices, initial=Direction.AT_MOST),
            "target": forms.DecimalField(
                label=pgettext_lazy("benchmark", "Number"), max_digits=12, decimal_places=3, widget=forms.TextInput
            ),
            "unit": field_of(Benchmark, "unit", label=_("Unit")),
        },
    )
    definitions = markdown_field(Revision, "definitions", help_text=_("Words that a newcomer would not know."))
    background = markdown_field(Revision, "background", help_text=_("Why it is done this way."))
    references = markdown_field(Revision, "references", help_text=_("Laws, standards and other procedures."))
    review_interval_months = field_of(Revision, "review_interval_months")
    change_summary = markdown_field(
        Revision, "change_summary", help_text=_("One or two sentences; approvers and readers read this first.")
    )
    significance = field_of(Revision, "significance", widget=forms.RadioSelect, label=_("How much changes"))
    effective_on = field_of(
        Revision,
        "effective_on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: as soon as it is approved."),
    )

    LISTS = tuple(PARTS)
    GROUPS = (
        (_("Facts"), ("title", "category", "tags", "language", "contact")),
        (_("Purpose"), ("purpose", "scope", "outcome")),
        (_("When and with what"), ("trigger", "frequency", "prerequisites", "tools")),
        (_("Who answers for it"), ("responsibilities",)),
        (_("Records and benchmarks"), ("records", "benchmarks")),
        (_("Definitions, background and references"), ("definitions", "background", "references")),
        (_("This revision"), ("change_summary", "significance", "effective_on", "review_interval_months")),
    )
    OPEN_GROUPS = 2

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsibilities"].label = gettext("Roles and their part")
        known = dict(settings.LANGUAGES)
        if revision.language not in known:  # imported texts may be in any language
            cast("forms.ChoiceField", self.fields["language"]).choices = [
                *settings.LANGUAGES,
                (revision.language, revision.language),
            ]

    @staticmethod
    def initial_of(revision: Revision, letters: list[dict[str, object]]) -> dict[str, object]:
        """What the form shows for `revision` as it is stored."""
        names = {name for _title, group in DetailsForm.GROUPS for name in group}
        names -= {*DetailsForm.LISTS, "category", "responsibilities"}
        benchmarks = [
            {"name": row.name, "direction": row.direction, "target": f"{row.target.normalize():f}", "unit": row.unit}
            for row in revision.benchmarks.all()
        ]
        lists = {
            "responsibilities": letters,
            "tools": list(revision.tools.values("name", "note")),
            "records": list(revision.records.values("name", "place", "kept")),
            "benchmarks": benchmarks,
        }
        return {
            **{name: getattr(revision, name) for name in names},
            **lists,
            "version": revision.version,
            "base": base_of({**columns_of(revision, [*names, "category"]), **lists}),
            "category": revision.category_id,
        }

    def groups(self) -> list[dict[str, object]]:
        """The fields by group, and whether a group stands open: the first ones, and any with text or an error in it."""
        result = []
        for number, (title, names) in enumerate(self.GROUPS):
            fields = [self[name] for name in names]
            has_content = any(bound.errors or bound.value() for bound in fields)
            result.append({"title": title, "fields": fields, "is_open": number < self.OPEN_GROUPS or has_content})
        return result

    @property
    def details(self) -> dict[str, object]:
        """The cleaned fields in the shape that `save_draft` takes, lists and letters apart."""
        apart = (*self.LISTS, "responsibilities", "version", "base")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    @property
    def lists(self) -> dict[str, list[dict]]:
        return {name: self.cleaned_data[name] for name in self.LISTS}

    @property
    def values(self) -> dict[str, object]:
        return {**super().values, **self.lists}
