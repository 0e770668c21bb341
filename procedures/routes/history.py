"""What the trail says about a route, in words for its page."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from audit import names, trail
from procedures.models import Route
from procedures.routes.specs import stage_in_words
from roles.history import Event, Value, events_of

WORDS: dict[str, str | Promise] = {
    names.ROUTE_ADD: pgettext_lazy("route", "Added"),
    names.ROUTE_CHANGE: pgettext_lazy("route", "Changed"),
    names.ROUTE_DEACTIVATE: pgettext_lazy("route", "Deactivated"),
    names.ROUTE_ACTIVATE: pgettext_lazy("route", "Activated"),
    names.ROUTE_DELETE: pgettext_lazy("route", "Deleted"),
}
LATEST = 50


def history_of(route: Route) -> list[Event]:
    """The latest events of `route`, newest first, with what changed in every stage and the version that came of it."""
    events = events_of(route, words=WORDS, unseen=("stages", "version"), limit=LATEST)
    entries = trail.entries_for(route).order_by("-seq")[:LATEST]
    for event, entry in zip(events, entries, strict=True):
        event.values.extend(_values(entry.data))
    return events


def _values(data: Mapping) -> Iterator[Value]:
    stages = data.get("stages", [])
    old, new = (stages["old"], stages["new"]) if isinstance(stages, Mapping) else ([], stages)
    is_change = isinstance(stages, Mapping)
    for number, (before, after) in enumerate(zip_longest(old, new), start=1):
        if before != after:
            yield Value(
                _("Stage %(number)d") % {"number": number},
                stage_in_words(after) if after else "–",
                (stage_in_words(before) if before else "–") if is_change else None,
            )
    if "version" in data:
        yield Value(_("Version"), str(data["version"]))
