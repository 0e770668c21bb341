"""The audit trail: read, filtered, exported, reviewed."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import trail
from reports import actions
from reports.exporting import csv_lines, json_lines
from reports.forms import TrailExportForm, TrailFilterForm, TrailReviewForm
from reports.permissions import exports_trail, require_export, require_review, reviews_trail
from reports.queries import entries_to_export, last_review, trail_page, trail_status
from reports.wording import rows_for
from roles.errors import NotProved
from roles.queries import today
from roles.signing import requirements_for

WRITERS = {"csv": (csv_lines, "text/csv; charset=utf-8"), "jsonl": (json_lines, "application/x-ndjson")}


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The entries that this person may see, newest first; for auditors and administrators how the whole stands."""
    form = TrailFilterForm(request.GET)
    filters = form.filters
    page = trail_page(request.user, filters, before=_number(request, "before"), after=_number(request, "after"))
    context = {
        "form": form,
        "page": page,
        "rows": rows_for(request.user, page.entries),
        "asked": urlencode(filters.as_data()),
        "filters": filters.as_data(),
        "status": trail_status() if exports_trail(request.user) else None,
        "export": TrailExportForm() if exports_trail(request.user) else None,
        "may_review": reviews_trail(request.user),
    }
    return render(request, "reports/audit.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    """A number of an entry in the address; None for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


@require_POST
def audit_export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The entries that the filters let through, as a file; taking it is an entry itself."""
    require_export(request.user)
    form, filter_form = TrailExportForm(request.POST), TrailFilterForm(request.POST)
    if not form.is_valid():
        return redirect("audit")
    filters, format = filter_form.filters, form.cleaned_data["format"]
    entry = actions.record_export(actor=request.user, format=format, filters=filters.as_data())
    write, content_type = WRITERS[format]
    pieces: Iterator[bytes] = write(entries_to_export(filters, upto=entry.data["upto"]))
    response = StreamingHttpResponse(pieces, content_type=content_type)
    name = f"audit-trail-{today().isoformat()}.{format}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def audit_review(request: HttpRequest) -> HttpResponse:
    """The span that nobody has reviewed yet, and the signature under it."""
    require_review(request.user)
    needs = requirements_for(request.user)
    status = 200
    if request.method == "POST":
        form = TrailReviewForm(request.POST, needs=needs)
        if form.is_valid():
            try:
                review = actions.review_trail(actor=request.user, **form.review)
            except NotProved as error:
                form.take_error(error)
            else:
                done = _("Signed: the trail is reviewed up to entry %(number)d.") % {"number": review.upto_seq}
                messages.success(request, done)
                return redirect("audit")
        status = 403 if form.lacks_proof else 422
    else:
        form = TrailReviewForm(initial=_span(), needs=needs)
    span = {name: form[name].value() for name in ("after", "upto")}
    span["first"] = int(span["after"] or 0) + 1 if str(span["after"]).isdigit() else 1
    context = {"form": form, "needs": needs, "span": span, "is_empty": not span["upto"]}
    return render(request, "reports/audit_review.html", context, status=status)


def _span() -> dict[str, object]:
    """What is not reviewed yet, with the hash at its end; no end when everything is."""
    last, head = last_review(), trail.head_of_trail()
    after = last.upto_seq if last else 0
    return {"after": after, "upto": head.seq if head.seq > after else None, "upto_hash": head.hash}
