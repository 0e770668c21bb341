"""What becomes of suggestions when a draft is begun or given up, when a revision comes into force or leaves it again,
and when a procedure is withdrawn.

Called in the transaction of that act (`procedures.following`), with its revision locked.
"""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from audit import names
from audit.trail import Entry
from procedures.following import Follower
from procedures.models import Revision
from roles.models import User
from runs import delivery
from runs.actions.recording import record_all
from runs.models import Answer, Remark, RemarkQuerySet


def bind_to_draft(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """What was promised while there was no draft is for this one."""
    Remark.objects.promised_in(None).filter(procedure=revision.procedure_id).update(solved_by=revision)


def solve(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """`revision` is in force: what it was to change is changed, and who suggested it is told."""
    rows = _locked(Remark.objects.promised_in(revision))
    _write(rows, answer=Answer.CHANGED, solved_at=timezone.now())
    for remark, entry in _recorded(names.REMARK_SOLVE, rows):
        delivery.tell_author(delivery.SOLVED, remark, actor=None, event_seq=entry.seq)


def take_back(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """`revision` was in force in an emergency and is not any more: what it changed is promised again."""
    rows = _locked(Remark.objects.filter(answer=Answer.CHANGED, solved_by=revision))
    _write(rows, answer=Answer.PROMISED, solved_at=None)
    _recorded(names.REMARK_UNSOLVE, rows)


def reopen(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """The draft was given up: what it was to change waits for an answer again."""
    rows = _locked(Remark.objects.promised_in(revision))
    _write(
        rows, answer="", answer_text="", answered_by=None, answerer_name="", answered_at=None, solved_by=None,
    )  # fmt: skip
    _recorded(names.REMARK_REOPEN, rows, actor=actor)


def close(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """The procedure was withdrawn: what waits is closed with that reason, and who suggested it is told."""
    rows = _locked(Remark.objects.to_settle().filter(procedure=revision.procedure_id))
    _write(
        rows, answer=Answer.CLOSED, answer_text=revision.ended_reason, answered_by=actor,
        answerer_name=actor.full_name if actor else "", answered_at=timezone.now(), solved_by=None,
    )  # fmt: skip
    for remark, entry in _recorded(names.REMARK_CLOSE, rows, actor=actor):
        delivery.settle_with_owner(remark)
        delivery.tell_author(delivery.CLOSED, remark, actor=actor, event_seq=entry.seq)


def _locked(remarks: RemarkQuerySet) -> list[Remark]:
    locked = remarks.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(locked.select_related("procedure__owner", "revision", "solved_by", "author"))


def _write(rows: Iterable[Remark], **changes: object) -> None:
    rows = list(rows)
    if not rows:
        return
    Remark.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1, **changes)
    for row in rows:
        for name, value in changes.items():
            setattr(row, name, value)


def _recorded(name: str, rows: list[Remark], *, actor: User | None = None) -> list[tuple[Remark, Entry]]:
    return list(zip(rows, record_all(name, rows, actor=actor), strict=True)) if rows else []


def _is_to_solve() -> Exists:
    return Exists(Remark.objects.promised_in(OuterRef("pk")))


FOLLOWER = Follower(
    "remarks",
    {
        names.REVISION_START: bind_to_draft,
        names.REVISION_PUBLISH: solve,
        names.REVISION_EMERGENCY: solve,
        names.REVISION_EMERGENCY_END: take_back,
        names.REVISION_RETURN: take_back,
        names.REVISION_DISCARD: reopen,
        names.REVISION_WITHDRAW: close,
    },
    concerns=_is_to_solve,
)
