"""Prompts of templates that an author has left as they were: lines that begin with the sign of a pencil."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIGN = "✎"
_PROMPT = re.compile(rf"^[ \t]*(?:(?:[-*+]|\d+[.)]|>)[ \t]+)*[*_]*{SIGN}", re.MULTILINE)

DETAILS = (
    "purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references", "contact",
)  # fmt: skip
OF_STEPS = ("title", "body", "expected", "warning", "tool", "record", "evidence_name")
ROWS = {"tools": ("name", "note"), "records": ("name", "place", "kept"), "benchmarks": ("name", "unit")}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One that was left: in a field of the details, or in a step (`step` is its value in the content)."""

    field: str
    step: dict | None = None


def is_prompt(text: str) -> bool:
    """Whether a line of `text` is still a prompt; a pencil within a sentence is not."""
    return _PROMPT.search(text) is not None


def prompts_in(content: dict) -> Iterator[Prompt]:
    """Every field of a content that still holds a prompt; a step is named once."""
    yield from (Prompt(name) for name in DETAILS if is_prompt(content[name]))
    for name, columns in ROWS.items():
        if any(is_prompt(row[column]) for row in content[name] for column in columns):
            yield Prompt(name)
    if any(is_prompt(part["note"]) for part in content["parts"]):
        yield Prompt("parts")
    for step in content["steps"]:
        texts = [*(step[name] for name in OF_STEPS), *step["items"], *(row["label"] for row in step["branches"])]
        if any(is_prompt(text) for text in texts):
            yield Prompt("title" if is_prompt(step["title"]) else "body", step)
