"""Asking the index what matches.

Every answer goes through a queryset of revisions that the person may read, inside the SQL and before anything is
counted or cut off; so a text that they may not read shows neither in hits nor in counts nor in corrections.
"""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from procedures.models.revision import RevisionQuerySet
from procedures.reading.sql import rows_of
from procedures.search import sets
from procedures.search.analysis import code_terms, fold, words
from procedures.search.backend import backend
from procedures.search.parsing import MAX_WORDS, Guess, ParsedQuery, parse, with_correction
from procedures.search.questions import Sql, sql_of
from procedures.search.terms import Alternative

ENOUGH = 10
"""With fewer texts that have all words, those with some of them, synonyms and corrected words are taken in."""

KEPT_FOR_RANKING = 200

CANDIDATES = 100
"""How many of the best suggestions are looked at first, of which eight are shown."""

EVERYTHING = 2**31


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an answer. `hits` are ids of revisions, best first; `total` counts all pages.

    corrected: what was searched instead of the typed words, when one was taken for a slip; else empty.
    literally: the query that searches the typed words all the same; empty when nothing was corrected.
    synonyms: words that were searched as well.
    missing: typed words that no readable text has.
    complete: how many texts have all words as typed; the others have some of them, or related ones.
    terms: the index terms that count as a match, for marking them.
    matches: SQL of the ids of all texts that match, permissions aside, for `facets.survey`.
    """

    query: str
    hits: tuple[int, ...] = ()
    total: int = 0
    corrected: str = ""
    literally: str = ""
    synonyms: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    complete: int = 0
    terms: frozenset[str] = frozenset()
    matches: Sql | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    hits: tuple[int, ...]
    total: int
    readable: frozenset[tuple[str, int]]
    """Which probes some readable text satisfies: ("unit", its number), ("correction", its number)."""


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
    """The revisions of `queryset` that answer `query`, best first. Three database queries at most.

    Words that no readable text has are taken for slips and corrected; what stands in quotes is searched as typed.

    limit, offset: which part of the answer is wanted.
    language: of the person; the words may be in another one.
    prefer: the language in which a translation set is answered, once (`sets`); None gives every text for itself.
    typing: the person has not finished the last word.
    """
    parsed = parse(query, language=language, typing=typing)
    if not parsed.units:
        return SearchPage(parsed.text)
    index = backend()
    matches = index.has(*(unit.exact for unit in parsed.units))
    scored = index.matches_all(parsed.units, texts=parsed.texts)
    ask = partial(_ask, queryset=queryset, limit=limit, offset=offset, prefer=prefer)
    answer = ask(scored, parsed, candidates=parsed.corrections)
    missing = [number for number in range(len(parsed.units)) if ("unit", number) not in answer.readable]
    complete = answer.total
    corrections: list[Guess] = []
    related: Sequence[Guess] = ()
    if complete < ENOUGH:
        corrections = _readable_corrections(parsed.corrections, answer, missing)
        for correction in corrections:
            parsed = with_correction(parsed, correction)
        related = [*(guess for guess in corrections if guess.unit not in missing), *parsed.synonyms]
        matches = index.has([alternative for unit in parsed.units for alternative in unit.alternatives])
        scored = index.matches_some(parsed.units, texts=parsed.texts)
        answer = ask(scored, parsed)
    replaced = [guess for guess in corrections if guess.unit in missing]
    return SearchPage(
        query=parsed.text,
        hits=answer.hits,
        total=answer.total,
        corrected=_replaced(parsed, replaced, "{guess.shown}"),
        literally=_replaced(parsed, replaced, '"{typed}"'),
        synonyms=tuple(dict.fromkeys(guess.shown for guess in related)),
        missing=tuple(parsed.units[number].typed for number in missing),
        complete=complete,
        terms=parsed.terms,
        matches=matches,
    )


def suggest(prefix: str, queryset: RevisionQuerySet, *, limit: int = 8) -> list[int]:
    """Ids of the revisions of `queryset` whose title, code, category or tags have the words of `prefix`.

    Best first; the last word may be unfinished. One database query, two where few of the best may be read, none when
    nothing searchable was typed.
    """
    typed = [fold(word) for word in words(prefix[:200])][:MAX_WORDS]
    if not typed:
        return []
    matches, params = backend().starts(typed)
    for code in code_terms(prefix)[:1]:
        code, code_params = backend().starts([code])
        matches, params = f"{matches} UNION ALL {code}", [*params, *code_params]
    visible, visible_params = sql_of(queryset)

    def best(of: int) -> tuple[list[int], bool]:
        """The readable ones among the best `of`, and whether that was everything."""
        sql = (
            f"WITH visible(id) AS NOT MATERIALIZED ({visible}), typed AS MATERIALIZED ({matches}),"
            " found AS MATERIALIZED"
            " (SELECT id, max(score) AS score FROM typed GROUP BY id ORDER BY max(score) DESC, id LIMIT %s)"
            " SELECT count(*), NULL FROM found UNION ALL SELECT id, score FROM (SELECT found.id, score"
            f" FROM {backend().each_with('found', 'visible')} ORDER BY score DESC, found.id LIMIT %s) AS readable"
        )
        rows = rows_of(sql, [*visible_params, *params, of, limit])
        number = next(number for number, score in rows if score is None)
        best_first = sorted(((-score, pk) for pk, score in rows if score is not None))
        return [pk for _, pk in best_first], number < of

    # Asking of a thousand texts whether they may be read takes ten times as long as finding them.
    found, is_all = best(CANDIDATES)
    return found if is_all or len(found) == limit else best(EVERYTHING)[0]


def _ask(
    scored: Sql,
    parsed: ParsedQuery,
    *,
    queryset: RevisionQuerySet,
    limit: int,
    offset: int,
    prefer: str | None,
    candidates: Sequence[Guess] | None = None,
) -> _Answer:
    """One page of `scored` among `queryset` and how many there are, in one database query.

    With `candidates` the answer also says which units and which of these corrections readable texts have at all.
    """
    found = sets.each_found(queryset) if prefer is None else sets.one_of_each(queryset, prefer)
    ranked, ranked_params = backend().ranked(parsed.units, keep=max(KEPT_FOR_RANKING, offset + limit))
    params = [*found.visible_params, *scored[1], *found.params, *ranked_params]
    selects = [
        "SELECT 'hit', id, score FROM (SELECT id, score FROM ranked ORDER BY score DESC, id DESC"
        f" LIMIT {limit:d} OFFSET {offset:d}) AS page",
        f"SELECT 'total', {found.number}, 0 FROM found",
    ]
    for kind, alternatives in _probes(parsed, candidates):
        for number, wanted in enumerate(alternatives):
            sql, probe_params = backend().has(wanted)
            # One by one until one may be read; joined, PostgreSQL would first ask that of all texts there are.
            selects.append(
                f"SELECT '{kind}', {number}, 0 WHERE EXISTS (SELECT 1 FROM ({sql}) AS probe"
                " WHERE (SELECT 1 FROM visible WHERE visible.id = probe.id LIMIT 1) = 1)"
            )
            params += probe_params
    rows = rows_of(
        f"WITH {found.visible}, matching AS MATERIALIZED ({scored[0]}), {found.tables}, ranked AS ({ranked})"
        f" {' UNION ALL '.join(selects)}",
        params,
    )
    best_first = sorted((row for row in rows if row[0] == "hit"), key=lambda row: (-row[2], -row[1]))
    return _Answer(
        hits=tuple(pk for _, pk, _ in best_first),
        total=next(number for kind, number, _ in rows if kind == "total"),
        readable=frozenset((kind, number) for kind, number, _ in rows if kind in ("unit", "correction")),
    )


def _probes(parsed: ParsedQuery, candidates: Sequence[Guess] | None) -> list[tuple[str, list[Sequence[Alternative]]]]:
    if candidates is None:
        return []
    return [
        ("unit", [unit.exact for unit in parsed.units]),
        ("correction", [[Alternative(guess.terms)] for guess in candidates]),
    ]


def _readable_corrections(candidates: Sequence[Guess], answer: _Answer, missing: Sequence[int]) -> list[Guess]:
    """The best correction of each word that some readable text has."""
    best: dict[int, Guess] = {}
    for number, guess in enumerate(candidates):
        if ("correction", number) in answer.readable and (guess.unit in missing or not guess.doubtful):
            best.setdefault(guess.unit, guess)
    return list(best.values())


def _replaced(parsed: ParsedQuery, slips: Sequence[Guess], form: str) -> str:
    """The query with every word that was taken for a slip in another `form`; empty when there is none."""
    text = parsed.text
    for guess in slips:
        typed = parsed.units[guess.unit].typed
        replacement = form.format(guess=guess, typed=typed)
        text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", lambda _: replacement, text, count=1, flags=re.IGNORECASE)  # noqa: B023
    return text if slips else ""
