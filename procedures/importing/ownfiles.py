"""A file of ours as the import shows it before anything is saved, and what is left of it after people settled it."""

import io
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from procedures.importing.counting import counts_of, words_of
from procedures.importing.document import COUNTED, LossReport, Note, ParsedProcedure, ParsedStep
from procedures.importing.own import EMPTY_STEP, OwnDocument, is_own, read_own
from sopdesk.lib.badinput import BadInput
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.images import CleanImage, read_image

__all__ = ["is_own", "parsed_from_own", "read_own", "settled_content"]

Beside = Callable[[str], bytes | None]


def parsed_from_own(own: OwnDocument, text: str, *, beside: Beside | None = None) -> ParsedProcedure:
    """What people see of a file of ours. `beside` returns the bytes of a file that came along with it.

    Nothing is lost on the way, so the report counts the same in and out; what was not understood is in its notes.
    """
    content = own.content
    pictures, notes = _pictures(content, beside)
    counts = Counter(counts_of(text))
    counts["words"] = words_of(text).total()
    named = {name: counts[name] for name in COUNTED}
    report = LossReport(
        counts_in=named,
        counts_out=named,
        counts_dropped=dict.fromkeys(COUNTED, 0),
        unresolved=tuple(notes),
        notes=tuple(own.notes),
    )
    return ParsedProcedure(
        title=content["title"],
        title_from="heading",
        language=content["language"],
        report=report,
        code=content["code"],
        **{
            name: content[name]
            for name in ("purpose", "scope", "prerequisites", "definitions", "references", "background")
        },
        tools="\n".join(f"- {row['name']}" for row in content["tools"]),
        records="\n".join(f"- {row['name']}" for row in content["records"]),
        steps=tuple(_shown(step) for step in content["steps"]),
        pictures=pictures,
        picture_names={row["key"]: row["title"] for row in content["attachments"]},
        source=text,
        own=content,
    )


def settled_content(parsed: ParsedProcedure) -> dict[str, Any]:
    """The content of `parsed.own` with what was changed since: steps that are as they were keep all they had, others
    what the preview knows of them."""
    own = parsed.own or {}
    left = [(_shown(step), step) for step in own["steps"]]
    steps = []
    for number, wanted in enumerate(parsed.steps, start=1):
        found = next((pair for pair in left if pair[0] == wanted), None)
        if found:
            left.remove(found)
        steps.append({**(found[1] if found else _made(wanted)), "number": number})
    return {**own, "background": parsed.background, "steps": steps}


def _shown(step: dict[str, Any]) -> ParsedStep:
    return ParsedStep(
        title=step["title"],
        body=step["body"],
        source="heading",
        line=step["number"],
        expected=step["expected"],
        warning=step["warning"],
        role=step["role"]["name"] if step["role"] else "",
        section=step["section"],
        minutes=step["minutes"],
        tool=step["tool"],
        record=step["record"],
    )


def _made(step: ParsedStep) -> dict[str, Any]:
    """A step that came about in the preview."""
    return {
        **EMPTY_STEP,
        "uid": str(uuid4()),
        "kind": "action",
        "branches": [],
        "items": [],
        "responsibilities": [],
        **{name: getattr(step, name) for name in ("title", "body", "expected", "warning", "section", "minutes")},
        "tool": step.tool,
        "record": step.record,
        "role": {"id": None, "name": step.role} if step.role else None,
    }


def _pictures(content: dict[str, Any], beside: Beside | None) -> tuple[dict[str, CleanImage], list[Note]]:
    """The pictures that came along, by key. What the file says of their bytes counts only where they are there."""
    pictures: dict[str, CleanImage] = {}
    notes = []
    for row in content["attachments"]:
        data = beside(row["file"]) if beside else None
        row["is_brought"] = data is not None
        if data is None:
            notes.append(Note(0, row["title"] or row["key"], _("A picture in another file.")))
            continue
        row["sha256"] = sha256_hex(data)
        try:
            pictures[row["key"]] = read_image(io.BytesIO(data))
        except BadInput as error:
            notes.append(Note(0, row["title"] or row["key"], " ".join(error.messages)))
    return pictures, notes
