"""References by code: the card that a link shows, what links here, and links that lead nowhere."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from procedures.actions.linkchecks import ask_for_link_check
from procedures.externallinks import report_for
from procedures.links import broken_links, circles, links_from, links_to, sees_broken_links, users_of
from procedures.permissions import get_current_for, get_procedure_for
from procedures.queries import revision_in_force
from procedures.states import State
from sopdesk.lib.errors import Missing
from sopdesk.lib.requests import HtmxRequest


@require_safe
def procedure_card(request: HttpRequest, code: str) -> HttpResponse:
    """What a link to a procedure shows on hover and focus: title, kind, state and the first line."""
    revision = get_current_for(request.user, code)
    state = State.WITHDRAWN if revision.state == State.WITHDRAWN else State.PUBLISHED
    first_line = next((line.strip() for line in revision.purpose.splitlines() if line.strip()), "")
    context = {"revision": revision, "procedure": revision.procedure, "state": state, "first_line": first_line}
    response = render(request, "standards/_card.html", context)
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
def procedure_links(request: HtmxRequest, code: str) -> HttpResponse:
    """The texts in force that this one refers to, that have it carried out as a step, and that refer to it, as far as
    this person may read them; for htmx the lists alone."""
    procedure = get_procedure_for(request.user, code)
    context = {
        "procedure": procedure,
        "current": revision_in_force(procedure),
        "targets": links_from(request.user, procedure),
        "users": users_of(request.user, procedure),
        "texts": links_to(request.user, code),
        "is_fragment": request.htmx,
    }
    page = "standards/_related.html" if request.htmx else "standards/links_here.html"
    response = render(request, page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def broken_links_report(request: HtmxRequest) -> HttpResponse:
    """The references in texts in force that lead nowhere or in circles, and what the last check of external links has
    brought: an author's own department, or all. For htmx the part about the check."""
    if not sees_broken_links(request.user):
        raise Missing()
    context = {"report": report_for(request.user), "sites": settings.LINK_CHECK_HOSTS}
    if request.htmx:
        return render(request, "standards/broken_links.html#external", context)
    context |= {"links": broken_links(request.user), "circles": circles(request.user)}
    return render(request, "standards/broken_links.html", context)


@require_POST
def links_check(request: HttpRequest) -> HttpResponse:
    """Have the external links looked at."""
    if not sees_broken_links(request.user):
        raise Missing()
    ask_for_link_check(actor=request.user)
    return redirect(reverse("standards-links") + "#external-links")
