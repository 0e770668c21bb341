"""The index on PostgreSQL: vectors of the same terms under GIN, ranked in two stages.

`head` holds code, title and tags and stays small, `full` holds everything and lies outside the row. All matches are
ordered by `head`, and only the best of them by `full`: reading every long vector would take most of the time.
"""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from collections.abc import Sequence

from django.db import connection

from procedures.search.terms import Alternative, Entry, Terms, Unit, by_language, by_weight, written_in

TABLE = "procedures_search_vector"
WEIGHTS = "'{0.2, 0.4, 0.6, 1.0}'::float4[]"
"""What a match is worth in body, steps, tags and title."""

MAX_VECTOR_BYTES = 900_000  # PostgreSQL refuses a vector of 1 MB
MAX_POSITIONS = 255  # of one term; PostgreSQL keeps no more
MAX_POSITION = 16_383
MAX_APART = 8  # alternatives of the same weight that are ranked one by one
FIELD_GAP = 10  # positions between two fields, so that no phrase reaches across


def put(entries: Sequence[Entry]) -> None:
    """Add the rows of `entries`, whose revisions have none yet."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (revision_id, head, full_text, spelt)"
            " VALUES (%s, %s::tsvector, %s::tsvector, %s::tsvector)",
            [
                (
                    entry.revision_id,
                    vector((entry.code + entry.title, "A"), (entry.tags, "B")),
                    vector((entry.code + entry.title, "A"), (entry.tags, "B"), (entry.steps, "C"), (entry.body, "D")),
                    vector((entry.spelt, "D")),
                )
                for entry in entries
            ],
        )


def remove(revision_id: int) -> bool:
    """Delete the row of a revision; return whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE revision_id = %s", [revision_id])
        return cursor.rowcount > 0


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")


def vector(*fields: tuple[list[str], str]) -> str:
    """The fields (terms, weight letter) as PostgreSQL writes a tsvector, cut off before it grows too large."""
    positions: dict[str, list[str]] = {}
    at, size = 0, 0
    for terms, letter in fields:
        for term in terms:
            at += 1
            of_term = positions.get(term)
            size += 2 if of_term else len(term.encode()) + 8
            if size > MAX_VECTOR_BYTES:
                break
            if of_term is None:
                positions[term] = [f"{min(at, MAX_POSITION)}{letter}"]
            elif len(of_term) < MAX_POSITIONS and at <= MAX_POSITION:
                of_term.append(f"{at}{letter}")
        at += FIELD_GAP
    return " ".join(f"{_quoted(term)}:{','.join(where)}" for term, where in positions.items())


def matches_all(units: Sequence[Unit], *, texts: int) -> tuple[str, list]:
    """SQL of the (id, score) of texts that have every unit as typed; the score is that of the first stage."""
    return (
        f"SELECT revision_id AS id, ts_rank({WEIGHTS}, head, %s::tsquery) AS score"
        f" FROM {TABLE} WHERE full_text @@ %s::tsquery",
        [_any_of(_exact(units)), " & ".join(_any_of(unit.exact) for unit in units)],
    )


def matches_some(units: Sequence[Unit], *, texts: int) -> tuple[str, list]:
    """SQL of the (id, score) of texts that have at least one unit, typed or guessed; more units, higher score."""
    parts: list[str] = []
    params: list = []
    for number, unit in enumerate(units):
        for (weight, language), equals in by_weight(unit.alternatives).items():
            query = _any_of(equals)
            only, only_params = written_in("revision_id", language)
            parts.append(
                f"SELECT revision_id AS id, {number} AS unit,"
                f" %s * (0.5 + ts_rank({WEIGHTS}, head, %s::tsquery)) AS score"
                f" FROM {TABLE} WHERE full_text @@ %s::tsquery{only}"
            )
            params += [weight * unit.rarity, query, query, *only_params]
    return (
        "SELECT id, sum(score) * count(*) AS score FROM"
        f" (SELECT id, unit, max(score) AS score FROM ({' UNION ALL '.join(parts)}) AS found GROUP BY id, unit)"
        " AS best GROUP BY id",
        params,
    )


def ranked(units: Sequence[Unit], *, keep: int) -> tuple[str, list]:
    """SQL of the final (id, score): the best `keep` of the common table `visible_match`, by their whole text."""
    columns: list[str] = []
    params: list = []
    for number, unit in enumerate(units):
        ranks = []
        params.append(unit.rarity)
        for (weight, language), equals in by_weight(unit.alternatives).items():
            only, only_params = written_in("id", language)
            # ts_rank divides by the number of words that are joined by "or": with many synonyms each would be worth
            # next to nothing.
            for group in [equals] if len(equals) > MAX_APART else [[alternative] for alternative in equals]:
                rank = f"{weight} * ts_rank({WEIGHTS}, whole, %s::tsquery)"
                ranks.append(f"CASE WHEN true{only} THEN {rank} ELSE 0 END" if only else rank)
                params += [*only_params, _any_of(group)]
        columns.append(f"%s * greatest({', '.join(ranks)}) AS unit_{number}")
    total = " + ".join(f"unit_{number}" for number in range(len(units)))
    found = " + ".join(f"(unit_{number} > 1e-9)::int" for number in range(len(units)))
    # ts_filter hands on a copy in memory; OFFSET 0 keeps the planner from fetching the long vector for every unit.
    return (
        f"SELECT id, ({total}) * ({found}) AS score FROM (SELECT id, {', '.join(columns)} FROM"
        f" (SELECT best.id, ts_filter({TABLE}.full_text, '{{a,b,c,d}}') AS whole"
        f" FROM (SELECT id FROM visible_match ORDER BY score DESC, id DESC LIMIT {keep}) AS best"
        f" JOIN {TABLE} ON {TABLE}.revision_id = best.id OFFSET 0) AS read_once OFFSET 0) AS by_unit",
        params,
    )


def has(*wanted: Sequence[Alternative]) -> tuple[str, list]:
    """SQL of the ids of texts that satisfy one alternative out of each of `wanted`."""
    conditions: list[str] = []
    params: list = []
    for alternatives in wanted:
        parts = []
        for language, equals in by_language(alternatives).items():
            only, only_params = written_in("revision_id", language)
            parts.append(f"full_text @@ %s::tsquery{only}")
            params += [_any_of(equals), *only_params]
        conditions.append(f"({' OR '.join(parts)})")
    return f"SELECT revision_id AS id FROM {TABLE} WHERE {' AND '.join(conditions)}", params


def each_with(few: str, among: str) -> str:
    """SQL of the rows of the common table `few`, each joined to its own in the table `among`, if it has one there."""
    # One by one. Joined freely, the planner takes the rule of who may read what for so dear that it reads all texts
    # once, of which a search finds a few in a hundred.
    return f"{few} CROSS JOIN LATERAL (SELECT * FROM {among} WHERE {among}.id = {few}.id LIMIT 1) AS {among} WHERE true"


def starts(prefixes: Sequence[str]) -> tuple[str, list]:
    """SQL of the (id, score) of texts whose code, title or tags have all words; the last one may be unfinished."""
    *whole, last = (_quoted(prefix) for prefix in prefixes)
    query = " & ".join([*whole, f"{last}:*"])
    return (
        f"SELECT revision_id AS id, ts_rank(spelt, %s::tsquery, 1) AS score FROM {TABLE} WHERE spelt @@ %s::tsquery",
        [query, query],
    )


def _exact(units: Sequence[Unit]) -> list[Alternative]:
    return [alternative for unit in units for alternative in unit.exact]


def _any_of(alternatives: Sequence[Alternative]) -> str:
    return "(" + " | ".join(_phrase(alternative.terms) for alternative in alternatives) + ")"


def _phrase(terms: Terms) -> str:
    return (
        " <-> ".join(_quoted(term) for term in terms) if len(terms) == 1 else f"({' <-> '.join(map(_quoted, terms))})"
    )


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
