"""Dates as the language of the page says them, beyond what formats can."""

from django.utils import dateformat
from django.utils.translation import get_language

_plain_day = dateformat.DateFormat.j


def teach_first_of_month() -> None:
    """French counts the first of a month ("1er déc. 2026") and no other day; Django's formats have no letter for that.

    Called once when the apps are loaded: every date that a page, a mail or a file says goes through this class.
    """
    dateformat.DateFormat.j = _day  # type: ignore[method-assign, assignment]


def _day(self: dateformat.DateFormat) -> int | str:
    day = _plain_day(self)
    return "1er" if day == 1 and (get_language() or "").startswith("fr") else day
