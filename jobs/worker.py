import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from textwrap import shorten
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, close_old_connections, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import TaskContext, TaskResultStatus
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from . import clock, lease
from .models import BEAT_EVERY, FailedAttempt, WorkerBeat
from .reaper import reap
from .retry import ONE_ATTEMPT, RetryPolicy, policy_of

logger = logging.getLogger("jobs")


class Worker:
    """Runs the tasks of some queues, one at a time, and takes its part in the reaper and the clock.

    A task runs at least once: again when its worker dies or stands still during it, so tasks must be idempotent.
    """

    def __init__(self, *, queues: Sequence[str], interval: float = 1.0) -> None:
        """`interval` is the number of seconds between two looks at empty queues."""
        self.queues = list(queues)
        self.interval = interval
        self.worker_id = f"{socket.gethostname()[:40]}-{os.getpid()}-{get_random_string(6)}"
        self.started = timezone.now()
        self.stopping = False
        # A signal handler may call put(), but not Event.set(): that could wait for a lock its own thread holds.
        self._wake: SimpleQueue[None] = SimpleQueue()

    def stop(self) -> None:
        """End after the running task. Safe to call in a signal handler."""
        self.stopping = True
        self._wake.put(None)

    def run(self, *, batch: bool = False) -> int:
        """Work until stop() is called or, as a batch, until no task is ready; return how many tasks ran."""
        clock.sync_schedule()
        self.upkeep()
        done = threading.Event()
        upkeep = threading.Thread(target=self._upkeep_until, args=(done,), name="upkeep", daemon=True)
        upkeep.start()
        try:
            return self.run_ready() if batch else self._run_until_stopped()
        finally:
            done.set()
            upkeep.join()
            lease.give_back(self.worker_id)
            WorkerBeat.objects.filter(pk=self.worker_id).delete()

    def run_ready(self) -> int:
        """Run the tasks that are ready, and those they make ready; return how many ran."""
        count = 0
        while not self.stopping and self.run_next():
            count += 1
        return count

    def run_next(self) -> bool:
        """Run the most urgent ready task; False when there is none. No error of the task gets out."""
        row = lease.claim_next(self.worker_id, queues=self.queues)
        if row is None:
            return False
        _run(row)
        return True

    def upkeep(self) -> None:
        """Give a sign of life, free the tasks of dead workers, enqueue what the clock says."""
        now = timezone.now()
        if not WorkerBeat.objects.filter(pk=self.worker_id).update(seen=now):
            WorkerBeat.objects.create(
                worker_id=self.worker_id,
                hostname=socket.gethostname(),
                pid=os.getpid(),
                queues=self.queues,
                started=self.started,
                seen=now,
            )
        reap(now=now)
        clock.tick(now=now)

    def _run_until_stopped(self) -> int:
        count = 0
        unsettled = False
        while not self.stopping:
            try:
                close_old_connections()
                if unsettled:
                    lease.give_back(self.worker_id)
                    unsettled = False
                worked = self.run_next()
            except (DatabaseError, InterfaceError) as error:
                # The web server outlives a restart of the database, so must the worker. The outcome of a task may not
                # have been recorded: the task runs again.
                logger.error("The database does not answer (%s), the worker tries again.", error)
                connection.close()
                unsettled, worked = True, False
            count += worked
            if not worked:
                self._sleep()
        return count

    def _sleep(self) -> None:
        try:
            self._wake.get(timeout=self.interval)
        except Empty:
            return

    def _upkeep_until(self, done: threading.Event) -> None:
        while not done.wait(BEAT_EVERY.total_seconds()):
            try:
                close_old_connections()
                self.upkeep()
            except Exception:
                # Whatever it was, the next beat must be tried: without beats another worker takes the running task.
                logger.exception("The worker's upkeep failed, it is tried again.")
                connection.close()
        connection.close()


def _run(row: DBTaskResult) -> None:
    begun = time.monotonic()
    held, outcome, error = _attempt(row)
    given_up = row.status == TaskResultStatus.FAILED
    if not held:
        level, outcome = logging.WARNING, "has been given to another worker meanwhile, this outcome is not recorded"
    else:
        level = logging.ERROR if given_up else logging.WARNING if error else logging.INFO
    trace = error if given_up else None
    logger.log(level, "%s %s, %.2f s", row.task_path, outcome, time.monotonic() - begun, exc_info=trace)
    if held and row.status != TaskResultStatus.READY and _policy(row) is not None:
        task_finished.send_robust(sender=DatabaseBackend, task_result=row.task_result)


def _attempt(row: DBTaskResult) -> tuple[bool, str, BaseException | None]:
    """Call the task and record how it went; return whether the lease still held, the outcome in words and the error.

    An error of the task itself, SystemExit included, is an outcome. That the database cannot be reached to record one
    is not: OperationalError goes to the caller.
    """
    try:
        value = normalize_json(_call(row))
    except (Exception, SystemExit) as error:
        return *_record_failure(row, error), error
    try:
        return lease.succeed(row, value), "done", None
    except (DataError, IntegrityError) as error:
        # JSON that this database does not store: NaN, or NUL in a text.
        return *_record_failure(row, error), error


def _call(row: DBTaskResult) -> Any:
    result = row.task_result
    task_started.send_robust(sender=DatabaseBackend, task_result=result)
    # The type stubs of the database backend speak of Django 6's own tasks, which this is not yet.
    context = (TaskContext(task_result=result),) if result.task.takes_context else ()  # type: ignore[arg-type]
    return result.task.call(*context, *result.args, **result.kwargs)


def _record_failure(row: DBTaskResult, error: BaseException) -> tuple[bool, str]:
    """Record the error and decide what comes next; return whether the lease still held, and the outcome in words."""
    policy = _policy(row) or ONE_ATTEMPT
    failures = lease.failures_of(row, cause=FailedAttempt.Cause.ERROR) + 1
    delay = policy.delay_after(failures)
    message = shorten(str(error), width=200)
    what = f"{type(error).__name__}: {message}, attempt {failures} of {policy.max_attempts}"
    if delay is None:
        return lease.fail(row, error), f"failed for good ({what})"
    held = lease.try_again(row, error, run_after=timezone.now() + delay)
    return held, f"failed ({what}), again in {delay.total_seconds():.0f} s"


def _policy(row: DBTaskResult) -> RetryPolicy | None:
    """The task's retry policy; None when the task no longer exists in the code."""
    try:
        return policy_of(row.task)  # type: ignore[arg-type]
    except (ImportError, SuspiciousOperation):
        return None
