from typing import TypedDict

from django.db.models import Case, Count, F, Min, Q, When
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from .models import WorkerBeat


class Health(TypedDict):
    ready: int
    """Tasks that could run now."""
    waiting: int
    """Tasks that wait for their time: deferred, or between two tries."""
    running: int
    failed: int
    """Tasks that were given up and not pruned yet."""
    oldest_ready_seconds: float | None
    """How long the task that waits longest could have run already; None when none is ready."""
    workers: int
    """Workers alive."""


def health() -> Health:
    """The state of the task queue in two queries, for monitoring and the administrators' page."""
    now = timezone.now()
    is_ready = Q(status=TaskResultStatus.READY)
    # The library writes "no run_after" as the last date there is.
    is_deferred = Q(run_after__gt=now) & ~Q(run_after=get_date_max())
    ready_since = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    counts = DBTaskResult.objects.aggregate(
        ready=Count("pk", filter=is_ready & ~is_deferred),
        waiting=Count("pk", filter=is_ready & is_deferred),
        running=Count("pk", filter=Q(status=TaskResultStatus.RUNNING)),
        failed=Count("pk", filter=Q(status=TaskResultStatus.FAILED)),
        oldest=Min(ready_since, filter=is_ready & ~is_deferred),
    )
    oldest = counts["oldest"]
    return Health(
        ready=counts["ready"],
        waiting=counts["waiting"],
        running=counts["running"],
        failed=counts["failed"],
        oldest_ready_seconds=None if oldest is None else max((now - oldest).total_seconds(), 0.0),
        workers=WorkerBeat.objects.alive(now=now).count(),
    )
