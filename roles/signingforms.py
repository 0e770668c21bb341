"""What people type to sign, whatever they sign."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.errors import NotProved
from roles.signing import Requirements


class SigningForm(forms.Form):
    """Password, and what else `needs` names: a code, the e-signature statement to accept.

    Without `needs` nothing is asked for, since nothing is signed. `proof` is what `roles.signing.prove_identity` takes.
    """

    statement = forms.IntegerField(required=False, widget=forms.HiddenInput)
    accepts = forms.BooleanField(
        label=_("I accept this statement."),
        error_messages={"required": _("Accept the statement before you sign.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code from your app"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": 10}),
        help_text=_("Each code is good for one signature. Recovery codes do not sign."),
    )

    def __init__(self, *args: Any, needs: Requirements | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        statement = needs.statement if needs else None
        self.fields["statement"].initial = statement.version if statement else 0
        left_out = {
            "accepts": statement is None,
            "password": needs is None,
            "code": needs is None or not needs.needs_code,
        }
        for name in [name for name, is_left_out in left_out.items() if is_left_out]:
            del self.fields[name]

    @property
    def proof(self) -> dict[str, Any]:
        given = self.cleaned_data
        accepts = given.get("statement") or 0 if given.get("accepts") else 0
        return {"password": given.get("password", ""), "code": given.get("code", ""), "accepts": accepts}

    @property
    def lacks_proof(self) -> bool:
        """Whether what is missing is part of the proof, so that only a session stands behind the request."""
        return bool({"password", "code", "accepts"} & set(self.errors))

    def take_error(self, error: NotProved) -> None:
        """Say at the field what was not right."""
        self.add_error(error.field if error.field in self.fields else None, error.message)
