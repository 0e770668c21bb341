"""The content of a revision as one plain value: what is hashed, compared, rendered, printed and exported.

Frozen on submission as `Revision.content`; a draft is read from its rows. Everything downstream (reader page, PDF,
search, redline) takes this value, so nothing can show text that was not signed.
"""

from collections import defaultdict

from procedures.models import Responsibility, Revision, Step, StepKind
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 2
NEW_IN_STEPS = {
    "hold": False, "items": [], "subprocedure": "", "due": None, "tool": "", "record": "", "evidence": "none",
    "evidence_name": "",
}  # fmt: skip
"""What format 2 added to a step, and what steps of format 1 have there."""


def revision_content(revision: Revision) -> dict:
    """The content of `revision` in plain JSON values.

    A frozen revision answers from what was frozen, without a query; a draft from its rows (9 queries whatever its
    length). Keys: format, code, kind, number, title, language, category, tags, purpose, scope, outcome, trigger,
    frequency, prerequisites, definitions, background, references, contact, review_interval_months, change_summary,
    significance, tools, records, benchmarks, responsibilities (whole revision), steps, parts, source, attachments.

    What was frozen in an older format is lifted to this one. Hashes are taken of `Revision.content` as it was frozen,
    never of the value returned here.
    """
    if revision.content is not None:
        return lifted(revision.content)
    return read_content(revision)


def lifted(content: dict) -> dict:
    """`content` in today's format: the same value when it has that format, else a changed copy."""
    if content["format"] == FORMAT:
        return content
    steps = []
    for step in content["steps"]:
        is_hold = step["kind"] == "hold"
        kind = StepKind.ACTION.value if is_hold else step["kind"]
        steps.append({**NEW_IN_STEPS, **step, "kind": kind, "hold": is_hold})
    return {**content, "format": FORMAT, "steps": steps, "parts": [], "source": None}


def read_content(revision: Revision) -> dict:
    """The content as the rows say now, whatever was frozen."""
    letters = defaultdict(list)
    for row in revision.responsibilities.select_related("role").order_by("letter", "role__name"):
        letters[row.step_id].append(_responsibility(row))
    steps = revision.steps.select_related("role", "subprocedure").order_by("position")
    return {
        "format": FORMAT,
        "code": revision.procedure.code,
        "kind": revision.procedure.kind,
        "number": revision.number,
        "title": revision.title,
        "language": revision.language,
        "category": revision.category.name if revision.category else "",
        "tags": sorted(revision.tags),
        "purpose": revision.purpose,
        "scope": revision.scope,
        "outcome": revision.outcome,
        "trigger": revision.trigger,
        "frequency": revision.frequency,
        "prerequisites": revision.prerequisites,
        "definitions": revision.definitions,
        "background": revision.background,
        "references": revision.references,
        "contact": revision.contact,
        "review_interval_months": revision.review_interval_months,
        "change_summary": revision.change_summary,
        "significance": revision.significance,
        "tools": [{"name": row.name, "note": row.note} for row in revision.tools.all()],
        "records": [{"name": row.name, "place": row.place, "kept": row.kept} for row in revision.records.all()],
        "benchmarks": [
            {"name": row.name, "unit": row.unit, "target": f"{row.target.normalize():f}", "direction": row.direction}
            for row in revision.benchmarks.all()
        ],
        "responsibilities": letters[None],
        "steps": [step_content(step, number, letters[step.pk]) for number, step in enumerate(steps, start=1)],
        "parts": [
            {"kind": row.kind, "name": row.name, "note": row.note, "data": row.data}
            for row in revision.standardparts.order_by("position")
        ],
        "source": _source(revision.source) if revision.source else None,
        "attachments": [
            {"key": row.key, "sha256": row.file.sha256, "title": row.title, "content_type": row.file.content_type}
            for row in revision.attachments.select_related("file").order_by("key")
        ],
    }


def step_content(step: Step, number: int, responsibilities: list[dict]) -> dict:
    """What `step` says, in the shape that it has in a content."""
    return {
        "uid": str(step.uid),
        "number": number,
        "kind": step.kind,
        "section": step.section,
        "title": step.title,
        "body": step.body,
        "expected": step.expected,
        "warning": step.warning,
        "role": {"id": step.role_id, "name": step.role.name} if step.role else None,
        "minutes": step.minutes,
        "branches": step.branches if step.kind == StepKind.DECISION else [],
        "responsibilities": responsibilities,
        "hold": step.hold,
        "items": step.items if step.kind == StepKind.CHECKLIST else [],
        "subprocedure": step.subprocedure.code if step.subprocedure else "",
        "due": {"after": step.due_after, "unit": step.due_unit} if step.due_after else None,
        "tool": step.tool,
        "record": step.record,
        "evidence": step.evidence,
        "evidence_name": step.evidence_name,
    }


def _source(revision: Revision) -> dict:
    return {"code": revision.procedure.code, "number": revision.number}


def step_hash(step: dict) -> str:
    """SHA-256 over what a step says: its number, its uid and the names of roles (they may be renamed) left aside."""
    said = {name: value for name, value in step.items() if name not in ("uid", "number")}
    said["role"] = step["role"] and step["role"]["id"]
    said["responsibilities"] = [[row["role"]["id"], row["letter"]] for row in step["responsibilities"]]
    return sha256_hex(canonical_json(said))


def _responsibility(row: Responsibility) -> dict:
    return {"role": {"id": row.role_id, "name": row.role.name}, "letter": row.letter}


def rendered_hash(rendered: str) -> str:
    """SHA-256 of the HTML that readers are shown, noted on the trail when it was made."""
    return sha256_hex(rendered.encode())


def content_hash(content: dict) -> str:
    """SHA-256 over the canonical JSON of a content."""
    return sha256_hex(canonical_json(content))
