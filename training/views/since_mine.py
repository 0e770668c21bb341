"""What changed for me: the text in force against the one that this person confirmed last."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procedures.comparing import compare
from procedures.content import revision_content
from procedures.models import Revision
from procedures.permissions import get_current_for
from procedures.states import State
from procedures.views.comparison import ORDERS, VIEWS, chosen, shown_comparison
from roles.models import User
from roles.queries import role_ids_of, today
from sopdesk.lib.errors import DomainError
from training.forms import AcknowledgeForm
from training.models import Acknowledgement
from training.permissions import acknowledges
from training.queries import last_of, reading_of, released_before, released_since, text_of
from training.reading import Worth

MINE_FIRST = sorted(ORDERS, key=lambda order: order != "mine")


@dataclass(frozen=True, slots=True)
class Base:
    """What the text in force is compared with: what was confirmed or read, else what was followed before.

    `text` is None when there is nothing to compare with. `old` is its revision when that has this very text.
    """

    number: int = 0
    text: dict[str, Any] | None = None
    old: Revision | None = None


@require_safe
def compare_since_mine(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_current_for(request.user, code)
    last = last_of(request.user, revision)
    return _answer(request, revision, last, _base_for(request.user, revision, last))


def answer_stale(request: HttpRequest, error: DomainError, *, current: Revision, shown: Revision) -> HttpResponse:
    """The same page with what went wrong, against the text that was on the screen."""
    last = last_of(request.user, current)
    base = _base_of(shown) if shown.number < current.number else _base_for(request.user, current, last)
    return _answer(request, current, last, base, problem=error)


def _base_for(user: User, revision: Revision, last: Acknowledgement | None) -> Base:
    if last is None:
        before = released_before(user, revision)
        return _base_of(before) if before else Base()
    if last.content_hash == last.revision.content_hash:
        return _base_of(last.revision)
    return Base(last.revision.number, text_of(last))


def _base_of(revision: Revision) -> Base:
    return Base(revision.number, revision_content(revision), revision)


def _answer(
    request: HttpRequest,
    revision: Revision,
    last: Acknowledgement | None,
    base: Base,
    *,
    problem: DomainError | None = None,
) -> HttpResponse:
    roles = sorted(role_ids_of(request.user, day=today()).values_list("role_id", flat=True))
    view, order = chosen(request, "view", VIEWS), chosen(request, "order", MINE_FIRST if roles else ORDERS)
    is_in_force = revision.state != State.WITHDRAWN
    context: dict[str, Any] = {
        "procedure": revision.procedure,
        "revision": revision,
        "old": base.old,
        "base": base,
        "last": last,
        "worth": reading_of(last, revision).worth_for(revision.number) if last else None,
        "is_in_force": is_in_force,
        "problem": problem,
    }
    if base.text is not None and context["worth"] != Worth.CURRENT:
        comparison = compare(base.text, revision_content(revision))
        context |= shown_comparison(request, comparison, view=view, order=order, roles=roles)
        context["reasons"] = [row for row in released_since(base.number, revision) if row.change_summary]
    if is_in_force and acknowledges(request.user) and context["worth"] != Worth.CURRENT:
        shown = {"number": revision.number, "content_hash": revision.content_hash}
        context["form"] = AcknowledgeForm(initial=shown)
    return render(request, "training/since_mine.html", context, status=problem.status if problem else 200)
