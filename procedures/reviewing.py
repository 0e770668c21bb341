"""Reading around a round: whom one may ask for comments, and what somebody has seen of the text before."""

from django.db.models import Q, QuerySet

from procedures.models import ReviewLook, Round, RoundSlot
from procedures.queries import people_of_slot
from roles.models import Access, User


def people_to_invite(round: Round) -> QuerySet[User]:
    """Whom the writers and deciders of `round` may ask for comments: active people who do not comment there already,
    auditors left out, who change nothing."""
    revision, procedure = round.revision, round.revision.procedure
    slots = RoundSlot.objects.filter(stage__round=round).select_related("role", "person")
    deciders = {person.pk for slot in slots for person in people_of_slot(slot, procedure)}
    writers = Q(access=Access.AUTHOR, department_id=procedure.department_id)
    writers |= Q(pk=procedure.owner_id) | Q(pk__in=procedure.coauthors.values("pk"))
    others = User.objects.filter(is_active=True).exclude(access=Access.AUDITOR).exclude(writers)
    others = others.exclude(pk__in=revision.contributors.values("pk")).exclude(pk__in=deciders)
    return others.exclude(pk__in=round.guests.values("person_id"))


def round_looked_at(user: User, round: Round) -> Round | None:
    """The last round of the same revision before `round` whose text `user` has seen and which is kept."""
    looks = ReviewLook.objects.filter(
        person_id=user.pk, round__revision_id=round.revision_id, round__number__lt=round.number
    )
    look = looks.filter(round__text__isnull=False).select_related("round__text").order_by("-round__number").first()
    return look.round if look else None


def has_looked(user: User, round: Round) -> bool:
    """Whether `user` has noted that they looked at the text of `round`."""
    return ReviewLook.objects.filter(person_id=user.pk, round=round).exists()
