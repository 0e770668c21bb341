"""Whatever somebody changes past sopdesk is named by `verify`: every column of the trail, of a signature, of a frozen
text, the bytes of a file, and every way to take entries out, put them in, or write the trail anew."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from audit import checkpoints, guards, trail
from audit.models import Entry, Head
from procedures.actions import approval
from procedures.models import Decision, RenditionKind, Revision
from procedures.pdf import storing
from procedures.queries import open_round
from procedures.states import State
from reports import actions
from reports.models import VerificationRun
from reports.verification import Verification, verify
from tests.factories import make_revision

pytestmark = pytest.mark.django_db

ELSEWHERE = "2020-01-01 00:00:00+00:00"


@pytest.fixture
def world(firm, key, monkeypatch) -> Revision:
    """A published revision with its PDF, a returned round, a checkpoint behind both."""
    monkeypatch.setattr(storing, "render_pdf", lambda html, **limits: b"%PDF-1.7 made for the test")
    published = make_revision(firm, code="FIN-100", effective_on=None)
    storing.store_pdf(published, kind=RenditionKind.PDF)
    returned = make_revision(firm, code="FIN-200", state=State.IN_REVIEW)
    round = open_round(returned)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Step 2 is wrong.")
    checkpoints.make_checkpoint()
    guards.install(connection)
    yield published
    guards.remove(connection)


def sql(statement: str, *params: object) -> None:
    with guards.lifted(connection), connection.cursor() as cursor:
        cursor.execute(statement, params)
        assert cursor.rowcount


def found(**kwargs) -> list[str]:
    return list(Verification(**kwargs).sentences())


def test_nothing_is_found_where_nothing_was_touched(world):
    assert found() == []


ENTRY = {
    "at": ELSEWHERE, "actor_id": 999, "actor_label": "x", "name": "procedures.comment.add", "subject_type": "x",
    "subject_id": "x", "subject_label": "x", "procedure_code": "x", "data": '{"x": 1}', "reason": "x", "format": 2,
    "previous_hash": "0" * 64, "hash": "0" * 64,
}  # fmt: skip


def test_every_column_of_an_entry(world):
    assert set(ENTRY) == {column.attname for column in Entry._meta.concrete_fields} - {"id", "seq"}
    for column, value in ENTRY.items():
        row = Entry.objects.filter(seq=3).values_list(column, flat=True).get()
        stored = json.dumps(row) if column == "data" else row
        sql(f"UPDATE audit_entry SET {column} = %s WHERE seq = 3", value)
        assert "I4 trail entry 3: has been changed" in found()[0] or "entry 3: does not follow" in found()[0], column
        sql(f"UPDATE audit_entry SET {column} = %s WHERE seq = 3", stored)
    sql("UPDATE audit_entry SET seq = 900 WHERE seq = 3")
    assert found()[0] == "I4 trail entry 3: entry 3 is missing; the next one is 4"


DECISION = {
    "round_id": None, "slot_id": None, "decider_id": None, "on_behalf_of_id": None, "verdict": "return",
    "meaning": "reviewed", "comment": "x", "decided_at": ELSEWHERE, "decider_name": "x", "capacity": "x",
    "method": "x", "content_hash": "0" * 64, "seal": "0" * 64, "invalidated_at": ELSEWHERE, "invalidated_reason": "x",
}  # fmt: skip


@pytest.mark.parametrize("which", ["published", "returned"])
def test_every_column_of_a_decision(firm, world, which):
    decision = Decision.objects.get(round__revision__procedure__code="FIN-100" if which == "published" else "FIN-200")
    other = Decision.objects.exclude(pk=decision.pk).get()
    for column, value in DECISION.items():
        value = {"round_id": other.round_id, "slot_id": other.slot_id, "decider_id": firm.staff.pk,
                 "on_behalf_of_id": firm.staff.pk}.get(column, value)  # fmt: skip
        if getattr(decision, column) == value or (which, column) == ("published", "invalidated_reason"):
            continue  # the reason of a decision that counts is not shown anywhere
        if column == "verdict" and which == "published":
            sql("UPDATE procedures_decision SET comment = 'x' WHERE id = %s", decision.pk)  # a constraint wants it
        sql(f"UPDATE procedures_decision SET {column} = %s WHERE id = %s", value, decision.pk)
        assert any(sentence.startswith(("I3 signature of", "I2 FIN-100 r1:")) for sentence in found()), column
        Decision.objects.filter(pk=decision.pk).update(
            **{column: getattr(decision, column), "comment": decision.comment}
        )
    assert found() == []


REVISION = {
    "number": 7, "state": "withdrawn", "title": "x", "language": "de", "tags": '["x"]', "purpose": "x", "scope": "x",
    "outcome": "x", "trigger": "x", "frequency": "daily", "prerequisites": "x", "definitions": "x",
    "background": "x", "references": "x", "contact": "x", "review_interval_months": 3, "change_summary": "x",
    "significance": "minor", "effective_on": "2020-01-01", "next_review_on": "2099-01-01", "content": '{"title": "x"}',
    "content_hash": "0" * 64, "rendered": "<p>x</p>", "submitted_at": ELSEWHERE, "approved_at": ELSEWHERE,
    "published_at": ELSEWHERE, "ended_reason": "x", "category_id": None,
}  # fmt: skip


def test_every_frozen_column_of_a_revision(world):
    for column, value in REVISION.items():
        name = connection.ops.quote_name(column)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {name} FROM procedures_revision WHERE id = %s", [world.pk])
            (stored,) = cursor.fetchone()
        assert stored != value, column
        sql(f"UPDATE procedures_revision SET {name} = %s WHERE id = %s", value, world.pk)
        assert any(f"FIN-100 r{7 if column == 'number' else 1}" in sentence for sentence in found()), column
        sql(f"UPDATE procedures_revision SET {name} = %s WHERE id = %s", stored, world.pk)
    assert found() == []


def test_one_byte_of_a_stored_file(world, settings):
    (path,) = Path(settings.MEDIA_ROOT).glob("*/*.pdf")
    data = path.read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert found()[0].startswith("I5 file")
    path.write_bytes(data)
    assert found() == []


@pytest.mark.parametrize(
    ("act", "first"),
    [
        ("first", "I4 trail entry 1: entry 1 is missing"),
        ("middle", "I4 trail entry 3: entry 3 is missing"),
        ("last", "the trail ends here"),
        ("swapped", "I4 trail entry 2: does not follow"),
        ("inserted", "was not written by sopdesk"),
        ("truncated", "the trail ends here"),
        ("truncated with its note", "the trail had"),
        ("chained anew", "the trail up to here is not the one that was signed"),
        ("emptied", "the trail had"),
    ],
)
def test_every_way_to_falsify_the_trail(world, act, first):
    last = trail.head_of_trail().seq
    match act:
        case "first" | "middle" | "last":
            sql("DELETE FROM audit_entry WHERE seq = %s", {"first": 1, "middle": 3, "last": last}[act])
        case "swapped":
            for old, new in ((2, 900), (4, 2), (900, 4)):
                sql("UPDATE audit_entry SET seq = %s WHERE seq = %s", new, old)
        case "inserted":
            forged = Entry.objects.get(seq=last)
            forged.pk, forged.seq, forged.previous_hash = None, last + 1, forged.hash
            forged.hash = trail.entry_hash(forged)
            forged.save()
        case "truncated" | "emptied":
            sql("DELETE FROM audit_entry WHERE seq > %s", 0 if act == "emptied" else 5)
            if act == "emptied":
                Head.objects.all().delete()
        case _:
            if act == "truncated with its note":
                sql("DELETE FROM audit_entry WHERE seq > 5")
            else:
                sql("UPDATE audit_entry SET reason = 'forged' WHERE seq = 2")
            write_anew()
    sentences = found()
    assert any(first in sentence for sentence in sentences), sentences


def write_anew() -> None:
    """Whoever knows the code and owns the database makes the chain fit again."""
    previous = trail.GENESIS
    for entry in Entry.objects.order_by("seq"):
        entry.previous_hash, entry.hash = previous, ""
        entry.hash = trail.entry_hash(entry)
        sql("UPDATE audit_entry SET previous_hash = %s, hash = %s WHERE seq = %s", previous, entry.hash, entry.seq)
        previous = entry.hash
        Head.objects.update(seq=entry.seq, hash=entry.hash)


def test_a_trigger_that_is_gone(world):
    guards.remove(connection)
    assert "I4 trigger audit_entry_no_update of the trail is not in place" in found()


# How it is told ----------------------------------------------------------------------------------------------


def test_the_command_answers_in_json_and_may_begin_behind_a_checkpoint(world, capsys, settings):
    call_command("verify", json=True)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["outcome"], facts["entries"], facts["since"]) == ("clean", trail.head_of_trail().seq, 0)
    sql("UPDATE audit_entry SET reason = 'forged' WHERE seq = 2")
    call_command("verify", json=True, since_checkpoint="")
    assert json.loads(capsys.readouterr().out)["since"] == trail.head_of_trail().seq
    with pytest.raises(SystemExit) as end:
        call_command("verify", json=True)
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out)["first"].startswith("I4 trail entry 2")
    Path(settings.CHECKPOINT_KEY + ".pub").unlink()
    with pytest.raises(SystemExit) as end:
        call_command("verify")
    assert end.value.code == 2


def test_the_clock_keeps_the_answer_and_raises_the_alarm(client, firm, world):
    assert actions.note_verification(verify()).outcome == "clean"
    client.force_login(firm.auditor)
    assert "All is as it was written." in client.get("/audit/").text
    sql("UPDATE audit_entry SET reason = 'forged' WHERE seq = 2")
    run = actions.note_verification(verify())
    assert (run.outcome, run.first) == (
        "tampered", "I4 trail entry 2: has been changed since it was written"
    )  # fmt: skip
    assert VerificationRun.objects.count() == 2
    assert trail.entries_for(run).get().data["first"] == run.first
    for who in ("auditor", "administrator"):
        assert firm.people[who].notifications.get(kind="verification-failed").url == "/audit/"
    assert not firm.author.notifications.filter(kind="verification-failed").exists()
    assert "Not everything is as it was written." in client.get("/audit/").text
