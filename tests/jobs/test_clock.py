from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django_tasks_db.models import DBTaskResult

from jobs import clock
from jobs.checks import check_schedule
from jobs.models import Schedule, next_time_of_day

from . import sample_tasks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TASK = "tests.jobs.sample_tasks.leave_note"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def schedule(settings, tmp_path):
    """Sets settings.SCHEDULE to a task every 10 minutes, unless given other entries, and syncs it at noon."""
    args = [str(tmp_path / "notes"), "ticked"]

    def set_schedule(*entries: dict, now: datetime = NOON) -> list[str]:
        settings.SCHEDULE = list(entries) or [{"name": "n", "task": TASK, "every": 600, "args": args}]
        return clock.sync_schedule(now=now)

    return set_schedule


def enqueued() -> int:
    return DBTaskResult.objects.count()


def run_waiting() -> None:
    DBTaskResult.objects.filter(status="READY").update(status="SUCCESSFUL")


@pytest.mark.django_db
class TestTick:
    def test_due_task_is_enqueued_once_with_its_arguments(self, schedule, worker, tmp_path):
        schedule()
        assert clock.tick(now=NOON) == 1
        assert clock.tick(now=NOON) == 0

        worker.run_ready()
        assert sample_tasks.notes(tmp_path / "notes") == ["ticked"]
        row = Schedule.objects.get()
        assert (row.last_run, row.next_run) == (NOON, NOON + minutes(10))

    def test_after_a_pause_it_runs_once_and_keeps_its_rhythm(self, schedule):
        schedule()
        assert clock.tick(now=NOON + minutes(47)) == 1
        assert Schedule.objects.get().next_run == NOON + minutes(50)

    def test_it_is_not_enqueued_again_while_a_copy_waits(self, schedule):
        schedule()
        assert clock.tick(now=NOON) == 1
        assert clock.tick(now=NOON + minutes(10)) == 0
        run_waiting()
        assert clock.tick(now=NOON + minutes(20)) == 1
        assert enqueued() == 2

    def test_ticker_overtaken_by_another_does_not_enqueue_again(self, schedule, monkeypatch):
        schedule()
        fire = clock._fire

        def be_overtaken(pk, *, now):
            monkeypatch.setattr(clock, "_fire", fire)
            assert clock.tick(now=now) == 1
            run_waiting()
            return fire(pk, now=now)

        monkeypatch.setattr(clock, "_fire", be_overtaken)
        assert clock.tick(now=NOON) == 0
        assert enqueued() == 1

    def test_only_reads_when_nothing_is_due(self, schedule, django_assert_num_queries):
        schedule()
        with django_assert_num_queries(1) as captured:
            assert clock.tick(now=NOON - minutes(1)) == 0
        assert captured[0]["sql"].startswith("SELECT")

    def test_task_that_is_gone_does_not_hold_up_the_others(self, schedule, caplog, tmp_path):
        schedule(
            {"name": "a", "task": "nowhere.at_all", "every": 60},
            {"name": "b", "task": TASK, "every": 60, "args": [str(tmp_path / "notes"), "b"]},
        )
        assert clock.tick(now=NOON) == 1
        assert "“a” cannot run" in caplog.text
        assert Schedule.objects.get(name="a").last_run is None

    def test_daily_task_runs_at_its_time_of_day(self, schedule, settings):
        settings.TIME_ZONE = "Europe/Paris"
        schedule({"name": "night", "task": TASK, "daily_at": "03:10"})
        night = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
        assert Schedule.objects.get().next_run == night
        assert clock.tick(now=night - minutes(1)) == 0
        assert clock.tick(now=night + minutes(1)) == 1
        assert Schedule.objects.get().next_run == night + timedelta(days=1)


@pytest.mark.django_db
class TestSync:
    def test_task_added_to_the_settings_appears(self, schedule):
        assert schedule() == ["n"]
        assert Schedule.objects.get().enabled

    def test_second_sync_changes_nothing_and_only_reads(self, schedule, django_assert_num_queries):
        schedule()
        clock.tick(now=NOON)
        with django_assert_num_queries(2) as captured:
            assert schedule(now=NOON + minutes(3)) == []
        assert all(query["sql"].startswith("SELECT") for query in captured)
        assert Schedule.objects.get().next_run == NOON + minutes(10)

    def test_task_removed_from_the_settings_is_disabled_and_does_not_run(self, schedule, settings):
        schedule()
        settings.SCHEDULE = []
        assert clock.sync_schedule(now=NOON) == ["n"]
        assert not Schedule.objects.get().enabled
        assert clock.tick(now=NOON + minutes(60)) == 0

    def test_task_put_back_runs_again(self, schedule, settings):
        schedule()
        settings.SCHEDULE = []
        clock.sync_schedule(now=NOON)
        assert schedule(now=NOON + minutes(60)) == ["n"]
        assert Schedule.objects.get().next_run == NOON + minutes(60)

    def test_changed_rhythm_starts_anew_and_changed_arguments_keep_the_next_run(self, schedule):
        schedule()
        clock.tick(now=NOON)
        later = NOON + minutes(5)
        assert schedule({"name": "n", "task": TASK, "every": 600, "args": ["x", "y"]}, now=later) == ["n"]
        assert Schedule.objects.get().next_run == NOON + minutes(10)
        assert schedule({"name": "n", "task": TASK, "every": 60, "args": ["x", "y"]}, now=later) == ["n"]
        assert Schedule.objects.get().next_run == later


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"task": TASK, "every": 60}, "needs a name"),
        ({"name": "n", "every": 60}, "needs a name and a task"),
        ({"name": "n", "task": TASK}, "either every or daily_at"),
        ({"name": "n", "task": TASK, "every": 60, "daily_at": "03:00"}, "either every or daily_at"),
        ({"name": "n", "task": TASK, "every": 0}, "at least 1"),
        ({"name": "n", "task": TASK, "every": 1.5}, "whole number"),
        ({"name": "n", "task": TASK, "daily_at": "25:00"}, "HH:MM"),
        ({"name": "n", "task": TASK, "every": 60, "args": "text"}, "must be a list"),
        ({"name": "n", "task": TASK, "evry": 60}, "unknown keys: evry"),
    ],
)
def test_malformed_entry_is_refused_and_found_by_the_system_check(settings, entry, complaint):
    settings.SCHEDULE = [entry]
    with pytest.raises(ImproperlyConfigured, match=complaint):
        clock.entries()
    assert [message.id for message in check_schedule()] == ["jobs.E001"]


def test_name_used_twice_is_refused(settings):
    settings.SCHEDULE = [{"name": "n", "task": TASK, "every": 60}] * 2
    with pytest.raises(ImproperlyConfigured, match="twice: n"):
        clock.entries()


@pytest.mark.parametrize("path", ["nowhere.at_all", "tests.jobs.sample_tasks.not_a_task"])
def test_entry_without_a_task_is_found_by_the_system_check(settings, path):
    settings.SCHEDULE = [{"name": "n", "task": TASK, "every": 60}, {"name": "m", "task": path, "every": 60}]
    (message,) = check_schedule()
    assert message.id == "jobs.W001"
    assert "“m” will not run" in message.msg


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rhythm", [{}, {"every_seconds": 0}, {"every_seconds": 60, "daily_at": time(3)}], ids=["none", "zero", "both"]
)
def test_database_refuses_a_schedule_without_exactly_one_rhythm(rhythm):
    with pytest.raises(IntegrityError):
        Schedule.objects.create(name="n", task_path=TASK, next_run=NOON, **rhythm)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # Clocks go forward at 01:00 UTC on 29 March: 02:30 does not exist and is taken as 03:30 summer time.
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        # Clocks go back at 01:00 UTC on 25 October: 02:30 comes twice and counts once.
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_time_of_day_comes_once_a_day_also_when_clocks_change(settings, after, expected):
    settings.TIME_ZONE = "Europe/Paris"
    assert next_time_of_day(time(2, 30), after=after) == expected
