"""What somebody says about the manual that they want."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.forms.library import LibraryQuery
from procedures.manuals.selecting import Selection, codes_in, select, slips_in
from roles.models import User


class ManualForm(forms.Form):
    """`asked` is the question to the library with which the page was opened; codes, when there are any, replace it."""

    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("On the cover and on every page."))
    codes = forms.CharField(
        label=_("Or these procedures instead"),
        required=False,
        max_length=3000,
        help_text=_("Codes such as FIN-001, HR-002."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: object, user: User, asked: LibraryQuery, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._user, self._asked = user, asked

    def clean_codes(self) -> tuple[str, ...]:
        """The codes; those that the person may not read look like those that there are not."""
        typed = self.cleaned_data["codes"]
        codes = codes_in(typed)
        if slips := slips_in(typed):
            raise ValidationError(
                gettext("These are no codes: %(words)s. Codes look like FIN-001.") % {"words": ", ".join(slips[:10])}
            )
        if typed.strip() and not codes:
            raise ValidationError(gettext("There is no code in this. Codes look like FIN-001."))
        if not codes:
            return ()
        known = set(select(self._user, Selection("", {}, codes)).values_list("procedure__code", flat=True))
        if unknown := [code for code in codes if code not in known]:
            raise ValidationError(
                gettext("You can read nothing in force under %(codes)s.") % {"codes": ", ".join(unknown[:10])}
            )
        return codes

    @property
    def selection(self) -> Selection:
        return Selection(self._asked.words, self._asked.chosen, self.cleaned_data["codes"])
