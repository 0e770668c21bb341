"""Telling readers that a text has changed since they confirmed it, and settling that when it has gone again."""

from django.db import transaction
from django.db.models import Exists
from django.urls import reverse

from audit import names, trail
from notifications import outbox
from notifications.queries import told_of
from procedures.actions.telling import about
from procedures.following import Follower
from procedures.impact import readers_of
from procedures.models import Revision, Significance
from procedures.queries import revision_in_force
from roles.models import User
from roles.queries import today
from training.models import Acknowledgement

KIND = "reading-changed"


def address_for(revision: Revision) -> str:
    """Where the notice leads: what changed for whoever opens it."""
    return reverse("compare-since-mine", args=[revision.procedure.code])


@transaction.atomic
def ask_readers_again(revision: Revision, *, event_seq: int) -> int:
    """Tell everybody in the audience who has confirmed an earlier text of the procedure, and not this one, that
    `revision` is in force, which the trail tells of in the entry `event_seq`. Returns how many people that are.

    A minor revision asks only who has confirmed another text of it, as it was issued in an emergency. Its authors, the
    owner and who is told of the emergency issue have another notice. Nobody is told twice of one text, issued and
    approved later, and nobody of a text that is no longer the one in force.
    """
    of_this_text = trail.entries_for(revision).filter(data__content_hash=revision.content_hash)
    events = list(of_this_text.values_list("seq", flat=True))
    if event_seq not in events or revision_in_force(revision.procedure) != revision:
        return 0
    confirmed = Acknowledgement.objects.filter(revision__procedure=revision.procedure_id)
    if revision.significance != Significance.MAJOR:
        confirmed = confirmed.filter(revision=revision)
    have_confirmed = confirmed.filter(revision=revision, content_hash=revision.content_hash)
    people = (
        readers_of(revision.procedure, day=today())
        .filter(pk__in=confirmed.values("person"))
        .exclude(pk__in=have_confirmed.values("person"))
        .exclude(pk__in=revision.contributors.values("pk"))
        .exclude(pk=revision.procedure.owner_id)
        .exclude(pk__in=told_of(event_seq, kind="revision-emergency"))
        .exclude(pk__in=told_of(*events, kind=KIND))
    )
    notices = outbox.notify(
        KIND,
        recipients=people,
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=address_for(revision),
        context={
            **about(revision),
            "reason": revision.change_summary,
            "is_emergency": revision.emergency_until is not None,
        },
    )
    return len(notices)


def stop_asking(revision: Revision, *, actor: User | None, event_seq: int) -> None:
    """Settle what readers were told of the emergency issue of `revision`, which they no longer follow: the text that
    they have confirmed is in force again."""
    issues = trail.entries_for(revision).filter(name=names.REVISION_EMERGENCY)
    outbox.retract(KIND, url=address_for(revision), event_seqs=issues.values_list("seq", flat=True))


def _no_publication() -> Exists:
    """No publication concerns this."""
    return Exists(Revision.objects.none())


FOLLOWER = Follower(
    "reading",
    {names.REVISION_EMERGENCY_END: stop_asking, names.REVISION_RETURN: stop_asking},
    concerns=_no_publication,
)
