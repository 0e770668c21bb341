"""The form of the firm. It reads what was typed; `roles.firm` checks and stores it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roles.errors import NotValid
from roles.models import Firm
from sopdesk.lib.forms import THEIRS, MergingForm
from sopdesk.lib.merging import BothChanged

PICTURES = "image/png,image/jpeg,image/gif,image/webp"


class FirmForm(MergingForm, forms.Form):
    name = forms.CharField(
        label=_("Name of the firm"), required=False, max_length=80, help_text=_("On the first page of documents.")
    )
    accent = forms.CharField(
        label=_("Colour"),
        max_length=7,
        help_text=_("For lines and numbers in documents. Dark enough to be read on white."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG, GIF or WebP, about 600 pixels across. It is shown on white."),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def __init__(self, data: MultiValueDict | None, files: MultiValueDict | None, *, firm: Firm) -> None:
        super().__init__(data, files, initial={"name": firm.name, "accent": firm.accent})
        if not firm.logo:
            del self.fields["without_logo"]
        self.begin_with({"name": firm.name, "accent": firm.accent, "logo": firm.logo_sha256})
        if data is not None and "logo" in data.getlist(THEIRS):
            self.files = MultiValueDict()

    @property
    def values(self) -> dict[str, str]:
        """What is offered as text."""
        return {name: self.cleaned_data[name] for name in ("name", "accent")}

    @property
    def logo_bytes(self) -> bytes | None:
        """The bytes of the chosen picture, b"" to remove the logo, None to leave it."""
        if chosen := self.cleaned_data.get("logo"):
            return chosen.read()
        return b"" if self.cleaned_data.get("without_logo") else None

    def take_errors(self, error: NotValid) -> None:
        """Show what was refused beside its field."""
        for name, sentences in error.errors.items():
            self.add_error(name if name in self.fields else None, ValidationError(list(sentences)))

    def take_conflict(self, error: BothChanged) -> None:
        super().take_conflict(error)
        if "logo" in error.clashes:  # nobody reads its hash
            self["logo"].theirs = gettext("another logo")  # type: ignore[attr-defined]
