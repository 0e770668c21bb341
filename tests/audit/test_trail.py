"""The trail: appended in the transaction of its change, chained, and telling where somebody tampered with it."""

import datetime
import threading

import pytest
from django.db import connection, transaction

from audit import names, trail
from audit.models import Entry, Head, Unchangeable
from roles.models import Department

TAMPERED = "has been changed since it was written"
LOST_LINK = "does not follow the entry before it"


@pytest.fixture
def department(db) -> Department:
    return Department.objects.create(code="FIN", name="Finance")


@pytest.fixture
def written(department) -> list[Entry]:
    """Five entries."""
    return [write(department, number) for number in range(1, 6)]


def write(department: Department, number: int) -> Entry:
    with transaction.atomic():
        return trail.record(
            names.DEPARTMENT_CHANGE,
            actor=None,
            subject=department,
            procedure_code="FIN-014",
            data={"number": number},
            reason=f"Reason {number}",
        )


def faults() -> list[tuple[int, str]]:
    return [(fault.seq, fault.what) for fault in trail.faults()]


def tamper(sql: str, *params: object) -> None:
    """Change the database behind the application's back."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount


# Writing -----------------------------------------------------------------------------------------------------


def test_entries_are_numbered_from_one_and_each_carries_the_hash_before_it(written):
    assert [entry.seq for entry in written] == [1, 2, 3, 4, 5]
    assert [entry.previous_hash for entry in written] == [trail.GENESIS, *(entry.hash for entry in written[:-1])]
    assert trail.last_hash() == written[-1].hash
    assert faults() == []


def test_an_empty_trail_has_no_faults_and_no_last_hash(db):
    assert faults() == []
    assert trail.last_hash() == ""


def test_what_is_read_back_has_the_hash_that_was_written(written):
    assert [trail.entry_hash(entry) for entry in Entry.objects.all()] == [entry.hash for entry in written]


def test_an_entry_keeps_who_what_and_why_in_its_own_words(firm):
    with transaction.atomic():
        trail.record(names.DEPARTMENT_CHANGE, actor=firm.administrator, subject=firm.finance, reason="Merged.")
    (entry,) = trail.entries_for(firm.finance).filter(reason="Merged.")
    assert (entry.actor_id, entry.actor_label) == (firm.administrator.pk, "Administrator")
    assert (entry.subject_type, entry.subject_label) == ("roles.department", "Finance")


def test_the_system_acts_under_its_own_name(written):
    assert {(entry.actor_id, entry.actor_label) for entry in written} == {(None, "sopdesk")}


def test_several_events_at_once_stand_in_their_order(department):
    happenings = [trail.Happening(names.DEPARTMENT_CHANGE, None, department, reason=str(n)) for n in range(3)]
    with transaction.atomic():
        entries = trail.record_many(happenings)
    assert [(entry.seq, entry.reason) for entry in entries] == [(1, "0"), (2, "1"), (3, "2")]
    assert faults() == []


def test_a_procedure_finds_its_entries(written):
    assert list(trail.entries_of_procedure("FIN-014")) == written
    assert not trail.entries_of_procedure("FIN-015").exists()


def test_an_unknown_name_is_refused_and_leaves_nothing(department):
    with pytest.raises(trail.UnknownName, match="procedures.revision.vanish"), transaction.atomic():
        trail.record("procedures.revision.vanish", actor=None, subject=department)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction():
    department = Department.objects.create(code="FIN", name="Finance")
    with pytest.raises(transaction.TransactionManagementError):
        trail.record(names.DEPARTMENT_CHANGE, actor=None, subject=department)
    assert not Entry.objects.exists()


def test_what_is_rolled_back_leaves_no_gap(written, department):
    with pytest.raises(RuntimeError), transaction.atomic():
        write(department, 6)
        raise RuntimeError("the change failed")
    assert write(department, 7).seq == 6
    assert faults() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: Entry.objects.filter(pk=entry.pk).update(reason="Another"),
        lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
    ],
)
def test_entries_are_neither_changed_nor_deleted_through_the_orm(written, act):
    with pytest.raises(Unchangeable):
        act(written[2])
    assert Entry.objects.count() == 5
    assert faults() == []


# Tampering ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
        ("actor_id", 9),
        ("actor_label", "Somebody else"),
        ("name", names.DEPARTMENT_ADD),
        ("subject_type", "roles.role"),
        ("subject_id", "9"),
        ("subject_label", "Another department"),
        ("procedure_code", "FIN-015"),
        ("data", '{"number": 9}'),
        ("reason", "Another reason"),
        ("format", 2),
        ("hash", "0" * 64),
    ],
)
def test_a_changed_column_is_named_by_its_entry(written, column, value):
    tamper(f"UPDATE audit_entry SET {column} = %s WHERE seq = 3", value)
    assert faults()[0] == (3, TAMPERED)


def test_every_column_but_the_key_is_covered_by_the_hash(written):
    """A column that is added later must join `entry_hash`, and the test above."""
    covered = {
        "seq", "at", "actor", "actor_label", "name", "subject_type", "subject_id", "subject_label", "procedure_code",
        "data", "reason", "format", "previous_hash",
    }  # fmt: skip
    assert {field.name for field in Entry._meta.concrete_fields} - {"id", "hash"} == covered


def test_a_change_whose_hash_was_made_to_fit_breaks_the_next_link(written):
    forged = written[2]
    forged.reason = "Another reason"
    tamper("UPDATE audit_entry SET reason = %s, hash = %s WHERE seq = 3", forged.reason, trail.entry_hash(forged))
    assert faults() == [(4, LOST_LINK)]


def test_a_last_entry_whose_hash_was_made_to_fit_is_not_the_end_that_was_noted(written):
    forged = written[4]
    forged.reason = "Another reason"
    tamper("UPDATE audit_entry SET reason = %s, hash = %s WHERE seq = 5", forged.reason, trail.entry_hash(forged))
    assert faults() == [(5, "is not the end that was noted")]


def test_a_deleted_entry_is_named(written):
    tamper("DELETE FROM audit_entry WHERE seq = 2")
    assert faults()[0] == (2, "entry 2 is missing; the next one is 3")


def test_two_swapped_entries_are_both_named(written):
    tamper("UPDATE audit_entry SET seq = 99 WHERE seq = 2")
    tamper("UPDATE audit_entry SET seq = 2 WHERE seq = 4")
    tamper("UPDATE audit_entry SET seq = 4 WHERE seq = 99")
    found = faults()
    assert found[0] == (2, LOST_LINK)
    assert {seq for seq, what in found if what == TAMPERED} == {2, 4}


def test_an_entry_put_in_between_is_named(written, department):
    tamper("UPDATE audit_entry SET seq = seq + 100 WHERE seq > 3")
    tamper("UPDATE audit_entry SET seq = seq - 99 WHERE seq > 100")
    forge(department, seq=4, previous=written[2].hash)
    found = faults()
    assert found[0] == (5, LOST_LINK)
    assert (6, TAMPERED) in found


def test_an_entry_put_behind_the_last_is_named(written, department):
    forge(department, seq=6, previous=written[4].hash)
    assert faults() == [(6, "was not written by sopdesk: the trail was noted to end with entry 5")]


def forge(department: Department, *, seq: int, previous: str) -> None:
    """Add an entry that is right in itself, past `record`."""
    entry = Entry(
        seq=seq, at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), actor_label="sopdesk",
        name=names.DEPARTMENT_CHANGE, subject_type="roles.department", subject_id=str(department.pk),
        subject_label="Finance", data={}, previous_hash=previous,
    )  # fmt: skip
    entry.hash = trail.entry_hash(entry)
    entry.save()


def test_a_trail_cut_off_at_its_end_is_named(written):
    tamper("DELETE FROM audit_entry WHERE seq >= 4")
    assert faults() == [(4, "the trail ends here, but 5 entries were written")]


def test_a_lost_note_of_the_end_is_named(written):
    tamper("DELETE FROM audit_head")
    assert faults() == [(1, "was not written by sopdesk: the trail was noted to end with entry 0")]


# Two at once -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_one_chain_without_gaps():
    department = Department.objects.create(code="FIN", name="Finance")
    writers, each = 4, 10
    barrier = threading.Barrier(writers)
    errors: list[Exception] = []

    def work(writer: int) -> None:
        barrier.wait()
        try:
            for number in range(each):
                write(department, writer * each + number)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert list(Entry.objects.values_list("seq", flat=True)) == list(range(1, writers * each + 1))
    assert sorted(entry.data["number"] for entry in Entry.objects.all()) == list(range(writers * each))
    assert Head.objects.get().seq == writers * each
    assert faults() == []


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_rolls_back_beside_others_leaves_no_gap():
    department = Department.objects.create(code="FIN", name="Finance")
    barrier = threading.Barrier(2)

    def keep() -> None:
        barrier.wait()
        try:
            for number in range(10):
                write(department, number)
        finally:
            connection.close()

    def give_up() -> None:
        barrier.wait()
        try:
            for number in range(10):
                with transaction.atomic():
                    write(department, 100 + number)
                    transaction.set_rollback(True)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep), threading.Thread(target=give_up)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [(entry.seq, entry.data["number"]) for entry in Entry.objects.all()] == [(n + 1, n) for n in range(10)]
    assert faults() == []
