"""Reading: the procedure in force, one revision, their PDFs and pictures, the history."""

import logging
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import trail
from procedures.models import RenditionKind, Revision, StoredFile
from procedures.pdf import RenderingFailed, store_pdf
from procedures.permissions import (
    get_attachment_for,
    get_current_and_standing,
    get_current_for,
    get_procedure_for,
    get_revision_for,
    sees_trail,
)
from procedures.queries import revision_in_force
from procedures.reading.extensions import contributions
from procedures.signatures import check_signatures
from procedures.standing import standing_of
from procedures.states import ONCE_PUBLISHED, State
from procedures.timeline import revision_rows
from procedures.views.history_page import ENTRIES_PER_PAGE, trail_rows
from procedures.views.reader import ReaderPage, acts_of, banner_of, reader_page
from roles.queries import today
from sopdesk.lib.errors import Missing
from sopdesk.lib.files import StoredFileDamaged, read_stored
from sopdesk.lib.offline import KEEP

logger = logging.getLogger("procedures")

PDF_SECONDS_IN_REQUEST = 20
RETRY_AFTER_SECONDS = 30


# Pages -------------------------------------------------------------------------------------------------------


@require_safe
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """What readers follow; the text that was withdrawn, with a banner, when nothing took its place."""
    revision, standing = get_current_and_standing(request.user, code)
    page = reader_page(request, revision, current=revision, standing=standing)
    response = _answer_page(request, page)
    if page.is_keepable:
        response.headers[KEEP] = "1"
    return response


@require_safe
def revision(request: HttpRequest, code: str, number: int) -> HttpResponse:
    revision = get_revision_for(request.user, code, number)
    current = revision_in_force(revision.procedure)
    standing = standing_of(request.user, revision, day=today())
    return _answer_page(request, reader_page(request, revision, current=current, standing=standing))


def _answer_page(request: HttpRequest, page: ReaderPage) -> HttpResponse:
    etag = page.fingerprint(request)
    response = get_conditional_response(request, etag=quote_etag(etag)) if etag else None
    if response is None:
        (primary, menu), added = acts_of(page), contributions(page)
        context = {
            "page": page,
            "banner": banner_of(page, added.banners),
            "primary": primary,
            "menu": sorted([*menu, *added.acts], key=lambda act: act.ends),
            "added": added,
            "revision": page.revision,
            "procedure": page.revision.procedure,
            "text": page.text(),
        }
        response = render(request, "procedures/procedure.html", context)
    if etag:
        response["ETag"] = quote_etag(etag)
    return response


@require_safe
def history(request: HttpRequest, code: str) -> HttpResponse:
    procedure = get_procedure_for(request.user, code)
    rows = revision_rows(request.user, procedure)
    if not rows:
        raise Missing()
    is_released = any(row.state in ONCE_PUBLISHED for row in rows)
    context: dict[str, Any] = {
        "procedure": procedure,
        "rows": rows,
        "back": procedure.get_absolute_url() if is_released else rows[0].revision.get_absolute_url(),
    }
    if sees_trail(request.user, procedure):
        entries = Paginator(trail.entries_of_procedure(code).order_by("-seq"), ENTRIES_PER_PAGE)
        page_obj = entries.get_page(request.GET.get("page"))
        context |= {"page_obj": page_obj, "trail": trail_rows(page_obj)}
        context["faults"] = [row.entry.seq for row in context["trail"] if not row.is_intact]
    return render(request, "procedures/history.html", context)


# Files -------------------------------------------------------------------------------------------------------


@require_safe
def procedure_pdf(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_current_for(request.user, code)
    return _answer_pdf(request, revision, is_in_force=revision.state != State.WITHDRAWN)


@require_safe
def revision_pdf(request: HttpRequest, code: str, number: int) -> HttpResponse:
    revision = get_revision_for(request.user, code, number)
    return _answer_pdf(request, revision, is_in_force=revision == revision_in_force(revision.procedure))


def _answer_pdf(request: HttpRequest, revision: Revision, *, is_in_force: bool) -> HttpResponse:
    """The stored PDF, with the obsolete mark once it is; made now when the worker has not come to it yet.

    Raises SignatureInvalid for a text that is not what was signed.
    """
    if not is_in_force and revision.state not in ONCE_PUBLISHED:
        raise Missing(_("There is no PDF of a text that is not released."))
    check_signatures(revision)
    kind = RenditionKind.PDF if is_in_force else RenditionKind.PDF_OBSOLETE
    if is_in_force and revision.is_emergency(today()):
        kind = RenditionKind.PDF_EMERGENCY
    try:
        rendition = store_pdf(revision, kind=kind, seconds=PDF_SECONDS_IN_REQUEST)
        response = answer_file(request, rendition.file)
    except (RenderingFailed, StoredFileDamaged):
        logger.exception("No PDF of %s", revision)
        response = render(request, "procedures/pdf_not_ready.html", {"revision": revision}, status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    response["Content-Disposition"] = _inline(f"{revision.procedure.code}-r{revision.number}.pdf")
    return response


@require_safe
def attachment(request: HttpRequest, code: str, number: int, key: str) -> HttpResponse:
    """A picture of a revision. Its address never shows anything else, so browsers keep it."""
    found = get_attachment_for(request.user, code, number, key)
    response = answer_file(request, found.file)
    response["Content-Disposition"] = _inline(found.title)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _inline(filename: str) -> str:
    return content_disposition_header(as_attachment=False, filename=filename) or "inline"


def answer_file(request: HttpRequest, file: StoredFile) -> HttpResponse:
    """The bytes of `file`, or 304 to who has them. Raises StoredFileDamaged."""
    etag = quote_etag(file.sha256)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(read_stored(file.name), content_type=file.content_type)
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = etag
    return response
