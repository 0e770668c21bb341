"""What lasts of a procedure from revision to revision."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procedures.actions import drafts
from procedures.forms.procedures import SettingsForm
from procedures.permissions import can_change_settings, can_control, get_procedure_for
from procedures.queries import was_released
from sopdesk.lib.errors import NotPermitted
from sopdesk.lib.merging import BothChanged


@require_http_methods(["GET", "HEAD", "POST"])
def procedure_settings(request: HttpRequest, code: str) -> HttpResponse:
    """Change what lasts: owner, co-authors, kind, risk and audience."""
    procedure = get_procedure_for(request.user, code)
    if not can_change_settings(request.user, procedure):
        raise NotPermitted(_("Only the owner, authors of the department and administrators change this."))
    form = SettingsForm(
        request.POST or None,
        procedure=procedure,
        may_hand_over=can_control(request.user, procedure),
        asks_reason=was_released(procedure),
    )
    if form.is_valid():
        try:
            drafts.change_procedure(
                procedure,
                actor=request.user,
                fields=form.fields_to_change,
                base=form.began,
                reason=form.cleaned_data.get("reason", ""),
                **form.lists,
            )
        except BothChanged as error:
            form.take_conflict(error)
        else:
            messages.success(request, _("The settings of %(code)s are saved.") % {"code": code})
            return redirect("procedure-settings", code=code)
    context = {"form": form, "procedure": procedure}
    return render(request, "procedures/settings.html", context, status=form.status)
