"""Template tags of the editor's forms."""

from collections import Counter

from django import template
from django.forms import BoundField

register = template.Library()


@register.simple_tag
def empty_row(bound: BoundField) -> dict[str, object]:
    """The row that the script copies to add one to a field of rows; its number is `__n__`."""
    return bound.field.widget.template_row(bound.html_name)


@register.filter
def count_at(counts: Counter[str], key: str) -> int:
    """How often `key` was counted."""
    return counts[key]
