from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from .clock import entries, load_task


@register
def check_schedule(**kwargs: Any) -> list[CheckMessage]:
    """Every entry of settings.SCHEDULE is well formed (else the worker cannot start) and names a task that exists."""
    try:
        planned = entries()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="jobs.E001")]
    return [warning for entry in planned if (warning := _missing_task(entry.name, entry.task_path))]


def _missing_task(name: str, task_path: str) -> CheckMessage | None:
    try:
        load_task(task_path)
    except ImproperlyConfigured as error:
        return Warning(f"SCHEDULE entry “{name}” will not run: {error}", id="jobs.W001")
    return None
