"""The page on which an owner confirms that a text in force is still valid."""

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procedures.actions import confirming
from procedures.forms.confirming import ConfirmForm
from procedures.permissions import get_current_for, require_confirm
from roles.errors import NotProved
from roles.queries import today
from roles.signing import requirements_for


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_current_for(request.user, code)
    require_confirm(request.user, revision)
    needs = requirements_for(request.user)
    shown = {"number": revision.confirmations.count() + 1, "content_hash": revision.content_hash}
    form = ConfirmForm(request.POST or None, needs=needs, initial=shown)
    if form.is_valid():
        try:
            confirmation = confirming.confirm_revision(revision, actor=request.user, **form.confirmation)
        except NotProved as error:
            form.take_error(error)
        else:
            day = date_format(confirmation.next_review_on, "DATE_FORMAT")
            messages.success(request, _("Confirmed. The next review is due on %(day)s.") % {"day": day})
            return redirect("procedure", code=code)
    context = {
        "form": form,
        "needs": needs,
        "revision": revision,
        "next_review_on": today() + relativedelta(months=revision.review_interval_months),
    }
    status = 403 if form.is_bound and form.lacks_proof else 422 if form.is_bound else 200
    return render(request, "procedures/confirm.html", context, status=status)
