"""Enqueueing one task many times over at the price of once."""

from collections.abc import Iterable

from django_tasks.base import Task
from django_tasks_db import DatabaseBackend
from django_tasks_db.compat import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max


def enqueue_many(task: Task, calls: Iterable[tuple]) -> None:
    """Enqueue `task` once for the arguments of each of `calls`; one statement, inside the caller's transaction.

    The library has only `enqueue`, which writes one row a statement. A backend of another kind gets its calls so.
    """
    calls = list(calls)
    backend = task.get_backend()
    if not isinstance(backend, DatabaseBackend):
        for arguments in calls:
            task.enqueue(*arguments)
        return
    backend.validate_task(task)
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs=normalize_json({"args": arguments, "kwargs": {}}),
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=task.run_after or get_date_max(),
            backend_name=backend.alias,
        )
        for arguments in calls
    )
