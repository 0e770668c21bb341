"""Addresses that fail on purpose, beside all real ones."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sopdesk.lib import errors


def fail_with_domain_error(request: HttpRequest, name: str) -> HttpResponse:
    raise getattr(errors, name)("The reason in words.", target=request.GET.get("target", ""))


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("on purpose")


def cached_by_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("own rule", headers={"Cache-Control": "private, max-age=60"})


urlpatterns = [
    path("fail/<str:name>/", fail_with_domain_error),
    path("crash/", crash),
    path("suspicious/", suspicious),
    path("cached-by-view/", cached_by_view),
    path("", include("sopdesk.urls")),
]
