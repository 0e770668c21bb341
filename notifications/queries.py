"""Reading the notices of a person."""

from collections.abc import Iterator

from django.db.models import Model, QuerySet

from notifications.models import Notification, NotificationQuerySet


def unread_count(user: Model) -> int:
    """How many notices `user` has not looked at yet."""
    return Notification.objects.unread().filter(recipient_id=user.pk).count()


def notices_for(user: Model) -> NotificationQuerySet:
    """All notices of `user`, newest first."""
    return Notification.objects.filter(recipient_id=user.pk)


def events_of_notices() -> Iterator[int]:
    """The numbers of the trail entries that notices tell of, each once."""
    return Notification.objects.order_by("event_seq").values_list("event_seq", flat=True).distinct().iterator()


def told_of(event_seq: int, *, kind: str) -> QuerySet:
    """Ids of the people who have a notice of `kind` about this event, as a query to be used inside another."""
    return Notification.objects.filter(event_seq=event_seq, kind=kind).values("recipient_id")
