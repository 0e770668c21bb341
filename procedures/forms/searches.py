"""Forms of the synonyms and of the report of searches."""

import datetime
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.actions.synonyms import facts_of
from procedures.models import SynonymGroup
from roles.forms import ActionForm
from sopdesk.lib.sheets import ENDINGS, Line, read_sheet

HEADINGS = ("language", "words")


class SynonymsForm(ActionForm):
    """A group of synonyms, one word or phrase a line."""

    phrases = forms.CharField(
        label=gettext_lazy("Words and phrases"),
        help_text=gettext_lazy("One a line. Who searches for one of them also finds the others. One form of a word is enough: plurals follow."),  # noqa: E501
        widget=forms.Textarea(attrs={"rows": 6, "autocapitalize": "off"}),
        max_length=2000,
    )  # fmt: skip

    class Meta:
        model = SynonymGroup
        fields = ["language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        forms.ModelForm.__init__(self, *args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=gettext_lazy("Language"),
            choices=settings.LANGUAGES,
            help_text=gettext_lazy("In which these words mean the same."),
        )
        if self.instance.pk:
            stored = facts_of(self.instance)
            self.initial.update(stored)
            self.begin_with(stored)

    def clean_phrases(self) -> str:
        return self.cleaned_data["phrases"].replace("\r\n", "\n").strip()


class SynonymSheetForm(forms.Form):
    """A table of groups: language in the first column, the words of the group in the others or with commas between."""

    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        help_text=gettext_lazy("One group a row: the language (en, fr) in the first column, its words in the second, with commas between. Groups that are here already are passed over."),  # noqa: E501
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("This file is empty.")},
    )  # fmt: skip

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        lines = read_sheet(upload.read(), filename=upload.name)
        self.rows = list(_groups(lines))
        if not self.rows:
            raise ValidationError(_("This file has no group of words."))
        return upload


def _groups(lines: list[Line]) -> Iterator[tuple[int, str, str]]:
    for line in lines:
        language, *cells = [cell.strip() for cell in line.cells]
        words = [cell for cell in cells if cell]
        if words and (line.number > 1 or language.casefold() in dict(settings.LANGUAGES)):
            yield line.number, language.casefold(), ", ".join(words)


PERIODS = (
    (7, gettext_lazy("7 days")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("12 months")),
)


class PeriodForm(forms.Form):
    """How far back the report of searches looks. Whatever cannot be read counts as 30 days."""

    days = forms.ChoiceField(label=gettext_lazy("Period"), choices=PERIODS, required=False)

    @property
    def period(self) -> datetime.timedelta:
        return datetime.timedelta(days=self.days_chosen)

    @property
    def days_chosen(self) -> int:
        return int(self.cleaned_data["days"] or 30) if self.is_valid() else 30
