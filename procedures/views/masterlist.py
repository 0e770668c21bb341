"""The master list: a page to sort, filter and print, and the same as a table to take along."""

from dataclasses import dataclass, replace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.browsing.marks import asker_of
from procedures.browsing.masterlist import COLUMNS, SORTABLE, Entry, entries_of, table_of, with_approvals
from procedures.forms.library import LibraryQuery
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for
from procedures.search.facets import Asker, browse
from procedures.views.library import choice_groups, filters_in_use
from roles.queries import today
from sopdesk.lib.sheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its word, the address that orders by it, and how it is ordered now (`ascending`, `descending`)."""

    label: str | Promise
    address: str
    order: str


@require_safe
def master_list(request: HttpRequest) -> HttpResponse:
    """Every text in force that this person may read, a row each."""
    asked, readable = _asked(request), library_revisions_for(request.user, today())
    asker, sort = asker_of(request.user), _sort(request)
    entries = _entries(request, asked, readable, sort)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(with_approvals(page.object_list))
    survey = browse(readable, chosen=asked.chosen, asker=asker)
    groups = list(choice_groups(survey, asked, lambda: browse(readable, chosen={})))
    context = {
        "asked": asked,
        "groups": groups,
        "filters": filters_in_use(groups, asked),
        "clear_address": asked.address(bare=True),
        "headings": [_heading(name, asked, sort) for name in COLUMNS],
        "page_obj": page,
        "total": len(entries),
        "sort": sort,
        "day": today(),
        "export_query": f"{asked.address()}&{urlencode({'sort': sort})}",
    }
    return render(request, "browsing/master_list.html", context)


@require_safe
def master_list_export(request: HttpRequest, format: str) -> HttpResponse:
    """The same rows in the same order, all of them, as CSV or XLSX."""
    asked, readable = _asked(request), library_revisions_for(request.user, today())
    table = list(table_of(_entries(request, asked, readable, _sort(request))))
    if format == "xlsx":
        response = HttpResponse(write_xlsx(table, title=_("Master list")), content_type=XLSX_TYPE)
    else:
        response = HttpResponse(write_csv(table), content_type=CSV_TYPE)
    start = _("master-list")  # outside of the f-string: what is inside is not collected for translation
    name = f"{start}-{today().isoformat()}.{format}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest) -> LibraryQuery:
    """What the address asks for of the texts in force: drafts have no place in this list, nor in its addresses."""
    return replace(LibraryQuery.read(request.GET), with_drafts=False)


def _entries(request: HttpRequest, asked: LibraryQuery, readable: RevisionQuerySet, sort: str) -> list[Entry]:
    return entries_of(
        readable, words=asked.words, chosen=asked.chosen, language=request.user.language, sort=sort, day=today(),
        asker=Asker(request.user.pk, today()),
    )  # fmt: skip


def _sort(request: HttpRequest) -> str:
    """The order that the address asks for; by code when it asks for none that there is."""
    asked = request.GET.get("sort", "")
    return asked if asked.removeprefix("-") in SORTABLE and not asked.startswith("--") else "code"


def _heading(name: str, asked: LibraryQuery, sort: str) -> Heading:
    if name not in SORTABLE:
        return Heading(COLUMNS[name], "", "")
    is_sorted, is_down = sort.removeprefix("-") == name, sort.startswith("-")
    other = f"-{name}" if is_sorted and not is_down else name
    order = ("descending" if is_down else "ascending") if is_sorted else ""
    return Heading(COLUMNS[name], f"{asked.address()}&{urlencode({'sort': other})}", order)
