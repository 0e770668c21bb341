"""What happens around the texts: people go away, leave, change places; routes change."""

from hypothesis import strategies as st

from audit import names
from procedures.actions import absences, drafts, overdue, routes
from procedures.models import Route, SlotKind
from procedures.queries import open_round
from procedures.routes.specs import SlotSpec, StageSpec
from roles import actions as people
from roles.models import Absence, Access, Holding, Role, User
from roles.queries import today
from tests.machine import oracle
from tests.machine.choosing import CODES, SEATED, a_few_days, act, code_of_one, controller, someone
from tests.machine.world import DAY, World


class Changes(World):
    # People ------------------------------------------------------------------------------------------------------

    @act(who=someone, deputy=someone, days=a_few_days)
    def go_away(self, who: str, deputy: str, days: int) -> None:
        self.do_go_away(who, deputy, days)

    def do_go_away(self, who: str, deputy: str, days: int) -> None:
        person, other = self.person(who), self.person(deputy)
        ends = today() + days * DAY
        meets = any(
            row.ended_at is None and row.starts <= ends and row.ends >= today()
            for row in Absence.objects.filter(person=person)
        )
        may = person.is_active and other.is_active and person != other and not meets
        self.attempt(
            "go away",
            lambda: absences.add_absence(person, actor=person, starts=today(), ends=ends, deputy=other),
            may=may,
            leaves=[(names.ABSENCE_ADD,)],
        )

    @act(who=st.sampled_from(["approver", "owner", "checker", "second"]), deputy=st.sampled_from(["staff", "author"]))
    def hand_over_to_a_deputy(self, who: str, deputy: str) -> None:
        self.do_go_away(who, deputy, 3)

    @act(who=someone, by=someone)
    def come_back(self, who: str, by: str) -> None:
        absence = Absence.objects.filter(person=self.person(who), ended_at=None).order_by("-pk").first()
        actor = self.person(by)
        if absence is not None:
            is_theirs = actor.pk == absence.person_id or actor.access == Access.ADMINISTRATOR
            self.attempt(
                "come back",
                lambda: absences.end_absence(absence, actor=actor, reason="Back."),
                may=actor.is_active and is_theirs and absence.ends >= today(),
                leaves=[(names.ABSENCE_END,)],
            )

    @act(who=SEATED, by=st.sampled_from(["administrator", "administrator", "superuser", "owner"]))
    def leave_or_return_to_the_firm(self, who: str, by: str) -> None:
        person, actor = self.person(who), self.person(by)
        administers = actor.is_active and actor.access == Access.ADMINISTRATOR
        if person.is_active:
            do = lambda: people.deactivate_person(person, actor=actor, reason="Left.")  # noqa: E731
            self.attempt("deactivate", do, may=administers and person != actor, leaves=[(names.PERSON_DEACTIVATE,)])
        else:
            do = lambda: people.activate_person(person, actor=actor)  # noqa: E731
            self.attempt("activate", do, may=administers, leaves=[(names.PERSON_ACTIVATE,)])

    @act(head=st.sampled_from(["approver", "second", "author"]), by=st.sampled_from(["administrator", "superuser"]))
    def another_head(self, head: str, by: str) -> None:
        actor, department = self.person(by), self.procedure(CODES[0]).department
        person = self.person(head)
        self.attempt(
            "another head",
            lambda: people.change_department(department, actor=actor, fields={"head": person}),
            may=actor.access == Access.ADMINISTRATOR and (person.is_active or department.head == person),
            leaves=[() if department.head == person else (names.DEPARTMENT_CHANGE,)],
        )

    @act(who=controller, owner=st.sampled_from(["owner", "staff", "author"]), code=code_of_one)
    def another_owner(self, who: str, owner: str, code: str) -> None:
        actor, procedure, person = self.person(who), self.procedure(code), self.person(owner)
        is_new = procedure.owner != person
        if person.is_active:
            self.attempt(
                "another owner",
                lambda: drafts.change_procedure(procedure, actor=actor, fields={"owner": person}, reason="A change."),
                may=oracle.controls(actor, procedure) or (not is_new and oracle.writes(actor, procedure)),
                leaves=[(names.PROCEDURE_CHANGE,) if is_new else ()],
            )

    @act(who=st.sampled_from(["checker", "second", "staff"]))
    def take_or_give_up_a_role(self, who: str) -> None:
        administrator, person = self.person("administrator"), self.person(who)
        role = Role.objects.get(name="Compliance")
        held = Holding.objects.filter(user=person, role=role).order_by("-starts").first()
        if held is None or (held.ends is not None and held.ends < today()):
            do = lambda: people.add_holding(person, actor=administrator, role=role, starts=today())  # noqa: E731
            self.attempt("take a role", do, may=person.is_active, leaves=[(names.HOLDING_ADD,)])
        elif held.starts < today() and held.ends is None:
            do = lambda: people.end_holding(held, actor=administrator, ends=today() - DAY)  # noqa: E731
            self.attempt("give up a role", do, may=True, leaves=[(names.HOLDING_END,)])

    # Routes ------------------------------------------------------------------------------------------------------

    @act(by=st.sampled_from(["administrator", "administrator", "superuser"]), shape=st.integers(0, 3))
    def another_route(self, by: str, shape: int) -> None:
        actor, route = self.person(by), Route.objects.get(name="Three stages")
        changed = [self.shapes()[shape]] if shape else self.shapes()
        self.attempt(
            "another route",
            lambda: routes.change_route(route, actor=actor, version=route.version, fields={}, stages=changed),
            may=None if actor.access == Access.ADMINISTRATOR else False,
            leaves=[(), (names.ROUTE_CHANGE,)],
        )

    @staticmethod
    def shapes() -> list[StageSpec]:
        role = Role.objects.get(name="Compliance")
        administrator = User.objects.get(email="administrator@firm.test")
        either = (SlotSpec(SlotKind.ROLE, role_id=role.pk), SlotSpec(SlotKind.PERSON, person_id=administrator.pk))
        return [
            StageSpec("Head", (SlotSpec(SlotKind.HEAD),), days=2),
            StageSpec("Compliance", either, rule="any", days=2),
            StageSpec("Two of them", (*either, SlotSpec(SlotKind.ROLE, role_id=role.pk)), rule="n_of", needed=2),
            StageSpec("Owner", (SlotSpec(SlotKind.OWNER),), days=2),
        ]

    @act(by=st.sampled_from(["administrator", "owner", "superuser"]), name=st.sampled_from(["Three stages", "Spare"]))
    def route_comes_or_goes(self, by: str, name: str) -> None:
        actor, route = self.person(by), Route.objects.get(name=name)
        if route.is_active:
            do = lambda: routes.deactivate_route(route, actor=actor, reason="Not used.")  # noqa: E731
        else:
            do = lambda: routes.activate_route(route, actor=actor)  # noqa: E731
        may = None if actor.access == Access.ADMINISTRATOR else False
        leaves = [(names.ROUTE_DEACTIVATE,) if route.is_active else (names.ROUTE_ACTIVATE,)]
        self.attempt("route comes or goes", do, may=may, leaves=leaves)

    @act(code=code_of_one, by=st.sampled_from(["administrator", "approver", "author"]), who=someone)
    def put_somebody_else_in(self, code: str, by: str, who: str) -> None:
        round = open_round(self.latest(code))
        stage = oracle.open_stage(round) if round else None
        if round is None or stage is None:
            return
        slot, actor, person = stage.slots.first(), self.person(by), self.person(who)
        wrote = self.writers[round.revision_id] & {actor.pk, person.pk}
        moved = self.attempt(
            "put somebody else in",
            lambda: overdue.reassign_slot(slot, actor=actor, held_by=slot.place_key, person=person, reason="Away."),
            may=False if wrote or actor == person or not person.is_active or not actor.is_active else None,
            leaves=[(names.SLOT_REASSIGN,)],
        )
        if moved:
            self.chains[round.pk] = self.chain(round)
