"""The request as views get it. Nothing makes one of these: they name for type checkers what middleware adds."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as django-htmx leaves it: `htmx` is true when a part of the page, not the address bar, asked."""

    htmx: HtmxDetails
