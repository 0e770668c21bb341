"""A procedure and its translations are one set: lists show one text of each, in SQL of ours for both databases.

Only texts that match, are readable and pass the filters compete. The one in the person's language is shown, else the
original, else the oldest; hence a set that is found by another language only shows that text.
"""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from collections.abc import Sequence
from dataclasses import dataclass

from procedures.models.revision import RevisionQuerySet
from procedures.search.backend import backend
from procedures.search.questions import sql_of

COLUMNS = {"procedure": "procedure_id", "original": "procedure__translation_of_id", "spoken": "language"}
"""What tells the members of a set apart: column of a common table → field of a revision."""

WORK = (
    "CASE WHEN original IS NOT NULL THEN original WHEN procedure IN"
    " (SELECT translation_of_id FROM procedures_procedure WHERE translation_of_id IS NOT NULL) THEN procedure END"
)
"""The set of a row: its original. NULL for the many procedures without translations, which then need no grouping."""

COUNT = "count(*) - count(work) + count(DISTINCT work)"
"""How many are listed of some rows."""

_APART = 1_000_000_000_000
_PICK = f"{_APART} * CASE WHEN spoken = %s THEN 0 WHEN original IS NULL THEN 1 ELSE 2 END + id"
"""The least of a set is the one that is shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """SQL of what a search lists of `matching`: the common tables `visible` and `visible_match` (id, score).

    number: how many that are, of the table `found`.
    """

    visible: str
    visible_params: list
    tables: str
    params: list
    number: str


def each_found(queryset: RevisionQuerySet) -> Found:
    """Every text of `queryset` for itself."""
    sql, params = sql_of(queryset)
    return Found(
        f"visible(id) AS NOT MATERIALIZED ({sql})",
        params,
        f"found AS MATERIALIZED (SELECT matching.id, matching.score FROM {backend().each_with('matching', 'visible')}),"
        " visible_match AS NOT MATERIALIZED (SELECT id, score FROM found)",
        [],
        "count(*)",
    )


def one_of_each(queryset: RevisionQuerySet, prefer: str) -> Found:
    """One text for each set in `queryset`, in the language `prefer` if it can be.

    A set counts with the best score of its members, whatever the language of the one that is shown, so that pages
    follow from `visible_match` alone. PostgreSQL's second ranking then reads the text that is shown.
    """
    sql, params = sql_of(queryset, ("pk", *COLUMNS.values()))
    return Found(
        f"visible(id, {', '.join(COLUMNS)}) AS NOT MATERIALIZED ({sql})",
        params,
        f"found AS MATERIALIZED (SELECT matching.id, score, {WORK} AS work, original, spoken"
        f" FROM {backend().each_with('matching', 'visible')}),"
        " visible_match AS NOT MATERIALIZED (SELECT id, score FROM found WHERE work IS NULL UNION ALL"
        f" SELECT min({_PICK}) %% {_APART}, max(score) FROM found WHERE work IS NOT NULL GROUP BY work)",
        [prefer],
        COUNT,
    )


def shown(prefer: str, rows: str, params: Sequence) -> tuple[str, list]:
    """SQL of the ids that are shown of `rows` (id, work, *COLUMNS) which belong to a set."""
    return f"SELECT min({_PICK}) %% {_APART} FROM {rows} AND work IS NOT NULL GROUP BY work", [prefer, *params]


def members_of(hits: Sequence[int], *, among: str) -> tuple[str, list]:
    """SQL of (work, id) of the texts in the sets of the revisions `hits` that the table `among` has."""
    work = "coalesce(own.translation_of_id, own.id)"
    return (
        f"SELECT {work} AS work, text.id FROM procedures_revision AS hit CROSS JOIN procedures_procedure AS own"
        f" CROSS JOIN procedures_procedure AS kin CROSS JOIN procedures_revision AS text CROSS JOIN {among}"
        f" WHERE hit.id IN ({', '.join(['%s'] * len(hits))}) AND own.id = hit.procedure_id"
        f" AND (kin.id = {work} OR kin.translation_of_id = {work})"
        f" AND text.procedure_id = kin.id AND {among}.id = text.id",
        list(hits),
    )
