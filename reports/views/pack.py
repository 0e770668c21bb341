"""The auditor's pack of a procedure."""

from contextlib import ExitStack

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from audit import trail
from reports import actions
from reports.packing import build_pack
from reports.permissions import get_procedure_to_pack_for


@require_http_methods(["GET", "POST"])
def procedure_pack(request: HttpRequest, code: str) -> HttpResponse | FileResponse:
    """What the pack holds; a POST takes it, since that leaves an entry on the trail."""
    procedure = get_procedure_to_pack_for(request.user, code)
    if request.method == "GET":
        return render(request, "reports/pack.html", {"procedure": procedure})
    pack = build_pack(procedure, upto=trail.head_of_trail().seq)
    with ExitStack() as unless_recorded:
        unless_recorded.callback(pack.file.close)
        actions.record_pack(procedure, actor=request.user, upto=pack.upto, manifest=pack.manifest_sha256)
        unless_recorded.pop_all()
    name = f"{code}-pack.zip"
    response = FileResponse(pack.file, as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
