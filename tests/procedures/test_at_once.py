"""Two people at once, on real transactions: one wins, the other is told, nothing is lost, nothing happens twice."""

import pytest
from django.db import connection

from audit.trail import entries_for
from procedures.actions import approval, drafts, publishing, steps
from procedures.errors import EditConflict
from procedures.invariants import violations
from procedures.models import Revision, SlotKind, Step
from procedures.queries import open_round
from procedures.states import State
from roles.models import User
from sopdesk.lib.errors import InvalidTransition
from tests.factories import (
    PASSWORD,
    approve,
    first_step,
    make_draft,
    make_firm,
    make_next,
    make_revision,
    make_route,
    make_user,
)
from tests.faults.faults import at_once, errors_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def firm(db):
    return make_firm()


def assert_sound() -> None:
    assert list(violations()) == []


def test_two_approvers_of_one_slot_publish_once(firm):
    second = make_user("second", department=firm.finance)
    route = make_route([(SlotKind.HEAD, None), (SlotKind.PERSON, second)], risk="high")
    route.stages.update(rule="any")
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    round = open_round(revision)

    def sign(person):
        return lambda: approval.approve_revision(
            round, actor=person, content_hash=round.content_hash, password=PASSWORD
        )  # fmt: skip

    answers = at_once(sign(firm.approver), sign(second))
    assert [type(error) for error in errors_in(answers)] == [InvalidTransition]
    revision.refresh_from_db()
    assert revision.state == State.PUBLISHED
    assert entries_for(revision).filter(name="procedures.revision.publish").count() == 1
    assert_sound()


def test_the_same_signature_sent_five_times_counts_once(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    round = open_round(revision)
    act = lambda: approval.approve_revision(  # noqa: E731
        round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD
    )
    answers = at_once(*[act] * 5)
    assert len(errors_in(answers)) == 4
    assert round.decisions.count() == 1
    assert_sound()


def test_approve_and_return_at_once_leave_one_outcome(firm):
    second = make_user("second", department=firm.finance)
    route = make_route([(SlotKind.HEAD, None), (SlotKind.PERSON, second)], risk="high")
    route.stages.update(rule="any")
    revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
    round = open_round(revision)
    answers = at_once(
        lambda: approval.approve_revision(
            round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD
        ),
        lambda: approval.return_revision(round, actor=second, content_hash=round.content_hash, reason="No."),
    )
    assert len(errors_in(answers)) == 1
    assert round.decisions.count() == 1
    assert_sound()


def test_two_saves_of_one_step_lose_nothing(firm):
    revision = make_draft(firm)
    step = first_step(revision)
    coauthor = make_user("colleague", department=firm.finance, access="author")

    def save(person, text):
        return lambda: steps.save_step(step, actor=person, version=1, fields={"body": text})

    answers = at_once(save(firm.author, "Mine."), save(coauthor, "Theirs."))
    (conflict,) = errors_in(answers)
    assert isinstance(conflict, EditConflict)
    kept = Step.objects.get(pk=step.pk).body
    assert {kept, conflict.offered["body"]} == {"Mine.", "Theirs."}
    assert conflict.stored.body == kept
    assert_sound()


def test_many_saves_of_different_steps_never_meet(firm):
    revision = make_draft(firm, step_titles=[f"Do part {number}" for number in range(1, 9)])
    rows = list(revision.steps.select_related("revision"))
    answers = at_once(
        *[
            lambda row=row: steps.save_step(row, actor=firm.author, version=1, fields={"body": row.title})
            for row in rows
        ]
    )
    assert errors_in(answers) == []
    assert all(step.body == step.title for step in revision.steps.all())
    assert_sound()


def test_two_saves_of_the_details_lose_nothing(firm):
    revision = make_draft(firm)

    def save(text):
        return lambda: drafts.save_draft(
            revision, actor=firm.author, version=revision.version, fields={"purpose": text}
        )  # fmt: skip

    (conflict,) = errors_in(at_once(save("One."), save("Two.")))
    assert isinstance(conflict, EditConflict)
    assert conflict.fields == ["purpose"]
    assert_sound()


def test_moving_and_removing_at_once_keep_the_steps_in_order(firm):
    revision = make_draft(firm, step_titles=[f"Do part {number}" for number in range(1, 7)])
    one, two, three, *_rest = revision.steps.select_related("revision").order_by("position")
    at_once(
        lambda: steps.move_step(one, actor=firm.author, position=6),
        lambda: steps.move_step(two, actor=firm.author, position=1),
        lambda: steps.remove_step(three, actor=firm.author),
        lambda: steps.add_step(revision, actor=firm.author, after=one),
    )
    assert_sound()
    assert revision.steps.count() == 6


def test_saving_while_somebody_submits_never_changes_what_was_frozen(firm):
    revision = make_draft(firm)
    step = first_step(revision)
    at_once(
        lambda: approval.submit(revision, actor=firm.author),
        lambda: steps.save_step(step, actor=firm.author, version=1, fields={"body": "Late."}),
    )
    revision.refresh_from_db()
    frozen = revision.content["steps"][0]["body"]
    assert frozen == Step.objects.get(pk=step.pk).body
    assert_sound()


def test_two_drafts_started_at_once_are_one(firm):
    procedure = make_revision(firm).procedure
    answers = at_once(*[lambda: drafts.start_draft(procedure, actor=firm.author)] * 3)
    assert len(errors_in(answers)) == 2
    assert Revision.objects.open().filter(procedure=procedure).count() == 1
    assert_sound()


def test_two_procedures_with_one_code_are_one(firm):
    def create(title):
        return lambda: drafts.create_procedure(
            actor=firm.author,
            code="FIN-777",
            kind="procedure",
            department=firm.finance,
            owner=firm.owner,
            title=title,
        )

    answers = at_once(create("One"), create("Two"))
    assert len(errors_in(answers)) == 1
    assert Revision.objects.filter(procedure__code="FIN-777").count() == 1
    assert_sound()


def test_two_clocks_publish_a_due_revision_once(firm):
    first = make_revision(firm)
    second = make_next(firm, first.procedure, state=State.DRAFT)
    revision = make_revision(firm, state=State.APPROVED)
    day = revision.effective_on
    answers = at_once(lambda: publishing.publish_due(day), lambda: publishing.publish_due(day))
    assert sorted(len(answer) for answer in answers) == [0, 1]
    assert second.state == State.DRAFT
    assert_sound()


def test_others_can_write_while_a_password_is_checked(firm, monkeypatch):
    revision = make_revision(firm, state=State.IN_REVIEW)
    inside = []
    monkeypatch.setattr(User, "check_password", lambda *_args: inside.append(connection.in_atomic_block) or True)
    approve(revision, by=firm.approver)
    assert inside == [False]
    assert_sound()
