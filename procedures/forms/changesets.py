"""What people type about a change set."""

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.models import Revision
from roles.queries import today
from roles.signingforms import SigningForm


class DraftsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.procedure.code} {obj.title}"


class ChangeSetForm(forms.Form):
    """Name, drafts, and what they share. `drafts` are those that may be chosen."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Approvers and readers of the history know the set by it.")
    )
    change_summary = forms.CharField(
        label=_("What changes and why"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Goes into every draft that has no change summary of its own."),
    )
    effective_on = forms.DateField(
        label=_("Wished for from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("One day for all. Left empty, all are in force as soon as the last approver has signed."),
    )

    def __init__(self, *args: Any, drafts: QuerySet[Revision], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drafts"] = DraftsField(
            label=gettext("Drafts"), queryset=drafts, widget=forms.CheckboxSelectMultiple
        )

    def clean_effective_on(self) -> datetime.date | None:
        day = self.cleaned_data["effective_on"]
        if day is not None and day < today():
            raise forms.ValidationError(gettext("This day has passed. Choose today or later, or leave it empty."))
        return day


class SignSetForm(SigningForm):
    """One signature over the manifest that was shown."""

    manifest_hash = forms.CharField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes to the authors and stays in the history."),
    )
    field_order = ["manifest_hash", "comment"]

    @property
    def decision(self) -> dict[str, Any]:
        """What `approve_change_set` takes."""
        return {name: self.cleaned_data[name] for name in ("manifest_hash", "comment")} | self.proof


class ReturnSetForm(forms.Form):
    """A request for changes that sends every revision back."""

    manifest_hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What must change?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The authors get it by mail and see it above their draft."),
        error_messages={"required": _("Say what must change: the author needs a reason.")},
    )
