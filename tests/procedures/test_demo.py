"""`manage.py demo`: the firm stands in the states that its plan says, made by the actions, and only once."""

import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from audit.models import Entry
from procedures.actions.manuals import request_manual
from procedures.invariants import violations
from procedures.manuals.building import build
from procedures.manuals.selecting import Selection
from procedures.models import ManualState, Procedure, Revision
from procedures.permissions import library_revisions_for, rounds_awaiting
from procedures.relatives import tasks_of
from procedures.states import State
from procedures.views.history_page import TRAIL_WORDS
from roles.models import User
from runs import invariants as runs
from runs.models import Remark
from sopdesk.lib.files import read_stored
from training import invariants as training
from training.queries import last_ones_of, own_rows
from training.reading import Worth

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


def run() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(module_database) -> str:
    """The demo firm, made once for all tests here; what the command said."""
    return run()


def states(code: str) -> list[str]:
    return list(Revision.objects.filter(procedure__code=code).order_by("number").values_list("state", flat=True))


def test_the_firm_is_as_planned_and_sound(demo):
    assert "18 procedures with 24 revisions" in demo
    assert states("FIN-001") == [State.SUPERSEDED, State.PUBLISHED]
    assert states("FIN-002") == [State.PUBLISHED, State.IN_REVIEW]
    assert states("FIN-003") == [State.PUBLISHED, State.DRAFT]
    assert states("FIN-006") == [State.DRAFT]
    assert states("OPS-004") == [State.WITHDRAWN]
    assert states("HR-003") == [State.PUBLISHED]
    assert [task.count for task in tasks_of(User.objects.get(email="hr-author@demo.sopdesk.test"))] == [6]
    translator = User.objects.get(email="author@demo.sopdesk.test")
    assert [(task.procedure.code, task.count) for task in tasks_of(translator)] == [("FIN-001-FR", 1)]
    overdue = Revision.objects.get(procedure__code="OPS-002", state=State.PUBLISHED)
    assert overdue.next_review_on < timezone.localdate()
    approver = User.objects.get(email="approver@demo.sopdesk.test")
    assert [round.revision.procedure.code for round in rounds_awaiting(approver)] == ["FIN-002"]
    times = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= timezone.now()
    assert [*violations(), *training.violations(), *runs.violations()] == []
    told = set(Entry.objects.exclude(procedure_code="").values_list("name", flat=True))
    assert told - set(TRAIL_WORDS) == set(), "an event of a procedure has words on its history page"
    newhire = User.objects.get(email="newhire@demo.sopdesk.test")
    worths = {row.current.procedure.code: row.worth for row in own_rows(newhire, last_ones_of(newhire))}
    assert worths == {"CMP-001": Worth.CURRENT, "OPS-001": Worth.CURRENT, "OPS-003": Worth.CHANGED}
    author = User.objects.get(email="author@demo.sopdesk.test")
    assert Worth.CARRIED in {row.worth for row in own_rows(author, last_ones_of(author))}
    answers = list(Remark.objects.order_by("said_at").values_list("procedure__code", "answer", "solved_by__number"))
    assert answers == [
        ("FIN-001", "changed", 2), ("CMP-001", "declined", None), ("FIN-003", "promised", 2), ("FIN-003", "", None),
        ("FIN-001", "", None),
    ]  # fmt: skip
    client = Client()
    answer = client.post(
        "/accounts/login/", {"login": "staff@demo.sopdesk.test", "password": "demo-sopdesk"}, follow=True
    )
    assert answer.redirect_chain
    assert "My work" in answer.content.decode()

    assert "there already" in run()
    assert Procedure.objects.count() == 18


def test_a_manual_of_the_whole_firm_holds_every_text_that_its_reader_may_read(demo):
    staff = User.objects.get(email="staff@demo.sopdesk.test")
    manual = request_manual(actor=staff, title="Everything", selection=Selection("", {}))
    build(manual.pk)
    manual.refresh_from_db()
    assert (manual.state, manual.failure) == (ManualState.READY, "")
    held = set(manual.items.values_list("revision", flat=True))
    left_out = library_revisions_for(staff).exclude(pk__in=held)
    assert len(held) > 10
    assert set(left_out.values_list("procedure__translation_of__code", flat=True)) == {"FIN-001"}, "once in a language"
    reader = PdfReader(io.BytesIO(read_stored(manual.file.name)))
    assert len(reader.pages) == manual.pages > len(held)
    bookmarks = {row.title for row in reader.outline if not isinstance(row, list)}
    assert bookmarks > set(manual.items.values_list("revision__title", flat=True))
