"""The same pages with the least that idiomatic Django does for them."""

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from procedures.models import Rendition, Revision
from procedures.search.analysis import stem

PER_PAGE = {"library": 20, "search": 10}
SNIPPET = 200
MATCHES = {
    "sqlite": "SELECT rowid, count(*) OVER () FROM procedures_search_fts WHERE procedures_search_fts MATCH %s"
    " ORDER BY rank LIMIT %s",
    "postgresql": "SELECT revision_id, count(*) OVER () FROM procedures_search_vector,"
    " to_tsquery('simple', %s) AS asked WHERE full_text @@ asked ORDER BY ts_rank(head, asked) DESC LIMIT %s",
}
AND = {"sqlite": " AND ", "postgresql": " & "}


@login_required
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_object_or_404(
        Revision.objects.select_related("procedure__department", "procedure__owner", "category").defer("content"),
        procedure__code=code,
        state="published",
    )
    return render(request, "procedure.html", {"revision": revision})


@login_required
def pdf(request: HttpRequest, code: str) -> FileResponse:
    rendition = get_object_or_404(
        Rendition.objects.select_related("file"),
        revision__procedure__code=code,
        revision__state="published",
        kind="pdf",
    )
    return FileResponse(default_storage.open(rendition.file.name), content_type="application/pdf")


@login_required
def library(request: HttpRequest) -> HttpResponse:
    revisions = (
        Revision.objects.filter(state="published")
        .select_related("procedure__department", "procedure__owner", "category")
        .defer("content", "rendered")
        .order_by("procedure__code")
    )
    page = Paginator(revisions, PER_PAGE["library"]).get_page(request.GET.get("page"))
    return render(request, "library.html", {"page": page})


@login_required
def search(request: HttpRequest) -> HttpResponse:
    words = request.GET["q"].lower().split()
    terms = [stem(word, "en") for word in words]
    with connection.cursor() as cursor:
        cursor.execute(MATCHES[connection.vendor], [AND[connection.vendor].join(terms), PER_PAGE["search"]])
        matches = cursor.fetchall()
    ids = [pk for pk, _total in matches]
    revisions = Revision.objects.select_related("procedure__owner").defer("rendered").in_bulk(ids)
    rows = [(revisions[pk], _snippet(revisions[pk], words)) for pk in ids]
    return render(request, "search.html", {"rows": rows, "total": matches[0][1] if matches else 0})


def _snippet(revision: Revision, words: list[str]) -> str:
    for step in revision.content["steps"]:
        at = step["body"].lower().find(words[0])
        if at >= 0:
            return step["body"][max(0, at - SNIPPET // 2) : at + SNIPPET // 2]
    return revision.purpose[:SNIPPET]
