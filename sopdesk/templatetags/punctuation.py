"""Signs of the page's language, in every template without loading them."""

from django import template

from sopdesk.lib.punctuation import colon

register = template.Library()
register.simple_tag(colon)
