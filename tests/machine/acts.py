"""What is done with texts: writing, submitting, deciding, and what comes after it."""

import pytest
from hypothesis import strategies as st

from audit import names
from audit.models import Entry
from procedures.actions import approval, deviations, drafts, overdue, publishing
from procedures.models import Procedure, Revision, Round
from procedures.preflight import preflight
from procedures.queries import open_round, who_decides
from procedures.states import Event, State
from roles import actions as people
from roles.models import SigningGuard, User
from roles.queries import today
from sopdesk.lib.errors import DomainError
from tests.factories import PASSWORD
from tests.machine import oracle
from tests.machine.changes import Changes
from tests.machine.choosing import act, code_of_one, controller, mostly, someone, writer
from tests.machine.world import DAY, REACHED


class Approval(Changes):
    """One example. The firm stands already; what is done to it is undone at the end."""

    @act(who=someone, code=code_of_one, event=st.sampled_from(sorted(Event)))
    def try_anything(self, who: str, code: str, event: str) -> None:
        acts = {
            Event.SUBMIT: self.do_submit,
            Event.DISCARD: self.do_discard,
            Event.REVOKE: self.do_revoke,
            Event.PUBLISH: self.do_publish,
        }
        acts.get(Event(event), self.do_start_draft)(who, code)

    # Writing -----------------------------------------------------------------------------------------------------

    def do_start_draft(self, who: str, code: str) -> None:
        actor, procedure = self.person(who), self.procedure(code)
        may = oracle.writes(actor, procedure) and not oracle.is_open(procedure) and not oracle.was_withdrawn(procedure)
        draft = self.attempt(
            "start draft", lambda: drafts.start_draft(procedure, actor=actor), may=may, leaves=[(names.REVISION_START,)]
        )
        if isinstance(draft, Revision):
            self.writers[draft.pk] = {actor.pk}

    @act(who=writer, code=code_of_one, days=st.sampled_from([None, None, 1, 3]))
    def save(self, who: str, code: str, days: int | None) -> None:
        self.do_save(who, code, days)

    def do_save(self, who: str, code: str, days: int | None) -> None:
        actor, draft = self.person(who), self.latest(code)
        self.texts += 1
        fields = {
            "purpose": f"Text {self.texts}.",
            "change_summary": "Another text.",
            "effective_on": today() + days * DAY if days else None,
        }
        may = draft.state == State.DRAFT and oracle.writes(actor, draft.procedure)
        save = lambda: drafts.save_draft(draft, actor=actor, version=draft.version, fields=fields)  # noqa: E731
        if self.attempt("save", save, may=may):
            self.writers[draft.pk].add(actor.pk)

    def do_submit(self, who: str, code: str) -> None:
        draft = self.latest(code)
        may = oracle.writes(self.person(who), draft.procedure) and draft.state == State.DRAFT
        may = may and preflight(draft).is_clear
        self.fire(Event.SUBMIT, who, code, approval.submit, may=may)

    @act(who=writer, code=code_of_one, reason=st.sampled_from(["A mistake.", "A mistake.", " "]))
    def recall(self, who: str, code: str, reason: str) -> None:
        may = oracle.writes(self.person(who), self.procedure(code))
        if reason.strip():
            self.fire(Event.RECALL, who, code, approval.recall, may=may, reason=reason)
        else:
            actor, revision = self.person(who), self.latest(code)
            self.attempt("silent", lambda: approval.recall(revision, actor=actor, reason=reason), may=False)

    def do_discard(self, who: str, code: str) -> None:
        may = oracle.writes(self.person(who), self.procedure(code))
        self.fire(Event.DISCARD, who, code, drafts.discard, may=may, reason="Not needed.")

    def go_on(self, code: str, place: int) -> None:
        """What the firm would do next."""
        procedure = self.procedure(code)
        author = next((name for name in ("author", "coauthor") if oracle.writes(self.person(name), procedure)), "owner")
        match self.latest(code).state:
            case State.DRAFT if place > 2:
                self.do_save(author, code, place)
            case State.DRAFT:
                self.mend(procedure)
                self.do_submit(author, code)
            case State.IN_REVIEW:
                self.approve_as_asked(code, place)
            case State.APPROVED:
                self.do_publish("owner", code) if place else self.do_revoke("owner", code)
            case _:
                self.do_start_draft(author, code)

    def mend(self, procedure: Procedure) -> None:
        """See to it that there is somebody to decide."""
        head, owner = procedure.department.head, procedure.owner
        for person in (head, owner, self.person("checker"), self.person("second")):
            if not person.is_active:
                people.activate_person(person, actor=None)
        wrote = self.writers[procedure.revisions.latest("number").pk]
        if head.pk in wrote or head == owner:
            people.change_department(procedure.department, actor=None, fields={"head": self.person("approver")})
        if owner.pk in wrote:
            drafts.change_procedure(procedure, actor=owner, fields={"owner": self.person("staff")}, reason="Wrote it.")

    # Deciding ----------------------------------------------------------------------------------------------------

    @act(code=code_of_one)
    def open_the_page(self, code: str) -> None:
        """What is shown now is what somebody sends later."""
        round = self.round(code)
        self.pages[code] = (round, round.content_hash if round else "")

    @act(who=someone, code=code_of_one, is_fresh=mostly, knows_password=mostly)
    def approve(self, who: str, code: str, is_fresh: bool, knows_password: bool) -> None:
        round, shown = (self.round(code), None) if is_fresh else self.pages[code]
        if round is not None:
            self.sign(self.person(who), round, shown or round.content_hash, knows_password=knows_password)

    def approve_as_asked(self, code: str, place: int) -> None:
        """Whoever is asked can do it."""
        round = open_round(self.latest(code))
        asked = who_decides(round) if round else []
        if asked:
            actor = asked[place % len(asked)]
            self.sign(actor, round, round.content_hash, knows_password=True)

    def sign(self, actor: User, round: Round, shown: str, *, knows_password: bool) -> None:
        stored = Round.objects.select_related("revision__procedure__department").get(pk=round.pk)
        seats = oracle.places(actor, stored, self.writers[stored.revision_id])
        guard = SigningGuard.objects.filter(person=actor).first()
        is_locked = bool(guard and guard.locked_until and guard.locked_until > self.instant())
        password = PASSWORD if knows_password else "not-the-password"
        do = lambda: approval.approve_revision(  # noqa: E731
            round, actor=actor, content_hash=shown, password=password
        )
        if seats and not knows_password and not is_locked:
            before = Entry.objects.count()
            with pytest.raises(DomainError):
                do()
            assert self.added(before) in {(names.SIGNATURE_FAIL,), (names.SIGNATURE_FAIL, names.SIGNATURE_LOCK)}
            self.has_changed = True
            REACHED["wrong password", "refused"] += 1
            return
        may = bool(seats) and not is_locked and shown == stored.content_hash
        published = (names.REVISION_APPROVE, names.REVISION_PUBLISH)
        superseding = (names.REVISION_APPROVE, names.REVISION_SUPERSEDE, names.REVISION_PUBLISH)
        leaves = [(names.REVISION_APPROVE,), published, superseding]
        decision = self.attempt("approve", do, may=may, leaves=leaves)
        if decision:
            assert (decision.slot, decision.on_behalf_of_id) in seats
            REACHED["for somebody" if decision.on_behalf_of_id else "for oneself", "done"] += 1

    def sign_as(self, who: str, code: str, *, knows_password: bool = True) -> None:
        """The latest round of `code`, by somebody who has just read it."""
        round = self.round(code)
        assert round is not None
        self.sign(self.person(who), round, round.content_hash, knows_password=knows_password)
        self.everything_holds()

    @act(who=someone, code=code_of_one, is_fresh=mostly)
    def send_back(self, who: str, code: str, is_fresh: bool) -> None:
        actor = self.person(who)
        round, shown = (self.round(code), None) if is_fresh else self.pages[code]
        if round is None:
            return
        stored = Round.objects.select_related("revision__procedure__department").get(pk=round.pk)
        shown = shown or round.content_hash
        may = bool(oracle.places(actor, stored, self.writers[stored.revision_id])) and shown == stored.content_hash
        self.attempt(
            "return",
            lambda: approval.return_revision(round, actor=actor, content_hash=shown, reason="The limit is wrong."),
            may=may,
            leaves=[(names.REVISION_RETURN,)],
        )

    # Afterwards --------------------------------------------------------------------------------------------------

    def do_revoke(self, who: str, code: str) -> None:
        revision = self.latest(code)
        is_early = revision.effective_on is None or revision.effective_on > today()
        may = oracle.controls(self.person(who), revision.procedure) and is_early
        self.fire(Event.REVOKE, who, code, approval.revoke, may=may, reason="The law has changed.")

    def do_publish(self, who: str, code: str) -> None:
        may = oracle.controls(self.person(who), self.procedure(code))
        self.fire(Event.PUBLISH, who, code, publishing.publish, may=may, reason="It is urgent.")

    @act(who=controller, code=code_of_one, is_meant=st.sampled_from([True, False, False]))
    def withdraw(self, who: str, code: str, is_meant: bool) -> None:
        """Mostly without a reason, since nothing comes after it."""
        actor, procedure = self.person(who), self.procedure(code)
        is_published = procedure.revisions.filter(state=State.PUBLISHED).exists()
        may = oracle.controls(actor, procedure) and is_published and not oracle.is_open(procedure) and is_meant
        reason = "No longer done." if is_meant else ""
        self.attempt(
            "withdraw",
            lambda: publishing.withdraw(procedure, actor=actor, reason=reason),
            may=may,
            leaves=[(names.REVISION_WITHDRAW,)],
        )

    @act(days=st.sampled_from([1, 1, 3, 8]))
    def days_pass(self, days: int) -> None:
        """The clock may come late, and twice."""
        self.has_changed = True
        self.now.shift(days * DAY)
        due = Revision.objects.filter(state=State.APPROVED, effective_on__lte=today()).count()
        before = Entry.objects.count()
        assert len(publishing.publish_due()) == due
        deviations.end_run_out()
        overdue.send_reminders()
        kinds = {names.REVISION_PUBLISH, names.REVISION_SUPERSEDE, names.DEVIATION_END}
        kinds |= {names.ROUND_REMIND, names.ROUND_ESCALATE, names.ROUND_STUCK}
        assert set(self.added(before)) <= kinds
        said = Entry.objects.count()
        assert publishing.publish_due() == []
        assert deviations.end_run_out() == []
        overdue.send_reminders()
        assert Entry.objects.count() == said, "the clock said the same thing twice"
