"""What the library's address asks for: words, filters and a page, and the addresses that differ from it by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from procedures.search import Facet
from procedures.search.facets import Mine, Source
from procedures.search.standings import Standing

MAX_QUERY_LENGTH = 300
MAX_PAGE = 10_000
MAX_VALUES = 30  # chosen in one facet
_FIXED: dict[Facet, list[str]] = {Facet.MINE: list(Mine), Facet.STATUS: list(Standing), Facet.SOURCE: list(Source)}


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """The parameters of `/library/`. Whatever cannot be read is left out: an old or mistyped address still lists."""

    words: str
    chosen: dict[Facet, tuple[str, ...]]
    page_number: int
    with_drafts: bool = False
    drafts_before: int | None = None
    """Drafts and reviews older than this revision (its id), for who has seen the newest."""

    @classmethod
    def read(cls, parameters: MultiValueDict) -> "LibraryQuery":
        return cls(
            words=parameters.get("q", "").replace("\x00", "")[:MAX_QUERY_LENGTH].strip(),
            chosen={facet: values for facet in Facet if (values := _values(parameters, facet))},
            page_number=_page_number(parameters.get("page", "")),
            with_drafts=parameters.get("drafts") == "1",
            drafts_before=int(before) if _is_id(before := parameters.get("before", "")) else None,
        )

    def address(
        self,
        *,
        without: tuple[Facet, str] | None = None,
        words: str | None = None,
        bare: bool = False,
        without_drafts: bool = False,
        drafts_before: int | None = None,
    ) -> str:
        """The query string of the first page for the same question.

        without: a facet and the value of it to leave out.
        words: other words in place of the typed ones.
        bare: no filters.
        without_drafts: only what is in force.
        drafts_before: drafts that are older than this one.
        """
        typed = self.words if words is None else words
        pairs = [("q", typed)] if typed else []
        if not bare:
            pairs += [(facet.value, value) for facet, value in self.values() if (facet, value) != without]
            if self.with_drafts and not without_drafts:
                pairs.append(("drafts", "1"))
                if drafts_before is not None:
                    pairs.append(("before", str(drafts_before)))
        return "?" + urlencode(pairs)

    def values(self) -> Iterator[tuple[Facet, str]]:
        """Every chosen value with its facet."""
        return ((facet, value) for facet, values in self.chosen.items() for value in values)


def _values(parameters: MultiValueDict, facet: Facet) -> tuple[str, ...]:
    values = dict.fromkeys(value.replace("\x00", "").strip() for value in parameters.getlist(facet.value))
    return tuple(value for value in values if value and _fits(facet, value))[:MAX_VALUES]


def _fits(facet: Facet, value: str) -> bool:
    """Categories and roles are named by their ids, the rest by short codes."""
    if facet in (Facet.CATEGORY, Facet.ROLE):
        return _is_id(value)
    if facet in _FIXED:
        return value in _FIXED[facet]
    return len(value) <= 32


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16


def _page_number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        return 1
    return min(max(1, int(value)), MAX_PAGE)
