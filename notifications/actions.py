"""Reading notices. Looking at one's own mail is no decision: it leaves nothing in the trail."""

from django.db.models import Model
from django.utils import timezone

from notifications.models import Notification
from notifications.queries import notices_for


def mark_read(notice: Notification) -> None:
    """Note that the recipient has seen `notice`; the first time counts."""
    Notification.objects.unread().filter(pk=notice.pk).update(read_at=timezone.now())


def mark_all_read(user: Model, *, up_to: int) -> int:
    """Note that `user` has seen every notice up to the number `up_to`. Returns how many were unread.

    The bound is the newest notice that the page showed: one that came in since stays unread.
    """
    return notices_for(user).unread().filter(pk__lte=up_to).update(read_at=timezone.now())
