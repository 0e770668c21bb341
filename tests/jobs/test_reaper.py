from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jobs import lease
from jobs.models import DEAD_AFTER, FailedAttempt, WorkerBeat
from jobs.reaper import reap

from . import sample_tasks

pytestmark = pytest.mark.django_db


def beat(worker_id: str, *, ago: timedelta) -> None:
    seen = timezone.now() - ago
    WorkerBeat.objects.update_or_create(
        worker_id=worker_id, defaults={"hostname": "host", "pid": 1, "started": seen, "seen": seen}
    )


def claim_and_die(worker_id: str) -> DBTaskResult:
    """The named worker claims the next task, then gives no sign of life for longer than a worker may."""
    row = lease.claim_next(worker_id, queues=["default", "mail"])
    assert row is not None
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - DEAD_AFTER)
    beat(worker_id, ago=DEAD_AFTER)
    return row


def test_task_of_a_dead_worker_is_ready_again_and_is_finished_by_another(worker):
    sample_tasks.tell_attempt.enqueue()
    row = claim_and_die("dead")

    assert reap() == 1
    assert reap() == 0
    assert worker.run_ready() == 1
    row.refresh_from_db()
    assert (row.status, row.return_value, row.worker_ids) == ("SUCCESSFUL", 2, ["dead", worker.worker_id])
    assert row.failed_attempts.get().cause == "worker_died"


def test_task_whose_worker_left_no_beat_at_all_is_taken_too():
    sample_tasks.tell_attempt.enqueue()
    claim_and_die("dead")
    WorkerBeat.objects.all().delete()
    assert reap() == 1


def test_long_task_of_a_living_worker_is_left_alone():
    sample_tasks.tell_attempt.enqueue()
    row = claim_and_die("busy")
    beat("busy", ago=timedelta(seconds=20))

    assert reap() == 0
    row.refresh_from_db()
    assert row.status == "RUNNING"


def test_task_that_takes_down_three_workers_is_given_up_with_the_reason():
    sample_tasks.tell_attempt.enqueue()
    for worker_id in ("first", "second", "third"):
        row = claim_and_die(worker_id)
        assert reap() == 1

    row.refresh_from_db()
    assert (row.status, row.exception_class_path) == ("FAILED", "jobs.errors.WorkerDied")
    assert "third died" in row.traceback
    assert row.finished_at is not None
    assert FailedAttempt.objects.count() == 3


def test_deaths_and_errors_are_counted_apart(worker, tmp_path):
    """Two deaths leave a task that may fail three times all of its three attempts."""
    sample_tasks.fail_until.enqueue(str(tmp_path / "notes"), 3)
    for worker_id in ("first", "second"):
        claim_and_die(worker_id)
        reap()
    for _attempt in range(3):
        assert worker.run_ready() == 1
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())

    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def test_reaper_takes_a_task_once_when_another_reaper_was_faster():
    sample_tasks.tell_attempt.enqueue()
    row = claim_and_die("dead")
    seen_by_the_slow_one = DBTaskResult.objects.get(pk=row.pk)
    assert reap() == 1

    assert not lease.try_again(seen_by_the_slow_one, RuntimeError())
    assert FailedAttempt.objects.count() == 1


def test_reaper_only_reads_when_there_is_nothing_to_do(django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        assert reap() == 0
    assert captured[0]["sql"].startswith("SELECT")
