"""What the machine stands on: the firm as it is stored, trying something, and what must hold after every step."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable

import time_machine
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from audit import names
from audit.models import Entry
from procedures.invariants import violations
from procedures.models import Deviation, Procedure, Revision, Round
from procedures.models.deviation import STANDING
from procedures.permissions import available_events, can_decide
from procedures.queries import who_decides
from procedures.staffing.stuck import stuck_reasons
from procedures.states import OPEN_STATES, TRANSITIONS, Event, State
from roles.models import User
from sopdesk.lib.errors import DomainError
from tests.machine import oracle
from tests.machine.choosing import CODES

START = datetime.datetime(2031, 3, 3, 9, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)

REACHED: Counter[tuple[str, str]] = Counter()
"""How often each act succeeded and was refused: a machine in which nothing happens proves nothing."""


class World(RuleBasedStateMachine):
    """One example. The firm stands already; what is done to it is undone at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        self.texts = 0
        self.has_changed = True
        self.writers = {
            revision.pk: {person.pk for person in revision.contributors.all()} for revision in Revision.objects.all()
        }
        self.pages = {code: (self.round(code), "") for code in CODES}
        self.chains: dict[int, list[tuple]] = {}

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    # What is stored, as somebody who opens a page gets it --------------------------------------------------------

    def person(self, name: str) -> User:
        return User.objects.select_related("department").get(email=f"{name}@firm.test")

    def procedure(self, code: str) -> Procedure:
        return Procedure.objects.select_related("department__head", "owner").get(code=code)

    def latest(self, code: str) -> Revision:
        return Revision.objects.filter(procedure__code=code).select_related("procedure__department").latest("number")

    def round(self, code: str) -> Round | None:
        """The latest round of the latest revision, which may have ended."""
        rounds = Round.objects.filter(revision=self.latest(code)).order_by("-number")
        return rounds.select_related("revision__procedure__department", "revision__procedure__owner").first()

    # Trying ------------------------------------------------------------------------------------------------------

    def attempt(
        self,
        what: str,
        act: Callable[[], object],
        *,
        may: bool | None,
        leaves: Iterable[tuple[str, ...]] = ((),),
        sweeps: bool = True,
    ) -> object:
        """Do `act`, which is refused unless `may` (None: either). A success leaves on the trail what `leaves` says, and
        behind it, unless it is about one (`sweeps`), the end of each deviation whose text has left."""
        before, standing = Entry.objects.count(), Deviation.objects.filter(state__in=STANDING).count()
        self.has_changed = True
        try:
            done = act()
        except DomainError as error:
            self.has_changed = False  # the transaction of the act is undone, and the trail shows it
            assert may is not True, f"{what} was refused: {type(error).__name__}: {error.message}"
            assert self.added(before) == (), f"{what} was refused and left a trace"
            REACHED[what, "refused"] += 1
            return None
        assert may is not False, f"{what} was not refused"
        swept = standing - Deviation.objects.filter(state__in=STANDING).count() if sweeps else 0
        expected = {(*entries, *[names.DEVIATION_END] * swept) for entries in leaves}
        assert self.added(before) in expected, f"{what} left {self.added(before)}"
        REACHED[what, "done"] += 1
        return done

    def added(self, before: int) -> tuple[str, ...]:
        return tuple(Entry.objects.filter(seq__gt=before).order_by("seq").values_list("name", flat=True))

    def fire(self, event: Event, who: str, code: str, act: Callable[..., object], *, may: bool, **kwargs) -> None:
        """An event of the table of states. What a page offers, the oracle says too."""
        actor, revision = self.person(who), self.latest(code)
        offered = {offer.event for offer in available_events(actor, revision) if offer.allowed}
        may = may and revision.state in TRANSITIONS[event].sources and actor.is_active
        if event is not Event.SUBMIT:
            assert may == (event in offered), f"{event} is offered to {who}: {event in offered}, allowed: {may}"
        leaves = [(TRANSITIONS[event].audit_name,)]
        if event is Event.PUBLISH:
            leaves.append((names.REVISION_SUPERSEDE, names.REVISION_PUBLISH))
        self.attempt(event.value, lambda: act(revision, actor=actor, **kwargs), may=may, leaves=leaves)

    def instant(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)

    # What holds after every step ---------------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        if self.has_changed:
            self.nothing_is_broken()
            self.the_oracle_agrees()
            self.who_is_asked_is_who_may()
            self.rounds_keep_the_chain_they_began_with()
            self.has_changed = False

    @staticmethod
    def chain(round: Round) -> list[tuple]:
        slots = ("slots__kind", "slots__role_id", "slots__person_id")
        rows = round.stages.order_by("position", "slots__position")
        return list(rows.values_list("name", "rule", "needed", *slots))

    def nothing_is_broken(self) -> None:
        broken = list(violations())
        assert broken == [], broken

    def the_oracle_agrees(self) -> None:
        parts = ("contributors", "rounds__stages__slots", "rounds__decisions")
        procedures: dict[int, list[str]] = {}
        for revision in Revision.objects.select_related("procedure").prefetch_related(*parts):
            wrote = {person.pk for person in revision.contributors.all()}
            assert wrote == self.writers[revision.pk], f"who wrote {revision}"
            assert list(oracle.unsound(revision, wrote)) == []
            procedures.setdefault(revision.procedure_id, []).append(revision.state)
        for states in procedures.values():
            assert states.count(State.PUBLISHED) <= 1
            assert sum(state in OPEN_STATES for state in states) <= 1

    def who_is_asked_is_who_may(self) -> None:
        """And a round in which nobody is asked is reported as stuck: nothing hangs unseen."""
        rounds = Round.objects.filter(outcome="").select_related(
            "revision__procedure__department__head", "revision__procedure__owner"
        )
        for round in rounds.prefetch_related("stages__slots", "decisions"):
            wrote = self.writers[round.revision_id]
            everybody = list(User.objects.all())
            able = {person.pk for person in everybody if oracle.places(person, round, wrote)}
            assert {person.pk for person in who_decides(round)} == able
            asked = [person for person in everybody if person.pk in able or person.pk % 3 == 0]
            assert {person.pk for person in asked if can_decide(person, round)} == able
            assert able or stuck_reasons(round), "nobody can decide, and no report says so"

    def rounds_keep_the_chain_they_began_with(self) -> None:
        for round in Round.objects.all():
            assert self.chains.setdefault(round.pk, self.chain(round)) == self.chain(round)
