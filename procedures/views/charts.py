"""Pictures that the server draws: the flowchart of a revision, and the diagrams in its text."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.content import revision_content
from procedures.flowchart import CHART_VERSION
from procedures.mermaid import diagram_in, diagram_sources
from procedures.models import Revision
from procedures.permissions import get_current_for, get_revision_for
from procedures.rendering import flowchart_file
from sopdesk.lib.errors import Missing

SVG = "image/svg+xml"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Opened on its own, a picture may paint itself and nothing else."""


@require_safe
def procedure_flowchart(request: HttpRequest, code: str) -> HttpResponse:
    """The flow of what readers follow."""
    return _answer_flowchart(request, get_current_for(request.user, code))


@require_safe
def revision_flowchart(request: HttpRequest, code: str, number: int) -> HttpResponse:
    return _answer_flowchart(request, get_revision_for(request.user, code, number))


def _answer_flowchart(request: HttpRequest, revision: Revision) -> HttpResponse:
    """Drawn anew, which costs less than reading a file; a frozen text need not even be drawn for who has it."""
    etag, data = "", b""
    if revision.content_hash:
        etag = hashlib.sha256(f"{CHART_VERSION} {revision.pk} {revision.content_hash}".encode()).hexdigest()
    else:
        data = _flowchart(revision)
        etag = hashlib.sha256(data).hexdigest()
    response = get_conditional_response(request, etag=quote_etag(etag))
    if response is None:
        response = HttpResponse(data or _flowchart(revision), content_type=SVG)
        filename = f"{revision.procedure.code}-r{revision.number}-flowchart.svg"
        response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=filename) or "inline"
    _protect(response)
    response["ETag"] = quote_etag(etag)
    return response


@require_safe
def diagram(request: HttpRequest, code: str, number: int, key: str) -> HttpResponse:
    """A ```mermaid block of this revision as a picture; drawn now when nobody has asked for it before."""
    revision = get_revision_for(request.user, code, number)
    found = diagram_in(diagram_sources(revision_content(revision)), key)
    if found is None:
        raise Missing(_("There is no such diagram in this text."))
    etag = quote_etag(f"{found.sha256} {found.engine}")
    response = get_conditional_response(request, etag=etag) or HttpResponse(found.svg, content_type=SVG)
    _protect(response)
    response["ETag"] = etag
    return response


def _flowchart(revision: Revision) -> bytes:
    data = flowchart_file(revision_content(revision), steps_at=revision.get_absolute_url())
    if not data:
        raise Missing(_("This text has too few steps for a flowchart."))
    return data


def _protect(response: HttpResponse) -> None:
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
