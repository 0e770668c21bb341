"""The buttons beside writing advice: use a suggestion or undo it, keep the sentence, give the advice again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from procedures.actions import advice as actions
from procedures.forms.advice import AdviceForm, UsedForm
from procedures.models import Revision
from procedures.permissions import get_draft_for
from procedures.views.editing.page import Desk, show, uid_in, wants_part
from procedures.views.editing.undoing import undo_suggestion
from sopdesk.lib.errors import Refused


@require_POST
def advice_use(request: HttpRequest, code: str) -> HttpResponse:
    """Put the suggestion into the text, and show the form with it."""
    revision = get_draft_for(request.user, code)
    chosen = _sent(request).chosen
    saved = actions.use_suggestion(revision, chosen, actor=request.user)
    desk = _desk(request, code, _("The suggestion is in the text."))
    desk.advice_undo = undo_suggestion(code, actions.Used(chosen.step, chosen.field, chosen.row, saved.version))
    return _form(request, desk)


@require_POST
def advice_undo(request: HttpRequest, code: str) -> HttpResponse:
    """Put back what stood where a suggestion was used, and show the form with it."""
    revision = get_draft_for(request.user, code)
    form = UsedForm(request.POST)
    if not form.is_valid():
        raise _unclear()
    actions.undo_suggestion(revision, form.place, actor=request.user)
    return _form(request, _desk(request, code, _("The suggestion is undone: the text is as it was before.")))


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
        raise _unclear()
    return form


def _unclear() -> Refused:
    return Refused(_("It is not clear which advice is meant. Reload the page and try again."))


def _desk(request: HttpRequest, code: str, announcement: str) -> Desk:
    revision = get_draft_for(request.user, code)
    return Desk(revision, request.user, uid=uid_in(request.POST, "step"), announcement=announcement, at_advice=True)


def _form(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The form as it is stored now for the script, else the page at the advice, with what can be undone."""
    if wants_part(request):
        return show(request, desk)
    messages.success(request, desk.announcement)
    offer = dict(desk.advice_undo.pairs) if desk.advice_undo else {}
    return redirect(f"{desk.address_with(offer)}#panel-checks")


def _panel(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The panel of checks for the script, else the page."""
    if wants_part(request):
        context = {"desk": desk, "revision": desk.revision, "advice_announcement": desk.announcement}
        return render(request, "procedures/_after_save.html", context)
    messages.success(request, desk.announcement)
    return redirect(f"{desk.address}#panel-checks")
