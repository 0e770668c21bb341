"""Manuals: one's own, a new one, how far one is, and its PDF."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import manuals as actions
from procedures.forms.library import LibraryQuery
from procedures.forms.manuals import ManualForm
from procedures.manuals.permissions import (
    can_read,
    get_manual_for,
    get_manual_to_read_for,
    manuals_of,
)
from procedures.manuals.selecting import MOST, Selection, in_words, outdated, select
from procedures.models import Manual, ManualState
from procedures.views.reading import answer_file
from sopdesk.lib.errors import Refused
from sopdesk.lib.requests import HtmxRequest

SHOWN = 20


@require_safe
def manuals(request: HttpRequest) -> HttpResponse:
    """One's own manuals, latest first."""
    return render(request, "manuals/manuals.html", {"manuals": manuals_of(request.user).select_related("file")[:50]})


@require_http_methods(["GET", "POST"])
def manual_new(request: HttpRequest) -> HttpResponse:
    """Ask for a manual of what the library lists for this address, or of codes."""
    asked = LibraryQuery.read(request.GET)
    selection = Selection(asked.words, asked.chosen)
    words = in_words(selection)
    form = ManualForm(
        request.POST or None, user=request.user, asked=asked, initial={"title": _title(selection, words)}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            manual = actions.request_manual(
                actor=request.user, title=form.cleaned_data["title"], selection=form.selection
            )  # fmt: skip
            return redirect(manual)
        except Refused as error:
            form.add_error(None, error.message)
    found = select(request.user, selection).select_related("procedure").defer("content", "rendered")
    context = {
        "form": form, "words": words, "count": found.count(), "found": found[:SHOWN], "most": MOST,
        "library_address": asked.address(),
    }  # fmt: skip
    return render(request, "manuals/new.html", context, status=422 if form.errors else 200)


def _title(selection: Selection, words: list[str]) -> str:
    has_any = selection.words or selection.chosen
    return _("Manual – %(what)s") % {"what": "; ".join(words)} if has_any else _("Manual of procedures")


@require_safe
def manual(request: HtmxRequest, pk: int) -> HttpResponse:
    """How far a manual is, and when it is ready the way to it; for htmx the part that changes meanwhile."""
    found = get_manual_for(request.user, pk)
    is_fragment = request.htmx and not request.htmx.history_restore_request
    items = list(found.items.select_related("revision__procedure").defer("revision__content", "revision__rendered"))
    context = {
        "manual": found,
        "words": in_words(Selection.from_json(found.selection)),
        "items": items,
        "outdated": outdated(items),
        "may_read": found.state == ManualState.READY and can_read(request.user, found),
        "is_stalled": _is_stalled(found),
        "is_fragment": is_fragment,
    }
    response = render(request, "manuals/manual.html#progress" if is_fragment else "manuals/manual.html", context)
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def _is_stalled(manual: Manual) -> bool:
    return manual.is_unfinished and manual.moved_at < timezone.now() - actions.STALLED_AFTER


@require_safe
def manual_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for who asked for it and may still read all of it."""
    found = get_manual_to_read_for(request.user, pk)
    response = answer_file(request, found.file)
    name = f"{slugify(found.title)[:60] or 'manual'}-{_day(found):%Y-%m-%d}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or "inline"
    response["Cache-Control"] = "private, no-cache"
    return response


def _day(manual: Manual) -> datetime.date:
    return timezone.localdate(manual.as_of)


@require_POST
def manual_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a manual off."""
    found = actions.cancel_manual(get_manual_for(request.user, pk), actor=request.user)
    messages.success(request, _("“%(title)s” was cancelled.") % {"title": found})
    return redirect(found)


@require_POST
def manual_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a manual away."""
    found = get_manual_for(request.user, pk)
    actions.delete_manual(found, actor=request.user)
    messages.success(request, _("“%(title)s” was deleted.") % {"title": found})
    return redirect("manuals")


@require_POST
def manual_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin with it again."""
    return redirect(actions.retry_manual(get_manual_for(request.user, pk), actor=request.user))
