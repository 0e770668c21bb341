"""The same pages with the least that idiomatic Django does for them."""

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count
from django.db.models.expressions import RawSQL
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from procedures.models import Rendition, Revision, SearchRole
from procedures.search.analysis import stem

PER_PAGE = {"library": 20, "search": 10}
SNIPPET = 200
MATCHES = {
    "sqlite": "SELECT rowid FROM procedures_search_fts WHERE procedures_search_fts MATCH %s",
    "postgresql": "SELECT revision_id FROM procedures_search_vector WHERE full_text @@ to_tsquery('simple', %s)",
}
BEST = {
    "sqlite": f"{MATCHES['sqlite']} ORDER BY rank LIMIT %s",
    "postgresql": f"{MATCHES['postgresql']} ORDER BY ts_rank(head, to_tsquery('simple', %s)) DESC LIMIT %s",
}
FILTERS = ("procedure__department__name", "category__name", "procedure__kind", "language")
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
    asked = AND[connection.vendor].join(stem(word, "en") for word in words)
    with connection.cursor() as cursor:
        times = BEST[connection.vendor].count("%s") - 1
        cursor.execute(BEST[connection.vendor], [*[asked] * times, PER_PAGE["search"]])
        ids = [pk for (pk,) in cursor.fetchall()]
    revisions = Revision.objects.select_related("procedure__owner").defer("rendered").in_bulk(ids)
    rows = [(revisions[pk], _snippet(revisions[pk], words)) for pk in ids]
    matching = RawSQL(MATCHES[connection.vendor], [asked])  # noqa: S611  its parameter is bound
    found = Revision.objects.filter(pk__in=matching)
    counts = [found.order_by().values_list(name).annotate(number=Count("pk")) for name in FILTERS]
    acting = SearchRole.objects.filter(revision__in=matching)
    counts.append(acting.order_by().values_list("role__name").annotate(number=Count("revision")))
    return render(request, "search.html", {"rows": rows, "total": found.count(), "counts": counts})


def _snippet(revision: Revision, words: list[str]) -> str:
    for step in revision.content["steps"]:
        at = step["body"].lower().find(words[0])
        if at >= 0:
            return step["body"][max(0, at - SNIPPET // 2) : at + SNIPPET // 2]
    return revision.purpose[:SNIPPET]
