"""A pasted list, as text or as HTML from a word processor or the web, as rows of new steps."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from procedures.importing.document import ParsedStep, UnreadableDocument
from procedures.importing.pasted import MAX_PASTE, steps_from_paste
from procedures.models import Step
from roles.models import Role


class PasteForm(forms.Form):
    """`html` comes as a file, since a paste from a word processor is larger than a form field may be; `text` is what
    is left when there is none, or when nothing is found in it."""

    html = forms.FileField(required=False)
    text = forms.CharField(required=False)

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {role.name.casefold(): role for role in roles}
        self.rows: list[dict[str, object]] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = self._read_html(data.get("html")) or self._parsed(data.get("text") or "")
        if not found:
            raise forms.ValidationError(_("There is no list in what was pasted."))
        self.rows = [self._fields_of(step) for step in found]
        return data

    @property
    def problem(self) -> str:
        """Everything that is wrong, in one text."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    def _read_html(self, upload: Any) -> list[ParsedStep]:
        if upload is None:
            return []
        if upload.size > MAX_PASTE:
            limit = MAX_PASTE // 1_000_000
            raise forms.ValidationError(
                _("This is more than %(limit)d MB. Import it as a file instead.") % {"limit": limit}
            )
        return self._parsed(upload.read().decode("utf-8", errors="replace"))

    @staticmethod
    def _parsed(text: str) -> list[ParsedStep]:
        try:
            return steps_from_paste(text.replace("\x00", "")) if text.strip() else []
        except UnreadableDocument as error:
            raise forms.ValidationError(str(error)) from error

    def _fields_of(self, step: ParsedStep) -> dict[str, object]:
        role = self.roles.get(step.role.casefold()) if step.role else None
        body = step.body
        if step.role and role is None:
            body = f"{body}\n\n{_('Role')}: {step.role}".strip()
        title = Step._meta.get_field("title").max_length
        section = Step._meta.get_field("section").max_length
        return {
            "title": step.title[:title],
            "section": step.section[:section],
            "body": body,
            "expected": step.expected,
            "warning": step.warning,
            "role": role,
        }
