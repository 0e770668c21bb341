"""Code tables (a chart of accounts and the like): codes with a name and a note, in use or deprecated.

A code is a dict of code, name, note, status, replacement and since; keys without a value are left out, which halves
the JSON of a large table.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from procedures.standards.problems import BadPart, Problem, rows_of, text_of, too_long

COLUMNS = ("code", "name", "note", "status", "replacement", "since")
ACTIVE = "active"
DEPRECATED = "deprecated"
MAX_CODES = 10_000
MAX_CODE = 40
MAX_NAME = 160
MAX_NOTE = 500
MAX_PROBLEMS = 50

HEADERS = {
    "code": {"code", "number", "account", "no", "no.", "numéro", "n°", "compte"},
    "name": {"name", "title", "description", "label", "nom", "intitulé", "libellé", "désignation"},
    "note": {"note", "notes", "remark", "remarks", "comment", "remarque", "commentaire"},
    "status": {"status", "state", "statut", "état"},
    "replacement": {"replacement", "replaced by", "use instead", "remplacé par", "remplacement"},
    "since": {"since", "deprecated since", "from", "depuis", "date"},
}
WORDS_FOR_DEPRECATED = {
    "deprecated",
    "inactive",
    "closed",
    "old",
    "obsolete",
    "déprécié",
    "obsolète",
    "fermé",
    "inactif",
}
WORDS_FOR_ACTIVE = {"", "active", "open", "in use", "actif", "ouvert", "en vigueur"}


def codes_of(data: dict) -> list[dict]:
    """The codes of a table, in their order."""
    return rows_of(data, "codes")


def is_deprecated(code: Mapping) -> bool:
    return code.get("status") == DEPRECATED


def slim(code: Mapping[str, object]) -> dict[str, str]:
    """A code as it is stored: only the keys that hold something; a code in use has no status."""
    stored = {name: text_of(code.get(name)) for name in COLUMNS}
    if stored["status"] != DEPRECATED:
        stored |= {"status": "", "replacement": "", "since": ""}
    return {name: value for name, value in stored.items() if value}


def codes_problems(data: dict) -> list[Problem]:
    """What stands in the way of using a table: what is missing, too long, there twice, or leads nowhere."""
    return problems_of_codes(codes_of(data))


def problems_of_codes(codes: Sequence[Mapping]) -> list[Problem]:
    if not codes:
        return [Problem("codes", _("There are no codes yet."))]
    if len(codes) > MAX_CODES:
        words = _("There are %(count)d codes; %(limit)d are possible. Split the table.")
        return [Problem("codes", words % {"count": len(codes), "limit": MAX_CODES})]
    problems: list[Problem] = []
    by_code: dict[str, Mapping] = {text_of(row.get("code")): row for row in codes}
    seen: dict[str, int] = {}
    for number, row in enumerate(codes, start=1):
        problems += _row_problems(row, number, by_code)
        code = text_of(row.get("code"))
        if code and code in seen:
            words = _("“%(code)s” is there already, in row %(row)d.")
            problems.append(Problem("code", words % {"code": code[:MAX_CODE], "row": seen[code]}, number))
        seen.setdefault(code, number)
        if len(problems) >= MAX_PROBLEMS:
            break
    return problems


def _row_problems(row: Mapping, number: int, by_code: Mapping[str, Mapping]) -> Iterator[Problem]:
    code = text_of(row.get("code"))
    for name, limit in (("code", MAX_CODE), ("name", MAX_NAME), ("note", MAX_NOTE), ("replacement", MAX_CODE)):
        yield from too_long(name, text_of(row.get(name)), limit, number)
    if not code:
        yield Problem("code", _("The code is missing."), number)
    if not text_of(row.get("name")):
        yield Problem("name", _("“%(code)s” has no name.") % {"code": code[:MAX_CODE]}, number)
    if row.get("status", ACTIVE) not in (ACTIVE, DEPRECATED):
        yield Problem("status", _("A code is in use or deprecated."), number)
    if not is_deprecated(row):
        return
    if since := text_of(row.get("since")):
        try:
            datetime.date.fromisoformat(since)
        except ValueError:
            words = _("“%(since)s” is no date; write it as 2026-01-31.")
            yield Problem("since", words % {"since": since[:30]}, number)
    if replacement := text_of(row.get("replacement")):
        named = {"replacement": replacement[:MAX_CODE]}
        if replacement == code or replacement not in by_code:
            yield Problem("replacement", _("“%(replacement)s” is no other code of this table.") % named, number)
        elif is_deprecated(by_code[replacement]):
            yield Problem("replacement", _("“%(replacement)s” is deprecated itself.") % named, number)


def removed_codes(before: Iterable[Mapping], after: Iterable[Mapping]) -> list[str]:
    """The codes of `before` that `after` does not know any more."""
    kept = {row.get("code") for row in after}
    return [str(row["code"]) for row in before if row.get("code") and row["code"] not in kept]


# Looking up --------------------------------------------------------------------------------------------------


def search_codes(codes: Sequence[dict], words: str, *, status: str = "") -> list[dict]:
    """The codes in which each of `words` stands, whatever its case: those that begin with the words first."""
    wanted = words.casefold().split()
    found = [row for row in codes if not status or (status == DEPRECATED) == is_deprecated(row)]
    if not wanted:
        return found
    whole = " ".join(wanted)
    hits = []
    for row in found:
        code, rest = str(row.get("code", "")).casefold(), f"{row.get('name', '')} {row.get('note', '')}".casefold()
        if all(word in code or word in rest for word in wanted):
            hits.append((not code.startswith(whole), not rest.startswith(whole), row))
    return [row for _by_code, _by_name, row in sorted(hits, key=lambda hit: hit[:2])]


# Changing ----------------------------------------------------------------------------------------------------


def with_code(codes: Sequence[dict], changed: Mapping[str, object], *, was: str = "") -> list[dict]:
    """`codes` with one more, or with the code `was` as it is now."""
    new = slim(changed)
    if not was:
        return [*codes, new]
    return [new if row.get("code") == was else row for row in codes]


def without_code(codes: Sequence[dict], code: str) -> list[dict]:
    return [row for row in codes if row.get("code") != code]


# Import and export -------------------------------------------------------------------------------------------


@dataclass
class ImportPlan:
    """What taking over a table would do: `codes` afterwards, and what is new, changed, deprecated or gone."""

    codes: list[dict]
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    deprecated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0


def read_rows(lines: Iterable[tuple[int, Sequence[str]]]) -> list[dict]:
    """The codes in the `lines` (number, cells) of a file; the first line names the columns, or is a code already.

    Raises BadPart with a problem for each line that cannot be read; its `row` is the number of the line.
    """
    rows = list(lines)
    if not rows:
        raise BadPart([Problem("codes", _("There are no codes in this file."))])
    columns = _columns(rows[0][1])
    body = rows[1:] if columns else rows
    columns = columns or list(COLUMNS[:3])
    problems: list[Problem] = []
    codes: list[dict] = []
    seen: dict[str, int] = {}
    for number, cells in body:
        values = dict(zip(columns, cells, strict=False))
        values.pop("", None)
        problem = _status_problem(values, number)
        code = slim(values)
        # Whether a replacement is there is a question to the whole table, asked when it is put together.
        there: dict[str, dict] = {code.get("replacement", ""): {}}
        problems += [problem] if problem else list(_row_problems(code, number, there))
        if (written := code.get("code", "")) in seen:
            words = _("“%(code)s” is there already, in line %(line)d.")
            problems.append(Problem("code", words % {"code": written, "line": seen[written]}, number))
        seen.setdefault(written, number)
        codes.append(code)
    if not codes:
        problems.append(Problem("codes", _("There are no codes in this file.")))
    if problems:
        raise BadPart(problems[:MAX_PROBLEMS])
    return codes


def _columns(cells: Sequence[str]) -> list[str]:
    """The names of the columns, in the words of a spreadsheet; empty when the first line is no header."""
    names = []
    for cell in cells:
        written = cell.strip().casefold()
        names.append(next((name for name, words in HEADERS.items() if written in words and name not in names), ""))
    return names if "code" in names and "name" in names else []


def _status_problem(values: dict[str, str], number: int) -> Problem | None:
    written = values.get("status", "").strip().casefold()
    if written in WORDS_FOR_DEPRECATED:
        values["status"] = DEPRECATED
    elif written in WORDS_FOR_ACTIVE:
        values["status"] = ""
    else:
        words = _("“%(status)s” is no status; write active or deprecated.")
        return Problem("status", words % {"status": values["status"][:30]}, number)
    return None


def plan_import(
    present: Sequence[dict],
    brought: Sequence[dict],
    *,
    replaces: bool,
    published: Sequence[dict] = (),
    day: datetime.date,
) -> ImportPlan:
    """What becomes of `present` when `brought` is taken over: added to it, or in its place.

    A code of `published` that the file leaves out stays, deprecated since `day`: who meets it in an old entry must
    find it.
    """
    before = {row.get("code"): slim(row) for row in present}
    new = {row["code"]: row for row in brought}
    once_published = {row.get("code") for row in published}
    plan = ImportPlan(list(brought) if replaces else [])
    for code, row in before.items():
        if code in new:
            plan.codes += [] if replaces else [new[code]]
        elif not replaces or (code in once_published and is_deprecated(row)):
            plan.codes.append(row)
        elif code in once_published:
            plan.codes.append({**row, "status": DEPRECATED, "since": day.isoformat()})
            plan.deprecated.append(str(code))
    if not replaces:
        plan.codes += [row for row in brought if row["code"] not in before]
    for code, row in new.items():
        if code not in before:
            plan.added.append(code)
        elif before[code] != row:
            plan.changed.append(code)
        else:
            plan.unchanged += 1
    plan.removed = removed_codes(present, plan.codes)
    return plan


def export_rows(codes: Iterable[Mapping]) -> list[list[str]]:
    """The table with its header, as `read_rows` reads it."""
    rows = [[str(row.get(name, "")) for name in COLUMNS] for row in codes]
    for row in rows:
        row[COLUMNS.index("status")] = row[COLUMNS.index("status")] or ACTIVE
    return [list(COLUMNS), *rows]
