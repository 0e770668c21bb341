"""Storage and backup rules: what is kept where, how often it is copied, for how long, and who makes sure."""

from django.utils.translation import gettext as _

from procedures.standards.problems import Problem, rows_of, text_of, too_long

COLUMNS = ("what", "where", "how_often", "kept", "tested")
MAX_ROWS = 100
MAX_CELL = 300


def storage_rows_of(data: dict) -> list[dict]:
    """The rules: dicts of what, where, how_often, kept, who ({id, name} of a role, or nothing) and tested."""
    return rows_of(data, "rules")


def storage_problems(data: dict) -> list[Problem]:
    """What stands in the way of using the rules."""
    rows = storage_rows_of(data)
    if not rows:
        return [Problem("rules", _("There are no rules yet."))]
    if len(rows) > MAX_ROWS:
        return [Problem("rules", _("There are at most %(count)d rules.") % {"count": MAX_ROWS})]
    problems = []
    for number, row in enumerate(rows, start=1):
        for column in COLUMNS:
            problems += too_long("rules", text_of(row.get(column)), MAX_CELL, number)
        if not text_of(row.get("what")):
            problems.append(Problem("rules", _("Say what is kept."), number))
        if not text_of(row.get("where")):
            problems.append(Problem("rules", _("Say where it is kept."), number))
    return problems
