"""How the firm's documents look."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.firm import change_firm, logo_url, the_firm
from roles.firmforms import FirmForm
from roles.history import events_of
from roles.permissions import can_administer, check_administers, check_sees_people
from roles.views.common import done, posted


@require_http_methods(["GET", "POST"])
def firm(request: HttpRequest) -> HttpResponse:
    """Name, logo and colour for the firm's documents; administrators change them here."""
    check_sees_people(request.user)
    firm = the_firm()
    form = FirmForm(posted(request), request.FILES or None, firm=firm) if can_administer(request.user) else None
    if request.method == "POST":
        check_administers(request.user)
        changed = done(
            form, lambda: change_firm(actor=request.user, fields=form.values, logo=form.logo_bytes, base=form.began)
        )
        if changed:
            messages.success(request, _("Saved. Documents that are made from now on look like this."))
            return redirect("firm")
    context = {"firm": firm, "form": form, "logo": logo_url(firm), "events": events_of(firm)}
    return render(request, "roles/firm.html", context, status=form.status if form else 200)
