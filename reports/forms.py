"""What people ask of the trail, and what they sign about it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.queries import Filters
from reports.wording import choices
from roles.signingforms import SigningForm


class TrailFilterForm(forms.Form):
    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    what = forms.ChoiceField(label=_("What"), required=False)
    procedure = forms.CharField(label=_("Procedure"), required=False, max_length=20)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label=_("Text"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [("", _("Everything")), *choices()]  # type: ignore[attr-defined]
        for name in ("who", "procedure", "text"):
            self.fields[name].widget.attrs["class"] = "input"
        for name in ("first", "last"):
            self.fields[name].widget.attrs["class"] = "input"
        self.fields["what"].widget.attrs["class"] = "select"

    def clean_procedure(self) -> str:
        return self.cleaned_data["procedure"].upper()

    @property
    def filters(self) -> Filters:
        """What fits of what was asked: an address typed wrong shows everything rather than an error."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})


class TrailExportForm(forms.Form):
    FORMATS = [("csv", "CSV"), ("jsonl", "JSON Lines")]

    format = forms.ChoiceField(label=_("Format"), choices=FORMATS)


class AccessDayForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date", "class": "input"}))


class TrailReviewForm(SigningForm):
    """The span that the page showed, what was found, and the proof."""

    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    upto = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    upto_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What you found"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands on the trail with your signature."),
    )
    field_order = ["after", "upto", "upto_hash", "statement", "note", "accepts", "password", "code"]

    @property
    def review(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("after", "upto", "upto_hash", "note")} | self.proof
