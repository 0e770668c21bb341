"""Real worker processes: killed, stopped, racing."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jobs.models import DEAD_AFTER, Schedule, WorkerBeat

from . import sample_tasks

WAIT_SECONDS = 30


class Site:
    """The test's database, lent to other processes.

    On PostgreSQL they use the same one. SQLite's lives in the memory of this process: they get a copy in a file.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "site.sqlite3"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.jobs.site_settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "only-for-the-tests-" + "x" * 40,
            "ALLOWED_HOSTS": "localhost",
            "DATABASE_URL": self._url(),
        }
        self.processes: list[subprocess.Popen] = []

    def _url(self) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.file}"
        values = connection.settings_dict
        return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)

    def lend(self) -> None:
        """Let the other processes see what the test did."""
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file)) as file:
                connection.connection.backup(file)

    def take_back(self) -> None:
        """Let the test see what the other processes did."""
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file)) as file:
                file.backup(connection.connection)

    def start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def start_worker(self, *options: str) -> subprocess.Popen:
        return self.start("manage.py", "worker", *options)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()


@pytest.fixture
def site(transactional_db, tmp_path):
    site = Site(tmp_path)
    yield site
    site.end()


def wait_until(condition: Callable[[], bool], *, process: subprocess.Popen) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def finish(process: subprocess.Popen) -> str:
    """What the process printed, once it ended by itself with exit code 0."""
    output = process.communicate(timeout=WAIT_SECONDS)[0]
    assert process.returncode == 0, output
    return output


def test_task_of_a_worker_killed_outright_is_run_again_and_finished(site, tmp_path):
    notes = tmp_path / "notes"
    result = sample_tasks.take_time.enqueue(str(notes), 60)
    site.lend()
    victim = site.start_worker("--interval=0.1")
    wait_until(lambda: sample_tasks.notes(notes) == ["begun"], process=victim)
    victim.kill()
    victim.wait()

    site.take_back()
    result.refresh()
    assert result.status == "RUNNING"
    beat = WorkerBeat.objects.get()
    assert (beat.worker_id, beat.pid) == (result.worker_ids[0], victim.pid)
    # Time passes: nobody has heard of the worker for as long as a worker may be silent.
    long_ago = timezone.now() - DEAD_AFTER
    WorkerBeat.objects.update(seen=long_ago)
    DBTaskResult.objects.update(started_at=long_ago)
    site.lend()

    output = finish(site.start_worker("--batch"))
    site.take_back()
    result.refresh()
    assert (result.status, result.attempts) == ("SUCCESSFUL", 2)
    assert sample_tasks.notes(notes) == ["begun", "begun", "ended"]
    assert "death 1 of 3" in output
    assert "take_time done" in output


BOTH = [(signal.SIGTERM, signal.SIGINT, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM, signal.SIGTERM)]


@pytest.mark.parametrize("pause", [0, 0.1], ids=["together", "one by one"])
@pytest.mark.parametrize("signals", BOTH, ids=["SIGTERM first", "SIGINT first"])
def test_stopped_worker_finishes_its_task_removes_its_beat_and_exits_0(site, tmp_path, signals, pause):
    notes = tmp_path / "notes"
    result = sample_tasks.take_time.enqueue(str(notes), 0.5)
    following = sample_tasks.leave_note.enqueue(str(notes), "not any more")
    site.lend()
    worker = site.start_worker("--interval=60")
    wait_until(lambda: sample_tasks.notes(notes) == ["begun"], process=worker)
    for number in signals:
        worker.send_signal(number)
        time.sleep(pause)

    output = finish(worker)
    assert output.count("take_time") == 1
    site.take_back()
    result.refresh()
    following.refresh()
    assert (result.status, following.status) == ("SUCCESSFUL", "READY")
    assert not WorkerBeat.objects.exists()


def test_idle_worker_stops_at_once(site, tmp_path):
    notes = tmp_path / "notes"
    sample_tasks.leave_note.enqueue(str(notes), "seen")
    site.lend()
    worker = site.start_worker("--interval=60")
    wait_until(lambda: sample_tasks.notes(notes) == ["seen"], process=worker)
    time.sleep(0.2)
    begun = time.monotonic()
    worker.send_signal(signal.SIGINT)

    assert "tasks run: 1" in finish(worker)
    assert time.monotonic() - begun < 10


def test_second_ctrl_c_interrupts_the_task_which_is_ready_again(site, tmp_path):
    notes = tmp_path / "notes"
    result = sample_tasks.take_time.enqueue(str(notes), 60)
    site.lend()
    worker = site.start_worker("--interval=0.1")
    wait_until(lambda: sample_tasks.notes(notes) == ["begun"], process=worker)
    worker.send_signal(signal.SIGINT)
    time.sleep(0.3)
    worker.send_signal(signal.SIGINT)
    output = worker.communicate(timeout=WAIT_SECONDS)[0]

    assert worker.returncode == 130, output
    site.take_back()
    result.refresh()
    assert result.status == "READY"
    assert not WorkerBeat.objects.exists()


RACE = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from jobs import lease
from jobs.clock import tick

barrier = Barrier(4)

def race(number):
    connection.ensure_connection()
    barrier.wait()
    ticked = tick()
    claimed = 0
    while lease.claim_next(f"racer {number}", queues=["default"]) is not None:
        claimed += 1
    connection.close()
    return ticked, claimed

with ThreadPoolExecutor(4) as pool:
    ticked, claimed = zip(*pool.map(race, range(4)))
print("ticked", sum(ticked), "claimed", sum(claimed))
"""


def test_tickers_and_workers_at_once_enqueue_once_and_claim_once(site, tmp_path):
    now = timezone.now() - timedelta(minutes=1)
    Schedule.objects.bulk_create(
        Schedule(
            name=f"entry {number}",
            task_path="tests.jobs.sample_tasks.leave_note",
            args=[str(tmp_path / "notes"), str(number)],
            every_seconds=3600,
            next_run=now,
        )
        for number in range(60)
    )
    site.lend()

    assert "ticked 60 claimed 60" in finish(site.start("-c", RACE))
    site.take_back()
    rows = DBTaskResult.objects.all()
    assert sorted(int(row.args_kwargs["args"][1]) for row in rows) == list(range(60))
    assert {len(row.worker_ids) for row in rows} == {1}
