"""The events that a page offers to a person, or refuses with a reason."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from procedures.models import EmergencyIssue, Revision, RoundOutcome
from procedures.permissions.controlling import can_control
from procedures.permissions.slots import slots_fillable_by, why_not_decide
from procedures.permissions.writing import can_edit
from procedures.states import TRANSITIONS, Event
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted


@dataclass(frozen=True, slots=True)
class Offer:
    """An event that the state allows: whether this person may fire it, and if not, why."""

    event: Event
    label: str
    allowed: bool
    why_not: str = ""


def available_events(user: User, revision: Revision) -> list[Offer]:
    """The events that fit the state of `revision` and concern `user`, with a reason where one is refused.

    An event that is none of this person's business is left out.
    """
    offers = []
    fitting = {event for event, row in TRANSITIONS.items() if revision.state in row.sources}
    if fitting & {Event.SUBMIT, Event.RECALL, Event.DISCARD} and can_edit(user, revision):
        reasons = {Event.RECALL: why_not_recall(revision)} if Event.RECALL in fitting else {}
        events = [event for event in (Event.SUBMIT, Event.RECALL, Event.DISCARD) if event in fitting]
        offers += [_offer(event, reasons.get(event, "")) for event in events]
    if Event.APPROVE in fitting:
        round = revision.rounds.filter(outcome=RoundOutcome.OPEN).first()
        if round and slots_fillable_by(user).filter(stage__round=round).exists():
            why_not = why_not_decide(user, round)
            offers += [_offer(event, why_not) for event in (Event.APPROVE, Event.RETURN)]
    if fitting & {Event.REVOKE, Event.PUBLISH, Event.WITHDRAW} and can_control(user, revision.procedure):
        offers += [_offer(event) for event in (Event.PUBLISH, Event.WITHDRAW) if event in fitting]
        if Event.REVOKE in fitting:
            offers.append(_offer(Event.REVOKE, _("It is in force already.") if revision.is_in_force(today()) else ""))
    return offers


def why_not_recall(revision: Revision) -> str:
    """Why the authors cannot take `revision` back; empty when they can. The review after an emergency issue ends by the
    decision of others, also when its time has run out."""
    if EmergencyIssue.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It was issued in an emergency: only those who review it end this round.")
    return ""


def _offer(event: Event, why_not: str = "") -> Offer:
    return Offer(event=event, label=str(event.label), allowed=not why_not, why_not=why_not)


def require_event(user: User, revision: Revision, event: Event) -> None:
    """Raise InvalidTransition when the state does not allow `event`, NotPermitted when `user` may not fire it.

    Whoever comes too late is told so, and not that they may not: before refusing, the stored state is asked.
    """
    sources = TRANSITIONS[event].sources
    offer = next((offer for offer in available_events(user, revision) if offer.event == event), None)
    if offer and offer.allowed:
        return
    stored = Revision.objects.values_list("state", flat=True).get(pk=revision.pk)
    if revision.state not in sources or stored not in sources:
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    raise NotPermitted(offer.why_not if offer else _("You may see this, but not do it."))
