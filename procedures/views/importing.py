"""Import: choose a file, see what was recognised and what was lost, then make a draft of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procedures.actions.importing import free_code, import_procedure
from procedures.forms.importing import AgreeForm, FileForm
from procedures.importing.document import COUNTED, ParsedProcedure, UnreadableDocument
from procedures.permissions import departments_to_author
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.errors import NotPermitted, Refused


@require_http_methods(["GET", "HEAD", "POST"])
def procedure_import(request: HttpRequest) -> HttpResponse:
    """The first POST brings a file and is answered by the preview, the second agrees to it."""
    departments = departments_to_author(request.user)
    if not departments.exists():
        raise NotPermitted(_("Only authors import procedures, for their own department."))
    if "source" in request.POST:
        return _agree(request, AgreeForm(request.POST, departments=departments))
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "procedures/import.html", {"form": form}, status=status)
    department = departments.get()
    agree = AgreeForm(
        departments=departments,
        initial={
            "filename": form.cleaned_data["file"].name,
            "source": form.text,
            "title": form.parsed.title,
            "department": department,
            "code": free_code(form.parsed.code, department),
            "owner": request.user,
        },
    )
    return _preview(request, agree, form.parsed)


def _agree(request: HttpRequest, form: AgreeForm) -> HttpResponse:
    try:
        parsed = form.parsed
    except UnreadableDocument as error:
        raise Refused(str(error)) from error
    if form.is_valid():
        facts = dict(form.cleaned_data)
        source = facts.pop("source").replace("\r\n", "\n")
        try:
            revision = import_procedure(parsed, actor=request.user, source_hash=sha256_hex(source.encode()), **facts)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            code = revision.procedure.code
            messages.success(request, _("Imported as the draft of %(code)s. Read it through.") % {"code": code})
            return redirect("draft", code=code)
    return _preview(request, form, parsed, status=422)


def _preview(request: HttpRequest, form: AgreeForm, parsed: ParsedProcedure, *, status: int = 200) -> HttpResponse:
    report = parsed.report
    counts = [
        (key, report.counts_in[key], report.counts_out[key], report.counts_dropped[key])
        for key in COUNTED
        if report.counts_in[key]
    ]
    texts = ("purpose", "scope", "prerequisites", "definitions", "tools", "records", "references", "background")
    found = [(name, getattr(parsed, name)) for name in texts if getattr(parsed, name)]
    context = {"form": form, "parsed": parsed, "report": report, "counts": counts, "found": found}
    return render(request, "procedures/import_preview.html", context, status=status)
