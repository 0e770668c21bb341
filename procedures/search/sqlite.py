"""The index on SQLite: one FTS5 table, whose own BM25 ranks, with a weight for each column (migration 0003)."""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from collections.abc import Sequence

from django.db import connection

from procedures.search.terms import Alternative, Entry, Terms, Unit, by_language, by_weight, written_in

TABLE = "procedures_search_fts"
COLUMNS = ("code", "title", "tags", "steps", "body", "spelt")
TITLE_BONUS = 1.0  # times rarity. BM25 gives about 2 at most, and nearly that to a word repeated in the body
MAX_APART = 8  # alternatives of the same weight that are valued one by one
MOST = 2.2  # what BM25 gives to one term at most, its rarity aside
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
    in_title = f"rowid IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s)"
    bonus = f" + %s * ({in_title})" * len(units)
    titles: list = []
    for unit in units:
        titles += [unit.rarity * TITLE_BONUS, f"{{code title}} : {_any_of(unit.exact)}"]
    sql = f"SELECT rowid AS id, -rank{{}}{bonus} AS score FROM {TABLE} WHERE {TABLE} MATCH %s"
    every = _in_text(" AND ".join(_any_of(unit.exact) for unit in units))
    main = [[form for form in unit.exact if not form.is_foreign] for unit in units]
    if all(len(forms) == len(unit.exact) for forms, unit in zip(main, units, strict=True)):
        return sql.format(""), [*titles, every]
    # Scored once by the main forms alone, and once by all with their excess taken out; the better one counts.
    scarcity = max(unit.scarcity for unit in units)
    return (
        f"SELECT id, max(score) AS score FROM ({sql.format('')} UNION ALL {sql.format(f' / {scarcity}')})"
        " AS both_ways GROUP BY id",
        [*titles, _in_text(" AND ".join(map(_any_of, main))), *titles, every],
    )


def matches_some(units: Sequence[Unit], *, texts: int) -> tuple[str, list]:
    """SQL of the (id, score) of texts that have at least one unit, typed or guessed; more units, higher score."""
    sums, params = _sums_by_unit([(unit, unit.alternatives) for unit in units], texts)
    return f"SELECT id, score * found AS score FROM ({sums}) AS summed", params


def _sums_by_unit(wanted: Sequence[tuple[Unit, Sequence[Alternative]]], texts: int) -> tuple[str, list]:
    """SQL of (id, score, found): the sum over the units of the best score in each, and how many were found.

    BM25 multiplies by the rarity of each term, so that a rare synonym would beat the word itself. It is divided out
    again, and the rarity of the unit put in its place. For the same reason several synonyms in one text count no more
    than the best of them: a related word never beats the word itself in the same field.
    """
    selects: list[str] = []
    params: list = []
    for number, (unit, alternatives) in enumerate(wanted):
        for (weight, language), equals in by_weight(alternatives).items():
            factor = weight * unit.rarity
            only, only_params = written_in(f"{TABLE}.rowid", language)
            for group in [equals] if len(equals) > MAX_APART else [[alternative] for alternative in equals]:
                value = VALUE_OF_ONE if len(group) == 1 else VALUE_OF_MANY
                selects.append(
                    f"SELECT rowid AS id, {number} AS unit,"
                    f" min(-rank / {value.format(texts=texts)}, {MOST}) * %s AS score,"
                    f" 0 AS bonus FROM {TABLE} WHERE {TABLE} MATCH %s{only}"
                )
                params += [factor, _in_text(_any_of(group)), *only_params]
            selects.append(f"SELECT rowid, {number}, 0, %s FROM {TABLE} WHERE {TABLE} MATCH %s{only}")
            params += [factor * TITLE_BONUS, f"{{code title}} : {_any_of(equals)}", *only_params]
    return (
        "SELECT id, sum(score) AS score, count(*) AS found FROM (SELECT id, unit, max(score) + max(bonus) AS score"
        f" FROM ({' UNION ALL '.join(selects)}) AS each_found GROUP BY id, unit) AS best GROUP BY id",
        params,
    )


def ranked(units: Sequence[Unit], *, keep: int) -> tuple[str, list]:
    """SQL of the final (id, score) out of the common table `visible_match`: here the first ranking is the last."""
    return "SELECT id, score FROM visible_match", []


def has(*wanted: Sequence[Alternative]) -> tuple[str, list]:
    """SQL of the ids of texts that satisfy one alternative out of each of `wanted`."""
    if not any(alternative.language for alternatives in wanted for alternative in alternatives):
        expression = " AND ".join(map(_any_of, wanted))
        return f"SELECT rowid AS id FROM {TABLE} WHERE {TABLE} MATCH %s", [_in_text(expression)]
    each: list[str] = []
    params: list = []
    for alternatives in wanted:
        selects = []
        for language, equals in by_language(alternatives).items():
            only, only_params = written_in(f"{TABLE}.rowid", language)
            selects.append(f"SELECT rowid AS id FROM {TABLE} WHERE {TABLE} MATCH %s{only}")
            params += [_in_text(_any_of(equals)), *only_params]
        each.append(f"SELECT id FROM ({' UNION '.join(selects)}) AS any_of")
    return " INTERSECT ".join(each), params


def each_with(few: str, among: str) -> str:
    """SQL of the rows of the common table `few`, each joined to its own in the table `among`, if it has one there."""
    return f"{few} CROSS JOIN {among} WHERE {among}.id = {few}.id"  # SQLite joins in the order in which it is said


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
