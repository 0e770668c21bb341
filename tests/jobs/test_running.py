import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jobs import lease
from jobs.enqueueing import enqueue_many
from jobs.models import FailedAttempt, Schedule, WorkerBeat

from . import sample_tasks

pytestmark = pytest.mark.django_db


def row_of(result) -> DBTaskResult:
    return DBTaskResult.objects.get(pk=result.id)


def test_task_runs_and_its_result_is_kept(worker, tmp_path):
    result = sample_tasks.take_time.enqueue(str(tmp_path / "notes"), 0)

    assert worker.run_ready() == 1
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == ("SUCCESSFUL", "ended", 1)


def test_many_tasks_are_written_with_one_statement_and_run_as_if_one_by_one(
    worker, tmp_path, django_assert_num_queries
):
    path = str(tmp_path / "notes")
    with django_assert_num_queries(1):
        enqueue_many(sample_tasks.leave_note, [(path, "one"), (path, "two")])
    sample_tasks.leave_note.enqueue(path, "three")
    own = {"id", "enqueued_at", "args_kwargs", "worker_ids"}
    alike = [field.attname for field in DBTaskResult._meta.fields if field.attname not in own]
    assert len(set(map(str, DBTaskResult.objects.values_list(*alike)))) == 1
    assert worker.run_ready() == 3
    assert sorted(sample_tasks.notes(path)) == ["one", "three", "two"]


def test_no_tasks_take_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        enqueue_many(sample_tasks.leave_note, [])


def test_task_of_a_rolled_back_transaction_leaves_no_row(tmp_path):
    with pytest.raises(RuntimeError), transaction.atomic():
        sample_tasks.leave_note.enqueue(str(tmp_path / "notes"), "never")
        raise RuntimeError
    assert not DBTaskResult.objects.exists()


def test_worker_keeps_to_its_queues(worker, tmp_path):
    mail = sample_tasks.fail_until.enqueue(str(tmp_path / "notes"), 1)
    worker.queues = ["pdf"]
    assert worker.run_ready() == 0

    worker.queues = ["mail"]
    assert worker.run_ready() == 1
    assert row_of(mail).status == "SUCCESSFUL"


def test_deferred_task_waits_for_its_time(worker, tmp_path):
    later = timezone.now() + timedelta(minutes=5)
    sample_tasks.leave_note.using(run_after=later).enqueue(str(tmp_path / "notes"), "late")

    assert worker.run_ready() == 0
    assert sample_tasks.notes(tmp_path / "notes") == []


def test_task_is_told_its_attempt(worker):
    result = sample_tasks.tell_attempt.enqueue()
    worker.run_ready()
    assert row_of(result).return_value == 1


@pytest.mark.parametrize(
    ("task", "args", "error"),
    [
        (sample_tasks.fail_once_and_for_all, ["wrong drawer"], "builtins.ValueError"),
        (sample_tasks.leave_the_process, [], "builtins.SystemExit"),
        (sample_tasks.return_a_set, [], "builtins.TypeError"),
    ],
)
def test_failing_task_ends_failed_with_its_error_and_the_worker_goes_on(worker, tmp_path, task, args, error):
    result = task.enqueue(*args)
    following = sample_tasks.leave_note.enqueue(str(tmp_path / "notes"), "next")

    assert worker.run_ready() == 2
    row = row_of(result)
    assert (row.status, row.exception_class_path) == ("FAILED", error)
    assert "Traceback" in row.traceback
    assert row.failed_attempts.get().traceback == row.traceback
    assert row_of(following).status == "SUCCESSFUL"


def test_error_text_that_no_database_stores_is_escaped(worker):
    result = sample_tasks.fail_once_and_for_all.enqueue("x")
    row = lease.claim_next(worker.worker_id, queues=["default"])

    assert lease.fail(row, ValueError("a \x00 and a lone \ud800"))
    assert "a \\x00 and a lone \\ud800" in row_of(result).traceback


def test_task_that_no_longer_exists_fails_visibly(worker):
    result = sample_tasks.fail_once_and_for_all.enqueue("x")
    DBTaskResult.objects.update(task_path="tests.jobs.sample_tasks.long_gone")

    assert worker.run_ready() == 1
    row = row_of(result)
    assert (row.status, row.exception_class_path) == ("FAILED", "builtins.ImportError")


def test_outcome_is_not_recorded_once_the_lease_is_lost(worker):
    result = sample_tasks.tell_attempt.enqueue()
    row = lease.claim_next(worker.worker_id, queues=["default"])
    DBTaskResult.objects.update(worker_ids=[worker.worker_id, "another worker"])

    assert not lease.succeed(row, 1)
    assert not lease.fail(row, ValueError())
    assert row_of(result).status == "RUNNING"
    assert not FailedAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_return_value_that_the_database_refuses_is_a_failure(worker):
    result = sample_tasks.return_nan.enqueue()
    assert worker.run_ready() == 1
    assert row_of(result).status == "FAILED"


@pytest.mark.django_db(transaction=True)
def test_task_whose_outcome_could_not_be_recorded_runs_again(worker, settings, monkeypatch):
    """The database goes away while the task runs, and comes back."""
    settings.SCHEDULE = []
    result = sample_tasks.tell_attempt.enqueue()
    answers = iter([OperationalError("server closed the connection"), None, None])
    record = lease.succeed

    def record_when_the_database_answers(row, value):
        if error := next(answers):
            raise error
        return record(row, value)

    naps = iter(["the database was away", "all is done"])

    def sleep():
        if next(naps) == "all is done":
            worker.stop()

    monkeypatch.setattr(lease, "succeed", record_when_the_database_answers)
    monkeypatch.setattr(worker, "_sleep", sleep)

    assert worker.run() == 1
    assert (row_of(result).status, row_of(result).return_value) == ("SUCCESSFUL", 2)


def test_two_claims_never_get_the_same_task(worker):
    sample_tasks.tell_attempt.enqueue()
    assert lease.claim_next("one", queues=["default"]) is not None
    assert lease.claim_next("two", queues=["default"]) is None


def test_interrupted_worker_gives_its_task_back(worker):
    result = sample_tasks.tell_attempt.enqueue()
    lease.claim_next(worker.worker_id, queues=["default"])

    assert lease.give_back("another worker") == 0
    assert lease.give_back(worker.worker_id) == 1
    assert row_of(result).status == "READY"
    assert not FailedAttempt.objects.exists()


def test_batch_runs_what_is_ready_leaves_no_beat_and_logs_a_line_per_task(settings, tmp_path, caplog):
    args = [str(tmp_path / "notes"), "by the clock"]
    settings.SCHEDULE = [{"name": "n", "task": "tests.jobs.sample_tasks.leave_note", "every": 60, "args": args}]
    sample_tasks.leave_note.enqueue(str(tmp_path / "notes"), "by hand")
    sample_tasks.fail_until.enqueue(str(tmp_path / "tries"), 2)

    with caplog.at_level(logging.INFO, logger="jobs"):
        call_command("worker", batch=True)

    assert sorted(sample_tasks.notes(tmp_path / "notes")) == ["by hand", "by the clock"]
    assert Schedule.objects.get().last_run is not None
    assert not WorkerBeat.objects.exists()
    lines = [record.getMessage() for record in caplog.records if "sample_tasks" in record.getMessage()]
    assert len(lines) == 3
    assert sum("leave_note done, 0." in line for line in lines) == 2
    assert (
        sum("(ConnectionError: mail server away, call 1, attempt 1 of 3), again in 10 s" in line for line in lines) == 1
    )


@pytest.mark.parametrize("queues", ["post", "mail,post", "", ","])
def test_unknown_queue_is_refused(queues):
    with pytest.raises(CommandError, match="default, mail, pdf"):
        call_command("worker", "--batch", f"--queues={queues}")
