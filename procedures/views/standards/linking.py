"""References by code: the card that a link shows, what links here, and links that lead nowhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.links import broken_links, links_to, sees_broken_links
from procedures.permissions import get_current_for, get_procedure_for
from procedures.queries import revision_in_force
from procedures.states import State
from sopdesk.lib.errors import Missing


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
def procedure_links(request: HttpRequest, code: str) -> HttpResponse:
    """The texts in force that refer to this one, as far as this person may read them."""
    procedure = get_procedure_for(request.user, code)
    context = {
        "procedure": procedure,
        "current": revision_in_force(procedure),
        "texts": links_to(request.user, code),
    }
    return render(request, "standards/links_here.html", context)


@require_safe
def broken_links_report(request: HttpRequest) -> HttpResponse:
    """The references in texts in force that lead nowhere: an author's own department, or all."""
    if not sees_broken_links(request.user):
        raise Missing(_("There is nothing at this address, or nothing that you may see."))
    return render(request, "standards/broken_links.html", {"links": broken_links(request.user)})
