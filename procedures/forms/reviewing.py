"""What people choose around a round."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from roles.models import User


class GuestForm(forms.Form):
    """Whom to ask for comments."""

    person = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who"),
        help_text=_("Reads this revision and comments on it until the round ends; does not decide."),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["person"]).queryset = people
