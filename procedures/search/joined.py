"""The search that pages and commands ask: by words, and where the extra is installed by meaning as well."""

from dataclasses import replace

from procedures.models.revision import RevisionQuerySet
from procedures.search import meaning
from procedures.search.analysis import code_terms
from procedures.search.engine import KEPT_FOR_RANKING, SearchPage, Sql
from procedures.search.engine import search as search_words
from procedures.search.fusion import fuse

QUOTES = frozenset('"“”«»„')


def search(
    query: str,
    *,
    queryset: RevisionQuerySet,
    limit: int,
    offset: int = 0,
    language: str = "en",
    prefer: str | None = None,
    typing: bool = False,
) -> SearchPage:
    """The revisions of `queryset` that answer `query`, best first; arguments as in `engine.search`.

    With the extra, what means the same is joined to what has the words, by their places; texts that only mean it come
    on top of the number of those found. Not while somebody types, nor for quoted words and codes, which are meant
    literally.
    """

    def by_words(number: int, start: int) -> SearchPage:
        return search_words(
            query, queryset=queryset, limit=number, offset=start, language=language, prefer=prefer, typing=typing
        )

    if typing or not meaning.is_available() or _is_literal(query):
        return by_words(limit, offset)
    words = by_words(KEPT_FOR_RANKING, 0)
    if words.matches is None:
        return words
    alike = meaning.nearest(query, queryset=queryset, prefer=prefer)
    joined = fuse(words.hits, alike)
    only_alike = sorted(set(alike) - set(words.hits))
    hits = joined[offset : offset + limit]
    if len(hits) < limit and words.total > KEPT_FOR_RANKING:
        start = max(offset - len(only_alike), KEPT_FOR_RANKING)
        hits += by_words(limit - len(hits), start).hits
    return replace(
        words,
        hits=tuple(hits),
        total=words.total + len(only_alike),
        matches=_with_ids(words.matches, only_alike),
    )


def _is_literal(query: str) -> bool:
    return not QUOTES.isdisjoint(query) or bool(code_terms(query))


def _with_ids(matches: Sql, ids: list[int]) -> Sql:
    """SQL of the ids of `matches` and of `ids`, each once."""
    if not ids:
        return matches
    sql, params = matches
    return f"{sql} UNION {' UNION '.join(['SELECT %s AS id'] * len(ids))}", [*params, *ids]
