"""The index on SQLite: one FTS5 table, whose own BM25 ranks, with a weight for each column (migration 0003)."""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from collections.abc import Sequence

from django.db import connection

from procedures.search.terms import Alternative, Entry, Terms, Unit

TABLE = "procedures_search_fts"
COLUMNS = ("code", "title", "tags", "steps", "body", "spelt")
TITLE_BONUS = 1.0  # BM25 gives about 2 at most, and nearly that to a word repeated in the body
MAX_FORMS = 6
VALUE_OF_ONE = "max(1e-6, ln(({texts} - count(*) OVER () + 0.5) / (count(*) OVER () + 0.5)))"
"""What BM25 multiplies by for a term: the formula of FTS5, which gives next to nothing to what half of all have."""
VALUE_OF_MANY = "ln(1.0 + {texts} / count(*) OVER ())"
"""The same for several terms together, near enough."""


def put(entries: Sequence[Entry]) -> None:
    """Add the rows of `entries`, whose revisions have none yet."""
    fields = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE}(rowid, {fields}) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(entry.revision_id, *(" ".join(getattr(entry, column)) for column in COLUMNS)) for entry in entries],
        )


def remove(revision_id: int) -> bool:
    """Delete the row of a revision; return whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE rowid = %s", [revision_id])
        return cursor.rowcount > 0


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")


def matches_all(units: Sequence[Unit], *, texts: int) -> tuple[str, list]:
    """SQL of the (id, score) of texts that have every unit as typed. `texts` is the number of texts."""
    sql = f"SELECT rowid AS id, -rank AS score FROM {TABLE} WHERE {TABLE} MATCH %s"
    every = _in_text(" AND ".join(_any_of(unit.exact) for unit in units))
    main = [[form for form in unit.exact if not form.is_foreign] for unit in units]
    if all(len(forms) == len(unit.exact) for forms, unit in zip(main, units, strict=True)):
        return sql, [every]
    # Scored once by the main forms alone, and once by all with their excess taken out; the better one counts.
    scarcity = max(unit.scarcity for unit in units)
    return (
        f"SELECT id, max(score) AS score FROM ({sql} UNION ALL SELECT rowid, -rank / {scarcity} FROM {TABLE}"
        f" WHERE {TABLE} MATCH %s) AS both_ways GROUP BY id",
        [_in_text(" AND ".join(map(_any_of, main))), every],
    )


def matches_some(units: Sequence[Unit], *, texts: int) -> tuple[str, list]:
    """SQL of the (id, score) of texts that have at least one unit, typed or guessed; more units, higher score."""
    sums, params = _sums_by_unit([(unit, unit.alternatives) for unit in units], texts)
    return f"SELECT id, score * found AS score FROM ({sums}) AS summed", params


def _sums_by_unit(wanted: Sequence[tuple[Unit, Sequence[Alternative]]], texts: int) -> tuple[str, list]:
    """SQL of (id, score, found): the sum over the units of the best score in each, and how many were found.

    BM25 multiplies by the rarity of each term, so that a rare synonym would beat the word itself. It is divided out
    again, and the rarity of the unit put in its place.
    """
    selects: list[str] = []
    params: list = []
    for number, (unit, alternatives) in enumerate(wanted):
        for group in _valued_together(alternatives):
            value = VALUE_OF_ONE if len(group) == 1 else VALUE_OF_MANY
            factor = group[0].weight * unit.rarity
            selects += [
                f"SELECT rowid AS id, {number} AS unit, -rank * {factor} / {value.format(texts=texts)} AS score,"
                f" 0 AS bonus FROM {TABLE} WHERE {TABLE} MATCH %s",
                f"SELECT rowid, {number}, 0, {factor * TITLE_BONUS} FROM {TABLE} WHERE {TABLE} MATCH %s",
            ]
            params += [_in_text(_any_of(group)), f"{{code title}} : {_any_of(group)}"]
    return (
        "SELECT id, sum(score) AS score, count(*) AS found FROM (SELECT id, unit, max(score) + max(bonus) AS score"
        f" FROM ({' UNION ALL '.join(selects)}) AS each_found GROUP BY id, unit) AS best GROUP BY id",
        params,
    )


def _valued_together(alternatives: Sequence[Alternative]) -> list[list[Alternative]]:
    """The forms of the word one by one, so far as they are few; guesses of the same weight in one group."""
    by_weight: dict[float, list[Alternative]] = {}
    for alternative in alternatives:
        by_weight.setdefault(alternative.weight, []).append(alternative)
    groups: list[list[Alternative]] = []
    for weight, equals in by_weight.items():
        if weight == 1 and len(equals) <= MAX_FORMS:
            groups += [[alternative] for alternative in equals]
        else:
            groups.append(equals)
    return groups


def ranked(units: Sequence[Unit], *, keep: int) -> tuple[str, list]:
    """SQL of the final (id, score) out of the common table `visible_match`: here the first ranking is the last."""
    return "SELECT id, score FROM visible_match", []


def has(*wanted: Sequence[Alternative]) -> tuple[str, list]:
    """SQL of the ids of texts that satisfy one alternative out of each of `wanted`."""
    expression = " AND ".join(map(_any_of, wanted))
    return f"SELECT rowid AS id FROM {TABLE} WHERE {TABLE} MATCH %s", [_in_text(expression)]


def starts(prefixes: Sequence[str]) -> tuple[str, list]:
    """SQL of the (id, score) of texts whose code, title or tags have all words; the last one may be unfinished."""
    *whole, last = (_phrase((prefix,)) for prefix in prefixes)
    expression = " AND ".join([*whole, f"{last} *"])
    return (
        f"SELECT rowid AS id, -bm25({TABLE}, 0, 0, 0, 0, 0, 1.0) AS score FROM {TABLE} WHERE {TABLE} MATCH %s",
        [f"{{spelt}} : ({expression})"],
    )


def _in_text(expression: str) -> str:
    return f"{{code title tags steps body}} : ({expression})"


def _any_of(alternatives: Sequence[Alternative]) -> str:
    return "(" + " OR ".join(_phrase(alternative.terms) for alternative in alternatives) + ")"


def _phrase(terms: Terms) -> str:
    return '"' + " ".join(terms).replace('"', '""') + '"'
