"""Reading the notices of a person."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model, QuerySet

from notifications.models import Notification, NotificationQuerySet


def unread_count(user: Model) -> int:
    """How many notices `user` has not looked at yet; every page asks, so the statement is not composed each time."""
    with connection.cursor() as cursor:
        cursor.execute(unread_count_sql("%s"), [user.pk])
        return cursor.fetchone()[0]


def unread_count_sql(user: str) -> str:
    """That question as SQL, for the id of the person as `user` says it: for statements that ask for more at once."""
    table = connection.ops.quote_name(Notification._meta.db_table)
    return f"SELECT COUNT(*) FROM {table} WHERE recipient_id = {user} AND read_at IS NULL"  # noqa: S608  names are ours


def notices_for(user: Model) -> NotificationQuerySet:
    """All notices of `user`, newest first."""
    return Notification.objects.filter(recipient_id=user.pk)


def events_of_notices() -> Iterator[int]:
    """The numbers of the trail entries that notices tell of, each once."""
    return Notification.objects.order_by("event_seq").values_list("event_seq", flat=True).distinct().iterator()


def told_of(*event_seqs: int, kind: str) -> QuerySet:
    """Ids of the people who have a notice of `kind` about any of these events, as a query to be used inside another."""
    return Notification.objects.filter(event_seq__in=event_seqs, kind=kind).values("recipient_id")
