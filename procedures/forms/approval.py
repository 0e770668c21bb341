"""What people type when they submit, decide, take back, publish or withdraw."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django.utils.translation import gettext
from procedures.models import Revision
from roles.signingforms import SigningForm


class SubmitForm(forms.ModelForm):
    """The last facts before a round opens; they belong to the draft and are saved with it.

    `version` is the one that the page showed.
    """

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Revision
        fields = ["change_summary", "significance", "effective_on"]
        widgets = {
            "change_summary": forms.Textarea(attrs={"rows": 4}),
            "significance": forms.RadioSelect,
            "effective_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "change_summary": _("Approvers read it first; readers find it in the history."),
            "effective_on": _("Left empty, it is in force as soon as the last approver has signed."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change_summary"].required = self.instance.number > 1


class ApproveForm(SigningForm):
    """A signature: the password again, bound to the hash of what was shown."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes to the authors and stays in the history."),
    )
    field_order = ["content_hash", "comment"]

    @property
    def decision(self) -> dict[str, Any]:
        """What `approve_revision` takes."""
        return {name: self.cleaned_data[name] for name in ("content_hash", "comment")} | self.proof


class ReturnForm(forms.Form):
    """A request for changes: never without a reason."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What must change?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The authors get it by mail and see it above their draft."),
        error_messages={"required": _("Say what must change: the author needs a reason.")},
    )


class ReasonForm(forms.Form):
    """A reason for an act that others will ask about."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give a reason.")},
    )
