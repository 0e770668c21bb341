"""The auditor's pack of a procedure."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from reports import actions
from reports.permissions import get_procedure_to_pack_for


@require_http_methods(["GET", "POST"])
def procedure_pack(request: HttpRequest, code: str) -> HttpResponse | FileResponse:
    """What the pack holds; a POST takes it, since that leaves an entry on the trail."""
    procedure = get_procedure_to_pack_for(request.user, code)
    if request.method == "GET":
        return render(request, "reports/pack.html", {"procedure": procedure})
    file = actions.take_pack(procedure, actor=request.user)
    response = FileResponse(file, as_attachment=True, filename=f"{code}-pack.zip", content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
