"""Tasks for the tests. They leave lines in a file, because the worker of some tests is another process."""

import math
import time
from datetime import timedelta
from pathlib import Path

from django_tasks import TaskContext, task

from jobs.retry import retrying


def note(path: str, line: str) -> None:
    with Path(path).open("a") as file:
        file.write(line + "\n")


def notes(path: str | Path) -> list[str]:
    path = Path(path)
    return path.read_text().splitlines() if path.exists() else []


@task()
def leave_note(path: str, line: str) -> None:
    note(path, line)


@task()
def take_time(path: str, seconds: float) -> str:
    """Takes its time at the first attempt only, so that a test need not wait for the second."""
    first = not notes(path)
    note(path, "begun")
    if first:
        time.sleep(seconds)
    note(path, "ended")
    return "ended"


@task(queue_name="mail")
@retrying(max_attempts=3, first_delay=timedelta(seconds=10), factor=3, max_delay=timedelta(seconds=20))
def fail_until(path: str, attempts: int) -> str:
    """Raises until it was called `attempts` times."""
    note(path, "tried")
    if len(notes(path)) < attempts:
        raise ConnectionError(f"mail server away, call {len(notes(path))}")
    return "sent"


@task()
def fail_once_and_for_all(message: str) -> None:
    raise ValueError(message)


@task()
def leave_the_process() -> None:
    raise SystemExit(3)


@task()
def return_a_set() -> set[int]:
    return {1}


@task()
def return_nan() -> float:
    return math.nan


@task(takes_context=True)
def tell_attempt(context: TaskContext) -> int:
    return context.attempt


def not_a_task() -> None: ...
