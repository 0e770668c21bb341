"""The templates that come with sopdesk: texts of ours as data, with prompts that an author replaces."""

import tomllib
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from procedures.content import FORMAT

HERE = Path(__file__).parent / "templates"
PROMPT = "✎ "
"""What a line of a prompt begins with; `procedures.prompts` finds those that were left as they are."""

TEXTS = (
    "purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references", "contact",
)  # fmt: skip
EMPTY_STEP: dict[str, Any] = {
    "kind": "action", "section": "", "title": "", "body": "", "expected": "", "warning": "", "role": None,
    "minutes": None, "hold": False, "subprocedure": "", "due": None, "tool": "", "record": "", "evidence": "none",
    "evidence_name": "",
}  # fmt: skip


def built_in_templates() -> list[dict[str, Any]]:
    """Every template as values for `ProcedureTemplate`: key, name, description, language, kind, content."""
    return [_template(path) for path in sorted(HERE.glob("*.toml"))]


def _template(path: Path) -> dict[str, Any]:
    """One file. Its name is the key: `simple-en.toml`."""
    text = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        "key": path.stem,
        "name": text["name"],
        "description": text["description"],
        "language": text["language"],
        "kind": text["kind"],
        "content": _content(path.stem, text),
    }


def _content(key: str, text: dict[str, Any]) -> dict[str, Any]:
    uids = [str(uuid5(NAMESPACE_URL, f"sopdesk:template:{key}:{at}")) for at in range(len(text.get("steps", [])))]

    def step(number: int, row: dict[str, Any]) -> dict[str, Any]:
        branches = [
            {"label": way["label"], "target": way["to"] if way["to"] == "end" else uids[int(way["to"]) - 1]}
            for way in row.get("branches", [])
        ]
        values = {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
        return {
            "uid": uids[number - 1], "number": number, "items": [], "responsibilities": [],
            **EMPTY_STEP, **values, "branches": branches,
        }  # fmt: skip

    return {
        "format": FORMAT,
        "code": "",
        "kind": text["kind"],
        "number": 1,
        "title": "",
        "language": text["language"],
        "category": "",
        "tags": [],
        **{name: text.get(name, "").strip() for name in TEXTS},
        "frequency": text.get("frequency", "on_demand"),
        "review_interval_months": text.get("review_interval_months", 12),
        "change_summary": "",
        "significance": "major",
        "tools": [{"name": "", "note": "", **row} for row in text.get("tools", [])],
        "records": [{"name": "", "place": "", "kept": "", **row} for row in text.get("records", [])],
        "benchmarks": [{"unit": "", "direction": "at_most", **row} for row in text.get("benchmarks", [])],
        "responsibilities": [],
        "steps": [step(number, row) for number, row in enumerate(text.get("steps", []), start=1)],
        "parts": [{"note": "", **row} for row in text.get("parts", [])],
        "source": None,
        "attachments": [],
    }
