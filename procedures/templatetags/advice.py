"""Template filters of the writing advice."""

from django import template

from procedures import advising
from procedures.advice import Advice
from procedures.advice.messages import name_of

register = template.Library()


@register.filter
def advice_name(advice: Advice) -> str:
    """What the rule is called."""
    return name_of(advice.rule)


@register.filter
def advice_field(advice: Advice) -> str:
    """What the form calls the field."""
    return advising.field_name(advice)
