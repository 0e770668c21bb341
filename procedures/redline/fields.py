"""What differs between two steps or two sets of details, field by field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.models import DueUnit, Evidence, Frequency, Letter, StepKind
from procedures.models.step import END
from procedures.phrases import benchmark_target, labels_language
from procedures.redline.tables import Block, blocks, blocks_without
from procedures.redline.words import ADDED, REMOVED, SAME, Run, redline
from sopdesk.lib.punctuation import labelled


@dataclass(frozen=True, slots=True)
class Part:
    """A field with its name: what it says, or what changed in it."""

    name: str
    label: str | Promise
    runs: list[Run]

    @property
    def blocks(self) -> list[Block]:
        """The same with tables as tables."""
        return blocks(self.runs)

    @property
    def before(self) -> list[Block]:
        """What it said."""
        return blocks_without(ADDED, self.blocks)

    @property
    def after(self) -> list[Block]:
        """What it says."""
        return blocks_without(REMOVED, self.blocks)


def redline_parts(old: Iterable[Part], new: Iterable[Part]) -> list[Part]:
    """The fields in which `old` and `new` differ, each with its redline, in the order of the fields."""
    before, after = ({part.name: part for part in parts} for parts in (old, new))
    names = [*before, *(name for name in after if name not in before)]
    pairs = ((before.get(name), after.get(name)) for name in names)
    return [
        Part(shown.name, shown.label, redline(said_in(first), said_in(second)))
        for first, second in pairs
        if said_in(first) != said_in(second) and (shown := second or first)
    ]


def said_in(part: Part | None) -> str:
    """The text of a field that was made by `step_parts` or `detail_parts`; nothing for a field that is not there."""
    return "".join(run.words for run in part.runs) if part else ""


STEP_LABELS: Mapping[str, str | Promise] = {
    "title": gettext_lazy("What to do"),
    "kind": gettext_lazy("Kind of step"),
    "section": gettext_lazy("Section"),
    "role": gettext_lazy("Who does it"),
    "minutes": gettext_lazy("Minutes"),
    "hold": gettext_lazy("Hold point"),
    "body": gettext_lazy("How to do it"),
    "items": gettext_lazy("Items"),
    "branches": gettext_lazy("Branches"),
    "warning": gettext_lazy("Warning"),
    "expected": gettext_lazy("What one should see"),
    "subprocedure": gettext_lazy("Procedure to carry out"),
    "due": gettext_lazy("Done within"),
    "tool": gettext_lazy("Tool or system"),
    "record": gettext_lazy("Record or form"),
    "evidence": gettext_lazy("Proof wanted"),
    "evidence_name": gettext_lazy("How the proof is named"),
    "responsibilities": gettext_lazy("Who else takes part"),
}

DETAIL_LABELS: Mapping[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "purpose": gettext_lazy("Purpose"),
    "scope": gettext_lazy("Scope"),
    "outcome": gettext_lazy("Expected result"),
    "trigger": gettext_lazy("What starts it"),
    "frequency": gettext_lazy("How often"),
    "prerequisites": gettext_lazy("Before you start"),
    "definitions": gettext_lazy("Definitions"),
    "background": gettext_lazy("Background"),
    "references": gettext_lazy("References"),
    "contact": gettext_lazy("Contact"),
    "review_interval_months": gettext_lazy("Review every (months)"),
    "tools": gettext_lazy("Tools and systems"),
    "records": gettext_lazy("Records"),
    "benchmarks": gettext_lazy("Benchmarks"),
    "responsibilities": gettext_lazy("Responsibilities"),
    "parts": gettext_lazy("Parts of the standard"),
}


def step_parts(step: dict, content: dict) -> list[Part]:
    """What `step` of `content` says, field by field, empty fields left out.

    Like the text itself, words of ours in it are in its language; only the labels are in that of the page.
    """
    titles = {other["uid"]: other["title"] for other in content["steps"]}
    with translation.override(labels_language(content)):
        values = {name: _step_value(name, step, titles) for name in STEP_LABELS}
    return list(_parts(STEP_LABELS, values))


def detail_parts(content: dict) -> list[Part]:
    """What `content` says besides its steps, field by field, empty fields left out; languages as in `step_parts`."""
    with translation.override(labels_language(content)):
        values = {name: _detail_value(name, content[name]) for name in DETAIL_LABELS}
    return list(_parts(DETAIL_LABELS, values))


def _parts(labels: Mapping[str, str | Promise], values: dict[str, str]) -> Iterator[Part]:
    return (Part(name, label, [Run(SAME, values[name])]) for name, label in labels.items() if values[name])


def _step_value(name: str, step: dict, titles: dict[str, str]) -> str:
    value = step[name]
    if not value:
        return ""
    match name:
        case "kind":
            return "" if value == StepKind.ACTION else str(StepKind(value).label)
        case "hold":
            return _("Nobody goes on before this step is done.")
        case "evidence":
            return "" if value == Evidence.NONE else str(Evidence(value).label)
        case "due":
            return f"{value['after']} {DueUnit(value['unit']).label}"
        case "role":
            return value["name"]
        case "items":
            return "\n".join(value)
        case "branches":
            return "\n".join(f"{row['label']} → {_target(row['target'], titles)}" for row in value)
        case "responsibilities":
            return _letters(value)
        case _:
            return str(value)


def _target(target: str, titles: dict[str, str]) -> str:
    if target == END:
        return _("The procedure ends")
    return titles.get(target) or _("A step that was removed")


def _detail_value(name: str, value: Any) -> str:
    if not value:
        return ""
    match name:
        case "frequency":
            return str(Frequency(value).label)
        case "responsibilities":
            return _letters(value)
        case "benchmarks":
            return "\n".join(labelled(row["name"], benchmark_target(row)) for row in value)
        case "tools" | "records":
            return "\n".join(", ".join(str(cell) for cell in row.values() if cell) for row in value)
        case "parts":
            return "\n".join(labelled(row["name"], f"{row['note']} {row['data']}") for row in value)
        case _:
            return str(value)


def _letters(rows: list[dict]) -> str:
    return "\n".join(letter_words(row["role"]["name"], row["letter"]) for row in rows)


def letter_words(role: str, letter: str) -> str:
    """What a role has to do with a step; the words of a letter have a colon of their own."""
    return f"{role} – {Letter(letter).label}"
