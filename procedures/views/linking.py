"""The share links of a procedure, for those who look after it: making, listing, revoking."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from procedures.actions import sharing as actions
from procedures.forms.sharing import RevokeLinkForm, ShareForm
from procedures.models import Audience
from procedures.sharing.links import followed
from procedures.sharing.listing import link_rows
from procedures.sharing.permissions import (
    get_link_for,
    get_procedure_with_links_for,
    why_not_share,
)
from roles.queries import today
from sopdesk.lib.errors import Refused
from sopdesk.lib.qr import qr_svg

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def share_links(request: HttpRequest, code: str) -> HttpResponse:
    """The links of a procedure and the form for another one. The answer to the form shows the link, once: it is kept
    nowhere, not even on the way to another page."""
    procedure = get_procedure_with_links_for(request.user, code)
    form = ShareForm(request.POST or None)
    made = None
    if form.is_valid():
        try:
            link, token = actions.make_link(procedure, actor=request.user, **form.link)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            url = settings.BASE_URL + reverse("shared", args=[token])
            made = {"link": link, "url": url, "qr": qr_svg(url, label=_("QR code of the link"))}
            form = ShareForm()
    page = Paginator(procedure.share_links.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "procedure": procedure,
        "revision": followed(procedure, today()),
        "is_restricted": procedure.audience != Audience.EVERYONE,
        "form": form,
        "made": made,
        "why_not": why_not_share(request.user, procedure),
        "page_obj": page,
        "rows": link_rows(request.user, procedure, [link.pk for link in page]),
    }
    return render(request, "sharing/links.html", context, status=422 if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def share_link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then end a link."""
    link = get_link_for(request.user, pk)
    form = RevokeLinkForm(request.POST or None)
    if form.is_valid():
        actions.revoke_link(link, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Revoked. Nobody reads anything by this link any more."))
        return redirect("share-links", code=link.procedure.code)
    return render(request, "sharing/revoke.html", {"link": link, "form": form}, status=422 if form.is_bound else 200)


@require_safe
def share_link_openings(request: HttpRequest, pk: int) -> HttpResponse:
    """Who opened a link: when, from which network, with which kind of program."""
    link = get_link_for(request.user, pk, reads=True)
    page = Paginator(link.openings.all(), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "sharing/openings.html", {"link": link, "page_obj": page, "kept_days": settings.SHARE_LOG_DAYS}
    )
