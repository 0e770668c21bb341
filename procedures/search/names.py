"""What the values of the library's filters are called that are no rows of a table."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procedures.search.facets import Facet, Mine, Source
from procedures.search.standings import Standing

VALUES: dict[Facet, dict[str, str | Promise]] = {
    Facet.MINE: {
        Mine.OWNER: _("I own it"),
        Mine.ROLE: _("My roles take part in it"),
        Mine.FAVOURITE: _("My favourites"),
        Mine.WATCHED: _("I watch it"),
    },
    Facet.STATUS: {
        Standing.CURRENT: _("In force"),
        Standing.DUE: _("Review due soon"),
        Standing.OVERDUE: _("Review overdue"),
        Standing.EMERGENCY: _("Emergency issue"),
    },
    Facet.SOURCE: {Source.NEWER: _("Parent or original revised since")},
}


def value_name(facet: Facet, value: str) -> str:
    """The word for a value of `facet`; the value itself when it is not known any more."""
    return str(VALUES[facet].get(value, value))
