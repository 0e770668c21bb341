"""Bringing a document along: choosing the file, then agreeing to what was recognised in it."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from procedures.importing.document import MAX_FILE_BYTES, ParsedProcedure, UnreadableDocument
from procedures.importing.markdown import decode, parse_markdown
from procedures.models import Category, Kind, Procedure, Revision
from roles.models import Department, User

ENDINGS = (".md", ".markdown")


class FileForm(forms.Form):
    """One Markdown file. `parsed` is what was recognised in it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A Markdown file (.md) of at most 2 MB. Nothing is saved before you have seen the result."),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        if not upload.name.lower().endswith(ENDINGS):
            raise ValidationError(_("Only Markdown files (.md) can be imported so far."))
        if upload.size > MAX_FILE_BYTES:
            raise ValidationError(_("This file is larger than 2 MB. Split it first."))
        try:
            self.text = decode(upload.read())
            self.parsed = parse_markdown(self.text, filename=upload.name)
        except UnreadableDocument as error:
            raise ValidationError(str(error)) from error
        return upload


class AgreeForm(forms.Form):
    """The facts under which the recognised document becomes a draft; the document itself travels along unseen."""

    filename = forms.CharField(widget=forms.HiddenInput, max_length=255)
    source = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=MAX_FILE_BYTES)
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

    @property
    def parsed(self) -> ParsedProcedure:
        """What is recognised in the document that came back with the form. Raises UnreadableDocument."""
        return parse_markdown(self["source"].value() or "", filename=self["filename"].value() or "")
