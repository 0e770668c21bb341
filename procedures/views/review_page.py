"""What the page of a round shows: the redline with its comments, where one stands, what depends on the text."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from procedures.comments import Thread, threads_of
from procedures.comparing import compare
from procedures.content import lifted, revision_content
from procedures.forms.reviewing import GuestForm
from procedures.impact import impact_of
from procedures.models import Revision, Round
from procedures.permissions import can_comment, can_invite
from procedures.preflight import preflight
from procedures.queries import revision_in_force, rounds_of
from procedures.reviewing import has_looked, people_to_invite, round_looked_at
from procedures.views.comparison import CLEAN, SIDE, VIEWS, choices, chosen, named_step, shown_rows

IN_FORCE, LOOK = "in-force", "look"
KEPT_IN_ADDRESS = ("view", "base")
"""What of the address of the page stays when a comment is sent from it."""


def review_context(request: HttpRequest, round: Round, *, is_open: bool) -> dict[str, Any]:
    """Everything on the page but the decision itself. The text of a round that has ended is read elsewhere."""
    revision = round.revision
    current = revision_in_force(revision.procedure)
    context: dict[str, Any] = {
        "current": current,
        "previous_rounds": [other for other in rounds_of(revision) if other.number < round.number],
        "guests": round.guests.select_related("person", "invited_by"),
    }
    if not is_open:
        return context
    may_comment = can_comment(request.user, revision)
    if can_invite(request.user, round):
        context["guest_form"] = GuestForm(people=people_to_invite(round))
    return {
        **context,
        **_text(request, round, current),
        "may_comment": may_comment,
        "may_note_look": may_comment and not has_looked(request.user, round),
        "impact": impact_of(revision, request.user),
        "warnings": preflight(revision).warnings,
    }


def _text(request: HttpRequest, round: Round, current: Revision | None) -> dict[str, Any]:
    """The text compared with what was chosen, and the comments at their steps.

    A first revision that was not looked at before has nothing to be compared with: it is shown as it is.
    """
    revision = round.revision
    content, threads = revision_content(revision), threads_of(revision)
    looked_at = round_looked_at(request.user, round)
    bases = _bases(current, looked_at)
    base = chosen(request, "base", bases) if bases else ""
    view = chosen(request, "view", VIEWS) if bases else CLEAN
    address = round.get_absolute_url()
    context = {
        "view": view,
        "side": view == SIDE,
        "views": choices(request, address, "view", VIEWS, view) if bases else [],
        "bases": choices(request, address, "base", bases, base) if len(bases) > 1 else [],
        "base_label": bases.get(base, ""),
        "language": revision.language,
        "steps": content["steps"],
        "open_comments": sum(not thread.is_resolved for thread in threads),
        "seen_as": "&".join(f"{name}={request.GET[name]}" for name in KEPT_IN_ADDRESS if name in request.GET),
    }
    at_steps: set[str] = set()
    if view != CLEAN:
        old = lifted(looked_at.text.content) if base == LOOK and looked_at else revision_content(current)
        comparison = compare(old, content, shown={str(thread.step_uid) for thread in threads})
        context |= {"comparison": comparison, "rows": shown_rows(comparison, threads)}
        at_steps = {step["uid"] for text in (old, content) for step in text["steps"]}
    context["threads_elsewhere"] = _places(content, [row for row in threads if str(row.step_uid) not in at_steps])
    context["threads_at_steps"] = any(str(thread.step_uid) in at_steps for thread in threads)
    return context


def _bases(current: Revision | None, looked_at: Round | None) -> dict[str, str | Promise]:
    """What the text can be compared with, the usual one first."""
    bases: dict[str, str | Promise] = {}
    if current is not None:
        bases[IN_FORCE] = _("Revision %(number)d, in force") % {"number": current.number}
    if looked_at is not None:
        bases[LOOK] = _("My last look, round %(number)d") % {"number": looked_at.number}
    return bases


def _places(content: dict, threads: Iterable[Thread]) -> list[tuple[str, str, list[Thread]]]:
    """The threads by where they stand, with the uid and name of the place: on the whole, step by step, on steps that
    were removed."""
    names = {step["uid"]: named_step(step, content["language"]) for step in content["steps"]}
    grouped: dict[str, list[Thread]] = defaultdict(list)
    for thread in threads:
        grouped[str(thread.step_uid or "")].append(thread)
    places = [("", _("On the whole")), *names.items()]
    found = [(uid, name, grouped.pop(uid)) for uid, name in places if uid in grouped]
    gone = [thread for rows in grouped.values() for thread in rows]
    return [*found, ("", _("On steps that were removed"), gone)] if gone else found


def address_seen_as(address: str, seen_as: str) -> str:
    """`address` with those parameters of the page from which a comment was sent that belong to it."""
    asked = QueryDict(seen_as[:200])
    kept = QueryDict(mutable=True)
    for name in KEPT_IN_ADDRESS:
        if name in asked:
            kept[name] = asked[name]
    return f"{address}?{kept.urlencode()}" if kept else address
