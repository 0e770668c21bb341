"""The page on which a text is put in force before it is approved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procedures.actions import emergency as emergencies
from procedures.forms.emergency import EmergencyForm
from procedures.permissions import get_open_for, require_issue
from procedures.queries import open_round
from procedures.staffing.stuck import stuck_reasons
from roles.errors import NotProved
from roles.signing import requirements_for


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_open_for(request.user, code)
    require_issue(request.user, revision)
    needs = requirements_for(request.user)
    form = EmergencyForm(request.POST or None, needs=needs, initial={"content_hash": revision.content_hash})
    if form.is_valid():
        try:
            issue = emergencies.issue_emergency(revision, actor=request.user, **form.issue)
        except NotProved as error:
            form.take_error(error)
        else:
            day = date_format(issue.until, "DATE_FORMAT")
            messages.success(request, _("In force until %(day)s. Its review goes on.") % {"day": day})
            if stuck_reasons(issue.round):
                messages.warning(request, _("Without you nobody can complete the review: put somebody else in."))
            return redirect("procedure", code=code)
    context = {"form": form, "needs": needs, "revision": revision, "round": open_round(revision)}
    status = 403 if form.is_bound and form.lacks_proof else 422 if form.is_bound else 200
    return render(request, "procedures/emergency.html", context, status=status)
