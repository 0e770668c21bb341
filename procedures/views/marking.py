"""What people mark for themselves: star, watch, what they opened. Everything works as a plain form."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import marking
from procedures.browsing.marks import favourites_of, openings_of, watches_of
from procedures.browsing.permissions import get_procedure_to_mark_for, is_told_of
from procedures.queries import revision_in_force
from sopdesk.lib.requests import HtmxRequest


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's favourites, and what one has opened last."""
    context = {"favourites": favourites_of(request.user), "openings": openings_of(request.user)}
    return render(request, "browsing/mine.html", context)


@require_POST
def favourite(request: HtmxRequest, code: str) -> HttpResponse:
    """Put the star on, or (`on=0`) take it off; answers htmx with the button as it is now."""
    procedure = get_procedure_to_mark_for(request.user, code)
    on = request.POST.get("on") != "0"
    marking.set_favourite(procedure, actor=request.user, on=on)
    if request.htmx:
        return render(request, "browsing/_star.html", {"code": code, "is_on": on, "with_word": "word" in request.GET})
    said = _("%(code)s is among your favourites.") if on else _("%(code)s is no longer among your favourites.")
    messages.success(request, said % {"code": code})
    return redirect(_back(request, reverse("procedure", args=[code])))


@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HtmxRequest, code: str) -> HttpResponse:
    """Ask whether to watch or to stop (mails lead here); a POST does it, `on=0` stops."""
    procedure = get_procedure_to_mark_for(request.user, code)
    if request.method != "POST":
        is_on = is_told_of(request.user, procedure)
        context = {"procedure": procedure, "revision": revision_in_force(procedure), "is_on": is_on}
        return render(request, "browsing/watch.html", context)
    on = request.POST.get("on") != "0"
    marking.set_watch(procedure, actor=request.user, on=on)
    if request.htmx:
        return render(request, "browsing/_watch.html", {"code": code, "is_on": on})
    said = _("You are told from now on what happens to %(code)s.") if on else _("You no longer watch %(code)s.")
    messages.success(request, said % {"code": code})
    return redirect(_back(request, reverse("procedure", args=[code])))


@require_safe
def watching(request: HttpRequest) -> HttpResponse:
    """What one watches."""
    return render(request, "browsing/watching.html", {"watched": watches_of(request.user)})


@require_POST
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """Note that somebody reads a procedure; their browser says so, since a GET changes nothing."""
    marking.note_opened(get_procedure_to_mark_for(request.user, code), actor=request.user)
    return HttpResponse(status=204)


@require_POST
def opened_forget(request: HttpRequest) -> HttpResponse:
    """Empty the list of what one has opened."""
    marking.forget_opened(actor=request.user)
    messages.success(request, _("The list is empty."))
    return redirect("library-mine")


def _back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours from which the button was pressed."""
    here = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(here, allowed_hosts=None) and here.startswith("/")
    return here if is_ours else otherwise
