"""Two different acts at once: one outcome, and neither stops the other for good (PostgreSQL would end one of them)."""

import datetime
import threading

import pytest
from django.db import connection, transaction

from procedures.actions import approval, drafts, publishing
from procedures.invariants import violations
from procedures.models import Revision
from procedures.states import State
from roles import actions as roles
from tests.factories import approve, make_firm, make_next, make_revision
from tests.faults.faults import at_once, errors_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def firm(db):
    return make_firm()


class UpToTheTrail(threading.Thread):
    """Does `act`, and says when it is about to write on the trail, which another transaction keeps from it."""

    def __init__(self, act) -> None:
        super().__init__()
        self.act, self.error = act, None
        self.is_there = threading.Event()

    def run(self) -> None:
        try:
            with connection.execute_wrapper(self._watch):
                self.act()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def _watch(self, execute, sql, params, many, context):
        if "audit_head" in sql:
            self.is_there.set()
        return execute(sql, params, many, context)


def finishes_while_another_waits(act, other) -> None:
    """`act` ends although `other`, which has its locks already, waits for the trail that `act` is writing."""
    thread = UpToTheTrail(other)
    with transaction.atomic():
        act()
        thread.start()
        if connection.vendor == "postgresql":  # SQLite lets only one of them begin
            assert thread.is_there.wait(30)
    thread.join(60)
    assert thread.error is None
    assert list(violations()) == []


def test_somebody_is_changed_while_they_are_told_of_a_publication(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    finishes_while_another_waits(
        lambda: approve(revision, by=firm.approver),
        lambda: roles.change_person(firm.owner, actor=firm.administrator, fields={"full_name": "Olive"}),
    )


def test_settings_are_changed_while_a_variant_is_begun(firm):
    linked = make_revision(firm).procedure
    finishes_while_another_waits(
        lambda: drafts.create_procedure(
            actor=firm.author, code="FIN-890", kind="procedure", department=firm.finance, owner=firm.owner, title="X",
            variant_of=linked,
        ),
        lambda: drafts.change_procedure(linked, actor=firm.owner, fields={"risk": "high"}, reason="Costs more."),
    )  # fmt: skip


def test_revoking_while_it_is_published_has_one_outcome(firm):
    old = make_revision(firm)
    new = make_next(firm, old.procedure, state=State.DRAFT, effective_on=datetime.date(2099, 1, 1))
    approval.submit(new, actor=firm.author)
    approve(new, by=firm.approver)
    day = Revision.objects.get(pk=new.pk).effective_on
    answers = at_once(
        lambda: approval.revoke(new, actor=firm.owner, reason="The law has changed."),
        lambda: publishing.publish_due(day),
    )
    states = set(Revision.objects.values_list("state", flat=True))
    if errors_in(answers):
        assert states == {State.SUPERSEDED, State.PUBLISHED}
    else:
        assert (states, answers[1]) == ({State.PUBLISHED, State.DRAFT}, [])
    assert list(violations()) == []
