from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jobs import lease
from jobs.models import FailedAttempt, WorkerBeat
from jobs.queries import health
from jobs.tasks import KEEP_DEAD_WORKERS, KEEP_FAILED_DAYS, KEEP_RESULTS_DAYS, prune_results

from . import sample_tasks

pytestmark = pytest.mark.django_db


def test_health_of_an_empty_queue():
    assert health() == {
        "ready": 0,
        "waiting": 0,
        "running": 0,
        "failed": 0,
        "oldest_ready_seconds": None,
        "workers": 0,
    }


def test_health_counts_tasks_by_state_and_living_workers(worker, django_assert_num_queries):
    now = timezone.now()
    sample_tasks.fail_once_and_for_all.enqueue("x")
    worker.run_ready()
    sample_tasks.tell_attempt.enqueue()
    lease.claim_next("busy", queues=["default"])
    old = sample_tasks.tell_attempt.enqueue()
    DBTaskResult.objects.filter(pk=old.id).update(enqueued_at=now - timedelta(seconds=90))
    retried = sample_tasks.tell_attempt.using(run_after=now - timedelta(seconds=5)).enqueue()
    DBTaskResult.objects.filter(pk=retried.id).update(enqueued_at=now - timedelta(days=1))
    sample_tasks.tell_attempt.using(run_after=now + timedelta(hours=1)).enqueue()
    worker.upkeep()
    WorkerBeat.objects.create(worker_id="dead", hostname="h", pid=1, started=now, seen=now - timedelta(minutes=1))

    with django_assert_num_queries(2):
        report = health()
    age = report.pop("oldest_ready_seconds")
    assert report == {"ready": 2, "waiting": 1, "running": 1, "failed": 1, "workers": 1}
    assert 90 <= age < 100


def test_pruning_removes_old_results_and_dead_beats_and_keeps_failures_longer(worker):
    now = timezone.now()
    done_lately, done_long_ago = sample_tasks.tell_attempt.enqueue(), sample_tasks.tell_attempt.enqueue()
    failed, failed_long_ago = (sample_tasks.fail_once_and_for_all.enqueue("x") for _ in range(2))
    waiting = sample_tasks.tell_attempt.using(run_after=now + timedelta(days=400)).enqueue()
    worker.run_ready()
    past_results = now - timedelta(days=KEEP_RESULTS_DAYS + 1)
    DBTaskResult.objects.filter(pk__in=[done_long_ago.id, failed.id]).update(finished_at=past_results)
    DBTaskResult.objects.filter(pk=failed_long_ago.id).update(finished_at=now - timedelta(days=KEEP_FAILED_DAYS + 1))
    worker.upkeep()
    gone = now - KEEP_DEAD_WORKERS - timedelta(hours=1)
    WorkerBeat.objects.create(worker_id="dead", hostname="h", pid=1, started=gone, seen=gone)

    prune_results.call()

    kept = {str(pk) for pk in DBTaskResult.objects.values_list("pk", flat=True)}
    assert {done_lately.id, failed.id, waiting.id} <= kept
    assert not {done_long_ago.id, failed_long_ago.id} & kept
    assert {str(attempt.result_id) for attempt in FailedAttempt.objects.all()} == {failed.id}
    assert WorkerBeat.objects.get().worker_id == worker.worker_id
