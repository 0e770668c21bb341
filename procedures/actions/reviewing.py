"""Around the deciding: texts of ended rounds, who looked at which, readers who are invited to comment."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions.telling import INVITED, about
from procedures.models import ReviewLook, Revision, Round, RoundGuest, RoundOutcome, RoundText
from procedures.permissions import can_comment, can_invite, round_has_ended
from procedures.reviewing import people_to_invite
from roles.models import User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused

# Texts and looks ---------------------------------------------------------------------------------------------


def keep_text(revision: Revision) -> None:
    """Keep the text of the latest round, whose revision is about to become a draft again.

    Called inside the transaction of the act that does so; nothing happens when somebody else has done it already.
    """
    stored = Revision.objects.select_for_update(of=("self",)).only("content", "content_hash").get(pk=revision.pk)
    round = stored.rounds.order_by("-number").first()
    if stored.content is not None and round is not None and round.content_hash == stored.content_hash:
        RoundText.objects.get_or_create(round=round, defaults={"content": stored.content})


def remember_look(round: Round, person: User) -> None:
    """Remember that `person` has seen the text of `round`; that it was seen once is all that counts."""
    look = ReviewLook(round=round, person=person, looked_at=timezone.now())
    ReviewLook.objects.bulk_create([look], ignore_conflicts=True)


@transaction.atomic
def note_look(round: Round, *, actor: User) -> None:
    """Note that `actor` has looked at the text of `round`, so that the next round can be compared with it.

    Deciding and commenting note it as well. Raises NotPermitted, InvalidTransition when the round has ended.
    """
    round = _lock_round(round)
    if not can_comment(actor, round.revision):
        raise NotPermitted(_("Only those who write, decide or comment in this round mark it as looked at."))
    remember_look(round, actor)


# Guests ------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite_guest(round: Round, *, actor: User, person: User) -> RoundGuest:
    """Let `person` read and comment on the revision until the round ends, without a decision; they are told.

    Raises NotPermitted, InvalidTransition when the round has ended, Refused for somebody who needs no invitation,
    or may not be asked: auditors, who change nothing, and people who have left.
    """
    round = _lock_round(round)
    if not can_invite(actor, round):
        raise NotPermitted(_("Only those who write or decide on this revision invite somebody."))
    if not people_to_invite(round).filter(pk=person.pk).exists():
        raise Refused(_("%(name)s cannot be invited, or comments here already.") % {"name": person})
    guest = RoundGuest.objects.create(round=round, person=person, invited_by=actor, invited_at=timezone.now())
    revision = round.revision
    outbox.notify(
        INVITED,
        recipients=[person],
        event_seq=_record(names.GUEST_INVITE, guest, actor=actor),
        title=f"{revision.procedure.code} {revision.title}",
        url=round.get_absolute_url(),
        context={
            **about(revision),
            "actor": str(actor),
            "change_summary": revision.change_summary,
        },
    )
    return guest


@transaction.atomic
def remove_guest(guest: RoundGuest, *, actor: User) -> None:
    """Take an invitation back; what the guest has said stays.

    Raises NotPermitted, InvalidTransition when the round has ended, Missing when somebody else took it back.
    """
    round = _lock_round(guest.round)
    if not can_invite(actor, round):
        raise NotPermitted(_("Only those who write or decide on this revision take an invitation back."))
    stored = RoundGuest.objects.filter(pk=guest.pk).select_related("person").first()
    if stored is None:
        raise Missing(_("This invitation was taken back already."))
    _record(names.GUEST_REMOVE, stored, actor=actor)
    outbox.retract(INVITED, recipients=[stored.person], url=round.get_absolute_url())
    stored.delete()


def _lock_round(round: Round) -> Round:
    """The round with its revision, which is locked until the end of the transaction."""
    Revision.objects.select_for_update(of=("self",)).get(pk=round.revision_id)
    stored = Round.objects.select_related("revision__procedure__department", "revision__procedure__owner")
    found = stored.get(pk=round.pk)
    if found.outcome != RoundOutcome.OPEN:
        raise InvalidTransition(round_has_ended(), target=found.get_absolute_url())
    return found


def _record(name: str, guest: RoundGuest, *, actor: User) -> int:
    revision = guest.round.revision
    entry = trail.record(
        name,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={"number": revision.number, "round": guest.round.number, "guest": str(guest.person)},
    )
    return entry.seq
