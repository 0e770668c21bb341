"""The form of one word of the glossary."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from procedures.models import GlossaryTerm
from roles.forms import ActionForm


class TermForm(ActionForm):
    class Meta:
        model = GlossaryTerm
        fields = ["term", "meaning", "language"]
        help_texts: Mapping[str, object] = {
            "term": _("As it stands in the texts: CRM, ledger."),
            "meaning": _("One sentence that a new colleague understands."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=[("", _("In every language")), *settings.LANGUAGES],
            initial=self.initial.get("language", ""),
        )
        cast(forms.CharField, self.fields["term"]).widget.attrs["autocapitalize"] = "off"
