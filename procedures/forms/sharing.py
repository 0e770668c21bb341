"""What somebody says who shares a procedure, or ends that."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from procedures.actions.sharing import check_last_day, latest_day
from roles.queries import today
from sopdesk.lib.errors import Refused

FOLLOW, PIN = "follow", "pin"


class ShareForm(forms.Form):
    """A link for people who have no account."""

    recipient = forms.CharField(
        label=_("For whom"),
        max_length=120,
        help_text=_("For example “Auditors of Dupont SA”. Only you and those who look after the procedure see it."),
    )
    shows = forms.ChoiceField(
        label=_("What it shows"),
        choices=[
            (FOLLOW, _("Always the revision in force")),
            (PIN, _("Only today’s revision: the link ends when a later one takes its place")),
        ],
        widget=forms.RadioSelect,
        initial=FOLLOW,
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On this day the link still works."),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        min_length=8,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("At least 8 characters. Tell it in another way than the link; nobody can read it here later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = min(settings.SHARE_DAYS, settings.SHARE_MAX_DAYS)
        self.fields["ends_on"].initial = today() + datetime.timedelta(days=days)
        self.fields["ends_on"].widget.attrs |= {"min": today().isoformat(), "max": latest_day().isoformat()}

    def clean_ends_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["ends_on"]
        try:
            check_last_day(day)
        except Refused as error:
            raise ValidationError(error.message) from error
        return day

    @property
    def link(self) -> dict[str, Any]:
        """What `make_link` takes."""
        chosen = {name: self.cleaned_data[name] for name in ("recipient", "ends_on", "password")}
        return chosen | {"is_pinned": self.cleaned_data["shows"] == PIN}


class RevokeLinkForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is the link revoked?"), max_length=500, help_text=_("Kept in the trail of the procedure.")
    )


class LinkPasswordForm(forms.Form):
    """What somebody without an account types to open a link."""

    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        # The only thing to do on its page, and after a wrong one again.
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
