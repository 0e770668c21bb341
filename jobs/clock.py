"""Tasks that run by the clock. settings.SCHEDULE says which:

    SCHEDULE = [
        {"name": "prune results", "task": "jobs.tasks.prune_results", "daily_at": "03:10"},
        {"name": "retry mail", "task": "notifications.tasks.deliver", "every": 60, "args": ["mail"]},
    ]

`every` is in seconds, `daily_at` a time of day in settings.TIME_ZONE, `args` (optional) a list of JSON values.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as time_of_day
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from .models import Schedule, next_time_of_day

logger = logging.getLogger("jobs")

KEYS = {"name", "task", "args", "every", "daily_at"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    name: str
    task_path: str
    args: list[Any] = field(default_factory=list)
    every_seconds: int | None = None
    daily_at: time_of_day | None = None

    def first_run(self, now: datetime) -> datetime:
        return now if self.daily_at is None else next_time_of_day(self.daily_at, after=now)


def entries() -> list[Entry]:
    """settings.SCHEDULE, checked. Raises ImproperlyConfigured for an entry that could not run."""
    result = [_entry(raw) for raw in getattr(settings, "SCHEDULE", [])]
    names = [entry.name for entry in result]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ImproperlyConfigured(f"SCHEDULE names twice: {', '.join(twice)}")
    return result


def sync_schedule(*, now: datetime | None = None) -> list[str]:
    """Make the Schedule rows say what settings.SCHEDULE says; return the names of the rows that changed.

    A row without an entry is disabled, not deleted, so that its last run stays visible. A row keeps its next run
    unless its rhythm changed or it was disabled. Only reads when nothing changed; workers may sync at once.
    """
    now = now or timezone.now()
    planned = entries()
    changed = [entry.name for entry in planned if _sync_entry(entry, now=now)]
    for row in Schedule.objects.filter(enabled=True).exclude(name__in=[entry.name for entry in planned]):
        row.enabled = False
        row.save(update_fields=["enabled"])
        changed.append(row.name)
    return changed


def tick(*, now: datetime | None = None) -> int:
    """Enqueue every task that is due and set its next run; return how many were enqueued.

    Enqueuing and advancing are one transaction, so a run happens once however many workers tick. After a pause a task
    runs once, not once per missed run. A task of which a copy still waits is not enqueued again: the copy will do.
    Only reads when nothing is due.
    """
    now = now or timezone.now()
    due = list(Schedule.objects.due(now=now).values_list("pk", flat=True))
    return sum(_fire(pk, now=now) for pk in due)


def _fire(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        schedule = Schedule.objects.due(now=now).filter(pk=pk).select_for_update(skip_locked=True).first()
        if schedule is None:
            return False
        schedule.next_run = schedule.run_after(now)
        fired = _enqueue(schedule)
        if fired:
            schedule.last_run = now
        schedule.save(update_fields=["next_run", "last_run"])
    return fired


def _enqueue(schedule: Schedule) -> bool:
    try:
        task = load_task(schedule.task_path)
    except ImproperlyConfigured as error:
        logger.error("Schedule “%s” cannot run: %s", schedule.name, error)
        return False
    waiting = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY,
        task_path=task.module_path,
        args_kwargs={"args": schedule.args, "kwargs": {}},
    )
    if waiting.exists():
        return False
    task.enqueue(*schedule.args)
    return True


def load_task(path: str) -> Task:
    """The task at this dotted path. Raises ImproperlyConfigured when there is none."""
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"{path} cannot be imported ({error})") from error
    if not isinstance(found, Task):
        raise ImproperlyConfigured(f"{path} is not a task (decorate it with @task)")
    return found


def _sync_entry(entry: Entry, *, now: datetime) -> bool:
    row, created = Schedule.objects.get_or_create(
        name=entry.name,
        defaults={
            "task_path": entry.task_path,
            "args": entry.args,
            "every_seconds": entry.every_seconds,
            "daily_at": entry.daily_at,
            "next_run": entry.first_run(now),
        },
    )
    if created:
        return True
    changed = _differing(row, entry)
    if not changed:
        return False
    if changed.keys() & {"enabled", "every_seconds", "daily_at"}:
        changed["next_run"] = entry.first_run(now)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    return True


def _differing(row: Schedule, entry: Entry) -> dict[str, Any]:
    wanted = {
        "task_path": entry.task_path,
        "args": entry.args,
        "every_seconds": entry.every_seconds,
        "daily_at": entry.daily_at,
        "enabled": True,
    }
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def _entry(raw: dict[str, Any]) -> Entry:
    name = raw.get("name")
    path = raw.get("task")
    if not name or not path:
        raise ImproperlyConfigured(f"SCHEDULE entry {raw!r} needs a name and a task")
    if unknown := raw.keys() - KEYS:
        raise ImproperlyConfigured(f"SCHEDULE entry “{name}” has unknown keys: {', '.join(sorted(unknown))}")
    every, daily_at = raw.get("every"), raw.get("daily_at")
    if (every is None) == (daily_at is None):
        raise ImproperlyConfigured(f"SCHEDULE entry “{name}” needs either every or daily_at")
    if every is not None and (not isinstance(every, int) or every < 1):
        raise ImproperlyConfigured(f"SCHEDULE entry “{name}”: every must be a whole number of seconds, at least 1")
    args = raw.get("args", [])
    if isinstance(args, str) or not isinstance(args, Sequence):
        raise ImproperlyConfigured(f"SCHEDULE entry “{name}”: args must be a list")
    return Entry(
        name=name,
        task_path=path,
        args=list(args),
        every_seconds=every,
        daily_at=None if daily_at is None else _time_of_day(daily_at, name=name),
    )


def _time_of_day(text: str, *, name: str) -> time_of_day:
    try:
        return time_of_day.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"SCHEDULE entry “{name}”: daily_at must read HH:MM, not {text!r}") from error
