"""Taking texts along: one revision as Word document, Markdown or web page; what the library lists as a ZIP."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from procedures.browsing.marks import asker_of
from procedures.exporting.archive import MAX_PROCEDURES, archive_of
from procedures.exporting.files import Format, export
from procedures.exporting.frame import frame_of
from procedures.forms.exporting import ExportForm
from procedures.forms.library import LibraryQuery
from procedures.models import Revision
from procedures.permissions import get_current_for, get_revision_for, library_revisions_for
from procedures.search.listing import select_all
from roles.models import User
from roles.queries import today

AT_ONCE = 20  # revisions read from the database in one query


@require_safe
def procedure_docx(request: HttpRequest, code: str) -> HttpResponse:
    return _answer(request, get_current_for(request.user, code), Format.WORD)


@require_safe
def procedure_markdown(request: HttpRequest, code: str) -> HttpResponse:
    return _answer(request, get_current_for(request.user, code), Format.MARKDOWN)


@require_safe
def procedure_html(request: HttpRequest, code: str) -> HttpResponse:
    return _answer(request, get_current_for(request.user, code), Format.HTML)


@require_safe
def revision_docx(request: HttpRequest, code: str, number: int) -> HttpResponse:
    return _answer(request, get_revision_for(request.user, code, number), Format.WORD)


@require_safe
def revision_markdown(request: HttpRequest, code: str, number: int) -> HttpResponse:
    return _answer(request, get_revision_for(request.user, code, number), Format.MARKDOWN)


@require_safe
def revision_html(request: HttpRequest, code: str, number: int) -> HttpResponse:
    return _answer(request, get_revision_for(request.user, code, number), Format.HTML)


def _answer(request: HttpRequest, revision: Revision, wanted: Format) -> HttpResponse:
    """The file, or 304 to who has it: its tag follows from the text and from what the file says about it."""
    frame = frame_of(revision)
    etag = quote_etag(f"{frame.fingerprint[:40]}-{wanted}")
    response = get_conditional_response(request, etag=etag)
    if response is None:
        file = export(revision, wanted, frame=frame)
        response = HttpResponse(file.data, content_type=file.content_type)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name) or ""
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def library_export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Ask for the formats; with them in the address, the ZIP of everything that the library lists for it."""
    asked = LibraryQuery.read(request.GET)
    readable = library_revisions_for(request.user, today())
    selected = select_all(
        readable,
        query=asked.words,
        chosen=asked.chosen,
        language=request.user.language,
        asker=asker_of(request.user),
    )
    ids, total = list(selected.ids), selected.total
    form = ExportForm(request.GET if "format" in request.GET or "go" in request.GET else None)
    if not (form.is_valid() and ids and total <= MAX_PROCEDURES):
        context = {"form": form, "asked": asked, "total": total, "limit": MAX_PROCEDURES}
        return render(request, "procedures/library_export.html", context, status=422 if form.is_bound else 200)
    pieces = _in_language(archive_of(_revisions(request.user, ids), form.cleaned_data["format"]), get_language())
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    name = f"procedures-{today().isoformat()}.zip"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


def _revisions(user: User, ids: list[int]) -> Iterator[Revision]:
    """The revisions of `ids` in their order, some at a time; who lost the right meanwhile does not get the rest."""
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        readable = library_revisions_for(user, today()).filter(pk__in=chunk)
        found = readable.select_related("procedure__department", "procedure__owner", "category").in_bulk()
        yield from (found[pk] for pk in chunk if pk in found)


def _in_language(pieces: Iterator[bytes], language: str | None) -> Iterator[bytes]:
    """A stream runs after the middleware has put the language of the person away."""
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
