"""The library: everything in force that a person may read, to browse and to search."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from procedures.actions.searches import note_search
from procedures.browsing.marks import asker_of
from procedures.forms.library import LibraryQuery
from procedures.models import Kind, Revision
from procedures.permissions import library_revisions_for, revisions_visible_to
from procedures.search import Facet, suggest
from procedures.search.facets import FacetValue, Survey, browse
from procedures.search.listing import Listing, list_library
from procedures.search.names import VALUES, value_name
from procedures.search.unfinished import Unfinished, find_unfinished
from roles.models import Access
from roles.queries import today
from sopdesk.lib.requests import HtmxRequest

UNFOLDED = 8  # values of a facet before the rest folds away

LEGENDS: dict[Facet, str | Promise] = {
    Facet.MINE: _("Mine"),
    Facet.STATUS: _("Status"),
    Facet.DEPARTMENT: _("Department"),
    Facet.CATEGORY: _("Category"),
    Facet.ROLE: _("Role that takes part"),
    Facet.KIND: _("Kind"),
    Facet.LANGUAGE: _("Language"),
    Facet.SOURCE: _("Variants and translations"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to filter by, as a checkbox."""

    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """One facet's checkboxes: those in sight and those folded away."""

    name: str
    legend: str | Promise
    shown: list[Choice]
    folded: list[Choice]


@dataclass(frozen=True, slots=True)
class RemovableFilter:
    """A filter in use, and the address without it."""

    label: str
    address: str


@require_safe
def library(request: HtmxRequest) -> HttpResponse:
    """The whole page, or for htmx the part that depends on what was typed and chosen."""
    asked, asker = LibraryQuery.read(request.GET), asker_of(request.user)
    readable = library_revisions_for(request.user, today())
    listing = list_library(
        readable,
        query=asked.words,
        chosen=asked.chosen,
        page_number=asked.page_number,
        language=request.user.language,
        asker=asker,
        typing=request.htmx.trigger_name == "q",
    )
    noted, drafts = _note(request, asked, listing), _drafts(request, asked)
    groups = list(choice_groups(listing.survey, asked, lambda: browse(readable, chosen={})))
    is_fragment = request.htmx and not request.htmx.history_restore_request
    response = render(
        request,
        "procedures/library.html#results" if is_fragment else "procedures/library.html",
        {
            "asked": asked,
            "listing": listing,
            "noted": noted,
            "may_ask_for_drafts": asked.with_drafts or request.user.access != Access.READER,
            "drafts": drafts,
            "older_drafts": asked.address(drafts_before=drafts.older) if drafts.older else "",
            "without_drafts": asked.address(without_drafts=True),
            "rows": listing.rows,
            "starred": frozenset(asker.starred),
            "page_obj": _page(listing),
            "groups": groups,
            "filters": filters_in_use(groups, asked),
            "without_filters": _without_filters(request, asked, listing),
            "clear_address": asked.address(bare=True),
            "typed_address": asked.address(words=listing.found.literally) if listing.found else "",
            "is_fragment": is_fragment,
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _note(request: HtmxRequest, asked: LibraryQuery, listing: Listing) -> int | None:
    """The number under which this search is noted; pages that follow the first, and the way back, are no search."""
    if (
        listing.found is None
        or asked.page_number > 1
        or request.method != "GET"
        or request.htmx.history_restore_request
    ):
        return None
    return note_search(
        asked.words,
        actor=request.user,
        results=listing.total,
        complete=listing.found.complete,
        filters=", ".join(asked.chosen),
        with_script=bool(request.htmx),
    )


def _without_filters(request: HtmxRequest, asked: LibraryQuery, listing: Listing) -> int:
    """How many the words alone would list, when the filters hide all of them."""
    if listing.total or not asked.words or not asked.chosen:
        return 0
    readable = library_revisions_for(request.user, today())
    return list_library(readable, query=asked.words, chosen={}, page_number=1, language=request.user.language).total


def _drafts(request: HtmxRequest, asked: LibraryQuery) -> Unfinished:
    """Drafts and reviews that fit, when they are asked for."""
    if not asked.with_drafts or asked.page_number > 1:
        return Unfinished()
    visible = revisions_visible_to(request.user, today())
    return find_unfinished(
        visible,
        query=asked.words,
        chosen=asked.chosen,
        language=request.user.language,
        before=asked.drafts_before,
    )


@require_safe
def library_suggest(request: HttpRequest) -> JsonResponse:
    """Procedures whose title, code, category or tags begin with the words typed so far, as JSON."""
    typed = request.GET.get("q", "")
    ids = suggest(typed, library_revisions_for(request.user, today()))
    revisions = (
        Revision.objects.filter(pk__in=ids).select_related("procedure").only("title", "language", "procedure__code")
    )
    found = revisions.in_bulk() if ids else {}
    return JsonResponse(
        {
            "suggestions": [
                {
                    "code": revision.procedure.code,
                    "title": revision.title,
                    "language": revision.language,
                    "url": reverse("procedure", args=[revision.procedure.code]),
                }
                for revision in _codes_in_order([found[pk] for pk in ids if pk in found], typed)
            ]
        }
    )


def _codes_in_order(revisions: list[Revision], typed: str) -> list[Revision]:
    """Who types the beginning of a code gets those that begin so, in their order, before what else was found."""
    start = typed.strip().upper()

    def place(revision: Revision) -> tuple[bool, str]:
        begins_so = revision.procedure.code.startswith(start)
        return not begins_so, revision.procedure.code if begins_so else ""

    return sorted(revisions, key=place)


def _page(listing: Listing) -> Page:
    """The page for the links below the list; the rows themselves have been read already."""
    return Paginator(range(listing.total), listing.per_page).get_page(listing.page_number)


def choice_groups(survey: Survey, asked: LibraryQuery, whole: Callable[[], Survey]) -> Iterator[ChoiceGroup]:
    """The facets that offer a choice, or are in use. `whole` is asked for the whole library of this person when a value
    in use is not in `survey`: it is called as there, so that a name says no more than browsing does."""
    offered = {(facet, found.value) for facet, values in survey.values.items() for found in values}
    known = whole().values if any(value not in offered for value in asked.values()) else {}
    names = {(facet, found.value): found.label for facet, values in known.items() for found in values}
    for facet, legend in LEGENDS.items():
        chosen = asked.chosen.get(facet, ())
        choices = [
            Choice(found.value, _label(facet, found), found.count, found.value in chosen)
            for found in survey.values[facet]
        ]
        # A filter that matches nothing here stays in sight, or nobody could switch it off.
        absent = [
            FacetValue(value, names.get((facet, value), value), 0) for value in chosen if (facet, value) not in offered
        ]
        choices = [Choice(found.value, _label(facet, found), 0, True) for found in absent] + choices
        if len(choices) > 1 or chosen or (choices and facet in (Facet.MINE, Facet.SOURCE)):
            shown = [choice for at, choice in enumerate(choices) if at < UNFOLDED or choice.checked]
            yield ChoiceGroup(facet.value, legend, shown, [choice for choice in choices if choice not in shown])


def _label(facet: Facet, value: FacetValue) -> str:
    if facet in VALUES:
        return value_name(facet, value.value)
    if facet == Facet.KIND and value.value in Kind.values:
        return str(Kind(value.value).label)
    if facet == Facet.LANGUAGE:
        return _language_name(value.value)
    return value.label


def _language_name(code: str) -> str:
    try:
        return get_language_info(code)["name_translated"].capitalize()
    except KeyError:
        return code


def filters_in_use(groups: list[ChoiceGroup], asked: LibraryQuery) -> list[RemovableFilter]:
    """The values that are filtered by, each with the address without it."""
    labels = {(group.name, choice.value): choice.label for group in groups for choice in group.shown}
    return [
        RemovableFilter(labels[facet.value, value], asked.address(without=(facet, value)))
        for facet, value in asked.values()
    ]
