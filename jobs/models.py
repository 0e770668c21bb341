from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A worker beats every BEAT_EVERY and counts as dead DEAD_AFTER its last beat. Five beats may go missing, because a beat
# is a write, which on SQLite waits behind other writes; a worker buried alive means a task that runs twice.
BEAT_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)


class WorkerBeatQuerySet(models.QuerySet["WorkerBeat"]):
    def alive(self, *, now: datetime | None = None) -> "WorkerBeatQuerySet":
        """Workers that gave a sign of life within DEAD_AFTER."""
        return self.filter(seen__gt=(now or timezone.now()) - DEAD_AFTER)


class WorkerBeat(models.Model):
    """One row per worker process: made when it starts, touched while it lives, deleted when it ends cleanly."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    hostname = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)
    started = models.DateTimeField()
    seen = models.DateTimeField(db_index=True)

    objects = WorkerBeatQuerySet.as_manager()

    class Meta:
        ordering = ("started", "worker_id")

    def __str__(self) -> str:
        return self.worker_id


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due(self, *, now: datetime) -> "ScheduleQuerySet":
        return self.filter(enabled=True, next_run__lte=now)


class Schedule(models.Model):
    """A task that runs by the clock: every so many seconds, or daily at a time of day in the site's time zone.

    The rows mirror settings.SCHEDULE (see clock.sync_schedule); only the two run times are the clock's own.
    """

    name = models.CharField(max_length=80, unique=True)
    task_path = models.CharField(max_length=200)
    args = models.JSONField(default=list, blank=True)
    every_seconds = models.PositiveIntegerField(null=True, blank=True)
    daily_at = models.TimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    next_run = models.DateTimeField(db_index=True)
    last_run = models.DateTimeField(null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(every_seconds__isnull=True, daily_at__isnull=False)
                # Said twice, because a CHECK lets pass what it cannot tell, and NULL >= 1 is such a thing.
                | Q(every_seconds__isnull=False, every_seconds__gte=1, daily_at__isnull=True),
                name="jobs_schedule_every_or_daily",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def run_after(self, moment: datetime) -> datetime:
        """The first planned run later than `moment`: runs missed during a pause are dropped, the rhythm is kept."""
        if self.daily_at is not None:
            return next_time_of_day(self.daily_at, after=moment)
        if moment < self.next_run:
            return self.next_run
        every = timedelta(seconds=self.every_seconds or 0)
        return self.next_run + every * ((moment - self.next_run) // every + 1)


class FailedAttempt(models.Model):
    """One failed try at a task, kept until the result is pruned, also when a later try succeeded."""

    class Cause(models.TextChoices):
        ERROR = "error", _("The task raised an error")
        WORKER_DIED = "worker_died", _("The worker died")

    result = models.ForeignKey(
        "django_tasks_database.DBTaskResult", on_delete=models.CASCADE, related_name="failed_attempts"
    )
    cause = models.CharField(max_length=12, choices=Cause)
    worker_id = models.CharField(max_length=64)
    failed_at = models.DateTimeField()
    exception_class_path = models.TextField()
    traceback = models.TextField()

    class Meta:
        ordering = ("failed_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(cause__in=("error", "worker_died")), name="jobs_failedattempt_known_cause"
            ),
        )

    def __str__(self) -> str:
        return f"{self.exception_class_path} in {self.result_id}"


def next_time_of_day(at: time_of_day, *, after: datetime) -> datetime:
    """The first moment later than `after` when clocks in the site's time zone show `at`."""
    zone = timezone.get_default_timezone()
    today = after.astimezone(zone).date()
    # In UTC before comparing: Python compares two datetimes of one zone by their wall clocks, which repeat in autumn.
    first = datetime.combine(today, at, tzinfo=zone).astimezone(UTC)
    if first > after:
        return first
    return datetime.combine(today + timedelta(days=1), at, tzinfo=zone).astimezone(UTC)
