"""What is read without logging in: the status of a revision."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from procedures.sharing.status import public_status
from sopdesk.lib.clients import Limit, exceeds
from sopdesk.lib.requests import HtmxRequest

View = Callable[..., HttpResponse]

STATUS_LIMIT = Limit("revision-status", 60, 60)


def public(limit: Limit) -> Callable[[View], View]:
    """For pages behind a token instead of a log-in: kept nowhere, listed nowhere, no address passed on to others; who
    asks more often than `limit` gets 429."""

    def decorate(view: View) -> View:
        @login_not_required
        @never_cache
        @wraps(view)
        def limited(request: HtmxRequest, *args: object, **kwargs: object) -> HttpResponse:
            if exceeds(limit, request):
                response = render(request, "429.html", status=429)
                response["Retry-After"] = str(limit.seconds)
            else:
                response = view(request, *args, **kwargs)
            response["X-Robots-Tag"] = "noindex, nofollow"
            response["Referrer-Policy"] = "no-referrer"
            return response

        return limited

    return decorate


@public(STATUS_LIMIT)
@require_safe
def revision_status(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a revision is current: for whoever holds a printed copy. An unknown token gets the same page with 404."""
    found = public_status(token)
    return render(request, "sharing/status.html", {"found": found}, status=200 if found else 404)
