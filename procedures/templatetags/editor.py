"""Template tags of the editor's forms."""

from django import template
from django.forms import BoundField

register = template.Library()


@register.simple_tag
def empty_row(bound: BoundField) -> dict[str, object]:
    """The row that the script copies to add one to a field of rows; its number is `__n__`."""
    return bound.field.widget.template_row(bound.html_name)
