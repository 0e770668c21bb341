"""Taking a revision back to draft: submitted, or approved and not yet in force."""

from copy import copy

from django.db import transaction
from django.utils.translation import gettext as _

from procedures import search
from procedures.actions.approval.rounds import close_round, required_reason, thawed
from procedures.actions.approval.telling import tell_contributors
from procedures.actions.reviewing import keep_text
from procedures.actions.telling import tell
from procedures.actions.transitions import move
from procedures.changesets.manifest import lock_together
from procedures.models import Revision, RoundOutcome
from procedures.permissions import require_event
from procedures.states import Event
from roles.models import User


@transaction.atomic
def recall(revision: Revision, *, actor: User, reason: str) -> Revision:
    """Take a submitted revision back to draft, and with it the others of its change set; the decisions so far stay
    visible, marked invalid with the reason.

    Raises Refused without a reason, NotPermitted (also after an emergency issue, which others review),
    InvalidTransition.
    """
    reason = required_reason(reason, _("Say why you take it back."))
    # Locked, since somebody may issue it in an emergency at the same moment.
    Revision.objects.select_for_update(of=("self",), no_key=True).get(pk=revision.pk)
    require_event(actor, revision, Event.RECALL)
    for one in lock_together(revision):
        keep_text(one)
        move(one, Event.RECALL, actor=actor, reason=reason, **thawed())
        round = one.rounds.get(outcome=RoundOutcome.OPEN)
        close_round(round, RoundOutcome.RECALLED, reason)
    return revision


@transaction.atomic
def revoke(revision: Revision, *, actor: User, reason: str) -> Revision:
    """Stop an approved revision before its effective date, and with it the others of its change set: they
    are drafts again, their signatures stay visible, marked invalid with the reason, and those who wrote, own or signed
    them are told.

    Raises Refused without a reason, NotPermitted (also once it is in force), InvalidTransition.
    """
    reason = required_reason(reason, _("Say why the approval is revoked."))
    lock_together(revision)
    revision = Revision.objects.select_related("procedure__owner").get(pk=revision.pk)
    require_event(actor, revision, Event.REVOKE)
    for one in lock_together(revision):
        _revoke(one, actor=actor, reason=reason)
    return revision


def _revoke(revision: Revision, *, actor: User, reason: str) -> None:
    round = revision.rounds.filter(outcome=RoundOutcome.APPROVED).latest("number")
    signers = {decision.decider for decision in round.decisions.select_related("decider")}
    frozen = copy(revision)
    keep_text(revision)
    entry = move(revision, Event.REVOKE, actor=actor, reason=reason, approved_at=None, **thawed())
    search.remove(frozen)
    close_round(round, RoundOutcome.RECALLED, reason)
    tell_contributors(Event.REVOKE, revision, actor=actor, event_seq=entry.seq, reason=reason)
    others = {revision.procedure.owner, *signers} - {actor, *revision.contributors.all()}
    url = round.get_absolute_url()  # a page for those too who may not read the draft
    tell(Event.REVOKE, revision, others, actor=actor, event_seq=entry.seq, url=url, reason=reason)
