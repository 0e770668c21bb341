"""Saying in which language something is that is quoted on a page of another (WCAG 3.1.2)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString


def in_language(text: object, language: str) -> SafeString:
    """`text` as an element that says its language, to be put into a sentence of the page; nothing for nothing."""
    return format_html('<span lang="{}">{}</span>', language, text) if text else SafeString("")


class QuotingSelect(forms.Select):
    """A list in which some of the choices are quoted from a text."""

    quoted: frozenset[str] = frozenset()
    language = ""

    def quote(self, values: Iterable[object], language: str) -> None:
        """Mark the choices `values` as being in `language`."""
        self.quoted, self.language = frozenset(map(str, values)), language

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.quoted:
            option["attrs"]["lang"] = self.language
        return option
