"""Forms of people administration. They read what was typed; the actions check and store it."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from roles.errors import NotValid
from roles.models import Access, Department, Holding, Role, User
from roles.queries import today
from sopdesk.lib.forms import MergingForm
from sopdesk.lib.merging import columns_of


class ActionForm(MergingForm, forms.ModelForm):
    """A form whose rules are those of an action.

    It neither touches its instance nor asks the database whether a value is taken: the action does, under its lock,
    and `take_errors` brings the answer back to the fields.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.begin_with(columns_of(self.instance, self.fields))

    def _post_clean(self) -> None:
        """Leave the instance alone."""

    def offer(self, name: str, rows: QuerySet, nothing: str | Promise) -> None:
        """Let the field `name` choose from `rows`; `nothing` is what an empty choice says."""
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset = rows
        field.empty_label = str(nothing)

    def take_errors(self, error: NotValid) -> None:
        """Show what an action refused, beside the field where there is one."""
        for name, sentences in error.errors.items():
            self.add_error(name if name in self.fields else None, ValidationError(list(sentences)))


class PersonForm(ActionForm):
    class Meta:
        model = User
        fields = ["full_name", "email", "department", "access", "access_ends", "language"]
        help_texts: Mapping[str, object] = {
            "email": _("To sign in and for mails."),
            "access": _("Readers read. Authors write for their department. Auditors read everything. Administrators "
                        "look after people, departments and roles."),
            "language": _("For pages and mails; the person can change it."),
        }  # fmt: skip
        widgets: Mapping[str, object] = {
            "full_name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "access_ends": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "department", in_use_or(Department, self.instance.department_id), pgettext_lazy("department", "None")
        )


class DepartmentForm(ActionForm):
    class Meta:
        model = Department
        fields = ["name", "head", "is_active"]
        help_texts: Mapping[str, object] = {
            "head": _("Decides on procedures of the department."),
            "is_active": _("A department that is not active is no longer offered when something is filled in."),
        }
        labels: Mapping[str, object] = {"is_active": _("In use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("head", in_use_or(User, self.instance.head_id), _("Nobody yet"))


class NewDepartmentForm(DepartmentForm):
    class Meta(DepartmentForm.Meta):
        fields = ["code", "name", "head"]
        help_texts: Mapping[str, object] = {
            **DepartmentForm.Meta.help_texts,
            "code": _("Two to six capital letters or digits, a letter first. The codes of its procedures begin with "
                      "it (FIN-001), so it cannot be changed later."),
        }  # fmt: skip
        widgets: Mapping[str, object] = {"code": forms.TextInput(attrs={"autocapitalize": "characters"})}


class RoleForm(ActionForm):
    class Meta:
        model = Role
        fields = ["name", "department", "description", "is_active"]
        help_texts: Mapping[str, object] = {
            "name": _("What the position is called, such as Payroll clerk."),
            "is_active": _("A role that is not active is no longer offered when something is filled in."),
        }
        labels: Mapping[str, object] = {"is_active": _("In use")}
        widgets: Mapping[str, object] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "department", in_use_or(Department, self.instance.department_id), pgettext_lazy("department", "None")
        )


class NewRoleForm(RoleForm):
    class Meta(RoleForm.Meta):
        fields = ["name", "department", "description"]


class HoldingForm(ActionForm):
    class Meta:
        model = Holding
        fields = ["role", "starts", "ends"]
        help_texts: Mapping[str, object] = {"ends": _("The last day. Leave it empty while no end is known.")}
        widgets: Mapping[str, object] = {
            "starts": forms.DateInput(attrs={"type": "date"}),
            "ends": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("role", Role.objects.filter(is_active=True), _("Choose a role"))
        self.fields["starts"].initial = today()


class HoldingEndForm(ActionForm):
    class Meta:
        model = Holding
        fields = ["ends"]
        labels: Mapping[str, object] = {"ends": _("Last day")}
        help_texts: Mapping[str, object] = {"ends": _("On this day the role is still held.")}
        widgets: Mapping[str, object] = {"ends": forms.DateInput(attrs={"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends"].required = True
        self.initial["ends"] = self.initial.get("ends") or max(today(), self.instance.starts)


class DeactivateForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Kept in the trail, such as: has left the firm.")
    )


class SettingsForm(ActionForm):
    class Meta:
        model = User
        fields = ["language", "theme", "keys_enabled", "watch_mail"]
        help_texts: Mapping[str, object] = {
            "keys_enabled": _("Keys such as / for search and ? for help. Switch them off if they get in your way, for "
                              "instance with voice control."),
            "watch_mail": _("The notices stand in sopdesk at once in any case."),
        }  # fmt: skip
        widgets: Mapping[str, object] = {
            "language": forms.RadioSelect,
            "theme": forms.RadioSelect,
            "watch_mail": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each in its own name: who cannot read this page finds the way out of it.
        names = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
        cast("forms.ChoiceField", self.fields["language"]).choices = names


class PeopleFilterForm(forms.Form):
    """Search box and filters above the list of people; what does not fit is left out of account."""

    STATES: Mapping[str, bool | None] = {"": True, "inactive": False, "all": None}

    q = forms.CharField(
        label=_("Search people"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "placeholder": _("Name or e-mail")}),
    )
    department = forms.ModelChoiceField(
        Department.objects.all(), label=_("Department"), required=False, empty_label=pgettext_lazy("departments", "All")
    )
    access = forms.ChoiceField(
        label=_("Access"), required=False, choices=[("", pgettext_lazy("access levels", "All")), *Access.choices]
    )
    active = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Active")), ("inactive", pgettext_lazy("person", "Inactive")), ("all", _("Both"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bound in self.selects:
            bound.field.widget.attrs["class"] = "select"

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self["department"], self["access"], self["active"]]

    def criteria(self) -> dict[str, object]:
        """Arguments for `roles.queries.people_matching`."""
        self.is_valid()
        chosen = self.cleaned_data
        return {
            "words": chosen.get("q", ""),
            "department": chosen.get("department"),
            "access": chosen.get("access", ""),
            "is_active": self.STATES[chosen.get("active", "")],
        }


def in_use_or(model: type[Department] | type[User], pk: int | None) -> QuerySet:
    """Rows that may be chosen: those that are active, and the one that is chosen already."""
    return model.objects.filter(Q(is_active=True) | Q(pk=pk))
