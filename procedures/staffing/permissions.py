"""Who may see and do what about absences, and about rounds that nobody completes (see `procedures.permissions`)."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.models import Decision, EmergencyIssue, Procedure, Revision, Round, RoundOutcome, RoundSlot
from procedures.permissions import reads_everything
from roles.models import Absence, User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted

# Rounds that nobody completes ----------------------------------------------------------------------------------


def rounds_watched_by(user: User) -> QuerySet[Round]:
    """Open rounds about which `user` is told when nobody completes them: all for auditors and administrators, for
    others those of procedures that they own, or whose owner works in a department that they head."""
    if not user.is_active:
        return Round.objects.none()
    rounds = Round.objects.filter(outcome=RoundOutcome.OPEN)
    if reads_everything(user):
        return rounds
    procedure = "revision__procedure__"
    return rounds.filter(Q(**{f"{procedure}owner": user}) | Q(**{f"{procedure}owner__department__head": user}))


def watches_rounds(user: User) -> bool:
    """Whether the report of rounds that nobody completes is there for `user`: also while it is empty for those who own
    a procedure, head a department or read everything."""
    if not user.is_active:
        return False
    return reads_everything(user) or user.heads.exists() or Procedure.objects.filter(owner=user).exists()


def check_watches_rounds(user: User) -> None:
    """Raise Missing unless the report of rounds that nobody completes is there for `user`."""
    if not watches_rounds(user):
        raise Missing()


def slots_reassignable_by(user: User) -> QuerySet[RoundSlot]:
    """Slots without a signature in open rounds that `user` may give to somebody else when nobody fills them:
    administrators, and the head of the owner's department; never on a text that they wrote or issued in an
    emergency."""
    if not user.is_active:
        return RoundSlot.objects.none()
    wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef("stage__round__revision_id"), user_id=user.pk
    )
    slots = RoundSlot.objects.filter(
        ~Exists(Decision.objects.filter(slot=OuterRef("pk"), invalidated_at=None)),
        ~Exists(wrote),
        ~Exists(EmergencyIssue.objects.filter(round=OuterRef("stage__round"), issued_by_id=user.pk)),
        stage__completed_at=None,
        stage__round__outcome=RoundOutcome.OPEN,
    )
    if user.is_administrator:
        return slots
    return slots.filter(stage__round__revision__procedure__owner__department__head=user)


def can_reassign(user: User, slot: RoundSlot) -> bool:
    """Whether `user` may give `slot` to somebody else when nobody fills it."""
    return slots_reassignable_by(user).filter(pk=slot.pk).exists()


def get_slot_to_reassign_for(user: User, pk: int) -> RoundSlot:
    """A slot for somebody who gives it to somebody else. Raises InvalidTransition when it was filled, or its round has
    ended, since they opened the page; Missing for everybody who never might."""
    may = Q() if user.is_administrator else Q(stage__round__revision__procedure__owner__department__head=user)
    slot = RoundSlot.objects.filter(may, pk=pk).select_related("stage__round__revision__procedure").first()
    if slot is None or not user.is_active:
        raise Missing()
    if can_reassign(user, slot):
        return slot
    revision = slot.stage.round.revision
    if revision.contributors.filter(pk=user.pk).exists():
        raise NotPermitted(_("You wrote this revision; somebody else must say who decides on it."))
    if slot.stage.round.issuer_id == user.pk:
        raise NotPermitted(_("You issued this revision in an emergency; somebody else must say who reviews it."))
    raise InvalidTransition(_("This place is not open any more. Nothing was changed."), target=reverse("reviews-stuck"))


def people_for(round: Round, *, without: User) -> QuerySet[User]:
    """Who may be put into a place of `round` by `without`: active people who neither wrote, issued nor have
    decided."""
    decided = round.decisions.filter(invalidated_at=None).order_by().values("decider_id")
    wrote = round.revision.contributors.order_by().values("pk")
    people = User.objects.filter(is_active=True).exclude(pk__in=[without.pk, round.issuer_id or without.pk])
    return people.exclude(pk__in=decided).exclude(pk__in=wrote)


# Absences ----------------------------------------------------------------------------------------------------


def absences_of(user: User) -> QuerySet[Absence]:
    """The absences that `user` may see on their own page: their own, and those in which they stand in."""
    return Absence.objects.filter(Q(person=user) | Q(deputy=user)).select_related("person", "deputy")


def absences_changeable_by(user: User) -> QuerySet[Absence]:
    """Absences that `user` may end: their own; all for administrators."""
    if not user.is_active:
        return Absence.objects.none()
    return Absence.objects.all() if user.is_administrator else Absence.objects.filter(person=user)


def can_set_absence(user: User, person: User) -> bool:
    """Whether `user` says when `person` is away and who stands in: they themselves and administrators."""
    return user.is_active and (user.pk == person.pk or user.is_administrator)


def get_absence_for(user: User, pk: int) -> Absence:
    """An absence for somebody who may end it. Raises Missing."""
    absence = absences_changeable_by(user).filter(pk=pk).select_related("person", "deputy").first()
    if absence is None:
        raise Missing()
    return absence
