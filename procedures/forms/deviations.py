"""What people type about a temporary deviation."""

import datetime
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roles.models import Department
from roles.queries import today
from roles.signingforms import SigningForm
from sopdesk.lib.languages import QuotingSelect


class DeviationForm(forms.Form):
    """What is asked for: `steps` are those of the text in force, written in `language`; `departments` are those for
    which this person asks."""

    step = forms.TypedChoiceField(label=_("Step"), coerce=UUID, empty_value=None, widget=QuotingSelect)
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        help_text=_("Its people see at the step what they do instead. Everybody else goes on as it is written."),
    )
    reason = forms.CharField(
        label=_("Why can the step not be done as it is written?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the step cannot be done as it is written.")},
    )
    instead = forms.CharField(
        label=_("What is done instead?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Write it like a step: who does what, and how one sees that it is done."),
        error_messages={"required": _("Say what is done instead.")},
    )
    starts = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=format_lazy(_("At most {days} days. Then it ends by itself."), days=settings.DEVIATION_DAYS),
    )

    def __init__(
        self, *args: Any, steps: Sequence[dict], language: str, departments: QuerySet[Department], **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        cast(QuotingSelect, self.fields["step"].widget).quote((step["uid"] for step in steps), language)
        cast(forms.ChoiceField, self.fields["step"]).choices = [
            ("", "---------"),
            *((step["uid"], _name_of(step)) for step in steps),
        ]
        cast(forms.ModelChoiceField, self.fields["department"]).queryset = departments
        self.fields["starts"].initial = today()
        self.fields["ends"].initial = today() + datetime.timedelta(days=min(settings.DEVIATION_DAYS, 7) - 1)


def _name_of(step: dict) -> str:
    return f"{step['number']}. {step['title'] or gettext('Step without a title')}"


class SignDeviationForm(SigningForm):
    """A signature over what the page showed."""

    asked_hash = forms.CharField(widget=forms.HiddenInput)
    field_order = ["asked_hash"]

    @property
    def decision(self) -> dict[str, Any]:
        """What `approve_deviation` takes."""
        return {"asked_hash": self.cleaned_data["asked_hash"]} | self.proof


class RefuseDeviationForm(forms.Form):
    """A refusal: never without a reason."""

    asked_hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it refused?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who asked for it gets the reason by mail. The step is done as it is written."),
        error_messages={"required": _("Say why it is refused: who asked for it needs the reason.")},
    )
