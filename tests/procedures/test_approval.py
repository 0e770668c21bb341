"""Submitting, deciding, returning, recalling: who may, what it leaves behind, what is refused."""

import datetime

import pytest

from audit.trail import entries_for, faults
from notifications.models import Notification
from procedures.actions import approval, drafts, publishing
from procedures.errors import NotReady, StaleContent
from procedures.models import Revision, Round, RoundOutcome, SlotKind
from procedures.permissions import available_events, can_decide, rounds_awaiting
from procedures.queries import open_round
from procedures.signatures import is_valid
from procedures.states import State
from roles.errors import WrongPassword
from roles.models import Holding
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD, approve, make_draft, make_next, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db


def give_back(revision, by, reason="Say who checks."):
    round = open_round(revision)
    return approval.return_revision(round, actor=by, content_hash=round.content_hash, reason=reason)


class TestSubmit:
    def test_freezes_content_hash_and_text(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        assert revision.content["title"] == "Run the monthly payroll"
        assert len(revision.content_hash) == 64
        assert revision.rendered
        assert open_round(revision).content_hash == revision.content_hash

    def test_tells_the_people_who_can_decide(self, firm):
        make_revision(firm, state=State.IN_REVIEW)
        notice = Notification.objects.get()
        assert (notice.recipient, notice.kind) == (firm.approver, "revision-submitted")

    def test_a_draft_without_steps_is_not_ready(self, firm):
        revision = drafts.create_procedure(
            actor=firm.author, code="FIN-900", kind="procedure", department=firm.finance, owner=firm.owner, title="X"
        )
        with pytest.raises(NotReady) as refusal:
            approval.submit(revision, actor=firm.author)
        assert any("no steps" in blocker for blocker in refusal.value.blockers)
        revision.refresh_from_db()
        assert revision.state == State.DRAFT

    def test_second_revision_needs_a_change_summary(self, firm):
        published = make_revision(firm)
        draft = make_next(firm, published.procedure, state=State.DRAFT, change_summary=" ")
        with pytest.raises(NotReady, match="cannot be submitted"):
            approval.submit(draft, actor=firm.author)

    def test_a_route_whose_only_decider_wrote_the_text_is_a_blocker(self, firm):
        firm.finance.head = firm.author
        firm.finance.save(update_fields=["head"])
        with pytest.raises(NotReady) as refusal:
            approval.submit(make_draft(firm), actor=firm.author)
        assert any("someone else must approve" in blocker for blocker in refusal.value.blockers)

    def test_twice_is_refused_the_second_time(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        with pytest.raises(InvalidTransition):
            approval.submit(revision, actor=firm.author)
        assert revision.rounds.count() == 1

    @pytest.mark.parametrize("who", ["staff", "outsider", "approver", "auditor", "administrator", "superuser"])
    def test_only_writers_submit(self, firm, who):
        with pytest.raises(NotPermitted):
            approval.submit(make_draft(firm), actor=firm.people[who])


class TestApprove:
    def test_publishes_at_once_without_a_date(self, firm):
        revision = make_revision(firm)
        assert revision.state == State.PUBLISHED
        assert revision.effective_on == datetime.date.today()
        assert revision.next_review_on > datetime.date.today() + datetime.timedelta(days=360)
        decision = revision.rounds.get().decisions.get()
        assert is_valid(decision)
        assert (decision.decider_name, decision.capacity) == ("Approver", "Head of Finance")

    def test_waits_for_a_date_ahead(self, firm):
        assert make_revision(firm, state=State.APPROVED).state == State.APPROVED

    def test_author_cannot_approve_own_revision_even_as_head(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        firm.finance.head = firm.author
        firm.finance.save(update_fields=["head"])
        with pytest.raises(NotPermitted, match="someone else must approve"):
            approve(revision, by=firm.author)
        with pytest.raises(NotPermitted, match="someone else must approve"):
            give_back(revision, firm.author)

    @pytest.mark.parametrize("who", ["staff", "outsider", "auditor", "administrator", "superuser", "owner", "coauthor"])
    def test_only_slot_holders_decide(self, firm, who):
        revision = make_revision(firm, state=State.IN_REVIEW)
        with pytest.raises(NotPermitted):
            approve(revision, by=firm.people[who])
        revision.refresh_from_db()
        assert revision.state == State.IN_REVIEW

    def test_wrong_password_signs_nothing(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        before = entries_for(revision).count()
        with pytest.raises(WrongPassword):
            approve(revision, by=firm.approver, password="guess")
        assert not revision.rounds.get().decisions.exists()
        assert entries_for(revision).count() == before

    def test_a_stale_page_is_refused(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        old = open_round(revision)
        approval.recall(revision, actor=firm.author, reason="Wrong limit.")
        drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": "Another."})
        approval.submit(revision, actor=firm.author)
        with pytest.raises(InvalidTransition):
            approval.approve_revision(old, actor=firm.approver, content_hash=old.content_hash, password=PASSWORD)
        with pytest.raises(StaleContent):
            new = open_round(revision)
            approval.approve_revision(new, actor=firm.approver, content_hash=old.content_hash, password=PASSWORD)

    def test_a_second_decision_finds_the_round_closed(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        round = open_round(revision)
        approve(revision, by=firm.approver)
        with pytest.raises(InvalidTransition):
            approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD)
        assert round.decisions.count() == 1

    def test_a_changed_text_is_refused(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        content = revision.content | {"title": "Something else"}
        Revision.objects.filter(pk=revision.pk).update(content=content)
        with pytest.raises(StaleContent):
            approve(revision, by=firm.approver)

    def test_a_deactivated_approver_cannot_decide(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        firm.approver.is_active = False
        firm.approver.save(update_fields=["is_active"])
        with pytest.raises(NotPermitted):
            approve(revision, by=firm.approver)

    def test_renaming_a_person_leaves_the_signature_as_it_was(self, firm):
        decision = make_revision(firm).rounds.get().decisions.get()
        firm.approver.full_name = "Somebody Else"
        firm.approver.save(update_fields=["full_name"])
        decision.refresh_from_db()
        assert decision.decider_name == "Approver"
        assert is_valid(decision)


class TestStages:
    def test_stages_open_in_order(self, firm):
        quality = make_user("quality", department=firm.operations)
        make_route([(SlotKind.HEAD, None)], [(SlotKind.PERSON, quality)], risk="high")
        revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
        assert not can_decide(quality, open_round(revision))
        approve(revision, by=firm.approver)
        revision.refresh_from_db()
        assert revision.state == State.IN_REVIEW
        assert list(rounds_awaiting(quality)) == [open_round(revision)]
        assert Notification.objects.filter(recipient=quality, kind="revision-submitted").count() == 1
        approve(revision, by=quality)
        revision.refresh_from_db()
        assert revision.state == State.PUBLISHED

    def test_one_person_fills_one_slot_per_round(self, firm):
        for holder in (firm.approver, make_user("second", department=firm.finance)):
            Holding.objects.create(user=holder, role=firm.clerk_role, starts=datetime.date(2020, 1, 1))
        make_route([(SlotKind.HEAD, None)], [(SlotKind.ROLE, firm.clerk_role)], risk="high")
        revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
        approve(revision, by=firm.approver)
        with pytest.raises(NotPermitted, match="You have decided"):
            approve(revision, by=firm.approver)

    def test_editing_the_route_touches_no_round_that_runs(self, firm):
        route = make_route([(SlotKind.HEAD, None)], risk="high")
        revision = make_revision(firm, state=State.IN_REVIEW, risk="high")
        route.stages.all().delete()
        approve(revision, by=firm.approver)
        revision.refresh_from_db()
        assert revision.state == State.PUBLISHED


class TestReturnAndRecall:
    def test_return_thaws_the_draft_and_keeps_the_decision(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        give_back(revision, firm.approver)
        revision.refresh_from_db()
        assert (revision.state, revision.content, revision.content_hash) == (State.DRAFT, None, "")
        round = revision.rounds.get()
        assert (round.outcome, round.closed_reason) == (RoundOutcome.RETURNED, "Say who checks.")
        decision = round.decisions.get()
        assert decision.invalidated_reason == "Say who checks."
        assert is_valid(decision)
        assert Notification.objects.filter(recipient=firm.author, kind="revision-returned").count() == 1

    @pytest.mark.parametrize("reason", ["", "   ", "\n"])
    def test_return_needs_a_reason(self, firm, reason):
        revision = make_revision(firm, state=State.IN_REVIEW)
        with pytest.raises(Refused):
            give_back(revision, firm.approver, reason)

    def test_the_second_round_can_be_signed_by_the_same_person(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        give_back(revision, firm.approver)
        approval.submit(revision, actor=firm.author)
        approve(revision, by=firm.approver)
        revision.refresh_from_db()
        assert revision.state == State.PUBLISHED
        assert Round.objects.filter(revision=revision).count() == 2

    def test_recall_needs_a_writer_and_a_reason(self, firm):
        revision = make_revision(firm, state=State.IN_REVIEW)
        with pytest.raises(NotPermitted):
            approval.recall(revision, actor=firm.approver, reason="x")
        with pytest.raises(Refused):
            approval.recall(revision, actor=firm.author, reason=" ")
        approval.recall(revision, actor=firm.author, reason="Wrong limit.")
        revision.refresh_from_db()
        assert revision.state == State.DRAFT


class TestPublish:
    def test_supersedes_the_old_revision(self, firm):
        first = make_revision(firm)
        second = make_next(firm, first.procedure)
        first.refresh_from_db()
        assert (first.state, second.state) == (State.SUPERSEDED, State.PUBLISHED)
        assert first.ended_at is not None

    def test_early_needs_the_owner_or_an_administrator_with_a_reason(self, firm):
        revision = make_revision(firm, state=State.APPROVED)
        with pytest.raises(NotPermitted):
            publishing.publish(revision, actor=firm.author)
        with pytest.raises(Refused):
            publishing.publish(revision, actor=firm.administrator)
        publishing.publish(revision, actor=firm.owner)
        revision.refresh_from_db()
        assert (revision.state, revision.effective_on) == (State.PUBLISHED, datetime.date.today())

    def test_due_ones_are_published_once(self, firm):
        revision = make_revision(firm, state=State.APPROVED)
        assert publishing.publish_due() == []
        day = revision.effective_on
        assert publishing.publish_due(day) == [revision]
        assert publishing.publish_due(day) == []

    def test_readers_follow_the_date_and_not_the_job(self, firm):
        first = make_revision(firm)
        second = make_next(
            firm,
            first.procedure,
            state=State.IN_REVIEW,
            effective_on=datetime.date.today() + datetime.timedelta(days=3),
        )
        approve(second, by=firm.approver)
        assert list(Revision.objects.in_force(datetime.date.today())) == [first]
        assert list(Revision.objects.in_force(datetime.date.today() + datetime.timedelta(days=3))) == [second]

    def test_withdraw_needs_owner_and_reason_and_nothing_on_its_way(self, firm):
        revision = make_revision(firm)
        procedure = revision.procedure
        with pytest.raises(NotPermitted):
            publishing.withdraw(procedure, actor=firm.author, reason="x")
        with pytest.raises(Refused):
            publishing.withdraw(procedure, actor=firm.owner, reason=" ")
        draft = make_next(firm, procedure, state=State.DRAFT)
        with pytest.raises(InvalidTransition):
            publishing.withdraw(procedure, actor=firm.owner, reason="x")
        drafts.discard(draft, actor=firm.author)
        publishing.withdraw(procedure, actor=firm.owner, reason="No longer done.")
        revision.refresh_from_db()
        assert (revision.state, revision.ended_reason) == (State.WITHDRAWN, "No longer done.")
        with pytest.raises(InvalidTransition):
            drafts.start_draft(procedure, actor=firm.author)


def test_the_trail_holds_one_entry_per_success_and_none_per_failure(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    with pytest.raises(NotPermitted):
        approve(revision, by=firm.author)
    approve(revision, by=firm.approver)
    assert [entry.name.rsplit(".", 1)[1] for entry in entries_for(revision)] == [
        "start_draft", "submit", "approve", "publish",
    ]  # fmt: skip
    assert list(faults()) == []


def test_offers_say_why_an_author_may_not_decide(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    firm.finance.head = firm.author
    firm.finance.save(update_fields=["head"])
    offers = {offer.event: offer for offer in available_events(firm.author, revision)}
    assert offers["recall"].allowed
    assert not offers["approve"].allowed
    assert "someone else must approve" in offers["approve"].why_not
    assert available_events(firm.staff, revision) == []
