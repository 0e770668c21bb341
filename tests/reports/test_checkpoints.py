"""Checkpoints: signed outside of the database, and the only thing that shows a trail that was written anew."""

import json
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import checkpoints, names, trail
from audit.models import Checkpoint, Entry, Head
from reports import actions
from sopdesk.checks import checkpoints_are_signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(firm, key) -> list[Entry]:
    """Six entries, a checkpoint at the fourth."""
    entries = [write(firm, number) for number in range(4)]
    checkpoints.make_checkpoint()
    return entries + [write(firm, number) for number in range(4, 6)]


def write(firm, number: int) -> Entry:
    with transaction.atomic():
        return trail.record(names.DEPARTMENT_CHANGE, actor=None, subject=firm.finance, reason=f"Reason {number}")


def sql(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def faults() -> list[str]:
    return list(checkpoints.checkpoint_faults())


def write_anew(*, last: int) -> None:
    """What an intruder does who knows the code and owns the database: the chain fits again, up to entry `last`."""
    sql("DELETE FROM audit_entry WHERE seq > %s", last)
    previous = trail.GENESIS
    for entry in Entry.objects.order_by("seq"):
        entry.previous_hash = previous
        entry.hash = previous = trail.entry_hash(entry)
        sql("UPDATE audit_entry SET previous_hash = %s, hash = %s WHERE seq = %s", entry.previous_hash, entry.hash,
            entry.seq)  # fmt: skip
    Head.objects.update(seq=last, hash=previous)


def test_key_and_file_are_outside_and_the_key_is_for_its_owner_alone(written, key, settings):
    assert key.stat().st_mode & 0o777 == 0o600
    (line,) = Path(settings.CHECKPOINT_FILE).read_text().splitlines()
    assert json.loads(line)["seq"] == 4
    assert json.loads(line)["hash"] == written[3].hash == Checkpoint.objects.get().hash
    assert faults() == []
    with pytest.raises(CommandError):
        call_command("makecheckpointkey")


@pytest.mark.parametrize("last", [6, 3])
def test_a_trail_written_anew_passes_its_chain_and_fails_the_checkpoint(written, last):
    sql("UPDATE audit_entry SET reason = 'forged' WHERE seq = 2")
    write_anew(last=last)
    assert list(trail.faults()) == []
    found = "the trail up to here is not the one that was signed" if last == 6 else "entry 4 is missing"
    assert len(faults()) == 1
    assert found in faults()[0]


def test_taking_the_row_away_does_not_help(written):
    write_anew(last=3)
    Checkpoint.objects.all().delete()
    assert "entry 4 is missing" in faults()[0]


@pytest.mark.parametrize("column", ["seq", "hash", "count", "at", "key", "signature"])
def test_a_changed_checkpoint_is_named(written, settings, column):
    path = Path(settings.CHECKPOINT_FILE)
    line = json.loads(path.read_text())
    line[column] = {"seq": 5, "count": 5, "at": "2020-01-01T00:00:00.000000Z"}.get(column, "0" * 16)
    path.write_text(json.dumps(line) + "\n")
    assert "the signature does not fit" in faults()[0]


def test_a_file_cut_short_or_gone_or_spoilt_is_named(written, settings):
    path = Path(settings.CHECKPOINT_FILE)
    path.write_text("not a line\n")
    assert faults() == ["line 1 of checkpoints.jsonl is no checkpoint", "checkpoint 4: is not in checkpoints.jsonl"]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        faults()


def test_one_is_due_after_an_hour_or_many_entries_and_never_without_news(firm, written, settings):
    assert not actions.make_due_checkpoint()
    settings.CHECKPOINT_ENTRIES = 2
    assert actions.make_due_checkpoint()
    settings.CHECKPOINT_SECONDS = 0
    assert not actions.make_due_checkpoint(), "nothing new"
    write(firm, 9)
    assert actions.make_due_checkpoint()
    assert faults() == []


def test_the_first_of_a_day_is_mailed_outside(firm, key, settings, django_capture_on_commit_callbacks):
    from notifications import delivery

    settings.CHECKPOINT_MAIL_TO = ["vault@audit.test"]
    write(firm, 1)
    assert actions.make_due_checkpoint()
    line = checkpoints.latest_lines(1)[0]
    context = {"seq": line.seq, "key": line.key, "line": line.as_text(), "base_url": settings.BASE_URL}
    delivery.send_letter("trail-checkpoint", address="vault@audit.test", context=context)
    assert line.as_text() in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["vault@audit.test"]


def test_without_a_key_nothing_is_made_or_missed(firm, settings):
    settings.CHECKPOINT_KEY = ""
    write(firm, 1)
    assert not actions.make_due_checkpoint()
    assert faults() == []


def test_a_key_that_is_missing_or_open_to_others_is_a_warning_at_the_start(key, settings):
    assert checkpoints_are_signed(None) == []
    key.chmod(0o640)
    assert [warning.id for warning in checkpoints_are_signed(None)] == ["sopdesk.W003"]
    for path in ("", str(key) + ".gone"):
        settings.CHECKPOINT_KEY = path
        assert [warning.id for warning in checkpoints_are_signed(None)] == ["sopdesk.W002"]
