from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django_tasks.base import Task

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    max_attempts: int
    first_delay: timedelta
    factor: float
    max_delay: timedelta

    def delay_after(self, failures: int) -> timedelta | None:
        """How long to wait after the `failures`-th failure (1 is the first); None when the task is to be given up."""
        if failures >= self.max_attempts:
            return None
        seconds = self.first_delay.total_seconds() * self.factor ** (failures - 1)
        return timedelta(seconds=min(seconds, self.max_delay.total_seconds()))


ONE_ATTEMPT = RetryPolicy(max_attempts=1, first_delay=timedelta(0), factor=1, max_delay=timedelta(0))


def retrying(
    *,
    max_attempts: int = 5,
    first_delay: timedelta = timedelta(seconds=30),
    factor: float = 4,
    max_delay: timedelta = timedelta(hours=1),
) -> Callable[[F], F]:
    """Have the worker try a task again when it raises, up to `max_attempts` tries in all.

    The n-th failure is followed by a pause of first_delay × factor^(n-1), at most max_delay. Between tries the task
    keeps its row and id; each error is kept as a FailedAttempt. After the last try the result is FAILED.
    A task may have done part of its work before it raised, so it must be safe to run again.

        @task(queue_name="mail")
        @retrying(max_attempts=8)
        def send_notice(notice_id: int) -> None: ...

    Raises ValueError for a policy that makes no sense and TypeError when written above `@task`.
    """
    if max_attempts < 1 or factor < 1 or not timedelta(0) < first_delay <= max_delay:
        raise ValueError("retrying() needs max_attempts ≥ 1, factor ≥ 1 and 0 < first_delay ≤ max_delay")
    policy = RetryPolicy(max_attempts=max_attempts, first_delay=first_delay, factor=factor, max_delay=max_delay)

    def mark(function: F) -> F:
        if isinstance(function, Task):
            raise TypeError("write @retrying below @task")
        function.retry_policy = policy  # type: ignore[attr-defined]
        return function

    return mark


def policy_of(task: Task) -> RetryPolicy:
    """What `retrying` said about this task; a task without it has one try."""
    return getattr(task.func, "retry_policy", ONE_ATTEMPT)
