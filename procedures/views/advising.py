"""The buttons beside writing advice: use a suggestion, keep the sentence, give the advice again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from procedures.actions import advice as actions
from procedures.forms.advice import AdviceForm
from procedures.models import Revision
from procedures.permissions import get_draft_for
from procedures.views.editing.page import Desk, show, uid_in, wants_part
from sopdesk.lib.errors import Refused


@require_POST
def advice_use(request: HttpRequest, code: str) -> HttpResponse:
    """Put the suggestion into the text, and show the form with it."""
    revision = get_draft_for(request.user, code)
    actions.use_suggestion(revision, _sent(request).chosen, actor=request.user)
    desk = _desk(request, code, _("The suggestion is in the text."))
    if wants_part(request):
        return show(request, desk)
    messages.success(request, desk.announcement)
    return redirect(desk.address)


@require_POST
def advice_keep(request: HttpRequest, code: str) -> HttpResponse:
    """Leave a sentence as it is; its advice is not given again."""
    chosen = _sent(request).chosen
    revision: Revision = get_draft_for(request.user, code)
    actions.keep_advice(revision, actor=request.user, rule=chosen.rule, key=chosen.key)
    return _panel(request, _desk(request, code, _("Kept as it is. You find it below, under “Kept”.")))


@require_POST
def advice_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Undo a “Keep”."""
    chosen = _sent(request).chosen
    revision: Revision = get_draft_for(request.user, code)
    actions.give_again(revision, actor=request.user, rule=chosen.rule, key=chosen.key)
    return _panel(request, _desk(request, code, _("The advice is given again.")))


def _sent(request: HttpRequest) -> AdviceForm:
    form = AdviceForm(request.POST)
    if not form.is_valid():
        raise Refused(_("It is not clear which advice is meant. Reload the page and try again."))
    return form


def _desk(request: HttpRequest, code: str, announcement: str) -> Desk:
    revision = get_draft_for(request.user, code)
    return Desk(revision, request.user, uid=uid_in(request.POST, "step"), announcement=announcement)


def _panel(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The panel of checks for the script, else the page."""
    if wants_part(request):
        context = {"desk": desk, "revision": desk.revision, "advice_announcement": desk.announcement}
        return render(request, "procedures/_after_save.html", context)
    messages.success(request, desk.announcement)
    return redirect(f"{desk.address}#panel-checks")
