"""`manage.py demo`: the firm stands in the states that its plan says, made by the actions, and only once."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from procedures.invariants import violations
from procedures.models import Procedure, Revision
from procedures.permissions import rounds_awaiting
from procedures.relatives import tasks_of
from procedures.states import State
from procedures.views.history_page import TRAIL_WORDS
from roles.models import User
from tests.factories import make_firm
from training import invariants as training
from training.queries import last_ones_of, own_rows
from training.reading import Worth

pytestmark = pytest.mark.django_db


def run() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def states(code: str) -> list[str]:
    return list(Revision.objects.filter(procedure__code=code).order_by("number").values_list("state", flat=True))


def test_the_firm_is_as_planned_and_sound():
    assert "18 procedures with 24 revisions" in run()
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
    assert [*violations(), *training.violations()] == []
    told = set(Entry.objects.exclude(procedure_code="").values_list("name", flat=True))
    assert told - set(TRAIL_WORDS) == set(), "an event of a procedure has words on its history page"
    newhire = User.objects.get(email="newhire@demo.sopdesk.test")
    worths = {row.current.procedure.code: row.worth for row in own_rows(newhire, last_ones_of(newhire))}
    assert worths == {"CMP-001": Worth.CURRENT, "OPS-001": Worth.CURRENT, "OPS-003": Worth.CHANGED}
    author = User.objects.get(email="author@demo.sopdesk.test")
    assert Worth.CARRIED in {row.worth for row in own_rows(author, last_ones_of(author))}
    client = Client()
    answer = client.post(
        "/accounts/login/", {"login": "staff@demo.sopdesk.test", "password": "demo-sopdesk"}, follow=True
    )
    assert answer.redirect_chain
    assert "My work" in answer.content.decode()

    assert "there already" in run()
    assert Procedure.objects.count() == 18


def test_it_refuses_a_database_with_other_data():
    make_firm()
    with pytest.raises(CommandError, match="other data"):
        run()
    assert not Procedure.objects.exists()
