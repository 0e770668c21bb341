"""“I have read and understood”: the button at the end of a text."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from procedures.errors import StaleContent
from procedures.models import Revision
from procedures.permissions import get_current_for, get_revision_for
from sopdesk.lib.errors import Missing, Refused
from training import actions
from training.forms import AcknowledgeForm
from training.views.since_mine import answer_stale


@require_POST
def acknowledge(request: HttpRequest, code: str) -> HttpResponse:
    """Who sends a page that is out of date gets what is in force, compared with what they read, and confirms that."""
    current = get_current_for(request.user, code)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say which text you have read."), target=current.procedure.get_absolute_url())
    shown = _shown(request, current, form.cleaned_data["number"])
    try:
        actions.acknowledge_revision(shown, actor=request.user, content_hash=form.cleaned_data["content_hash"])
    except StaleContent as error:
        return answer_stale(request, error, current=current, shown=shown)
    messages.success(request, _("Confirmed. Thank you."))
    return redirect("procedure", code=code)


def _shown(request: HttpRequest, current: Revision, number: int) -> Revision:
    """The revision that was on the screen. An emergency issue that has run out is for its readers no more: what is in
    force stands for it, and its hash will not fit."""
    try:
        return get_revision_for(request.user, current.procedure.code, number)
    except Missing:
        return current
