import logging
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from . import lease
from .errors import WorkerDied
from .models import DEAD_AFTER, FailedAttempt, WorkerBeat

MAX_DEATHS = 3

logger = logging.getLogger("jobs")


def reap(*, now: datetime | None = None) -> int:
    """Take RUNNING tasks from dead workers: ready again, or FAILED when it was the third worker they took down.

    Returns how many tasks were taken. Any number of workers may reap at once; each death is counted once.
    Only reads when there is nothing to do.
    """
    now = now or timezone.now()
    # Before the beats are read: a task started meanwhile must not be looked up in an older list of workers.
    running = list(
        DBTaskResult.objects.running().filter(Q(started_at__isnull=True) | Q(started_at__lte=now - DEAD_AFTER))
    )
    if not running:
        return 0
    alive = set(WorkerBeat.objects.alive(now=now).values_list("worker_id", flat=True))
    return sum(_bury(row) for row in running if not alive.intersection(row.worker_ids[-1:]))


def _bury(row: DBTaskResult) -> bool:
    deaths = lease.failures_of(row, cause=FailedAttempt.Cause.WORKER_DIED) + 1
    worker_id = row.worker_ids[-1] if row.worker_ids else "?"
    error = WorkerDied(f"Worker {worker_id} died while it ran {row.task_path} (death {deaths} of {MAX_DEATHS}).")
    move = lease.try_again if deaths < MAX_DEATHS else lease.fail
    taken = move(row, error, cause=FailedAttempt.Cause.WORKER_DIED)
    if taken:
        logger.error("%s %s", error, "It runs again." if deaths < MAX_DEATHS else "It is given up.")
    return taken
