"""Who invites readers to comment in a round."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from procedures.models import Round, RoundGuest, RoundOutcome
from procedures.permissions.doors import get_round_for
from procedures.permissions.slots import slots_fillable_by
from procedures.permissions.writing import revisions_editable_by
from procedures.states import State
from roles.models import User
from sopdesk.lib.errors import Missing, NotPermitted


def rounds_hosted_by(user: User) -> QuerySet[Round]:
    """Open rounds to which `user` invites readers: on what they write, and those in which they stand for a slot."""
    sits_in = slots_fillable_by(user).filter(stage__round=OuterRef("pk"))
    in_review = Round.objects.filter(outcome=RoundOutcome.OPEN, revision__state=State.IN_REVIEW)
    return in_review.filter(Q(revision__in=revisions_editable_by(user)) | Exists(sits_in))


def can_invite(user: User, round: Round) -> bool:
    """Whether `user` invites readers to comment in `round`, and takes invitations back."""
    return rounds_hosted_by(user).filter(pk=round.pk).exists()


def get_round_to_host_for(user: User, pk: int) -> Round:
    """A round for somebody who invites readers to it. Raises Missing when `user` may not see it, NotPermitted."""
    round = get_round_for(user, pk)
    if not can_invite(user, round):
        raise NotPermitted(_("Only those who write or decide on this revision invite somebody."))
    return round


def get_guest_for(user: User, round_pk: int, pk: int) -> RoundGuest:
    """A guest of a round, for somebody who invites readers to it. Raises Missing and NotPermitted."""
    round = get_round_to_host_for(user, round_pk)
    guest = round.guests.filter(pk=pk).select_related("person").first()
    if guest is None:
        raise Missing()
    guest.round = round
    return guest
