"""The parts of a standard as documents and pages show them. Call everything here inside the language of the labels."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from procedures.models import StandardKind
from procedures.standards.blanks import fields_of, values_of
from procedures.standards.codes import codes_of
from procedures.standards.kinds import keyed, part_problems, summary_of
from procedures.standards.labels import FIELD_FORMATS
from procedures.standards.namerows import examples_of
from procedures.standards.naming import check_name, compile_rule
from procedures.standards.storing import storage_rows_of

CODES_IN_DOCUMENT = 500
"""Longer tables stand in the document up to here; the rest is on the page of the part. All of it is hashed."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A part: `rows` are what its table shows, `problems` why it cannot be used yet (then there are no rows)."""

    key: str
    kind: str
    kind_label: str
    name: str
    note: SafeString
    summary: str
    rows: list[dict] = field(default_factory=list)
    total: int = 0
    pattern: str = ""
    examples: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"part-{self.key}"

    @property
    def left_out(self) -> int:
        """How many rows of a long table the document does not show."""
        return self.total - len(self.rows)


def part_views(parts: list[dict], html: Callable[[str, str], SafeString]) -> list[PartView]:
    """The parts of a content. `html` makes HTML of Markdown and a prefix for ids."""
    return [part_view(key, part, html) for key, part in keyed(parts).items()]  # type: ignore[arg-type]


def part_view(
    key: str, part: dict, html: Callable[[str, str], SafeString], *, limit: int = CODES_IN_DOCUMENT
) -> PartView:
    """One part, of a code table at most `limit` rows."""
    kind, data = part["kind"], part["data"]
    common = {
        "key": key,
        "kind": kind,
        "kind_label": str(StandardKind(kind).label),
        "name": part["name"],
        "note": html(part["note"], f"part-{key}"),
        "summary": summary_of(part),
    }
    problems = [problem.sentence for problem in part_problems(kind, data)]
    if problems:
        return PartView(**common, problems=problems)
    match kind:
        case StandardKind.NAMING:
            rule = compile_rule(data)
            examples = examples_of(data) or [rule.example()]
            pieces = check_name(rule, examples[0]).pieces
            rows = [
                {"number": place.number, "label": place.label, "expected": place.expected, "example": piece.text}
                for place, piece in zip(rule.parts, pieces, strict=True)
            ]
            return PartView(**common, rows=rows, total=len(rows), pattern=rule.pattern, examples=examples)
        case StandardKind.CODES:
            codes = codes_of(data)
            return PartView(**common, rows=codes[:limit], total=len(codes))
        case StandardKind.FORM:
            rows = [
                {**row, "format_label": str(FIELD_FORMATS[row["format"]]), "choices": values_of(row)}
                for row in fields_of(data)
            ]
            return PartView(**common, rows=rows, total=len(rows))
        case _:
            rows = storage_rows_of(data)
            return PartView(**common, rows=rows, total=len(rows))
