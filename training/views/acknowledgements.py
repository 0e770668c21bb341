"""Who has confirmed what: one's own list, and the one of a procedure for those who look after it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sopdesk.lib.sheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx
from training.exporting import table_of
from training.permissions import get_acknowledged_for
from training.queries import acknowledgements_of, counts_of, last_ones_of, own_rows

ROWS_PER_PAGE = 50


@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    own = last_ones_of(request.user).select_related("revision__procedure")
    own = own.defer("revision__content", "revision__rendered")
    page_obj = Paginator(own, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page_obj, "rows": own_rows(request.user, page_obj)}
    return render(request, "training/learn.html", context)


@require_safe
def acknowledgements(request: HttpRequest, code: str) -> HttpResponse:
    procedure = get_acknowledged_for(request.user, code)
    counts = list(counts_of(procedure))
    found = acknowledgements_of(procedure)
    number = request.GET.get("revision", "")
    chosen = next((row["number"] for row in counts if str(row["number"]) == number), None)
    if chosen is not None:
        found = found.filter(revision__number=chosen)
    context = {
        "procedure": procedure,
        "counts": counts,
        "chosen": chosen,
        "page_obj": Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "training/acknowledgements.html", context)


@require_safe
def acknowledgements_export(request: HttpRequest, code: str, format: str) -> HttpResponse:
    procedure = get_acknowledged_for(request.user, code)
    table = table_of(acknowledgements_of(procedure))
    if format == "xlsx":
        response = HttpResponse(write_xlsx(table, title=_("Read and understood")), content_type=XLSX_TYPE)
    else:
        response = HttpResponse(write_csv(table), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{procedure.code}-acknowledgements.{format}"'
    return response
