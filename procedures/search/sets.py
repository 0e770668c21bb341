"""A procedure and its translations are one set: lists show one text of each, in SQL of ours for both databases.

Only texts that match, are readable and pass the filters compete. The one in the person's language is shown, else the
original, else the oldest; hence a set that is found by another language only shows that text.
"""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

from procedures.models.revision import RevisionQuerySet

COLUMNS = {"procedure": "procedure_id", "original": "procedure__translation_of_id", "spoken": "language"}
"""What tells the members of a set apart: column of the common tables → field of a revision."""

MEMBERS = f"visible(id, {', '.join(COLUMNS)})"

_DISTANCE = "CASE WHEN spoken = %s THEN 0 WHEN original IS NULL THEN 1 ELSE 2 END"


def set_of(prefer: str | None) -> str:
    """SQL of what is listed once: the set when there is a language to `prefer`, else each procedure for itself."""
    return "procedure" if prefer is None else "coalesce(original, procedure)"


def members(queryset: RevisionQuerySet) -> tuple[str, list]:
    """SQL of the rows of `MEMBERS`: ids of `queryset` with what tells the members of a set apart."""
    sql, params = queryset.order_by().values_list("pk", *COLUMNS.values()).query.sql_with_params()
    return sql, list(params)


def one_of_each(prefer: str | None) -> tuple[str, list]:
    """SQL of the common tables that make `visible_match`, one (id, score) for each set, of `matching` and `visible`.

    A set ranks as its best member does, whatever the language of what is shown, so that a page depends only on the
    order of `visible_match`. Windows are opened over translated sets alone: most libraries have few of them.
    """
    return (
        f"found AS MATERIALIZED (SELECT matching.id, matching.score, {set_of(prefer)} AS work, original,"
        f" {_DISTANCE} AS distance FROM matching CROSS JOIN visible WHERE visible.id = matching.id),"
        " crowded AS MATERIALIZED (SELECT id, first_value(id) OVER (PARTITION BY work ORDER BY distance, id) AS shown,"
        " row_number() OVER (PARTITION BY work ORDER BY score DESC, id DESC) AS place"
        " FROM found WHERE work IN (SELECT work FROM found WHERE original IS NOT NULL)),"
        " visible_match AS MATERIALIZED"
        " (SELECT id, score FROM found WHERE id NOT IN (SELECT id FROM crowded WHERE place > 1))",
        [prefer or ""],
    )


def shown_of(page: str) -> str:
    """SQL of the hits of `page`, each best member replaced by the one that is shown."""
    return (
        f"SELECT 'hit', coalesce(crowded.shown, page.id), page.score FROM {page}"
        " LEFT JOIN crowded ON crowded.id = page.id"
    )


def shown_first(prefer: str | None) -> tuple[str, list]:
    """SQL of the place of a row of `listed` in its set: 1 for the one that is shown."""
    return f"row_number() OVER (PARTITION BY {set_of(prefer)} ORDER BY {_DISTANCE}, id)", [prefer or ""]
