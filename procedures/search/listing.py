"""The library's list: one page of procedures, found or browsed, with what it can be filtered by."""

from collections.abc import Sequence
from dataclasses import dataclass

from procedures.models import SearchRole
from procedures.models.revision import RevisionQuerySet
from procedures.relatives.moved_on import texts_moved_on_from
from procedures.search.cards import Card, Other, cards_of
from procedures.search.engine import SearchPage
from procedures.search.facets import Asker, Chosen, Facet, Survey, browse, is_mine, survey
from procedures.search.joined import search
from procedures.search.snippets import Snippet, snippets
from procedures.search.standings import standing_on
from roles.queries import today

BROWSED_PER_PAGE = 20
FOUND_PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One procedure of the list. `others` are the texts of its translation set that the person may read besides,
    whether or not they match: the one in the person's language first."""

    card: Card
    snippets: Sequence[Snippet] = ()
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the library. `found` is the answer of the search, None while somebody browses."""

    rows: tuple[Row, ...]
    total: int
    page_number: int
    per_page: int
    survey: Survey
    found: SearchPage | None


def list_library(
    readable: RevisionQuerySet,
    *,
    query: str,
    chosen: Chosen,
    page_number: int,
    language: str,
    asker: Asker | None = None,
    typing: bool = False,
) -> Listing:
    """Page `page_number` (from 1) of what `readable` has for `query` and the filters `chosen`.

    A page beyond the last one gives the last. Without a query everything is listed by code. Of a translation set one
    text is listed, in `language` if it can be; who filters by languages gets every text in them.
    """
    if query.strip():
        return _found(readable, query, chosen, page_number, language, asker, typing)
    per_page = BROWSED_PER_PAGE
    seen = browse(readable, chosen=chosen, prefer=_preferred(language, chosen), asker=asker)
    page_number = min(page_number, _last_page(seen.total, per_page))
    ids = seen.ids[(page_number - 1) * per_page : page_number * per_page]
    return Listing(_rows(readable, ids, None, seen, language), seen.total, page_number, per_page, seen, None)


def _found(
    readable: RevisionQuerySet,
    query: str,
    chosen: Chosen,
    page_number: int,
    language: str,
    asker: Asker | None,
    typing: bool,
) -> Listing:
    per_page = FOUND_PER_PAGE
    prefer = _preferred(language, chosen)
    filtered = narrowed(readable, chosen, asker)

    def ask(number: int) -> SearchPage:
        return search(
            query,
            queryset=filtered,
            limit=per_page,
            offset=(number - 1) * per_page,
            language=language,
            prefer=prefer,
            typing=typing,
        )

    page = ask(page_number)
    last = _last_page(page.total, per_page)
    if page_number > last:
        page_number = last
        page = ask(page_number)
    if page.matches is None:
        nothing = Survey(values={facet: () for facet in Facet}, total=0)
        return Listing((), 0, 1, per_page, nothing, page)
    seen = survey(readable, chosen=chosen, matches=page.matches, prefer=prefer, asker=asker, hits=page.hits)
    return Listing(
        _rows(readable, page.hits, page.terms, seen, language), page.total, page_number, per_page, seen, page
    )


def select_all(readable: RevisionQuerySet, *, query: str, chosen: Chosen, language: str, asker: Asker) -> Survey:
    """Everything that the library lists for `query` and `chosen`, page after page: its number, and its ids in the
    order of codes."""
    prefer = _preferred(language, chosen)
    if not query.strip():
        return browse(readable, chosen=chosen, prefer=prefer, asker=asker)
    page = search(query, queryset=narrowed(readable, chosen, asker), limit=1, language=language, prefer=prefer)
    if page.matches is None:
        return Survey(values={facet: () for facet in Facet}, total=0)
    return survey(readable, chosen=chosen, matches=page.matches, prefer=prefer, asker=asker, with_ids=True)


def narrowed(readable: RevisionQuerySet, chosen: Chosen, asker: Asker | None = None) -> RevisionQuerySet:
    """`readable` with the filters `chosen`: any value within a facet, every facet at once."""
    everything = readable
    lookups = {
        Facet.DEPARTMENT: "procedure__department__code__in",
        Facet.CATEGORY: "category_id__in",
        Facet.KIND: "procedure__kind__in",
        Facet.LANGUAGE: "language__in",
    }
    for facet, values in chosen.items():
        if facet in (Facet.MINE, Facet.STATUS):
            if asker and values:
                readable = _of_asker(readable, facet, values, asker)
        elif facet == Facet.SOURCE and values:
            readable = readable.filter(pk__in=texts_moved_on_from(everything))
        elif facet == Facet.ROLE and values:
            with_role = SearchRole.objects.filter(role_id__in=values)
            readable = readable.filter(pk__in=with_role.values("revision_id"))
        elif values:
            readable = readable.filter(**{lookups[facet]: values})
    return readable


def _of_asker(readable: RevisionQuerySet, facet: Facet, values: Sequence[str], asker: Asker) -> RevisionQuerySet:
    if facet == Facet.MINE:
        return readable.filter(is_mine(asker, values))
    # `alias` leaves the selected columns as they are.
    return readable.alias(standing=standing_on(asker.day)).filter(standing__in=values)


def _preferred(language: str, chosen: Chosen) -> str | None:
    return None if chosen.get(Facet.LANGUAGE) else language


def _last_page(total: int, per_page: int) -> int:
    return max(1, -(-total // per_page))


def _rows(
    readable: RevisionQuerySet, ids: Sequence[int], terms: frozenset[str] | None, seen: Survey, language: str
) -> tuple[Row, ...]:
    """The rows of `ids`, in their order, in one query. With `terms`, the steps that have them are quoted."""
    if not ids:
        return ()
    wanted = {member for pk in ids for member in seen.members.get(pk, [pk])}
    found = cards_of(readable, wanted, day=today(), quoting=ids if terms else ())

    def row_of(card: Card, content: dict | None) -> Row:
        others = [found[pk][0].as_other for pk in seen.members.get(card.pk, ()) if pk in found and pk != card.pk]
        others.sort(key=lambda other: (other.language != language, other.language, other.code))
        return Row(card, snippets(content, terms) if terms and content else (), tuple(others))

    return tuple(row_of(*found[pk]) for pk in ids if pk in found)
