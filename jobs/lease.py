"""The moves of a task row between READY, RUNNING, SUCCESSFUL and FAILED.

A worker leases the row it runs: it may write an outcome only while the row still names it as the last worker. If the
reaper took the row away in the meantime (the worker stood still too long), the outcome belongs to whoever has it now.
"""

from collections.abc import Sequence
from datetime import datetime
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet
from django_tasks_db.utils import exclusive_transaction, retry

from .models import FailedAttempt


def claim_next(worker_id: str, *, queues: Sequence[str]) -> DBTaskResult | None:
    """Lease the most urgent ready task of these queues to this worker; None when there is none."""
    ready = DBTaskResult.objects.ready().filter(queue_name__in=queues)
    # Looking first keeps an idle worker from taking SQLite's only write lock at every poll.
    if not ready.exists():
        return None
    with exclusive_transaction():
        row = ready.get_locked()
        if row is not None:
            row.claim(worker_id)
        return row


@retry()
def succeed(row: DBTaskResult, return_value: Any) -> bool:
    """Record the result; False when the lease was lost. `return_value` must be JSON."""
    return _move(
        row,
        status=TaskResultStatus.SUCCESSFUL,
        finished_at=timezone.now(),
        return_value=return_value,
        exception_class_path="",
        traceback="",
    )


@retry()
def fail(row: DBTaskResult, error: BaseException, *, cause: FailedAttempt.Cause = FailedAttempt.Cause.ERROR) -> bool:
    """Give the task up and keep the error for people to see; False when the lease was lost."""
    return _fail(row, error, cause=cause, status=TaskResultStatus.FAILED, finished_at=timezone.now())


@retry()
def try_again(
    row: DBTaskResult,
    error: BaseException,
    *,
    run_after: datetime | None = None,
    cause: FailedAttempt.Cause = FailedAttempt.Cause.ERROR,
) -> bool:
    """Keep the error and make the task ready again, at `run_after` (None: at once); False when the lease was lost."""
    return _fail(
        row, error, cause=cause, status=TaskResultStatus.READY, run_after=run_after or row.run_after, started_at=None
    )


def give_back(worker_id: str) -> int:
    """Make the tasks this living worker leased and does not run ready again; return how many there were.

    It has some when it was interrupted, or when the database was away while it wanted to record an outcome.
    """
    leased = [row for row in DBTaskResult.objects.running() if row.worker_ids[-1:] == [worker_id]]
    return sum(_move(row, status=TaskResultStatus.READY, started_at=None) for row in leased)


def failures_of(row: DBTaskResult, *, cause: FailedAttempt.Cause) -> int:
    return FailedAttempt.objects.filter(result=row, cause=cause).count()


def _fail(row: DBTaskResult, error: BaseException, *, cause: FailedAttempt.Cause, **columns: Any) -> bool:
    exception_class_path = f"{type(error).__module__}.{type(error).__qualname__}"
    traceback = _storable("".join(format_exception(error)))
    with transaction.atomic():
        if not _move(row, exception_class_path=exception_class_path, traceback=traceback, return_value=None, **columns):
            return False
        FailedAttempt.objects.create(
            result=row,
            cause=cause,
            worker_id=row.worker_ids[-1] if row.worker_ids else "",
            failed_at=timezone.now(),
            exception_class_path=exception_class_path,
            traceback=traceback,
        )
    return True


def _move(row: DBTaskResult, **columns: Any) -> bool:
    if not _leased(row).update(**columns):
        return False
    for name, value in columns.items():
        setattr(row, name, value)
    return True


def _leased(row: DBTaskResult) -> DBTaskResultQuerySet:
    return DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, worker_ids=row.worker_ids)


def _storable(text: str) -> str:
    # PostgreSQL refuses NUL in text and no database takes lone surrogates; an error may quote either.
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
