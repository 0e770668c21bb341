"""How two texts are shown beside each other: views kept in the address, rows with their comments, the compare page."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import quote_etag
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from notifications.queries import unread_count
from procedures.comments import Thread
from procedures.comparing import Comparison, Fold, StepComparison, compare, mine_first
from procedures.content import revision_content
from procedures.models import Revision
from procedures.permissions import get_procedure_for, get_revision_for
from procedures.redline.words import SAME
from procedures.views.reader import page_version
from roles.queries import role_ids_of, today
from sopdesk.lib.errors import Missing
from sopdesk.lib.languages import in_language

INLINE, SIDE, CLEAN = "inline", "side", "clean"
VIEWS: dict[str, str | Promise] = {
    INLINE: gettext_lazy("Inline"),
    SIDE: gettext_lazy("Side by side"),
    CLEAN: gettext_lazy("New text"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to another view of the same page; `name` tells it from the others."""

    name: str
    label: str | Promise
    url: str
    is_current: bool


def choices(
    request: HttpRequest, address: str, parameter: str, options: dict[str, str | Promise], current: str
) -> list[Choice]:
    """A link per option to the page at `address` that sets `parameter` and leaves the others as they are."""
    found = []
    for name, label in options.items():
        query = request.GET.copy()
        query[parameter] = name
        found.append(Choice(name, label, f"{address}?{query.urlencode()}", name == current))
    return found


def named_step(step: dict, language: str) -> SafeString:
    """“Step 3: …” as a heading of the page, the title marked as being in `language`."""
    pattern = _("Step %(number)d: %(title)s") % {"number": step["number"], "title": "{}"}
    return format_html(pattern, in_language(step["title"], language))


def chosen(request: HttpRequest, parameter: str, options: Iterable[str]) -> str:
    """What `parameter` says in the address, if it is one of `options`; else the first of them."""
    names = list(options)
    name = request.GET.get(parameter, "")
    return name if name in names else names[0]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A step or a fold as it stands on the page. `position` counts the changes, from 1; 0 for what did not change."""

    row: StepComparison | Fold
    position: int = 0
    threads: list[Thread] = field(default_factory=list)

    @property
    def is_fold(self) -> bool:
        return isinstance(self.row, Fold)

    @property
    def open_threads(self) -> list[Thread]:
        return [thread for thread in self.threads if not thread.is_resolved]

    @property
    def resolved_threads(self) -> list[Thread]:
        return [thread for thread in self.threads if thread.is_resolved]


def shown_rows(comparison: Comparison, threads: Iterable[Thread] = ()) -> list[ShownRow]:
    """The rows of `comparison` with their numbers, and with the threads on their steps."""
    by_step: dict[str, list[Thread]] = {}
    for thread in threads:
        by_step.setdefault(str(thread.step_uid), []).append(thread)
    rows, position = [], 0
    for row in comparison.rows:
        if isinstance(row, Fold):
            rows.append(ShownRow(row))
            continue
        is_change = row.kind != SAME
        position += is_change
        rows.append(ShownRow(row, position if is_change else 0, by_step.get(row.step["uid"], [])))
    return rows


# The compare page --------------------------------------------------------------------------------------------

ORDERS: dict[str, str | Promise] = {
    "text": gettext_lazy("In the order of the text"),
    "mine": gettext_lazy("Steps of my roles first"),
}


@require_safe
def compare_choose(request: HttpRequest, code: str) -> HttpResponse:
    """From the two revisions chosen on the history page to the page that compares them, the earlier one first."""
    procedure = get_procedure_for(request.user, code)
    numbers = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(number.isdecimal() and len(number) < 10 for number in numbers):
        messages.info(request, _("Choose two revisions to compare."))
        return redirect("history", code=procedure.code)
    first, second = sorted(map(int, numbers))
    return redirect("compare", code=procedure.code, a=first, b=second)


@require_safe
def compare_revisions(request: HttpRequest, code: str, a: int, b: int) -> HttpResponse:
    """What differs between two revisions that the person may see; 404 for any other, as if it did not exist."""
    old, new = (get_revision_for(request.user, code, number) for number in (a, b))
    if old.content is None and new.content is None and old != new:
        raise Missing()
    roles = sorted(role_ids_of(request.user, day=today()).values_list("role_id", flat=True))
    view, order = chosen(request, "view", VIEWS), chosen(request, "order", ORDERS)
    etag = _fingerprint(request, old, new, view, order, roles)
    response = get_conditional_response(request, etag=quote_etag(etag)) if etag else None
    if response is None:
        comparison = compare(revision_content(old), revision_content(new))
        context = shown_comparison(request, comparison, view=view, order=order, roles=roles)
        context |= {"procedure": new.procedure, "revision": new, "old": old}
        response = render(request, "procedures/compare.html", context)
    if etag:
        response["ETag"] = quote_etag(etag)
    return response


def shown_comparison(
    request: HttpRequest, comparison: Comparison, *, view: str, order: str, roles: Sequence[int]
) -> dict[str, Any]:
    """What `procedures/_compared_texts.html` shows of `comparison`, apart from the revisions. `roles` are those of the
    person; without any there is nothing to choose an order by."""
    ordered = mine_first(comparison, roles) if order == "mine" else comparison
    return {
        "comparison": comparison,
        "rows": shown_rows(ordered),
        "view": view,
        "side": view == SIDE,
        "views": choices(request, request.path, "view", VIEWS, view),
        "orders": choices(request, request.path, "order", ORDERS, order) if roles else [],
        "language": comparison.new["language"],
    }


def _fingerprint(
    request: HttpRequest, old: Revision, new: Revision, view: str, order: str, roles: list[int]
) -> str | None:
    """A value that changes whenever the page would; None for a draft, a message to show, and for developers."""
    if settings.DEBUG or not (old.content_hash and new.content_hash) or len(messages.get_messages(request)):
        return None
    user = request.user
    unread = request.unread_notices = unread_count(user)  # type: ignore[attr-defined]  # the shell looks here first
    shown = (
        page_version(), get_language(), view, order, roles, unread, user.pk, str(user), user.access, user.theme,
        user.keys_enabled, request.META.get("CSRF_COOKIE"),
        *((row.content_hash, row.number, row.state, row.effective_on) for row in (old, new)),
    )  # fmt: skip
    return hashlib.sha256(repr(shown).encode()).hexdigest()
