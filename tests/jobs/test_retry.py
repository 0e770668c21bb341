from datetime import timedelta

import pytest
import time_machine
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from jobs.retry import RetryPolicy, retrying

from . import sample_tasks

NOON = "2026-11-22T12:00:00Z"


def test_pauses_grow_to_the_longest_and_end():
    policy = RetryPolicy(max_attempts=5, first_delay=timedelta(seconds=30), factor=4, max_delay=timedelta(minutes=5))
    pauses = [policy.delay_after(failures) for failures in range(1, 6)]
    assert pauses == [timedelta(seconds=30), timedelta(seconds=120), timedelta(minutes=5), timedelta(minutes=5), None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_attempts": 0},
        {"factor": 0.5},
        {"first_delay": timedelta(0)},
        {"first_delay": timedelta(hours=2), "max_delay": timedelta(hours=1)},
    ],
)
def test_senseless_policy_is_refused(wrong):
    with pytest.raises(ValueError, match="max_attempts"):
        retrying(**wrong)


def test_retrying_above_task_is_refused():
    with pytest.raises(TypeError, match="below"):
        retrying()(task()(sample_tasks.not_a_task))


@pytest.mark.django_db
def test_failing_task_is_tried_again_after_a_pause_in_the_same_row(worker, tmp_path):
    path = tmp_path / "notes"
    with time_machine.travel(NOON, tick=False) as clock:
        result = sample_tasks.fail_until.enqueue(str(path), 2)
        worker.run_ready()
        row = DBTaskResult.objects.get()
        assert row.status == "READY"
        assert "mail server away, call 1" in row.traceback

        clock.shift(timedelta(seconds=9))
        assert worker.run_ready() == 0

        clock.shift(timedelta(seconds=1))
        assert worker.run_ready() == 1

    result.refresh()
    assert (result.status, result.return_value, result.attempts) == ("SUCCESSFUL", "sent", 2)
    assert "mail server away, call 1" in DBTaskResult.objects.get().failed_attempts.get().traceback


@pytest.mark.django_db
def test_after_the_last_attempt_the_task_is_failed_and_every_error_is_kept(worker, tmp_path):
    path = tmp_path / "notes"
    with time_machine.travel(NOON, tick=False) as clock:
        sample_tasks.fail_until.enqueue(str(path), 99)
        for pause in (0, 10, 20):
            clock.shift(timedelta(seconds=pause))
            assert worker.run_ready() == 1
        clock.shift(timedelta(days=1))
        assert worker.run_ready() == 0

    row = DBTaskResult.objects.get()
    assert (row.status, row.exception_class_path) == ("FAILED", "builtins.ConnectionError")
    assert "mail server away, call 3" in row.traceback
    kept = [attempt.traceback.splitlines()[-1] for attempt in row.failed_attempts.all()]
    assert kept == [f"ConnectionError: mail server away, call {number}" for number in (1, 2, 3)]
