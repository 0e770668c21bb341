"""What is read without logging in: the status of a revision, and texts that were shared by link."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from procedures.actions.sharing import open_link, try_password
from procedures.content import revision_content
from procedures.deviations.showing import holding_at
from procedures.forms.sharing import LinkPasswordForm
from procedures.mermaid import diagram_in, diagram_sources
from procedures.models import Revision, ShareLink
from procedures.rendering import contents_of
from procedures.sharing.copy import parts_of, shared_document
from procedures.sharing.links import link_of_token, shown_by
from procedures.sharing.status import public_status
from procedures.signatures import check_signatures
from procedures.views.charts import POLICY, SVG
from roles.queries import today
from sopdesk.lib.clients import Limit, exceeds, network_of
from sopdesk.lib.errors import Missing, Refused
from sopdesk.lib.files import read_stored
from sopdesk.lib.programs import program_of
from sopdesk.lib.requests import HtmxRequest

View = Callable[..., HttpResponse]

STATUS_LIMIT = Limit("revision-status", 60, 60)
SHARED_LIMIT = Limit("shared", 60, 60)
FILES_LIMIT = Limit("shared-files", 600, 60)
UNLOCKED = "shared"
UNLOCKED_SECONDS = 12 * 3600


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
            response.headers.setdefault("Referrer-Policy", "no-referrer")
            return response

        return limited

    return decorate


@public(STATUS_LIMIT)
@require_safe
def revision_status(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a revision is current: for whoever holds a printed copy. An unknown token gets the same page with 404."""
    found = public_status(token)
    return render(request, "sharing/status.html", {"found": found}, status=200 if found else 404)


# Shared copies -----------------------------------------------------------------------------------------------


@public(SHARED_LIMIT)
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HtmxRequest, token: str) -> HttpResponse:
    """The shared copy; the question for the password before it; or the same 404 for a link that has ended, which says
    so, and for one that never was."""
    link = link_of_token(token)
    revision = shown_by(link, today()) if link else None
    if link is None or revision is None:
        return render(request, "sharing/gone.html", {"link": link}, status=404)
    if link.password and not _is_unlocked(request, link):
        return _ask_for_password(request, link, token)
    check_signatures(revision)
    if request.method != "HEAD":
        program = program_of(request.headers.get("User-Agent", ""))
        open_link(link, revision=revision, network=network_of(request), program=program)
    content = revision_content(revision)
    deviations = holding_at(revision)
    document = shared_document(revision, content, address=reverse("shared", args=[token]))
    context = {
        "link": link,
        "revision": revision,
        "document": document,
        "parts": parts_of(deviations),
        "deviations": deviations,
        "contents": contents_of(content),
    }
    return render(request, "sharing/shared.html", context)


def _ask_for_password(request: HtmxRequest, link: ShareLink, token: str) -> HttpResponse:
    form = LinkPasswordForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            if try_password(link, form.cleaned_data["password"]):
                return _unlock(redirect("shared", token=token), request, link)
            form.add_error("password", _("This password is not right."))
        except Refused as error:
            form.add_error(None, error.message)
    response = render(request, "sharing/password.html", {"form": form}, status=status)
    response["Referrer-Policy"] = "same-origin"  # with none at all, browsers hide the origin that the CSRF check asks
    return response


def _unlock(response: HttpResponse, request: HtmxRequest, link: ShareLink) -> HttpResponse:
    """Remember in this browser, below this address only, that the password was given."""
    response.set_signed_cookie(
        UNLOCKED, str(link.pk), salt=link.password, max_age=UNLOCKED_SECONDS, path=request.path, httponly=True,
        secure=request.is_secure(), samesite="Strict",
    )  # fmt: skip
    return response


def _is_unlocked(request: HtmxRequest, link: ShareLink) -> bool:
    found = request.get_signed_cookie(UNLOCKED, default="", salt=link.password, max_age=UNLOCKED_SECONDS)
    return found == str(link.pk)


def _readable(request: HtmxRequest, token: str) -> Revision:
    """The revision whose pictures `token` opens. Raises Missing when it shows none, or its password was not given."""
    link = link_of_token(token)
    revision = shown_by(link, today()) if link else None
    if link is None or revision is None or (link.password and not _is_unlocked(request, link)):
        raise Missing()
    return revision


@public(FILES_LIMIT)
@require_safe
def shared_file(request: HtmxRequest, token: str, key: str) -> HttpResponse:
    """A picture of a shared text."""
    found = _readable(request, token).attachments.select_related("file").filter(key=key).first()
    if found is None:
        raise Missing()
    response = HttpResponse(read_stored(found.file.name), content_type=found.file.content_type)
    return _sandboxed(response, "default-src 'none'; sandbox")


@public(FILES_LIMIT)
@require_safe
def shared_diagram(request: HtmxRequest, token: str, key: str) -> HttpResponse:
    """A drawn diagram of a shared text."""
    found = diagram_in(diagram_sources(revision_content(_readable(request, token))), key)
    if found is None:
        raise Missing(_("There is no such diagram in this text."))
    return _sandboxed(HttpResponse(found.svg, content_type=SVG), POLICY)


def _sandboxed(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
