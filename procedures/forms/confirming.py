"""What an owner types to confirm that a text is still valid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.signingforms import SigningForm


class ConfirmForm(SigningForm):
    """A signed review, bound to what the page showed: the text by its hash, and how often it was confirmed before."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    content_hash = forms.CharField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("What was looked at?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Such as: went through the steps with two clerks; the limits are those of the new contract."),
        error_messages={"required": _("Say what was looked at.")},
    )

    field_order = ["number", "content_hash", "comment"]

    @property
    def confirmation(self) -> dict[str, Any]:
        """What `confirm_revision` takes."""
        return {name: self.cleaned_data[name] for name in ("number", "content_hash", "comment")} | self.proof
