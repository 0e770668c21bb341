"""What happens around every view: the person's language and caching rules, and domain errors as pages."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from sopdesk.lib.errors import Conflict, DomainError, InvalidTransition, Refused
from sopdesk.lib.offline import READER, is_offered, reader_key
from sopdesk.lib.requests import HtmxRequest

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponseBase]


class PersonMiddleware:
    """The language that a person chose wins over the browser's, and what they see stays out of shared caches.

    Pages may be kept by the person's own browser but are asked for again each time (`no-cache`), so that a 304 is
    possible and nobody follows a procedure that was superseded a minute ago. A view that set its own rule keeps it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
        if user.is_authenticated and is_offered():
            response.headers[READER] = reader_key(user.pk)
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Who sent a form after the session had ended comes back to the page with the form once signed in: the address that
    takes the form may have no page."""

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseRedirect:
        came_from = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
            page = urlsplit(came_from)._replace(scheme="", netloc="", fragment="").geturl()
            return redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
        return super().handle_no_permission(request, view_func)


class DomainErrorMiddleware:
    """Turns `DomainError` into what the person sees: a message and the way back, a page, or a fragment for htmx; and
    gives a page to who opens the address of a form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            page = render(request, "405.html", status=response.status_code)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HtmxRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if request.htmx:
            return render(
                request,
                "sopdesk/_problem.html",
                {"problem": error},
                status=error.status,
            )
        if isinstance(error, InvalidTransition | Refused) and _can_go_to(request, error.target):
            messages.error(request, error.message)
            return redirect(error.target)
        context = {"problem": error, "is_conflict": isinstance(error, Conflict)}
        return render(request, f"{error.status}.html", context, status=error.status)


def _can_go_to(request: HttpRequest, target: str) -> bool:
    """Only a form that was sent is answered by going elsewhere: a page that fails to show would send us in circles."""
    return request.method == "POST" and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
