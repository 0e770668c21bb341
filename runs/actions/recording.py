"""How what happens to a remark is put on the trail. What was said stays off it; why it was answered so does not."""

from collections.abc import Iterable

from audit import trail
from audit.trail import Entry, Happening
from roles.models import User
from runs.models import Remark


def record(name: str, remark: Remark, *, actor: User | None, reason: str = "") -> Entry:
    [entry] = record_all(name, [remark], actor=actor, reason=reason)
    return entry


def record_all(name: str, remarks: Iterable[Remark], *, actor: User | None, reason: str = "") -> list[Entry]:
    """One entry for each, in their order."""
    return trail.record_many([_happening(name, remark, actor, reason) for remark in remarks])


def _happening(name: str, remark: Remark, actor: User | None, reason: str) -> Happening:
    data: dict[str, object] = {
        "number": remark.revision.number,
        "remark": remark.pk,
        "step": remark.step_number,
        "kind": remark.kind,
    }
    if remark.answer:
        data["answer"] = remark.answer
    if remark.solved_by is not None:
        data["solved_by"] = remark.solved_by.number
    return Happening(name, actor, remark.revision, procedure_code=remark.procedure.code, data=data, reason=reason)
