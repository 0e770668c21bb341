"""The content of a revision as one plain value: what is hashed, compared, rendered, printed and exported.

Frozen on submission as `Revision.content`; a draft is read from its rows. Everything downstream (reader page, PDF,
search, redline) takes this value, so nothing can show text that was not signed.
"""

from collections import defaultdict

from procedures.models import Responsibility, Revision, Step
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 1


def revision_content(revision: Revision) -> dict:
    """The content of `revision` in plain JSON values.

    A frozen revision answers from what was frozen, without a query; a draft from its rows (8 queries whatever its
    length). Keys: format, code, kind, number, title, language, category, tags, purpose, scope, outcome, trigger,
    frequency, prerequisites, definitions, background, references, contact, review_interval_months, change_summary,
    significance, tools, records, benchmarks, responsibilities (whole revision), steps, attachments.
    """
    if revision.content is not None:
        return revision.content
    return read_content(revision)


def read_content(revision: Revision) -> dict:
    """The content as the rows say now, whatever was frozen."""
    letters = defaultdict(list)
    for row in revision.responsibilities.select_related("role").order_by("letter", "role__name"):
        letters[row.step_id].append(_responsibility(row))
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
        "steps": [
            _step(step, number, letters[step.pk])
            for number, step in enumerate(revision.steps.select_related("role").order_by("position"), start=1)
        ],
        "attachments": [
            {"key": row.key, "sha256": row.file.sha256, "title": row.title, "content_type": row.file.content_type}
            for row in revision.attachments.select_related("file").order_by("key")
        ],
    }


def _step(step: Step, number: int, responsibilities: list[dict]) -> dict:
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
        "branches": step.branches,
        "responsibilities": responsibilities,
    }


def _responsibility(row: Responsibility) -> dict:
    return {"role": {"id": row.role_id, "name": row.role.name}, "letter": row.letter}


def rendered_hash(rendered: str) -> str:
    """SHA-256 of the HTML that readers are shown, noted on the trail when it was made."""
    return sha256_hex(rendered.encode())


def content_hash(content: dict) -> str:
    """SHA-256 over the canonical JSON of a content."""
    return sha256_hex(canonical_json(content))
