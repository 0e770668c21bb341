"""kill -9 in front of any write of a publication: the old revision stays published, and nothing is half done.

The process is a copy of the test's own (`tests/faults/faults.py`); what other actions leave when they break off is
tried in `tests/faults/test_half_way.py`.
"""

import signal

import pytest
from django.db import connection

from procedures.actions import relatives
from procedures.invariants import violations
from procedures.models import Revision
from procedures.states import State
from tests.factories import approve, make_firm, make_next, make_revision
from tests.faults.acts import ACTS
from tests.faults.faults import everything_stored, run_in_a_process

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = (
    "approving.submit",
    "approving.recall",
    "approving.withdraw",
    "beginning.create_draft",
    "relatives.take_over",
    "people.change_person",
)


def all_but_tries() -> dict[str, str]:
    """What is stored, without the count of tries to sign: proving who one is ends before the transaction begins."""
    return everything_stored(without=["roles_signingguard"])


def test_publish_is_all_or_nothing_wherever_the_process_dies():
    firm = make_firm()
    old = make_revision(firm)
    relatives.make_variant(
        old, actor=firm.author, code="FIN-900", department=firm.finance, owner=firm.staff, title="A variant"
    )
    new = make_next(firm, old.procedure, state=State.IN_REVIEW, scope="Paris")
    act = lambda: approve(new, by=firm.approver)  # noqa: E731
    before = all_but_tries()
    writes = 0
    while (code := run_in_a_process(act, killed_at=writes + 1)) == -signal.SIGKILL:
        assert all_but_tries() == before
        writes += 1
    assert code == 0
    assert writes > 20, "the kills must have struck up to the publication"
    assert Revision.objects.in_force(old.effective_on).get(procedure=old.procedure) == new
    new.refresh_from_db()
    assert new.state == State.PUBLISHED
    assert list(violations()) == []


def test_the_approver_can_sign_again_after_a_crash():
    firm = make_firm()
    revision = make_revision(firm, state=State.IN_REVIEW)
    act = lambda: approve(revision, by=firm.approver)  # noqa: E731
    assert run_in_a_process(act, killed_at=8) == -signal.SIGKILL
    connection.close()
    act()
    revision.refresh_from_db()
    assert revision.state == State.PUBLISHED
    assert list(violations()) == []


@pytest.mark.parametrize("name", OTHERS)
def test_other_actions_leave_nothing_when_the_process_dies(name):
    calls = ACTS[name].calls(make_firm())
    before = everything_stored()
    for number in (1, 4):
        assert run_in_a_process(calls(), killed_at=number) == -signal.SIGKILL
    assert everything_stored() == before
    assert run_in_a_process(calls()) == 0
    assert everything_stored() != before
    assert list(violations()) == []
