"""A content of `procedures.content` with little in it."""

from typing import Any

EMPTY = dict.fromkeys(
    ("purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "contact"), ""
)


def make_step(number: int, **fields: Any) -> dict:
    """A step in which nothing is missing."""
    step = {
        "uid": f"uid-{number}", "number": number, "kind": "action", "title": "Check the list", "body": "",
        "expected": "Every line has a tick.", "warning": "", "role": {"id": 1, "name": "Payroll clerk"}, "branches": [],
        "items": [], "tool": "", "record": "",
    }  # fmt: skip
    return {**step, **fields}


def make_content(*steps: dict, language: str = "en", **fields: Any) -> dict:
    return {
        **EMPTY, "title": "Pay", "language": language, "tools": [], "records": [], "responsibilities": [],
        "steps": [make_step(number, **step) for number, step in enumerate(steps, start=1)], **fields,
    }  # fmt: skip
