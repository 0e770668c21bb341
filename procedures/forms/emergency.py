"""What somebody types who puts a text in force before it is approved."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from procedures.models import MAX_EMERGENCY_DAYS
from roles.signingforms import SigningForm


class EmergencyForm(SigningForm):
    """A signed emergency issue, bound by its hash to the text that the page showed."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why can it not wait for the approval?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Readers see it above the text, and those who review it afterwards."),
        error_messages={"required": _("Say why it cannot wait.")},
    )
    days = forms.IntegerField(
        label=_("Days in force"),
        min_value=1,
        max_value=MAX_EMERGENCY_DAYS,
        initial=settings.EMERGENCY_DAYS,
        help_text=format_lazy(_("At most {days}. Then the text leaves by itself."), days=MAX_EMERGENCY_DAYS),
    )

    field_order = ["content_hash", "reason", "days"]

    @property
    def issue(self) -> dict[str, Any]:
        """What `issue_emergency` takes."""
        return {name: self.cleaned_data[name] for name in ("content_hash", "reason", "days")} | self.proof
