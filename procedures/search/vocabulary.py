"""The words that indexed texts spell: what a typed word may stand for, and what it may have been meant to be."""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F
from rapidfuzz.distance import OSA

from procedures.models import SearchDelete, SearchTerm
from procedures.search.analysis import STEMMERS, fold, is_cjk, stem

COMPARED_LETTERS = 8
"""Slips are looked for among the first letters; a later one does not change the spellings that are compared."""

MIN_CORRECTED_LENGTH = 4
PREFIXES_PER_WORD = 24
AT_ONCE = 5_000  # words in one query
MIN_PREFIX_LENGTH = 3
MIN_HALF_LENGTH = 4  # of a compound that is taken apart

Surface = tuple[str, str, str]
"""A word as the vocabulary knows it: (folded, language, stem)."""


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the vocabulary."""

    folded: str
    language: str
    stem: str
    frequency: int


@dataclass(frozen=True, slots=True)
class SynonymPhrase:
    """One member of a group of synonyms, with its stemmed terms as `key`."""

    language: str
    phrase: str
    key: str


@dataclass(slots=True)
class Lookup:
    """What one question to the vocabulary brought: by spelling, by stem, by prefix, near misses, synonyms.

    `texts` is about the number of texts, to tell rare words from common ones.
    """

    texts: int = 0
    spelt: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[tuple[str, str], int] = field(default_factory=dict)
    starting: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    near: list[Known] = field(default_factory=list)
    synonyms: dict[int, list[SynonymPhrase]] = field(default_factory=lambda: defaultdict(list))


def spellings(word: str) -> set[str]:
    """The first letters of `word`, whole and with each one of them left out."""
    head = word[:COMPARED_LETTERS]
    return {head} | {head[:i] + head[i + 1 :] for i in range(len(head))}


def learn(counts: Mapping[Surface, int]) -> None:
    """Note that so many more texts have each surface.

    Inside the caller's transaction. Never waits for another publication over a word that both know: such a word is
    then counted once too little, which only blurs the order of corrections.
    """
    surfaces = sorted(counts)
    for start in range(0, len(surfaces), AT_ONCE):
        wanted = surfaces[start : start + AT_ONCE]
        known = _ids_of(wanted)
        by_count: dict[int, list[int]] = defaultdict(list)
        for surface, pk in known.items():
            by_count[counts[surface]].append(pk)
        for count, ids in by_count.items():
            _count(ids, by=count)
        _add({surface: counts[surface] for surface in wanted if surface not in known})


def unlearn(surfaces: Iterable[Surface]) -> None:
    """Note that one text less has `surfaces`. Words of no text at all stay until the next rebuild, and do no harm."""
    _count(_ids_of(sorted(set(surfaces))).values(), by=-1)


def clear() -> None:
    SearchDelete.objects.all().delete()
    SearchTerm.objects.all().delete()


def look_up(words: Sequence[str], *, spelt: Iterable[str], keys: Iterable[str]) -> Lookup:
    """Everything that the vocabulary says about `words` (lower case, accents as typed), in one query.

    spelt: further folded words to look for as they are spelt (halves of compounds, codes).
    keys: phrases to look for among the synonyms, as `Synonym.key` holds them.
    """
    folded = sorted({fold(word) for word in words})
    slips = {spelling for word in folded if _is_corrected(word) for spelling in spellings(word)}
    parts: list[tuple[str, Sequence[str]]] = [
        (
            "SELECT 'spelt', '', folded, language, stem, frequency FROM procedures_searchterm WHERE folded IN",
            sorted({*folded, *spelt}),
        ),
        (
            "SELECT 'stem', '', '', language, stem, frequency FROM procedures_searchterm WHERE stem IN",
            sorted({stem(word, language) for word in words for language in STEMMERS} | set(folded)),
        ),
        (
            "SELECT 'near', '', term.folded, language, stem, frequency FROM procedures_searchterm AS term"
            " JOIN (SELECT DISTINCT folded FROM procedures_searchdelete WHERE spelling IN {}) AS slip"
            " ON slip.folded = term.folded",
            sorted(slips),
        ),
        (
            "SELECT 'synonym', phrase, key, language, '', \"group\" FROM procedures_synonym"
            ' WHERE "group" IN (SELECT "group" FROM procedures_synonym WHERE key IN {})',
            sorted(set(keys)),
        ),
    ]
    selects = [_TEXTS[connection.vendor]]
    params: list[str] = []
    for sql, values in parts:
        if values:
            marks = f"({', '.join(['%s'] * len(values))})"
            selects.append(sql.format(marks) if "{}" in sql else f"{sql} {marks}")
            params += values
    for word in folded:
        if len(word) >= MIN_PREFIX_LENGTH or is_cjk(word):
            selects.append(_STARTING[connection.vendor])
            params += [word, *_prefix_range(word)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        return _collected(cursor.fetchall())


def nearest(word: str, known: Iterable[Known]) -> list[Known]:
    """Those of `known` that `word` (folded) is one slip away from, two when it is long; the likeliest first."""
    limit = 1 if len(word) <= MIN_CORRECTED_LENGTH else 2
    ranked = []
    for term in known:
        distance = OSA.distance(word, term.folded, score_cutoff=limit)
        if 0 < distance <= limit:
            ranked.append(((distance, term.folded[0] != word[0], -term.frequency, term.folded), term))
    return [term for _, term in sorted(ranked, key=lambda pair: pair[0])]


_TEXTS = {
    "sqlite": "SELECT 'texts', '', '', '', '', count(*) FROM procedures_search_fts_docsize",
    # Here the number only weighs rare words against common ones, and the highest id costs nothing.
    "postgresql": "SELECT 'texts', '', '', '', '', coalesce(max(id), 0) FROM procedures_revision",
}
_STARTING = {
    vendor: "SELECT * FROM (SELECT 'starting', %s, folded, language, stem, frequency FROM procedures_searchterm"
    f" WHERE {condition} ORDER BY frequency DESC LIMIT {PREFIXES_PER_WORD}) AS starting"
    for vendor, condition in {
        "sqlite": "folded > %s AND folded < %s",
        "postgresql": "folded ~>~ %s AND folded ~<~ %s",
    }.items()
}


def _prefix_range(prefix: str) -> tuple[str, str]:
    """Between what words lie that start with `prefix`, compared letter by letter."""
    return prefix, prefix + chr(0x10FFFF)


def _collected(rows: Iterable[tuple]) -> Lookup:
    found = Lookup()
    for source, typed, folded, language, term, number in rows:
        match source:
            case "spelt":
                found.spelt[folded].append(Known(folded, language, term, number))
            case "stem":
                found.stems[language, term] = found.stems.get((language, term), 0) + number
            case "near":
                found.near.append(Known(folded, language, term, number))
            case "starting":
                found.starting[typed].append(Known(folded, language, term, number))
            case "texts":
                found.texts = number
            case "synonym":
                found.synonyms[number].append(SynonymPhrase(language, phrase=typed, key=folded))
    return found


def _is_corrected(word: str) -> bool:
    return len(word) >= MIN_CORRECTED_LENGTH and word.isalpha()


def _add(counts: Mapping[Surface, int]) -> None:
    slips = {(spelling, word) for word, _, _ in counts if _is_corrected(word) for spelling in spellings(word)}
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procedures_searchterm (folded, language, stem, frequency)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(*surface, count) for surface, count in counts.items()],
        )
        cursor.executemany(
            "INSERT INTO procedures_searchdelete (spelling, folded) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            sorted(slips),
        )


def _ids_of(surfaces: Sequence[Surface]) -> dict[Surface, int]:
    """The ids of those `surfaces` that are known."""
    languages = {language for _, language, _ in surfaces}
    rows = SearchTerm.objects.filter(
        language__in=languages, folded__in={folded for folded, _, _ in surfaces}
    ).values_list("folded", "language", "stem", "pk")
    wanted = set(surfaces)
    return {surface: pk for *key, pk in rows if (surface := tuple(key)) in wanted}


def _count(ids: Iterable[int], *, by: int) -> None:
    free = SearchTerm.objects.filter(pk__in=list(ids), frequency__gte=1 if by < 0 else 0)
    SearchTerm.objects.filter(pk__in=free.select_for_update(skip_locked=True).values("pk")).update(
        frequency=F("frequency") + by
    )
