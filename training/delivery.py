"""Telling readers that a text has changed since they confirmed it."""

from django.db import transaction
from django.urls import reverse

from notifications import outbox
from notifications.queries import told_of
from procedures.actions.telling import about
from procedures.impact import readers_of
from procedures.models import Revision
from procedures.queries import revision_in_force
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

    Its authors and the owner have another notice of it. Nobody is told twice, and nobody of a text that is no longer
    the one in force.
    """
    if revision_in_force(revision.procedure) != revision:
        return 0
    confirmed = Acknowledgement.objects.filter(revision__procedure=revision.procedure_id)
    of_this_text = confirmed.filter(revision=revision, content_hash=revision.content_hash)
    people = (
        readers_of(revision.procedure, day=today())
        .filter(pk__in=confirmed.values("person"))
        .exclude(pk__in=of_this_text.values("person"))
        .exclude(pk__in=revision.contributors.values("pk"))
        .exclude(pk=revision.procedure.owner_id)
        .exclude(pk__in=told_of(event_seq, kind=KIND))
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
        },
    )
    return len(notices)
