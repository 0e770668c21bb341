"""Who may decide in which slot of a round, in their own right or for somebody who is away."""

import datetime

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from procedures.models import Decision, EmergencyIssue, Revision, Round, RoundGuest, RoundOutcome, RoundSlot, SlotKind
from procedures.states import State
from roles.models import Absence, Holding, User
from roles.queries import role_ids_of, today
from sopdesk.db.composed import Composed

HOLDER = Case(
    When(kind=SlotKind.PERSON, then="person_id"),
    When(kind=SlotKind.HEAD, then="stage__round__revision__procedure__department__head_id"),
    When(kind=SlotKind.OWNER, then="stage__round__revision__procedure__owner_id"),
    output_field=BigIntegerField(),
)
"""Who holds a slot of a round, but for slots of roles."""


def _slots_with_holder() -> QuerySet[RoundSlot]:
    return RoundSlot.objects.alias(holder_id=HOLDER)


def _held_by(person: int, day: datetime.date) -> Q:
    """Condition on a slot: `person` holds it in their own right."""
    return Q(holder_id=person) | Q(kind=SlotKind.ROLE, role_id__in=role_ids_of(person, day=day))


def _covered_by(person: int, day: datetime.date) -> QuerySet[Absence]:
    """The absences of holders of a slot for whom `person` stands in, seen from the slot. What the absent person holds
    counts, not what they were handed."""
    holdings = Holding.objects.on(day).filter(user_id=OuterRef("person_id"), role_id=OuterRef(OuterRef("role_id")))
    absences = Absence.objects.on(day).filter(deputy_id=person, person__is_active=True)
    return absences.filter(Q(person_id=OuterRef("holder_id")) | Exists(holdings))


def slots_fillable_by(user: User, day: datetime.date | None = None) -> QuerySet[RoundSlot]:
    """Slots that `user` stands for on `day`, as their holder or as a deputy, whether or not they may still decide."""
    return slots_of(user, day) if user.is_active else RoundSlot.objects.none()


def slots_of(user: User, day: datetime.date | None = None) -> QuerySet[RoundSlot]:
    """What `slots_fillable_by` says, also of somebody who is not active any more."""
    day = day or today()
    return _slots_with_holder().filter(_held_by(user.pk, day) | Exists(_covered_by(user.pk, day)))


def open_slots(user: User) -> QuerySet[RoundSlot]:
    """Slots in which `user` may decide now: of the current stage, not filled yet, not on a text that they wrote or
    issued in an emergency, and not in a round where they have decided already. A deputy may do no more than who is
    away. Being a superuser changes nothing.

    `for_id` names the person on whose behalf that would be, and is None for who holds the slot.
    """
    if not user.is_active:
        return RoundSlot.objects.annotate(for_id=Value(None, output_field=BigIntegerField())).none()
    return _open_slots(user.pk, today())


def _open_slots(person: int, day: datetime.date) -> QuerySet[RoundSlot]:
    valid = Decision.objects.filter(invalidated_at=None)
    wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef("stage__round__revision_id"), user_id=person
    )
    absent_wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef(OuterRef("stage__round__revision_id")), user_id=OuterRef("person_id")
    )
    absent_counted = valid.filter(
        Q(decider_id=OuterRef("person_id"), on_behalf_of=None) | Q(on_behalf_of_id=OuterRef("person_id")),
        round_id=OuterRef(OuterRef("stage__round_id")),
    )
    absent_issued = EmergencyIssue.objects.filter(
        round_id=OuterRef(OuterRef("stage__round_id")), issued_by_id=OuterRef("person_id")
    )
    issued = EmergencyIssue.objects.filter(round=OuterRef("stage__round"), issued_by_id=person)
    done_for_them = valid.filter(round=OuterRef("stage__round"), on_behalf_of_id=person)
    covered = _covered_by(person, day).filter(~Exists(absent_wrote), ~Exists(absent_issued), ~Exists(absent_counted))
    own = _held_by(person, day) & ~Exists(done_for_them)
    somebody = Subquery(covered.order_by("person_id").values("person_id")[:1])
    slots = _slots_with_holder().annotate(for_id=Case(When(own, then=None), default=somebody))
    is_there = User.objects.filter(pk=person, is_active=True)  # now, whatever it was when they opened the page
    return slots.filter(
        Exists(is_there),
        own | Exists(covered),
        ~Exists(valid.filter(slot=OuterRef("pk"))),
        ~Exists(valid.filter(round=OuterRef("stage__round"), decider=person)),
        ~Exists(wrote),
        ~Exists(issued),
        stage__opened_at__isnull=False,
        stage__completed_at=None,
        stage__round__outcome=RoundOutcome.OPEN,
        stage__round__revision__state=State.IN_REVIEW,
    )


def slot_to_fill(user: User, round: Round) -> RoundSlot | None:
    """The slot that `user` fills by deciding on `round`, or None when they may not decide; its `for_id` says on whose
    behalf.

    One of their own goes before one of somebody who is away, and one that is theirs alone before one that other
    holders of a role could fill too; among these one for which they were proposed first, one for another last.
    """
    if not user.is_active:
        return None
    return next(_fitting_slots.ask(person=user.pk, day=today(), round_id=round.pk), None)


def _compose_fitting_slots(person: int, day: datetime.date, round_id: int) -> QuerySet[RoundSlot]:
    shared = Case(When(kind=SlotKind.ROLE, then=1), default=0)
    proposed = Case(When(proposed=person, then=0), When(proposed=None, then=1), default=2)
    handed_on = Case(When(for_id=None, then=0), default=1)
    slots = _open_slots(person, day).filter(stage__round=round_id).select_related("stage", "role")
    return slots.order_by(handed_on, shared, proposed, "position")[:1]


_fitting_slots = Composed(_compose_fitting_slots, person=int, day=datetime.date, round_id=int)
"""Asked twice for each decision, and composed in ten times the time that it takes to answer."""


def rounds_sat_in_by(user: User) -> QuerySet[Round]:
    """Rounds in which `user` stands for a slot, has decided or was decided for, whatever became of them."""
    slots = slots_fillable_by(user).filter(stage__round=OuterRef("pk"))
    decisions = Decision.objects.filter(Q(decider_id=user.pk) | Q(on_behalf_of_id=user.pk), round=OuterRef("pk"))
    return Round.objects.filter(Exists(slots) | Exists(decisions))


def is_guest(user: User) -> Exists:
    """Condition on a revision: `user` was invited to comment in the round that is open."""
    guests = RoundGuest.objects.filter(round__revision=OuterRef("pk"), round__outcome=RoundOutcome.OPEN)
    return Exists(guests.filter(person_id=user.pk))


def can_decide(user: User, round: Round) -> bool:
    """Whether `user` may approve or return in this round now."""
    return slot_to_fill(user, round) is not None


def rounds_awaiting(user: User) -> QuerySet[Round]:
    """Rounds in which `user` may decide now."""
    return Round.objects.filter(pk__in=open_slots(user).values("stage__round_id"))


def why_not_decide(user: User, round: Round) -> str:
    """One sentence that says why `user` may not decide on `round`; empty when they may."""
    if round.outcome != RoundOutcome.OPEN:
        return _("This round is closed.")
    if round.decisions.filter(decider=user, invalidated_at=None).exists():
        return _("You have decided in this round.")
    decided_for = round.decisions.filter(on_behalf_of=user, invalidated_at=None).first()
    if decided_for is not None and not can_decide(user, round):
        return _("%(name)s has decided for you in this round.") % {"name": decided_for.decider_name}
    if round.revision.contributors.filter(pk=user.pk).exists():
        return _("You wrote this revision; someone else must approve it.")
    if round.issuer_id == user.pk:
        return _("You issued this revision in an emergency; someone else must review it.")
    if can_decide(user, round):
        return ""
    if round.guests.filter(person_id=user.pk).exists():
        return _("You are asked for comments; others decide.")
    return _("You hold no open place in this round.")


def acts_for(slot: RoundSlot | None) -> User | None:
    """The person on whose behalf a slot that `slot_to_fill` has found is filled; None for one's own."""
    for_id = getattr(slot, "for_id", None)
    return User.objects.get(pk=for_id) if for_id else None
