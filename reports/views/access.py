"""Who could do what on a day, for access reviews."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from reports import actions
from reports.access import HEADINGS, access_on
from reports.forms import AccessDayForm
from reports.permissions import require_export
from roles.queries import today
from sopdesk.lib.sheets import write_csv


@require_http_methods(["GET", "POST"])
def audit_access(request: HttpRequest) -> HttpResponse:
    """Everybody as they were on a day; a POST takes the table away, which leaves an entry."""
    require_export(request.user)
    form = AccessDayForm(request.POST if request.method == "POST" else request.GET or None)
    day = form.cleaned_data["day"] if form.is_valid() else today()
    if request.method == "GET":
        return render(request, "reports/access.html", {"form": form, "day": day, "rows": access_on(day)})
    actions.record_export(actor=request.user, format="csv", filters={"access_on": day.isoformat()})
    table = write_csv([list(HEADINGS), *(row.cells() for row in access_on(day))])
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    name = f"access-{day.isoformat()}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    return response
