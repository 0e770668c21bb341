"""Many people do whatever comes to their minds, allowed or not, and the machine looks whether everything still holds.

Hypothesis chooses who does what (`RuleBasedStateMachine`). For each act the machine knows beforehand, from
`tests.machine.oracle`, whether it is allowed; a refusal of what is allowed is a fault as much as the other way round.
A success leaves exactly the entries on the trail that it must, a refusal none. Every example runs inside of a
transaction that is undone; nothing here waits for a commit, since notices and tasks are rows.

`MACHINE_EXAMPLES=2000 pytest tests/machine` runs long, with other examples each time.
"""

import datetime
import os

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from procedures.actions import drafts
from procedures.models import Deviation, Procedure, Revision, SlotKind
from procedures.states import State
from roles import actions as people
from roles.models import Access, User
from tests.factories import make_draft, make_firm, make_revision, make_route, make_user
from tests.machine.choosing import CODES
from tests.machine.deviating import Deviating
from tests.machine.world import DAY, REACHED, START

LONG = int(os.environ.get("MACHINE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=LONG or 3,
    stateful_step_count=50 if LONG else 12,
    phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
    derandomize=not LONG,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def stage(db):
    """What every example begins with."""
    with time_machine.travel(START - 400 * DAY, tick=False):
        firm = make_firm()
        role = people.add_role(actor=None, name="Compliance")
        for name in ("checker", "second"):
            person = make_user(name, department=firm.operations)
            people.add_holding(person, actor=None, role=role, starts=datetime.date(2020, 1, 1))
        User.objects.filter(pk=firm.superuser.pk).update(access=Access.AUTHOR)
        superuser = User.objects.get(pk=firm.superuser.pk)
        people.add_holding(superuser, actor=None, role=role, starts=datetime.date(2020, 1, 1))
        chain = [(SlotKind.HEAD, None)], [("role", role), ("person", firm.administrator)], [(SlotKind.OWNER, None)]
        route = make_route(*chain, name="Three stages", risk="high")
        route.stages.filter(position=2).update(rule="any")
        make_route([(SlotKind.OWNER, None)], name="Spare", kind="policy")
        make_revision(firm, code=CODES[0])
        make_draft(firm, code=CODES[1], risk="high")
        for code in CODES:
            drafts.change_procedure(
                Procedure.objects.get(code=code),
                actor=firm.author,
                fields={},
                coauthors=[firm.coauthor, superuser],
                reason="They help.",
            )


def test_whatever_people_do_everything_holds(stage):
    REACHED.clear()
    run_state_machine_as_test(Deviating, settings=PROFILE)
    done = {what for what, how in REACHED if how == "done"}
    refused = {what for what, how in REACHED if how == "refused"}
    assert done >= {"submit", "approve", "publish"}
    assert refused


@pytest.fixture
def play(stage):
    """A machine that is told what to do."""
    machine = Deviating()
    yield machine
    machine.everything_holds()
    machine.teardown()


def test_three_stages_with_a_deputy_a_return_and_people_who_leave(play):
    REACHED.clear()
    _published, code = CODES
    play.do_submit("author", code)
    play.sign_as("author", code)
    play.sign_as("owner", code)
    play.open_the_page(on=code, work=(), code=code)
    play.do_go_away("approver", "staff", 3)
    play.everything_holds()
    play.sign_as("superuser", code)
    play.sign_as("staff", code, knows_password=False)
    play.sign_as("staff", code)
    play.everything_holds()
    play.another_route(on=code, work=(), by="administrator", shape=1)
    play.leave_or_return_to_the_firm(on=code, work=(), who="checker", by="administrator")
    play.everything_holds()
    play.sign_as("checker", code)
    play.send_back(on=code, work=(), who="second", code=code, is_fresh=True)
    play.everything_holds()
    play.do_save("coauthor", code, 1)
    play.do_submit("author", code)
    play.everything_holds()
    play.approve(on=code, work=(), who="approver", code=code, is_fresh=False, knows_password=True)
    play.sign_as("approver", code)
    play.everything_holds()
    play.sign_as("second", code)
    assert Revision.objects.get(procedure__code=code).state == State.APPROVED
    play.do_revoke("owner", code)
    play.do_save("author", code, 3)
    play.do_submit("author", code)
    play.sign_as("administrator", code)
    play.days_pass(on=code, work=(), days=3)
    play.everything_holds()
    assert Revision.objects.get(procedure__code=code).state == State.PUBLISHED
    assert REACHED["for somebody", "done"]


def test_deviations_are_signed_refused_taken_back_ended_and_swept_away(play):
    REACHED.clear()
    code, _draft = CODES
    plain = {"on": code, "work": ()}

    def last() -> str:
        play.everything_holds()
        return Deviation.objects.latest("pk").state

    play.do_ask("auditor", code, "OPS", 3)
    play.do_ask("owner", code, "FIN", 3)
    play.do_ask("author", code, "OPS", 3, has_reason=False)
    assert not Deviation.objects.exists()
    play.do_ask("author", code, "OPS", 3)
    play.do_ask("coauthor", code, "OPS", 3)
    assert Deviation.objects.count() == 1, "one at a time"
    play.do_sign("owner")
    play.do_sign("author")
    play.do_sign("approver", is_fresh=False)
    play.do_sign("approver", knows_password=False)
    assert last() == "asked"
    play.do_sign("approver")
    assert last() == "granted"
    play.refuse_a_deviation(**plain, who="approver", place=0, has_reason=True)
    play.end_a_deviation(**plain, who="author", place=0)
    play.end_a_deviation(**plain, who="owner", place=0)
    assert last() == "ended"
    play.do_ask("approver", code, "FIN", 0)
    assert Deviation.objects.count() == 1, "the only one who could decide has asked"
    play.do_ask("coauthor", code, "FIN", 0)
    play.take_a_request_back(**plain, who="author", place=0)
    play.take_a_request_back(**plain, who="coauthor", place=0)
    assert last() == "recalled"
    play.do_ask("coauthor", code, "FIN", 0)
    play.do_go_away("approver", "staff", 3)
    play.refuse_a_deviation(**plain, who="staff", place=0, has_reason=False)
    play.refuse_a_deviation(**plain, who="staff", place=0, has_reason=True)
    assert last() == "refused"
    play.do_ask("author", code, "FIN", 0)
    play.days_pass(**plain, days=1)
    assert last() == "lapsed"
    play.do_ask("author", code, "FIN", 4)
    play.do_sign("approver")
    play.do_start_draft("author", code)
    play.do_save("author", code, None)
    play.do_submit("author", code)
    play.sign_as("approver", code)
    assert last() == "ended"
    assert Deviation.objects.latest("pk").cause == "superseded"
