"""Import: choose a file, settle what was recognised beside the file as it was, then make a draft of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions.imported import change_document, create_draft, discard_document, keep_document, stored_pictures
from procedures.actions.importing import free_code
from procedures.forms.importing import AgreeForm, ChangeForm, FileForm
from procedures.importing.document import COUNTED, LossReport, ParsedProcedure
from procedures.importing.settling import Change, parsed_from, places_in, report_from
from procedures.importing.showing import text_html
from procedures.models import ImportedDocument
from procedures.permissions import departments_to_author, get_imported_for
from procedures.queries import documents_imported_by
from procedures.views.reading import answer_file
from sopdesk.lib.errors import Conflict, Missing, NotPermitted, Refused
from sopdesk.lib.requests import HtmxRequest

_TEXTS = ("purpose", "scope", "prerequisites", "definitions", "tools", "records", "references")


@require_http_methods(["GET", "HEAD", "POST"])
def procedure_import(request: HttpRequest) -> HttpResponse:
    """Choose a file; documents that wait to become drafts are listed below. Several in a ZIP all come to the list."""
    if not departments_to_author(request.user).exists():
        raise NotPermitted(_("Only authors import procedures, for their own department."))
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            kept = [
                keep_document(parsed, actor=request.user, filename=name, data=form.content)
                for name, parsed in form.found
            ]
        except Refused as error:
            form.add_error("file", error.message)
        else:
            for name, why in form.failed:
                messages.warning(request, _("%(name)s cannot be read: %(why)s") % {"name": name, "why": why})
            return redirect("imported", pk=kept[0].pk) if len(kept) == 1 else redirect("procedure-import")
    waiting = documents_imported_by(request.user)
    rows = [(document, document.data["parsed"]["title"], len(document.data["parsed"]["steps"])) for document in waiting]
    status = 422 if form.is_bound else 200
    return render(request, "procedures/import.html", {"form": form, "rows": rows}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """The file and what was recognised in it, side by side; the POST makes the draft."""
    document = get_imported_for(request.user, pk)
    departments = departments_to_author(request.user)
    if request.method != "POST":
        return _page(request, document, _agree_form(request, document))
    form = AgreeForm(request.POST, departments=departments)
    if form.is_valid():
        try:
            revision = create_draft(document, actor=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            code = revision.procedure.code
            messages.success(request, _("Imported as the draft of %(code)s. Read it through.") % {"code": code})
            return redirect("draft", code=code)
    return _page(request, document, form, status=422)


@require_POST
def imported_change(request: HtmxRequest, pk: int) -> HttpResponse:
    """One change to what was recognised: for htmx the changed part, else the page again with the facts as typed."""
    document = get_imported_for(request.user, pk)
    form = ChangeForm({**request.GET.dict(), **request.POST.dict()})
    done, problem = Change("", None), ""
    if form.is_valid():
        fields = form.cleaned_data
        try:
            done = change_document(
                document,
                actor=request.user,
                version=fields["version"],
                change=fields["change"],
                step=fields["step"] or 0,
                at=fields["at"],
            )
        except (Refused, Conflict) as error:
            problem = error.message
    else:
        problem = _("There is no such change.")
    status = 422 if problem else 200
    if request.htmx:
        is_promoting = form["change"].value() == "promote"
        context = _recognised(document) | {"done": done, "problem": problem, "is_promoting": is_promoting}
        return render(request, "procedures/_import_changed.html", context, status=status)
    if problem:
        return _page(request, document, _agree_form(request, document), status=status, problem=problem)
    messages.success(request, done.told)
    place = "recognised" if done.step is None else f"step-{done.step + 1}"
    typed = urlencode(_typed(request))
    return redirect(f"{reverse('imported', args=[pk])}{'?' if typed else ''}{typed}#{place}")


@require_POST
def imported_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a document from the list; the file itself was never kept."""
    document = get_imported_for(request.user, pk)
    discard_document(document, actor=request.user)
    messages.success(request, _("%(name)s was removed from the list.") % {"name": document.filename})
    return redirect("procedure-import")


@require_safe
def imported_picture(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A picture of a document that waits; for its uploader alone."""
    file = stored_pictures(get_imported_for(request.user, pk)).get(key)
    if file is None:
        raise Missing(_("There is no such picture."))
    response = answer_file(request, file)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _agree_form(request: HttpRequest, document: ImportedDocument) -> AgreeForm:
    departments = departments_to_author(request.user)
    department = departments.first()
    parsed = document.data["parsed"]
    initial = {
        "title": parsed["title"],
        "department": department,
        "code": free_code(parsed["code"], department) if department else "",
        "owner": request.user,
    }
    return AgreeForm(departments=departments, initial=initial | _typed(request))


def _typed(request: HttpRequest) -> dict[str, str]:
    """The facts that were not sent off yet: they travel with a change to the steps, and back in the address."""
    sent = request.POST or request.GET
    return {name: sent[name].replace("\x00", "") for name in AgreeForm.base_fields if name in sent}


def _page(
    request: HttpRequest, document: ImportedDocument, form: AgreeForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    context = _recognised(document) | {"form": form, "problem": problem}
    return render(request, "procedures/import_preview.html", context, status=status)


def _recognised(document: ImportedDocument) -> dict[str, object]:
    report = report_from(document.report)
    parsed = parsed_from(document.data, report)
    background = parsed.background
    return {
        "document": document,
        "parsed": parsed,
        "report": report,
        "counts": _counts(report),
        "texts": [(name, text_html(document, getattr(parsed, name))) for name in _TEXTS if getattr(parsed, name)],
        "background": text_html(document, background) if background else "",
        "background_places": places_in(background),
        "steps": _steps(document, parsed),
        "may_undo": bool(document.data["undo"]),
    }


def _steps(document: ImportedDocument, parsed: ParsedProcedure) -> list[dict[str, object]]:
    return [
        {
            "step": step,
            "index": index,
            "number": index + 1,
            "body": text_html(document, step.body) if step.body else "",
            "warning": text_html(document, step.warning) if step.warning else "",
            "expected": text_html(document, step.expected) if step.expected else "",
            "places": places_in(step.body),
        }
        for index, step in enumerate(parsed.steps)
    ]


def _counts(report: LossReport) -> list[tuple[str, int, int, int]]:
    """What was found, kept and left out, part by part; a text may be kept in two places, but not more than there is."""
    return [
        (
            key,
            report.counts_in[key],
            min(report.counts_out[key], report.counts_in[key] - report.counts_dropped[key]),
            report.counts_dropped[key],
        )
        for key in COUNTED
        if report.counts_in[key]
    ]
