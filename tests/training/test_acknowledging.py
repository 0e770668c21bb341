"""“I have read and understood”: who may say it, of which text, and what is written down."""

import datetime

import pytest

from audit import names, trail
from procedures.actions import approval, emergency, publishing
from procedures.errors import StaleContent
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from roles.models import Access, Holding, Role
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted
from tests.factories import PASSWORD, approve, make_next, make_revision, make_user
from training.actions import acknowledge_revision
from training.invariants import violations
from training.models import Acknowledgement

pytestmark = pytest.mark.django_db


def confirm(revision, person) -> Acknowledgement:
    return acknowledge_revision(revision, actor=person, content_hash=revision.content_hash)


def issued_in_an_emergency(firm) -> Revision:
    revision = make_revision(firm, state=State.IN_REVIEW)
    emergency.issue_emergency(
        revision, actor=firm.owner, content_hash=revision.content_hash, reason="It cannot wait.", days=2,
        password=PASSWORD, accepts=1,
    )  # fmt: skip
    return Revision.objects.get(pk=revision.pk)


def test_it_says_who_read_which_text_when_and_in_which_roles(firm):
    cashier = Role.objects.create(name="Cashier", department=firm.finance)
    Holding.objects.create(user=firm.staff, role=cashier, starts=datetime.date(2020, 1, 1))
    revision = make_revision(firm)
    row = confirm(revision, firm.staff)
    assert (row.person, row.person_name, row.roles) == (firm.staff, "Staff", "Cashier, Payroll clerk")
    assert (row.revision, row.content_hash) == (revision, revision.content_hash)
    assert row.acknowledged_at.utcoffset() == datetime.timedelta(0)


def test_it_is_on_the_trail_once(firm):
    revision = make_revision(firm)
    row = confirm(revision, firm.staff)
    entry = trail.entries_for(revision).get(name=names.REVISION_ACKNOWLEDGE)
    assert (entry.seq, entry.actor_id, entry.procedure_code) == (row.trail_seq, firm.staff.pk, revision.procedure.code)
    assert entry.data == {
        "number": 1, "content_hash": revision.content_hash, "capacity": "Payroll clerk", "seal": row.seal,
    }  # fmt: skip


def test_saying_it_twice_changes_nothing(firm):
    revision = make_revision(firm)
    first = confirm(revision, firm.staff)
    before = trail.last_hash()
    assert confirm(revision, firm.staff) == first
    assert trail.last_hash() == before


def test_everybody_who_reads_says_it_for_themselves(firm):
    revision = make_revision(firm)
    people = [firm.staff, firm.outsider, firm.author, firm.owner, firm.administrator]
    assert len({confirm(revision, person).pk for person in people}) == len(people)


def test_the_next_revision_is_confirmed_anew(firm):
    first = make_revision(firm)
    confirm(first, firm.staff)
    second = make_next(firm, first.procedure)
    confirm(second, firm.staff)
    assert firm.staff.acknowledgements.count() == 2


def test_an_auditor_confirms_nothing(firm):
    revision = make_revision(firm)
    with pytest.raises(NotPermitted):
        confirm(revision, firm.auditor)


def test_somebody_who_has_left_confirms_nothing(firm):
    revision = make_revision(firm)
    gone = make_user("gone", access=Access.READER, is_active=False)
    with pytest.raises(NotPermitted):
        confirm(revision, gone)


def test_who_may_not_read_it_learns_nothing(firm):
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    with pytest.raises(Missing):
        confirm(revision, firm.outsider)


def test_a_text_that_was_replaced_meanwhile_is_not_confirmed(firm):
    first = make_revision(firm)
    make_next(firm, first.procedure)
    with pytest.raises(StaleContent, match="Revision 2 is in force by now"):
        confirm(first, firm.staff)


def test_a_text_that_is_not_yet_in_force_is_not_confirmed(firm):
    first = make_revision(firm)
    later = datetime.date.today() + datetime.timedelta(days=30)
    second = make_next(firm, first.procedure, state=State.IN_REVIEW, effective_on=later)
    approve(second, by=firm.approver)
    second.refresh_from_db()
    with pytest.raises(StaleContent):
        confirm(second, firm.owner)
    assert confirm(first, firm.owner)


def test_a_text_whose_day_has_come_is_confirmed_before_the_job_has_caught_up(firm):
    first = make_revision(firm)
    later = datetime.date.today() + datetime.timedelta(days=30)
    second = make_next(firm, first.procedure, state=State.IN_REVIEW, effective_on=later)
    approve(second, by=firm.approver)
    Revision.objects.filter(pk=second.pk).update(effective_on=datetime.date.today())
    second.refresh_from_db()
    assert confirm(second, firm.staff)
    with pytest.raises(StaleContent):
        confirm(first, firm.staff)


def test_another_text_than_the_one_shown_is_not_confirmed(firm):
    revision = make_revision(firm)
    with pytest.raises(StaleContent, match="text has changed"):
        acknowledge_revision(revision, actor=firm.staff, content_hash="0" * 64)


def test_what_was_withdrawn_is_not_confirmed(firm):
    revision = make_revision(firm)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    with pytest.raises(InvalidTransition):
        confirm(revision, firm.staff)


def test_a_draft_is_not_confirmed_not_even_by_its_author(firm):
    with pytest.raises(InvalidTransition):
        acknowledge_revision(make_revision(firm, state=State.DRAFT), actor=firm.author, content_hash="")


def test_an_emergency_issue_is_confirmed_and_once_more_when_its_text_became_another(firm):
    revision = issued_in_an_emergency(firm)
    early = confirm(revision, firm.staff)
    round = open_round(revision)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Step 2 is wrong.")
    from procedures.actions import drafts

    draft = Revision.objects.get(pk=revision.pk)
    fields = {"purpose": "Pay everybody.", "change_summary": "Shorter."}
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields=fields)
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    late = confirm(Revision.objects.get(pk=revision.pk), firm.staff)
    assert early.content_hash != late.content_hash
    assert list(violations()) == []


def test_an_emergency_issue_that_is_approved_as_it_stands_need_not_be_confirmed_again(firm):
    revision = issued_in_an_emergency(firm)
    early = confirm(revision, firm.staff)
    approve(revision, by=firm.approver)
    assert confirm(Revision.objects.get(pk=revision.pk), firm.staff) == early
