"""What comes along when many procedures are exported at once."""

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.exporting.files import Format

FORMATS = [("pdf", _("PDF")), *Format.choices]


class ExportForm(forms.Form):
    """The formats to pack. Read from the address: an export changes nothing."""

    format = forms.MultipleChoiceField(
        label=_("Formats"),
        choices=FORMATS,
        initial=[Format.WORD],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one format.")},
    )
