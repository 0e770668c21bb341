"""A major revision asks those again who have confirmed an earlier text: in the background, once, and nobody else."""

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from audit import names, trail
from notifications.models import Notification
from procedures.actions import drafts
from procedures.invariants import notices_have_their_events
from procedures.models import Revision
from roles import actions as people
from tests.factories import make_next, make_revision
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
