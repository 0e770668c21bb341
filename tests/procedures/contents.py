"""A content as plain values, for what is made out of contents without a database."""

from procedures.content import FORMAT, NEW_IN_STEPS

PAYROLL = {"id": 3, "name": "Payroll clerk"}
MANAGER = {"id": 4, "name": "Finance manager"}


def make_step(number: int, **changes) -> dict:
    return {
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "number": number,
        "kind": "action",
        "section": "",
        "title": f"Step title {number}",
        "body": "",
        "expected": "",
        "warning": "",
        "role": None,
        "minutes": None,
        "branches": [],
        "responsibilities": [],
        **NEW_IN_STEPS,
        **changes,
    }


def make_content(*steps: dict, **changes) -> dict:
    empty = ("purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references")
    return {
        "format": FORMAT,
        "code": "FIN-014",
        "kind": "procedure",
        "number": 7,
        "title": "Run the monthly payroll",
        "language": "en",
        "category": "",
        "tags": [],
        **dict.fromkeys(empty, ""),
        "frequency": "monthly",
        "contact": "",
        "review_interval_months": 12,
        "change_summary": "",
        "significance": "major",
        "tools": [],
        "records": [],
        "benchmarks": [],
        "responsibilities": [],
        "steps": list(steps),
        "parts": [],
        "source": None,
        "attachments": [],
        **changes,
    }
