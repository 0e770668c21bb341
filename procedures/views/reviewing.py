"""Around the deciding: noting that one has looked, inviting readers to comment and taking that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from procedures.actions import reviewing as actions
from procedures.forms.reviewing import GuestForm
from procedures.permissions import get_guest_for, get_round_for, get_round_to_host_for
from procedures.reviewing import people_to_invite
from sopdesk.lib.errors import Refused


@require_POST
def review_look(request: HttpRequest, pk: int) -> HttpResponse:
    round = get_round_for(request.user, pk)
    actions.note_look(round, actor=request.user)
    messages.success(request, _("Noted. If this comes back in another round, you can compare it with this text."))
    return redirect("review", pk=pk)


@require_POST
def guest_invite(request: HttpRequest, pk: int) -> HttpResponse:
    round = get_round_to_host_for(request.user, pk)
    form = GuestForm(request.POST, people=people_to_invite(round))
    if not form.is_valid():
        raise Refused(_("Choose somebody who does not comment here already."), target=round.get_absolute_url())
    guest = actions.invite_guest(round, actor=request.user, person=form.cleaned_data["person"])
    messages.success(request, _("%(name)s is asked for comments.") % {"name": guest.person})
    return redirect("review", pk=pk)


@require_POST
def guest_remove(request: HttpRequest, pk: int, guest: int) -> HttpResponse:
    found = get_guest_for(request.user, pk, guest)
    actions.remove_guest(found, actor=request.user)
    messages.success(request, _("%(name)s is not asked any more.") % {"name": found.person})
    return redirect("review", pk=pk)
