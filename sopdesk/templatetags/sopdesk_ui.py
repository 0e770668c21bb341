"""Template tags of the interface: icons, state chips, form fields, page links, near dates."""

import datetime
from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model
from django.forms import BaseForm, BoundField, CheckboxInput, Select, Textarea, TextInput
from django.forms.widgets import ChoiceWidget, DateTimeBaseInput
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sopdesk.lib.languages import in_language

register = template.Library()
register.filter(in_language)

# state → (name that notices.css knows, icon, word)
CHIPS: dict[str, tuple[str, str, str | Promise]] = {
    "draft": ("draft", "pencil", _("Draft")),
    "in_review": ("review", "eye", _("In review")),
    "approved": ("approved", "check", _("Approved")),
    "published": ("published", "check-circle", _("Published")),
    "superseded": ("retired", "archive", _("Superseded")),
    "withdrawn": ("retired", "archive", _("Withdrawn")),
    "discarded": ("retired", "close", _("Discarded")),
    "returned": ("returned", "undo", _("Returned")),
    "recalled": ("retired", "undo", _("Recalled")),
    "not_written": ("todo", "alert", _("Not written")),
    "drafting": ("draft", "pencil", _("Being written")),
    "not_needed": ("retired", "archive", _("Not needed")),
    "todo": ("todo", "clock", _("To do")),
    "due": ("due", "clock", _("Due")),
    "overdue": ("overdue", "clock", _("Overdue")),
    "waiting": ("waiting", "clock", _("Waiting")),
    "done": ("done", "check", _("Done")),
    "invalid": ("blocked", "stop", _("INVALID")),
    "blocked": ("blocked", "stop", _("Blocked")),
    "locked": ("locked", "lock", _("Locked")),
    "active": ("ok", "check", _("Active")),
    "inactive": ("retired", "archive", pgettext_lazy("person", "Inactive")),
    "added": ("added", "plus", _("Added")),
    "changed": ("changed", "pencil", _("Changed")),
    "moved": ("moved", "move", _("Moved")),
    "removed": ("removed", "close", _("Removed")),
    "inherited": ("todo", "link", _("Inherited")),
    "replaced": ("changed", "pencil", _("Replaced")),
    "left_out": ("removed", "close", pgettext_lazy("step", "Left out")),
    "up_to_date": ("done", "check", _("Up to date")),
    "behind": ("due", "clock", _("Lags behind")),
    "untranslated": ("todo", "clock", _("Not translated yet")),
    "own": ("added", "plus", _("Own step")),
    "new": ("added", "plus", pgettext_lazy("procedure", "New")),
    "major": ("changed", "pencil", _("Major change")),
    "minor": ("todo", "pencil", _("Minor change")),
}

KEPT = 2_000
"""How many fragments a process keeps; a row of the library is 2 kB."""

DAYS_IN_WEEK = 7
DAYS_IN_MONTH = 30.44
DAYS_IN_YEAR = 365.25


@lru_cache(maxsize=128)
def _bare_icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )  # fmt: skip


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The symbol `name` of icons.svg. Without `label` it is decoration beside a word; with one it stands alone."""
    if not label:
        return _bare_icon(name)
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
        label,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def chip(state: str, text: str = "") -> SafeString:
    """The chip of a state: icon and word. `text` replaces the word ("Due 4 Dec"). KeyError for an unknown state."""
    css_state, icon_name, word = CHIPS[state]
    return format_html(
        '<span class="chip" data-state="{}">{}{}</span>', css_state, _bare_icon(icon_name), text or word
    )  # fmt: skip


@register.simple_tag
def kept(template_name: str, **values: Hashable) -> SafeString:
    """The template with nothing but `values`, made once for each language and kept by this process.

    It sees neither request nor person, so that equal values of the same types give the same HTML; the fields of a
    (frozen) dataclass must have one type each. TypeError for a value without a hash, and for a row of the database,
    which stays equal when its columns change.
    """
    named = tuple((name, type(value), value) for name, value in values.items())
    if settings.DEBUG:  # somebody works on the templates
        return _made(template_name, named)
    return _made_once(template_name, named, get_language())


def _made(template_name: str, named: tuple[tuple[str, type, Hashable], ...]) -> SafeString:
    values = {name: value for name, _type, value in named}
    if any(isinstance(value, Model) for value in values.values()):
        raise TypeError(f"{template_name} is kept by values, not by rows of the database.")
    return render_to_string(template_name, values)


@lru_cache(maxsize=KEPT)
def _made_once(template_name: str, named: tuple[tuple[str, type, Hashable], ...], _language: str | None) -> SafeString:
    return _made(template_name, named)


@register.inclusion_tag("sopdesk/_field.html")
def field(bound_field: BoundField, hint: str = "", language: str = "") -> dict[str, object]:
    """A form field with label, control, hint and error, tied together for screen readers.

    `hint` is used where the form field has no help text of its own. `language` is what is written in it, where that is
    not the page's: text is spoken and spelt by it, labels and choices are not.
    """
    if hint and not bound_field.help_text:
        bound_field.help_text = hint
    widget = bound_field.field.widget
    is_group = isinstance(widget, ChoiceWidget) and not isinstance(widget, Select)
    is_check = isinstance(widget, CheckboxInput)
    css_class = ""
    if not is_group and not is_check:
        css_class = "select" if isinstance(widget, Select) else "textarea" if isinstance(widget, Textarea) else "input"
    own_class = widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": f"{css_class} {own_class}".strip()} if css_class else {}
    if language and isinstance(widget, Textarea | TextInput) and not isinstance(widget, DateTimeBaseInput):
        attrs["lang"] = language
    return {
        "field": bound_field,
        "control": "" if is_group else bound_field.as_widget(attrs=attrs),
        "is_group": is_group,
        "is_check": is_check,
    }


@register.inclusion_tag("sopdesk/_error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, object]:
    """Everything that is wrong in `forms`, each sentence a link to its field; nothing when all is well."""
    general = [error for form in forms for error in form.non_field_errors()]
    fields = [bound for form in forms for bound in form.visible_fields() if bound.errors]
    return {"general": general, "fields": fields, "count": len(general) + len(fields)}


@register.inclusion_tag("sopdesk/_page_links.html", takes_context=True)
def page_links(context: template.Context, page_obj: Page) -> dict[str, object]:
    """Links to the other pages of a list; every other parameter of the address stays as it is."""
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return {
        "page": page_obj,
        "numbers": list(numbers),
        "gap": page_obj.paginator.ELLIPSIS,
        "request": context["request"],
    }


@register.filter
def near_date(value: datetime.date | None) -> str:
    """How far `value` (a date or an aware date and time) is from today: "in 14 weeks", "yesterday"; empty for None."""
    if value is None:
        return ""
    day = timezone.localdate(value) if isinstance(value, datetime.datetime) else value
    days = (day - timezone.localdate()).days
    near = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    if days in near:
        return near[days]
    return (
        gettext("in %(time)s") % {"time": _span(days)} if days > 0 else gettext("%(time)s ago") % {"time": _span(-days)}
    )


def _span(days: int) -> str:
    """`days` in the unit people would choose: days up to two weeks, weeks up to half a year, then months, years."""
    if days < 2 * DAYS_IN_WEEK:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days <= 26 * DAYS_IN_WEEK:
        weeks = round(days / DAYS_IN_WEEK)
        return ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}
    if days < 2 * DAYS_IN_YEAR:
        months = round(days / DAYS_IN_MONTH)
        return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    years = round(days / DAYS_IN_YEAR)
    return ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
