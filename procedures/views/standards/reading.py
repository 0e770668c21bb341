"""Standards for those who work by them: the list, trying a name, looking a code up, taking a table along."""

from collections import defaultdict
from typing import Any

from django.core.paginator import Paginator
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from procedures.content import revision_content
from procedures.links import sees_broken_links
from procedures.models import Kind, Revision, StandardKind, StandardPart
from procedures.partviews import PartView, part_view
from procedures.permissions import get_current_for, get_revision_for, library_revisions_for
from procedures.phrases import labels_language
from procedures.queries import media_of, revision_in_force
from procedures.references import address_of_reference
from procedures.standards.codes import codes_of, export_rows
from procedures.standards.kinds import KEY, keyed
from procedures.standards.naming import check_name, compile_rule
from procedures.states import State
from procedures.views.standards.common import page_of_codes, part_of
from roles.queries import today
from sopdesk.lib.errors import Missing
from sopdesk.lib.markup import render_markdown
from sopdesk.lib.requests import HtmxRequest
from sopdesk.lib.sheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

STANDARDS_PER_PAGE = 50
MAX_NAME = 400


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """The standards in force that this person may read, with their parts; four queries whatever their number."""
    found = (
        library_revisions_for(request.user, today())
        .filter(procedure__kind=Kind.STANDARD)
        .select_related("procedure__owner", "procedure__department")
        .defer("content", "rendered")
        .order_by("procedure__code")
    )
    page_obj = Paginator(found, STANDARDS_PER_PAGE).get_page(request.GET.get("page"))
    revisions = list(page_obj.object_list)
    parts = _parts_of(revisions)
    context = {
        "rows": [(revision, parts[revision.pk]) for revision in revisions],
        "page_obj": page_obj,
        "sees_broken_links": sees_broken_links(request.user),
    }
    return render(request, "standards/standards.html", context)


def _parts_of(revisions: list[Revision]) -> dict[int, list[dict]]:
    """Kind, name and key of the parts of each revision, without the data, which may be large; one query."""
    rows = (
        StandardPart.objects.filter(revision__in=revisions)
        .annotate(own_key=KeyTextTransform(KEY, "data"))
        .order_by("revision", "position")
        .values("revision_id", "kind", "name", "own_key")
    )
    by_revision = defaultdict(list)
    for row in rows:
        by_revision[row["revision_id"]].append({**row, "data": {KEY: row["own_key"]}})
    return defaultdict(
        list,
        {
            pk: [
                {"key": key, "name": part["name"], "kind": part["kind"], "label": StandardKind(part["kind"]).label}
                for key, part in keyed(parts).items()
            ]
            for pk, parts in by_revision.items()
        },
    )


@require_safe
def standard_part(request: HtmxRequest, code: str, key: str) -> HttpResponse:
    """A part of the standard in force: its rule with a box to try a name, its codes with a search, its table."""
    return _answer_part(request, get_current_for(request.user, code), key)


@require_safe
def revision_part(request: HtmxRequest, code: str, number: int, key: str) -> HttpResponse:
    """The same of one revision, for those who may see that: what is in review can be tried before it is decided."""
    return _answer_part(request, get_revision_for(request.user, code, number), key)


def _answer_part(request: HtmxRequest, revision: Revision, key: str) -> HttpResponse:
    part = part_of(revision, key)
    view = view_of(revision, key, dict(part), limit=0)
    context: dict[str, Any] = {
        "revision": revision,
        "procedure": revision.procedure,
        "part": view,
        "current": revision_in_force(revision.procedure),
    }
    template = "standards/part.html"
    if view.kind == StandardKind.NAMING and not view.problems:
        name = request.GET.get("name", "")[:MAX_NAME]
        context["name"] = name
        context["check"] = check_name(compile_rule(part["data"]), name) if name else None
        context["hint_pattern"] = view.pattern
        if request.htmx:
            template = "standards/_name_check.html"
    elif view.kind == StandardKind.CODES:
        context["page_obj"], context["words"], context["status"] = page_of_codes(codes_of(part["data"]), request.GET)
        context["total"] = view.total
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def view_of(revision: Revision, key: str, part: dict, *, limit: int) -> PartView:
    """A part as pages show it, in the language of the standard."""
    content = revision_content(revision)

    def html(text: str, prefix: str) -> SafeString:
        media = media_of(revision, content)
        return render_markdown(text, media=media, references=address_of_reference, id_prefix=prefix)

    with translation.override(labels_language(content)):
        return part_view(key, part, html, limit=limit)


@require_safe
def standard_codes(request: HttpRequest, code: str, key: str, format: str) -> HttpResponse:
    """The whole table as a file for a spreadsheet."""
    revision = get_current_for(request.user, code)
    part = part_of(revision, key)
    if part["kind"] != StandardKind.CODES:
        raise Missing()
    rows = export_rows(codes_of(part["data"]))
    data, content_type = (
        (write_csv(rows), CSV_TYPE) if format == "csv" else (write_xlsx(rows, title=part["name"]), XLSX_TYPE)
    )
    response = HttpResponse(data, content_type=content_type)
    filename = f"{code}-r{revision.number}-{key}.{format}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    return response


@require_safe
def standard_blank(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """A form with empty fields, to print and to fill in by hand."""
    revision = get_current_for(request.user, code)
    part = part_of(revision, key)
    if part["kind"] != StandardKind.FORM or revision.state == State.WITHDRAWN:
        raise Missing()
    context = {
        "revision": revision,
        "procedure": revision.procedure,
        "part": view_of(revision, key, dict(part), limit=0),
    }
    return render(request, "standards/blank.html", context)
