"""What people type about a change set."""

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.forms.approval import comment_field, not_in_the_past, return_reason_field
from procedures.models import Revision
from roles.signingforms import SigningForm
from sopdesk.lib.languages import in_language


class DraftsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return format_html("{} {}", obj.procedure.code, in_language(obj.title, obj.language))


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
        return not_in_the_past(self.cleaned_data["effective_on"])


class SignSetForm(SigningForm):
    """One signature over the manifest that was shown."""

    manifest_hash = forms.CharField(widget=forms.HiddenInput)
    comment = comment_field()
    field_order = ["manifest_hash", "comment"]

    @property
    def decision(self) -> dict[str, Any]:
        """What `approve_change_set` takes."""
        return {name: self.cleaned_data[name] for name in ("manifest_hash", "comment")} | self.proof


class ReturnSetForm(forms.Form):
    """A request for changes that sends every revision back."""

    manifest_hash = forms.CharField(widget=forms.HiddenInput)
    reason = return_reason_field()
