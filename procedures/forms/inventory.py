"""Forms of the task inventory: filters, one task, what covers it, why it needs nothing, and a table of many."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from procedures.inventory.listing import Order
from procedures.inventory.sheet import TASK_FIELDS
from procedures.inventory.status import TaskStatus
from procedures.models import Frequency, InventoryTask
from roles.forms import ActionForm
from roles.models import Department, Role
from sopdesk.lib.sheets import ENDINGS, MAX_ROWS, Line, read_sheet

SCORES = [(number, str(number)) for number in range(1, 6)]


class TaskFilterForm(forms.Form):
    """Search box and filters above the list; what does not fit is left out of account."""

    q = forms.CharField(
        label=_("Search tasks"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "class": "input", "placeholder": _("Words of the task or of its pain points")}
        ),
    )
    department = forms.ModelChoiceField(
        Department.objects.all(),
        to_field_name="code",
        label=_("Department"),
        required=False,
        empty_label=pgettext_lazy("departments", "All"),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", pgettext_lazy("states", "All")), *TaskStatus.choices]
    )
    frequency = forms.ChoiceField(
        label=_("Frequency"), required=False, choices=[("", pgettext_lazy("frequencies", "All")), *Frequency.choices]
    )
    role = forms.ModelChoiceField(
        Role.objects.none(),
        label=_("Role"),
        required=False,
        empty_label=pgettext_lazy("roles", "All"),
    )
    order = forms.ChoiceField(label=_("Order by"), required=False, choices=Order.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = InventoryTask.objects.exclude(owner_role=None).values("owner_role")
        cast(forms.ModelChoiceField, self.fields["role"]).queryset = Role.objects.filter(pk__in=in_use)
        for bound in self.selects:
            bound.field.widget.attrs["class"] = "select"

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("department", "status", "frequency", "role", "order")]

    def criteria(self) -> dict[str, Any]:
        """Arguments for `tasks_matching`."""
        self.is_valid()
        chosen = self.cleaned_data
        return {
            "words": chosen.get("q", ""),
            "department": chosen.get("department"),
            "status": chosen.get("status", ""),
            "frequency": chosen.get("frequency", ""),
            "role": chosen.get("role"),
            "order": chosen.get("order") or Order.PRIORITY,
        }


class TaskForm(ActionForm):
    """One task. `search_words` travels along when it comes from a search that found nothing."""

    impact = forms.TypedChoiceField(
        label=_("Impact"),
        choices=SCORES,
        coerce=int,
        initial=3,
        help_text=_("1: hardly anybody notices. 5: money, the law or customers suffer when it goes wrong."),
    )
    feasibility = forms.TypedChoiceField(
        label=_("Feasibility"),
        choices=SCORES,
        coerce=int,
        initial=3,
        help_text=_("1: nobody knows yet how it should be done. 5: somebody could write it down today."),
    )
    search_words = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    class Meta:
        model = InventoryTask
        fields = ["title", "department", "description", "frequency", "owner_role", "pain_points"]
        help_texts: Mapping[str, object] = {
            "title": _("What somebody does, beginning with a verb: “Match supplier invoices with orders”."),
            "pain_points": _("What goes wrong, takes too long, or depends on one person."),
        }
        widgets: Mapping[str, object] = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "pain_points": forms.Textarea(attrs={"rows": 3}),
        }

    field_order = [
        "title", "department", "description", "frequency", "owner_role", "pain_points", "impact", "feasibility",
    ]  # fmt: skip

    def __init__(self, *args: Any, departments: QuerySet[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(impact=self.instance.impact, feasibility=self.instance.feasibility)
            del self.fields["search_words"]
        department = cast(forms.ModelChoiceField, self.fields["department"])
        department.queryset = departments
        department.empty_label = None if departments.count() == 1 else str(_("Choose a department"))
        roles = Role.objects.filter(is_active=True)
        if self.instance.owner_role_id:
            roles |= Role.objects.filter(pk=self.instance.owner_role_id)
        self.offer("owner_role", roles, _("Nobody in particular"))

    @property
    def task_fields(self) -> dict[str, object]:
        """The values besides department and title."""
        return {name: self.cleaned_data[name] for name in TASK_FIELDS if name != "title"}


class RuleOutForm(ActionForm):
    """Why a task needs no procedure."""

    reason = InventoryTask._meta.get_field("not_needed_reason").formfield(
        required=True,
        label=_("Why none is needed"),
        help_text=_("Kept with the task, such as: the bank does this, one person does it once a year."),
        error_messages={"required": _("Say why, so that nobody has to ask again.")},
    )

    class Meta:
        model = InventoryTask
        fields: Sequence[str] = []


class CoverForm(ActionForm):
    """The procedure that covers a task, by its code."""

    code = forms.CharField(
        label=_("Code of the procedure"),
        max_length=20,
        help_text=_("As it stands in the library, like FIN-014."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
        error_messages={"required": _("Write the code of the procedure that covers this task.")},
    )

    class Meta:
        model = InventoryTask
        fields: Sequence[str] = []

    def clean_code(self) -> str:
        return self.cleaned_data["code"].upper()


class SheetForm(forms.Form):
    """A table of tasks. `lines` are its rows."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_(
            "CSV or Excel (.xlsx), at most 2,000 rows and 2 MB. You see what would change before anything is saved."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        self.lines = read_sheet(upload.read(), filename=upload.name)
        return upload


class AgreeSheetForm(forms.Form):
    """The rows of a table that was shown, coming back to be saved."""

    filename = forms.CharField(widget=forms.HiddenInput, max_length=255)
    rows = forms.CharField(widget=forms.HiddenInput, strip=False)

    def clean_rows(self) -> str:
        """Read the rows into `lines`; they are checked again like any file, since anybody can send anything."""
        text = self.cleaned_data["rows"]
        try:
            self.lines = unpacked(text)
        except ValueError as error:
            raise ValidationError(_("The table did not come through. Choose the file again.")) from error
        return text


def packed(lines: Sequence[Line]) -> str:
    """`lines` as text for a hidden field."""
    return json.dumps([[line.number, *line.cells] for line in lines], ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> list[Line]:
    """The lines of `packed`. Raises ValueError for anything else."""
    try:
        found = [_line(row) for row in json.loads(text)]
    except (TypeError, RecursionError) as error:
        raise ValueError("no table of ours") from error
    if not 0 < len(found) <= MAX_ROWS + 1:
        raise ValueError("no table of ours")
    return found


def _line(row: object) -> Line:
    match row:
        case [int(number), *cells] if cells and all(isinstance(cell, str) for cell in cells):
            return Line(number, tuple(str(cell) for cell in cells))
    raise ValueError("no line of ours")
