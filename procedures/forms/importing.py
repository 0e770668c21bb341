"""Bringing a document along: choosing the file, settling what was recognised in it, agreeing to it."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from procedures.importing.document import ParsedProcedure, UnreadableDocument
from procedures.importing.files import ENDINGS, MAX_UPLOAD, documents_in, parse_file
from procedures.models import Category, Kind, Procedure, Revision
from roles.models import Department, User

MAX_AT_ONCE = 30
_SAID = _("%(name)s cannot be read: %(why)s")


class FileForm(forms.Form):
    """One file. `found` holds what was recognised: the name of each document and its procedure."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Word (.docx), HTML, Markdown, a table of steps (.csv), or a ZIP of documents with their pictures; at most "
            "20 MB. Nothing is saved before you have seen the result."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_UPLOAD:
            raise ValidationError(_("This file is larger than 20 MB. Split it first."))
        self.content: bytes = upload.read()
        self.found: list[tuple[str, ParsedProcedure]] = []
        self.failed: list[tuple[str, str]] = []
        try:
            members = documents_in(self.content, upload.name)
            if len(members) > MAX_AT_ONCE:
                raise ValidationError(
                    _("The archive holds %(count)d documents; here %(limit)d can be imported at a time."),
                    params={"count": len(members), "limit": MAX_AT_ONCE},
                )
            for member in members:
                self._read(upload.name, member, alone=len(members) == 1)
        except UnreadableDocument as error:
            # Browsers forget the file that was chosen, so the message says which one it was.
            raise ValidationError(_SAID, params={"name": upload.name, "why": error}) from error
        if not self.found:
            raise ValidationError(
                [ValidationError(_SAID, params={"name": name, "why": why}) for name, why in self.failed]
            )
        return upload

    def _read(self, filename: str, member: str, *, alone: bool) -> None:
        """One bad document does not keep the others of an archive out."""
        try:
            self.found.append((member or filename, parse_file(self.content, filename=filename, member=member)))
        except UnreadableDocument as error:
            if alone:
                raise
            self.failed.append((member, str(error)))


class ChangeForm(forms.Form):
    """One change to what was recognised: where, and by which button."""

    change = forms.ChoiceField(
        choices=[(name, name) for name in ("merge", "demote", "split", "entries", "promote", "undo")]
    )
    version = forms.IntegerField(min_value=1)
    step = forms.IntegerField(min_value=0, required=False)
    at = forms.CharField(max_length=20, required=False)


class AgreeForm(forms.Form):
    """The facts under which the document becomes a draft."""

    title = Revision._meta.get_field("title").formfield()
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=None)
    code = Procedure._meta.get_field("code").formfield()
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("No category")
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), empty_label=None)

    def __init__(self, *args: Any, departments: QuerySet[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["department"]).queryset = departments
        cast(forms.ModelChoiceField, self.fields["owner"]).queryset = User.objects.filter(is_active=True)
