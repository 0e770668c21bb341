"""Major revisions and emergency issues ask those again who confirmed an earlier text: later, once, and nobody else."""

import datetime

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from audit import names, trail
from notifications.delivery import build_mail
from notifications.models import Notification
from procedures.actions import approval, drafts, emergency
from procedures.invariants import notices_have_their_events
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from roles import actions as people
from tests.factories import PASSWORD, approve, make_next, make_revision
from training.delivery import KIND, ask_readers_again

pytestmark = pytest.mark.django_db

TASK = "training.tasks.ask_readers_again"


def asked(revision: Revision) -> list[str]:
    """Who is told when the task of the publication runs."""
    entry = trail.entries_for(revision).get(name=names.REVISION_PUBLISH)
    ask_readers_again(revision, event_seq=entry.seq)
    return sorted(row.recipient.full_name for row in Notification.objects.filter(kind=KIND))


@pytest.fixture
def first(firm, confirm) -> Revision:
    revision = make_revision(firm)
    for person in (firm.staff, firm.outsider, firm.author, firm.owner):
        confirm(revision, person)
    return revision


def test_a_major_revision_asks_in_the_transaction_that_publishes_it(firm, first):
    second = make_next(firm, first.procedure, significance="major")
    (task,) = DBTaskResult.objects.filter(task_path=TASK)
    assert task.args_kwargs["args"][0] == second.pk


@pytest.mark.parametrize("significance", ["minor"])
def test_a_minor_revision_asks_nobody(firm, first, significance):
    make_next(firm, first.procedure, significance=significance)
    assert not DBTaskResult.objects.filter(task_path=TASK).exists()


def test_a_first_revision_asks_nobody(firm):
    make_revision(firm)
    assert not DBTaskResult.objects.filter(task_path=TASK).exists()


def test_it_tells_who_has_confirmed_and_leads_to_what_changed_for_them(firm, first):
    second = make_next(firm, first.procedure)
    assert asked(second) == ["Outsider", "Staff"], "author and owner have another notice"
    notice = Notification.objects.get(kind=KIND, recipient=firm.staff)
    assert notice.url == reverse("compare-since-mine", args=[first.procedure.code])
    assert list(notices_have_their_events()) == []


def test_nobody_is_told_twice(firm, first):
    second = make_next(firm, first.procedure)
    assert asked(second) == asked(second) == ["Outsider", "Staff"]


def test_who_has_confirmed_the_new_text_meanwhile_is_not_told(firm, first, confirm):
    second = make_next(firm, first.procedure)
    confirm(second, firm.staff)
    assert asked(second) == ["Outsider"]


def test_who_is_no_longer_in_the_audience_or_has_left_is_not_told(firm, first):
    drafts.change_procedure(
        first.procedure, actor=firm.owner, fields={"audience": "departments"},
        audience_departments=[firm.finance], reason="Not for everybody.",
    )  # fmt: skip
    people.deactivate_person(firm.staff, actor=firm.administrator)
    assert asked(make_next(firm, first.procedure)) == []


def test_a_late_task_tells_of_nothing_that_is_over(firm, first):
    second = make_next(firm, first.procedure)
    make_next(firm, first.procedure)
    assert asked(second) == []


def test_confirming_settles_the_notice(firm, first, confirm):
    second = make_next(firm, first.procedure)
    asked(second)
    confirm(second, firm.staff)
    assert Notification.objects.get(kind=KIND, recipient=firm.staff).read_at is not None
    assert Notification.objects.get(kind=KIND, recipient=firm.outsider).read_at is None


# Emergency issues --------------------------------------------------------------------------------------------


@pytest.fixture
def issued(firm, first) -> Revision:
    """Revision 2 in review, which readers follow in an emergency."""
    return issue(make_next(firm, first.procedure, state=State.IN_REVIEW), firm)


def issue(revision: Revision, firm) -> Revision:
    emergency.issue_emergency(
        revision, actor=firm.owner, content_hash=revision.content_hash, reason="It cannot wait.", days=14,
        password=PASSWORD, accepts=1,
    )  # fmt: skip
    return Revision.objects.get(pk=revision.pk)


def told() -> list[str]:
    """Run every task that waits, in its order; who has how many notices by now."""
    for task in DBTaskResult.objects.filter(task_path=TASK).order_by("enqueued_at", "pk"):
        revision_id, event_seq = task.args_kwargs["args"]
        ask_readers_again(Revision.objects.get(pk=revision_id), event_seq=event_seq)
    return sorted(row.recipient.full_name for row in Notification.objects.filter(kind=KIND))


def send_back_and_change(revision: Revision, firm) -> Revision:
    """Returned, written otherwise, submitted again."""
    round = open_round(revision)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Wrong account.")
    draft = Revision.objects.get(pk=revision.pk)
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"purpose": "To the other account."})
    approval.submit(draft, actor=firm.author)
    return Revision.objects.get(pk=revision.pk)


def test_an_emergency_issue_tells_who_has_confirmed_and_says_what_it_is(firm, issued):
    assert told() == ["Outsider", "Staff"], "author and owner are told of the emergency issue"
    notice = Notification.objects.get(kind=KIND, recipient=firm.staff)
    assert notice.event_seq == trail.entries_for(issued).get(name=names.REVISION_EMERGENCY).seq
    assert "emergency issue" in build_mail(notice).body
    assert list(notices_have_their_events()) == []


def test_nobody_is_told_again_when_the_same_text_is_approved(firm, issued):
    told()
    approve(issued, by=firm.approver)
    assert told() == ["Outsider", "Staff"]


def test_a_task_of_the_issue_that_comes_after_the_approval_tells_once(firm, issued):
    approve(issued, by=firm.approver)
    assert told() == ["Outsider", "Staff"]


def test_another_text_than_the_one_issued_is_told_again(firm, issued, confirm):
    told()
    confirm(issued, firm.staff)
    approve(send_back_and_change(issued, firm), by=firm.approver)
    assert told() == ["Outsider", "Outsider", "Staff", "Staff"]


def test_a_minor_revision_asks_who_confirmed_another_text_of_it_and_nobody_else(firm, first, confirm):
    second = issue(make_next(firm, first.procedure, state=State.IN_REVIEW, significance="minor"), firm)
    confirm(second, firm.staff)
    assert told() == []
    approve(send_back_and_change(second, firm), by=firm.approver)
    assert told() == ["Staff"]


def test_a_first_revision_that_was_issued_with_another_text_asks_its_readers(firm, confirm):
    revision = issue(make_revision(firm, state=State.IN_REVIEW), firm)
    confirm(revision, firm.staff)
    approve(send_back_and_change(revision, firm), by=firm.approver)
    assert told() == ["Staff"]


def test_a_late_task_of_the_issue_tells_of_no_text_that_has_gone(firm, issued):
    other = issue(send_back_and_change(issued, firm), firm)
    first_issue, second_issue = trail.entries_for(other).filter(name=names.REVISION_EMERGENCY)
    assert ask_readers_again(other, event_seq=first_issue.seq) == 0
    assert ask_readers_again(other, event_seq=second_issue.seq) == 2


def waiting() -> list[str]:
    """Who has a notice that is not settled."""
    return sorted(row.recipient.full_name for row in Notification.objects.unread().filter(kind=KIND))


def test_an_issue_that_runs_out_settles_what_it_told(firm, issued):
    told()
    assert waiting() == ["Outsider", "Staff"]
    emergency.end_expired(issued.emergency_until + datetime.timedelta(days=1))
    assert waiting() == []
    assert not Notification.objects.waiting().filter(kind=KIND).exists(), "and no mail goes out any more"


def test_an_issue_that_is_returned_settles_what_it_told(firm, issued):
    told()
    round = open_round(issued)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Wrong account.")
    assert waiting() == []


def test_what_was_told_of_an_earlier_revision_still_waits(firm, first):
    second = make_next(firm, first.procedure)
    assert asked(second) == ["Outsider", "Staff"]
    third = issue(make_next(firm, first.procedure, state=State.IN_REVIEW), firm)
    told()
    emergency.end_expired(third.emergency_until + datetime.timedelta(days=1))
    assert waiting() == ["Outsider", "Staff"]
    assert set(Notification.objects.unread().filter(kind=KIND).values_list("event_seq", flat=True)) == {
        trail.entries_for(second).get(name=names.REVISION_PUBLISH).seq
    }
