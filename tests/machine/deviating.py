"""A step done otherwise for some days: asked for, signed, refused, taken back, ended early, run out, swept away."""

import pytest
from hypothesis import strategies as st

from audit import names
from audit.models import Entry
from procedures.actions import deviations
from procedures.deviations.deciding import people_of, places_on
from procedures.models import Deviation, DeviationState, Revision
from procedures.models.deviation import STANDING
from roles.models import Department, SigningGuard
from roles.queries import today
from sopdesk.lib.errors import DomainError
from tests.factories import PASSWORD
from tests.machine import oracle
from tests.machine.acts import Approval
from tests.machine.choosing import a_few_days, act, code_of_one, mostly, someone
from tests.machine.world import DAY, REACHED

department_code = st.sampled_from(["FIN", "OPS"])
asker = st.sampled_from(["author", "author", "coauthor", "approver", "owner", "outsider", "auditor"])


class Deviating(Approval):
    # Asking ------------------------------------------------------------------------------------------------------

    @act(who=asker, code=code_of_one, of=department_code, days=a_few_days, has_reason=mostly)
    def ask_to_deviate(self, who: str, code: str, of: str, days: int, has_reason: bool) -> None:
        self.do_ask(who, code, of, days, has_reason=has_reason)

    def do_ask(self, who: str, code: str, of: str, days: int, *, has_reason: bool = True) -> None:
        actor, department = self.person(who), Department.objects.get(code=of)
        texts = Revision.objects.filter(procedure__code=code).select_related(
            "procedure__department", "procedure__owner"
        )
        revision = texts.filter(state="published").first() or texts.latest("number")
        content = revision.content or {}
        uid = content["steps"][0]["uid"] if content else revision.steps.first().uid
        there = Deviation.objects.filter(revision=revision, step=uid, department=department, state__in=STANDING)
        late = [row for row in there if row.ends < today()]
        would_be = Deviation(revision=revision, asked_by=actor, state=DeviationState.ASKED, ends=today())
        is_decided_by_somebody = bool(oracle.deciders(would_be, self.writers[revision.pk]))
        may = oracle.asks(actor, revision, department) and has_reason and is_decided_by_somebody
        may = may and len(late) == there.count()
        self.attempt(
            "ask to deviate",
            lambda: deviations.ask_deviation(
                revision, actor=actor, step=uid, department=department, reason="Broken." if has_reason else " ",
                instead="By hand.", starts=today(), ends=today() + days * DAY,
            ),
            may=may,
            leaves=[(*[names.DEVIATION_END] * len(late), names.DEVIATION_ASK)],
            sweeps=False,
        )  # fmt: skip

    # Deciding and ending -----------------------------------------------------------------------------------------

    def deviation(self, place: int = 0) -> Deviation | None:
        """One of the latest, as somebody has it open."""
        rows = Deviation.objects.select_related("revision__procedure__department", "department").order_by("-pk")
        return rows[place : place + 1].first()

    @act(who=someone, place=st.integers(0, 2), is_fresh=mostly, knows_password=mostly)
    def sign_a_deviation(self, who: str, place: int, is_fresh: bool, knows_password: bool) -> None:
        self.do_sign(who, place, is_fresh=is_fresh, knows_password=knows_password)

    def do_sign(self, who: str, place: int = 0, *, is_fresh: bool = True, knows_password: bool = True) -> None:
        actor, deviation = self.person(who), self.deviation(place)
        if deviation is None:
            return
        shown = deviation.asked_hash if is_fresh else "0" * 64
        may = actor.pk in oracle.deciders(deviation, self.writers[deviation.revision_id])
        guard = SigningGuard.objects.filter(person=actor).first()
        is_locked = bool(guard and guard.locked_until and guard.locked_until > self.instant())
        password = PASSWORD if knows_password else "not-the-password"
        do = lambda: deviations.approve_deviation(  # noqa: E731
            deviation, actor=actor, asked_hash=shown, password=password
        )
        if may and not knows_password and not is_locked:
            before = Entry.objects.count()
            with pytest.raises(DomainError):
                do()
            assert self.added(before) in {(names.SIGNATURE_FAIL,), (names.SIGNATURE_FAIL, names.SIGNATURE_LOCK)}
            self.has_changed = True
            REACHED["wrong password", "refused"] += 1
            return
        may = may and is_fresh and knows_password and not is_locked
        leaves = [(names.DEVIATION_APPROVE,)]
        self.attempt("sign a deviation", do, may=may, leaves=leaves, sweeps=False)

    @act(who=someone, place=st.integers(0, 2), has_reason=mostly)
    def refuse_a_deviation(self, who: str, place: int, has_reason: bool) -> None:
        actor, deviation = self.person(who), self.deviation(place)
        if deviation is None:
            return
        may = actor.pk in oracle.deciders(deviation, self.writers[deviation.revision_id]) and has_reason
        reason = "Repair it." if has_reason else ""
        self.attempt(
            "refuse a deviation",
            lambda: deviations.refuse_deviation(
                deviation, actor=actor, asked_hash=deviation.asked_hash, reason=reason
            ),
            may=may,
            leaves=[(names.DEVIATION_REFUSE,)],
            sweeps=False,
        )  # fmt: skip

    @act(who=asker, place=st.integers(0, 2))
    def take_a_request_back(self, who: str, place: int) -> None:
        actor, deviation = self.person(who), self.deviation(place)
        if deviation is None:
            return
        may = actor.is_active and actor.pk == deviation.asked_by_id and deviation.state == DeviationState.ASKED
        recall = lambda: deviations.recall_deviation(deviation, actor=actor)  # noqa: E731
        self.attempt("take a request back", recall, may=may, leaves=[(names.DEVIATION_RECALL,)], sweeps=False)

    @act(who=someone, place=st.integers(0, 2))
    def end_a_deviation(self, who: str, place: int) -> None:
        actor, deviation = self.person(who), self.deviation(place)
        if deviation is None:
            return
        may = oracle.ends_early(actor, deviation)
        end = lambda: deviations.end_deviation(deviation, actor=actor, reason="Repaired.")  # noqa: E731
        self.attempt("end a deviation", end, may=may, leaves=[(names.DEVIATION_END,)], sweeps=False)

    # What holds after every step ---------------------------------------------------------------------------------

    def the_oracle_agrees(self) -> None:
        super().the_oracle_agrees()
        for row in Deviation.objects.filter(state__in=STANDING).select_related("revision__procedure__department"):
            assert row.revision.state == "published", f"{row} stands at a text that is {row.revision.state}"
            able = oracle.deciders(row, self.writers[row.revision_id])
            assert {person.pk for person in people_of(places_on(row))} == able
