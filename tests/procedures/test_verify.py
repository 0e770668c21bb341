"""`manage.py verify`: 0 when all is as it was written, 1 with the record that is not, 2 when it could not look."""

import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from audit import guards
from audit.models import Entry
from notifications.models import Notification
from procedures.invariants import violations
from procedures.models import Decision, RenditionKind, Revision, StoredFile
from procedures.pdf import storing
from procedures.signatures import seal_of
from procedures.states import State
from tests.factories import make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision(firm, monkeypatch) -> Revision:
    """A published revision with its PDF."""
    monkeypatch.setattr(storing, "render_pdf", lambda html, **limits: b"%PDF-1.7 made for the test")
    published = make_revision(firm)
    storing.store_pdf(published, kind=RenditionKind.PDF)
    return published


def verify(capsys) -> tuple[int, str]:
    """The exit code and what was printed. The triggers of the trail, taken away for the suite, stand meanwhile."""
    code = 0
    guards.install(connection)
    try:
        call_command("verify", no_color=True)
    except SystemExit as end:
        code = end.code
    finally:
        guards.remove(connection)
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def tamper(sql: str, *params: object) -> None:
    """Change the database behind the application's back; exactly one row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount == 1


def test_all_is_well(firm, revision, capsys):
    make_draft(firm)
    make_revision(firm, state=State.IN_REVIEW)
    make_next(firm, revision.procedure)
    code, printed = verify(capsys)
    assert (code, printed.split(".")[0]) == (0, "Checked: complete")


def test_a_trigger_that_is_gone_is_named(capsys, monkeypatch):
    monkeypatch.setattr(guards, "install", lambda connection: None)
    code, printed = verify(capsys)
    assert code == 1
    assert "I4 trigger audit_entry_no_update of the trail is not in place" in printed


def test_an_empty_database_is_clean(capsys):
    assert verify(capsys)[0] == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_label", "Somebody else"),
        ("name", "procedures.revision.discard"),
        ("reason", "Another one"),
        ("data", '{"number": 9}'),
        ("at", timezone.make_aware(datetime.datetime(2020, 1, 1))),
        ("hash", "0" * 64),
    ],
)
def test_a_changed_entry_of_the_trail_is_found(revision, capsys, column, value):
    tamper(f"UPDATE audit_entry SET {column} = %s WHERE seq = 3", value)
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith("I4 trail entry 3: has been changed since it was written")


def test_an_entry_taken_out_of_the_trail_is_found(revision, capsys):
    tamper("DELETE FROM audit_entry WHERE seq = 2")
    code, printed = verify(capsys)
    assert code == 1
    assert "I4 trail entry 2: entry 2 is missing; the next one is 3" in printed


def test_a_trail_cut_off_at_its_end_is_found(revision, capsys):
    last = Entry.objects.order_by("-seq").first().seq
    tamper("DELETE FROM audit_entry WHERE seq = %s", last)
    code, printed = verify(capsys)
    assert code == 1
    assert f"I4 trail entry {last}: the trail ends here, but {last} entries were written" in printed


def test_a_text_changed_after_the_signature_is_found(revision, capsys):
    content = {**revision.content, "title": "Pay me more"}
    Revision.objects.filter(pk=revision.pk).update(content=content)
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith(f"I2 {revision}: the content is not what its hash says")


def test_a_text_published_without_its_round_is_found(revision, capsys):
    Decision.objects.update(invalidated_at=timezone.now())
    code, printed = verify(capsys)
    assert code == 1
    assert f"I2 {revision}: stage 1. Approval has 0 signatures only" in printed


@pytest.mark.parametrize(
    ("column", "value"), [("decider_name", "Somebody else"), ("comment", "Never said"), ("content_hash", "f" * 64)]
)
def test_a_changed_signature_is_found(revision, capsys, column, value):
    Decision.objects.update(**{column: value})
    code, printed = verify(capsys)
    assert code == 1
    assert "I3 signature of" in printed


def test_a_changed_signature_that_was_sealed_anew_is_found(revision, capsys):
    decision = Decision.objects.get()
    decision.comment = "Never said"
    decision.seal = seal_of(decision)
    decision.save(update_fields=["comment", "seal"])
    code, printed = verify(capsys)
    assert code == 1
    assert "not the one that the trail tells of" in printed


def test_a_signature_moved_to_another_person_is_found(firm, revision, capsys):
    Decision.objects.update(decider=firm.author)
    code, printed = verify(capsys)
    assert code == 1
    assert "I3 signature of" in printed
    assert "which they wrote" in printed  # I8


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"%PDF-1.7 another")])
def test_a_missing_or_damaged_file_is_found(revision, settings, capsys, damage):
    (path,) = Path(settings.MEDIA_ROOT).glob("*/*.pdf")
    damage(path)
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith("I5 file")


def test_a_row_that_names_no_file_of_ours_is_found(revision, capsys):
    StoredFile.objects.update(name="../../etc/passwd")
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith("I5 file")


def test_a_stray_file_is_found(revision, settings, capsys):
    (path,) = Path(settings.MEDIA_ROOT).glob("*/*.pdf")
    (path.parent / "stray.pdf").write_bytes(b"%PDF-1.7")
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith(f"I5 stray file {path.parent.name}/stray.pdf")


def test_a_notice_without_its_event_is_found(revision, capsys):
    Notification.objects.filter(pk=Notification.objects.first().pk).update(event_seq=9999)
    code, printed = verify(capsys)
    assert code == 1
    assert printed.startswith("I6 a notice tells of event 9999")


def test_each_fault_is_one_line_and_the_last_line_counts_them(revision, capsys):
    tamper("UPDATE audit_entry SET reason = 'x' WHERE seq = 3")
    tamper("UPDATE audit_entry SET reason = 'x' WHERE seq = 5")
    _code, printed = verify(capsys)
    assert [line[:16] for line in printed.splitlines()] == ["I4 trail entry 3", "I4 trail entry 5", "2 violations"]


@pytest.mark.parametrize("fault", [OperationalError("gone"), PermissionError("not yours")])
def test_what_could_not_be_checked_is_another_code(monkeypatch, capsys, fault):
    def stop(**kwargs):
        raise fault
        yield

    monkeypatch.setattr("reports.verification.violations", stop)
    code, printed = verify(capsys)
    assert code == 2
    assert printed.startswith("could not check")


def test_text_that_readers_see_but_nobody_signed_is_named(firm):
    revision = make_revision(firm)
    Revision.objects.filter(pk=revision.pk).update(rendered=revision.rendered.replace("payment", "payout", 1))
    assert any("not what was rendered" in sentence for sentence in violations())
