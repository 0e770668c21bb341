"""The database's own refusal to change or delete an entry of the trail, on both engines."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit import guards, names, trail
from audit.models import Entry
from roles.models import Department

pytestmark = pytest.mark.django_db


@pytest.fixture
def guarded(db):
    """Three entries behind the triggers that the migrations put there (taken away for the suite, see conftest)."""
    department = Department.objects.create(code="FIN", name="Finance")
    for number in range(3):
        record(department, number)
    guards.install(connection)
    return department


def record(department: Department, number: int) -> Entry:
    with transaction.atomic():
        return trail.record(names.DEPARTMENT_CHANGE, actor=None, subject=department, reason=f"Reason {number}")


def act(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


FORBIDDEN = [
    "UPDATE audit_entry SET reason = 'another' WHERE seq = 2",
    "UPDATE audit_entry SET hash = hash WHERE seq = 2",
    "DELETE FROM audit_entry WHERE seq = 2",
    "DELETE FROM audit_entry",
]
COLUMNS = (
    "id, seq, at, actor_label, name, subject_type, subject_id, subject_label, procedure_code, data, reason, format, "
    "previous_hash, hash"
)
FORBIDDEN_ON = {
    "sqlite": [
        f"INSERT OR REPLACE INTO audit_entry ({COLUMNS}) SELECT {COLUMNS.replace('reason', chr(39) + 'x' + chr(39))} "
        "FROM audit_entry WHERE seq = 2",
        f"REPLACE INTO audit_entry ({COLUMNS}) SELECT {COLUMNS} FROM audit_entry WHERE seq = 3",
    ],
    "postgresql": [
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry CASCADE",
        f"INSERT INTO audit_entry ({COLUMNS}) SELECT {COLUMNS} FROM audit_entry WHERE seq = 2 "
        "ON CONFLICT (id) DO UPDATE SET reason = 'x'",
    ],
}


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_no_statement_changes_or_deletes_an_entry(guarded, sql):
    check_refused(sql)


def test_nor_do_the_ways_round_that_this_engine_has(guarded):
    for sql in FORBIDDEN_ON[connection.vendor]:
        check_refused(sql)


def check_refused(sql: str) -> None:
    before = list(Entry.objects.values_list())
    with pytest.raises(DatabaseError):
        act(sql)
    assert list(Entry.objects.values_list()) == before
    assert list(trail.faults()) == []


def test_entries_are_still_added_one_by_one_and_many_at_once(guarded):
    record(guarded, 4)
    happenings = [trail.Happening(names.DEPARTMENT_CHANGE, None, guarded, reason=str(n)) for n in range(3)]
    with transaction.atomic():
        trail.record_many(happenings)
    assert Entry.objects.count() == 7
    assert list(trail.faults()) == []


def test_installing_again_changes_nothing(guarded):
    guards.install(connection)
    assert guards.missing(connection) == []


def test_a_trigger_that_was_taken_away_is_missed(guarded):
    guards.remove(connection)
    assert len(guards.missing(connection)) == 3
    with guards.lifted(connection):
        assert len(guards.missing(connection)) == 3
    assert guards.missing(connection) == []


def test_a_trigger_that_was_switched_off_is_missed(guarded):
    if connection.vendor == "sqlite":
        act("DROP TRIGGER audit_entry_no_update")
    else:
        act("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_update")
    assert guards.missing(connection) == ["audit_entry_no_update"]
