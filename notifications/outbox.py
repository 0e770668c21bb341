"""Telling people: `notify` writes the rows in the caller's transaction, the worker mails them afterwards.

A notice exists exactly when its event does: the row commits or rolls back with it.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs.enqueueing import enqueue_many
from notifications import tasks
from notifications.kinds import KINDS
from notifications.models import Notification


def notify(
    kind: str, *, recipients: Iterable[Any], event_seq: int, title: str, url: str, context: dict[str, object]
) -> list[Notification]:
    """Tell `recipients` of the event with the number `event_seq`: one row each, and a mail by the worker.

    `title` is one line in plain text, `url` a path within sopdesk, `context` plain JSON values for the mail's text.
    People who are not active are left out. Raises ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of notice: {kind}")
    now = timezone.now()
    people = {person.pk: person for person in recipients if person.is_active}
    rows = [
        Notification(
            recipient=person, kind=kind, event_seq=event_seq, title=title[:254], url=url, context=context,
            created_at=now,
        )
        for person in people.values()
    ]  # fmt: skip
    Notification.objects.bulk_create(rows)
    # What somebody has mailed once a day waits for that.
    enqueue_many(tasks.deliver_notice, [(row.pk,) for row in rows if not row.is_gathered])
    return rows


def write_to(addresses: Iterable[str], kind: str, *, context: dict[str, object]) -> None:
    """Mail the letter `kind` to `addresses` outside of sopdesk, by the worker after the caller's transaction."""
    for address in addresses:
        tasks.deliver_letter.enqueue(kind, address, context)


def retract(
    *kinds: str,
    url: str,
    recipients: Iterable[Any] | None = None,
    besides: Iterable[Any] = (),
    event_seqs: Iterable[int] | None = None,
) -> int:
    """Settle the notices of `kinds` that sent `recipients`, or everybody `besides` some, to `url`, since nothing waits
    for them there any more; of `event_seqs`, only those that tell of these events.

    They count as read, and a mail that has not gone out stays here. Returns how many notices that were.
    """
    now = timezone.now()
    notices = Notification.objects.filter(kind__in=kinds, url=url)
    if recipients is not None:
        notices = notices.filter(recipient__in=list(recipients))
    if event_seqs is not None:
        notices = notices.filter(event_seq__in=list(event_seqs))
    notices = notices.exclude(recipient__in=list(besides))
    return (notices.unread() | notices.waiting()).update(
        read_at=Coalesce("read_at", Value(now)),
        given_up_at=Case(When(mailed_at=None, then=Coalesce("given_up_at", Value(now))), default=F("given_up_at")),
    )


def settle(*, before: datetime.datetime) -> int:
    """Mark notices created before this time as read and mailed, for history that is loaded afterwards. Returns how
    many."""
    return Notification.objects.filter(created_at__lt=before).update(read_at=before, mailed_at=before)
