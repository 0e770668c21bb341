"""Forms around a draft: starting a procedure, its settings, discarding, a picture, a position."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.models import Attachment, Audience, Category, Kind, Procedure, Revision, Risk
from procedures.queries import next_code
from roles.models import Access, Department, Role, User
from sopdesk.lib.forms import MergingForm


class AudienceForm(forms.Form):
    """What a procedure is and who reads it: asked at its beginning and in its settings."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.PROCEDURE)
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Owner"), help_text=_("Answers for the procedure from revision to revision.")
    )
    risk = forms.ChoiceField(
        label=_("Risk"),
        choices=Risk.choices,
        initial=Risk.NORMAL,
        help_text=_("Decides, with kind and department, who approves."),
    )
    audience = forms.ChoiceField(
        label=_("Who may read it"), choices=Audience.choices, initial=Audience.EVERYONE, widget=forms.RadioSelect
    )
    audience_departments = forms.ModelMultipleChoiceField(
        Department.objects.none(), label=_("Departments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    audience_roles = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )

    AUDIENCE_LISTS: dict[str, str] = {
        Audience.DEPARTMENTS: "audience_departments",
        Audience.ROLES: "audience_roles",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", User.objects.filter(is_active=True))
        self.offer("audience_departments", Department.objects.filter(is_active=True))
        self.offer("audience_roles", Role.objects.filter(is_active=True))

    def offer(self, name: str, choices: QuerySet) -> None:
        """Let `choices` be chosen in the field `name`."""
        cast("forms.ModelChoiceField", self.fields[name]).queryset = choices

    def clean(self) -> dict[str, object]:
        """A list that the chosen audience does not use is emptied; one that it uses must not be empty."""
        data = super().clean() or {}
        used = self.AUDIENCE_LISTS.get(data.get("audience", ""))
        for name in self.AUDIENCE_LISTS.values():
            if name != used:
                data[name] = []
        if used and not data.get(used):
            self.add_error(used, gettext("Choose at least one."))
        return data


class NewProcedureForm(AudienceForm):
    """What a procedure begins with. An empty code means the next free one of the department."""

    title = Revision._meta.get_field("title").formfield(
        help_text=_("As people would look for it: “Run the monthly payroll”.")
    )
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=None)
    code = Procedure._meta.get_field("code").formfield(
        required=False, help_text=_("The next free code is suggested. A code is never given twice.")
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("No category")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    field_order: Sequence[str] | None = ("title", "kind", "department", "code", "category", "language", "owner", "risk")

    def __init__(self, *args: Any, departments: Sequence[Department], owner: User, **kwargs: Any) -> None:
        first = departments[0]
        initial = {"owner": owner, "department": first, "language": owner.language, "code": next_code(first)}
        super().__init__(*args, initial=initial, **kwargs)
        self.offer("department", Department.objects.filter(pk__in=[department.pk for department in departments]))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        department = data.get("department")
        if not data.get("code") and isinstance(department, Department) and "code" not in self.errors:
            data["code"] = next_code(department)
        return data


class SettingsForm(MergingForm, AudienceForm):
    """What lasts of a procedure. Whoever may not hand it over sees the owner without being able to change it."""

    coauthors = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Co-authors"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Authors of other departments who write this one too."),
    )
    reason = forms.CharField(
        label=_("Why is it changed?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands on the trail beside the old and the new value."),
    )

    field_order = ("owner", "coauthors", "kind", "risk")
    CHANGEABLE = ("owner", "kind", "risk", "audience", "coauthors", "audience_departments", "audience_roles")

    def __init__(self, *args: Any, procedure: Procedure, may_hand_over: bool, asks_reason: bool, **kwargs: Any) -> None:
        initial = {
            "owner": procedure.owner,
            "coauthors": procedure.coauthors.all(),
            "kind": procedure.kind,
            "risk": procedure.risk,
            "audience": procedure.audience,
            "audience_departments": procedure.audience_departments.all(),
            "audience_roles": procedure.audience_roles.all(),
        }
        super().__init__(*args, initial=initial, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
        # What is chosen stays choosable, though it may have been deactivated since.
        self.offer("owner", User.objects.filter(Q(is_active=True) | Q(pk=procedure.owner_id)))
        self.fields["owner"].disabled = not may_hand_over
        others = Q(is_active=True, access=Access.AUTHOR) & ~Q(department=procedure.department)
        invited = Q(pk__in=procedure.coauthors.values("pk"))
        self.offer("coauthors", User.objects.filter(others | invited).distinct())
        departments, roles = procedure.audience_departments.values("pk"), procedure.audience_roles.values("pk")
        self.offer("audience_departments", Department.objects.filter(Q(is_active=True) | Q(pk__in=departments)))
        self.offer("audience_roles", Role.objects.filter(Q(is_active=True) | Q(pk__in=roles)))
        self.begin_with(initial)

    def clean(self) -> dict[str, object]:
        """Whatever is changed in a procedure that was released says why."""
        data = super().clean()
        is_changed = any(name in self.changed_data for name in self.CHANGEABLE)
        if "reason" in self.fields and is_changed and not str(data.get("reason", "")).strip():
            self.add_error("reason", gettext("Say why: readers rely on this text, and the change counts at once."))
        return data

    @property
    def fields_to_change(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in ("kind", "owner", "risk", "audience")}

    @property
    def lists(self) -> dict[str, Iterable]:
        return {name: self.cleaned_data[name] for name in ("coauthors", "audience_departments", "audience_roles")}


class DiscardForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence is enough. It stays on record with the text."),
        error_messages={"required": _("Give a reason.")},
    )


class PositionForm(forms.Form):
    """Where a step goes; `section` only when a move is taken back."""

    position = forms.IntegerField(min_value=0, max_value=100_000)
    section = forms.CharField(required=False, max_length=200)


class PictureForm(forms.Form):
    """A picture and the words that stand for it."""

    image = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG, GIF or WebP, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
    )
    alt = forms.CharField(
        label=_("What does it show?"),
        max_length=200,
        help_text=_("For people who do not see the picture: “The Export button is at the top right”."),
    )

    def markdown(self, attachment: Attachment) -> str:
        """The line that puts the picture into a text."""
        alt = " ".join(re.sub(r"[\[\]\\]", " ", self.cleaned_data["alt"]).split())
        return f"![{alt}](media:{attachment.key})"
