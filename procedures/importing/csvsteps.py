"""CSV of steps → procedure: one line a step, columns by their English or French heading."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from procedures.importing.blocks import Block, SourceDocument, Tally
from procedures.importing.counting import words_of
from procedures.importing.document import MAX_STEPS, ParsedProcedure, ParsedStep, UnreadableDocument
from procedures.importing.language import detect_language, fold
from procedures.importing.reporting import Recognised, procedure_of
from procedures.importing.rich.inline import escaped
from procedures.importing.stepmaking import StepMaker
from procedures.importing.titles import title_of_file
from procedures.importing.tokens import plain_text
from procedures.importing.vocabulary import EXPECTED_LABEL, NUMBER_COLUMN, ROLE_COLUMN, STEP_COLUMN, WARNING_COLUMN

MAX_CSV = 5_000_000
MAX_ERRORS = 10
MAX_MINUTES = 100_000
_DELIMITERS = ";,\t|"
_COLUMNS = (
    ("title", rf"title|titre|step title|titre de l'etape|{STEP_COLUMN}"),
    ("role", ROLE_COLUMN),
    ("section", r"section|phase|chapitre|chapter|part|partie|groupe|group"),
    ("minutes", r"minutes?|min|duration(?: \(?min(?:utes)?\)?)?|duree(?: \(?(?:en )?min(?:utes)?\)?)?|temps|time"),
    ("expected", rf"{EXPECTED_LABEL}|expected|resultat|result|attendu"),
    ("warning", WARNING_COLUMN),
    ("tool", r"tools?|outils?|systems?|systemes?|applications?|software|logiciels?"),
    ("record", r"records?|enregistrements?|forms?|formulaires?"),
    (
        "body",
        r"body|details?|text|texte|how|comment|explanations?|explications?|notes?|remarks?|remarques?",
    ),
    ("number", NUMBER_COLUMN),
)


def parse_csv(data: bytes, *, filename: str) -> ParsedProcedure:
    """Read steps from a table. Raises UnreadableDocument that names the lines that cannot be read, or says what the
    first line must hold; columns with other headings become part of the step's text."""
    text = _decoded(data)
    rows = _rows(text)
    head_line, head = rows[0]
    columns = _columns(head)
    if "title" not in columns:
        message = _("The first line must name the columns, one of them “title” or “step”. It has: %(names)s.")
        raise UnreadableDocument(message % {"names": ", ".join(head)[:200] or "–"})
    if len(rows) - 1 > MAX_STEPS:
        message = _("This would make %(count)d steps; a procedure has at most %(limit)d.")
        raise UnreadableDocument(message % {"count": len(rows) - 1, "limit": MAX_STEPS})
    if len(rows) == 1:
        raise UnreadableDocument(_("The file has a line of headings and nothing below it."))
    found = Recognised(title=title_of_file(filename), title_from="file name")
    maker = StepMaker(found.notes)
    errors: list[str] = []
    for line, row in rows[1:]:
        try:
            cells = {name: row[index] for name, index in columns.items() if index < len(row)}
            found.steps += maker.fitted(_step(maker, cells, _others(columns, head, row), line))
        except ValueError as error:
            errors.append(_("Line %(line)d: %(error)s") % {"line": line, "error": error})
    if errors:
        more = (
            [_("And %(count)d more lines.") % {"count": len(errors) - MAX_ERRORS}] if len(errors) > MAX_ERRORS else []
        )
        raise UnreadableDocument(" ".join([*errors[:MAX_ERRORS], *more]))
    steps = Counter({"list items": len(rows) - 1, "ordered items": len(rows) - 1, "tables": 1})
    found.read += steps
    typed = [columns[name] for name in ("number", "minutes") if name in columns]
    found.labels += [*head, *maker.labels]
    found.labels += [row[index] for _line, row in rows[1:] for index in typed if index < len(row)]
    words = words_of("\n".join("\n".join(row) for _line, row in rows))
    grid = tuple(tuple(_one_line(cell) for cell in [*row, *[""] * (len(head) - len(row))]) for _line, row in rows)
    table = Block("table", _pipe_table(grid), head_line, rows=grid)
    language = detect_language(words_of(" ".join(cell for _line, row in rows[1:] for cell in row)))
    tally = Tally(found=steps)
    document = SourceDocument((table,), filename, language, tally=tally)
    return procedure_of(document, found, words=words)


def _decoded(data: bytes) -> str:
    if len(data) > MAX_CSV:
        raise UnreadableDocument(_("The file is larger than %(limit)d MB.") % {"limit": MAX_CSV // 1_000_000})
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What Excel writes on Windows in Western Europe.
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise UnreadableDocument(_("The file is not text: it contains null bytes."))
    if not text.strip():
        raise UnreadableDocument(_("The file is empty."))
    return text


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """All lines that are not empty, each with the number of the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = []
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
            if len(rows) > MAX_STEPS + 1:
                message = _("The file has more than %(limit)d lines; a procedure has no more steps.")
                raise UnreadableDocument(message % {"limit": MAX_STEPS})
    except csv.Error as error:
        message = _("Line %(line)d cannot be read: a quotation mark is not closed, or stands in the wrong place.")
        raise UnreadableDocument(message % {"line": line}) from error
    return rows


def _delimiter(text: str) -> str:
    """The sign that gives the first line the most columns that we know; a comma when none does."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([first], delimiter=delimiter), [])
        return len(_columns([name.strip() for name in names])), first.count(delimiter)

    return max(_DELIMITERS, key=known) if any(sign in first for sign in _DELIMITERS) else ","


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Which column holds what; the first that fits wins, a heading serves once."""
    columns: dict[str, int] = {}
    for name, pattern in _COLUMNS:
        for index, heading in enumerate(head):
            if index not in columns.values() and re.fullmatch(pattern, fold(heading)):
                columns[name] = index
                break
    return columns


def _others(columns: dict[str, int], head: Sequence[str], row: Sequence[str]) -> list[str]:
    """The cells of columns without a field of their own, under their names."""
    return [
        f"**{escaped(head[index])}:** {cell}" if index < len(head) and head[index] else cell
        for index, cell in enumerate(row)
        if cell and index not in columns.values()
    ]


def _step(maker: StepMaker, cells: dict[str, str], others: Sequence[str], line: int) -> ParsedStep:
    """The step of one line. Raises ValueError that says what is wrong with it."""
    title = cells.get("title", "")
    if not title:
        raise ValueError(_("the title is empty."))
    texts = [cells.get("body", ""), *others]
    rest = [Block("paragraph", text, line, plain=plain_text(text)) for text in texts if text]
    opening = Block("paragraph", escaped(_one_line(title)), line, plain=_one_line(title))
    step = maker.from_paragraph(opening, rest, source="table", line=line)
    return replace(
        step,
        role=cells.get("role", "") or step.role,
        section=cells.get("section", "")[:200],
        expected=cells.get("expected", "") or step.expected,
        warning=cells.get("warning", "") or step.warning,
        minutes=_minutes(cells.get("minutes", "")),
        tool=cells.get("tool", "")[:120],
        record=cells.get("record", "")[:120],
    )


def _minutes(text: str) -> int | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?\s*(?:min(?:utes?)?\.?|')?", text, re.IGNORECASE)
    if not match or int(match[1]) > MAX_MINUTES:
        raise ValueError(_("“%(text)s” is no number of minutes.") % {"text": text[:40]})
    return int(match[1])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _pipe_table(grid: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(escaped(cell).replace("|", "\\|") for cell in row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + " --- |" * len(grid[0]), *lines[1:]])
