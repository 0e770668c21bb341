"""What people mark for themselves: favourites, what they opened last, what they watch.

Each says what is wanted, not "the other way round", so that a second press does no harm. None of it is on the trail:
it changes nothing about a procedure, and what somebody reads is nobody's business.
"""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from notifications import outbox
from procedures.actions.telling import about
from procedures.browsing.permissions import require_mark, watchers_told_of
from procedures.models import Favourite, Opening, Procedure, Revision, Watch
from roles.models import User

OPENINGS_KEPT = 30
AGAIN_AFTER = datetime.timedelta(minutes=10)
"""Somebody who goes back and forth opens a procedure once."""


@transaction.atomic
def set_favourite(procedure: Procedure, *, actor: User, on: bool) -> None:
    """Put the star of `actor` on a procedure, or take it off. Raises Missing."""
    require_mark(actor, procedure)
    if on:
        Favourite.objects.get_or_create(person=actor, procedure=procedure, defaults={"added_at": timezone.now()})
    else:
        Favourite.objects.filter(person=actor, procedure=procedure).delete()


@transaction.atomic
def set_watch(procedure: Procedure, *, actor: User, on: bool) -> None:
    """Tell `actor` from now on what happens to a procedure, or no longer. Raises Missing."""
    require_mark(actor, procedure)
    if on:
        Watch.objects.get_or_create(person=actor, procedure=procedure, defaults={"since": timezone.now()})
    else:
        Watch.objects.filter(person=actor, procedure=procedure).delete()


@transaction.atomic
def note_opened(procedure: Procedure, *, actor: User) -> None:
    """Note that `actor` has a procedure open now; of all only the latest are kept. Raises Missing."""
    require_mark(actor, procedure)
    now = timezone.now()
    opening, is_new = Opening.objects.get_or_create(person=actor, procedure=procedure, defaults={"seen_at": now})
    if not is_new:
        if now - opening.seen_at >= AGAIN_AFTER:
            Opening.objects.filter(pk=opening.pk).update(seen_at=now)
        return
    openings = Opening.objects.filter(person=actor).order_by("-seen_at", "-pk")
    Opening.objects.filter(pk__in=list(openings.values_list("pk", flat=True)[OPENINGS_KEPT:])).delete()


@transaction.atomic
def forget_opened(*, actor: User) -> None:
    """Forget what `actor` has opened."""
    Opening.objects.filter(person=actor).delete()


def tell_watchers(
    event: str, revision: Revision, *, actor: User | None, event_seq: int, told: Iterable[User], **texts: str
) -> None:
    """Tell those who watch the procedure of `revision`, inside the transaction of what happened.

    Whoever did it is left out, and so are those `told` already, because they own or wrote it. `texts` stand in the
    mail: `reason`, `next_review_on`, `until`.
    """
    left_out = {person.pk for person in told} | ({actor.pk} if actor else set())
    outbox.notify(
        f"watched-{event}",
        recipients=watchers_told_of(revision.procedure).exclude(pk__in=left_out).order_by("pk"),
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=revision.procedure.get_absolute_url(),
        context={
            **about(revision),
            "actor": str(actor) if actor else "sopdesk",
            **texts,
        },
    )
