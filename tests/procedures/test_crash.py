"""kill -9 between any two statements of a publication: the old revision stays published, and nothing is half done."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from procedures.invariants import violations
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from tests.factories import approve, make_firm, make_next, make_revision

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]

# Runs in a process of its own, on the same database: approves round argv[1], and is killed before statement argv[2].
PROGRAM = """
import os, signal, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["CRASH_DATABASE"]
settings.MEDIA_ROOT = os.environ["CRASH_MEDIA"]
django.setup()
from django.db import connection
from procedures.actions import approval
from procedures.models import Round
from tests.factories import PASSWORD

round = Round.objects.select_related("revision__procedure__department__head").get(pk=sys.argv[1])
left = int(sys.argv[2])
done = 0

def count(execute, sql, params, many, context):
    global done
    if done == left:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    return execute(sql, params, many, context)

with connection.execute_wrapper(count):
    approval.approve_revision(
        round, actor=round.revision.procedure.department.head, content_hash=round.content_hash, password=PASSWORD
    )
print(done)
"""


def run_and_kill(round, statement: int, media: str) -> subprocess.CompletedProcess:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.crash_settings",
        "CRASH_DATABASE": str(connection.settings_dict["NAME"]),
        "CRASH_MEDIA": media,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(round.pk), str(statement)],
        env=env, cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_publish_is_all_or_nothing_wherever_the_process_dies(settings):
    firm = make_firm()
    old = make_revision(firm)
    new = make_next(firm, old.procedure, state=State.IN_REVIEW)
    round = open_round(new)
    connection.close()
    for statement in (4, 9, 14, 18, 22, 26, 30):
        killed = run_and_kill(round, statement, settings.MEDIA_ROOT)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        old.refresh_from_db()
        new.refresh_from_db()
        assert (old.state, new.state) == (State.PUBLISHED, State.IN_REVIEW)
        assert Revision.objects.in_force(old.effective_on).get() == old
        assert list(violations()) == []
    finished = run_and_kill(round, 10_000, settings.MEDIA_ROOT)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) > 30, "the last kill must have struck inside the transaction"
    new.refresh_from_db()
    assert new.state == State.PUBLISHED
    assert list(violations()) == []


def test_the_approver_can_sign_again_after_a_crash(settings):
    firm = make_firm()
    revision = make_revision(firm, state=State.IN_REVIEW)
    connection.close()
    assert run_and_kill(open_round(revision), 12, settings.MEDIA_ROOT).returncode == -signal.SIGKILL
    approve(revision, by=firm.approver)
    revision.refresh_from_db()
    assert revision.state == State.PUBLISHED
    assert list(violations()) == []
