"""Notices belong to their recipients alone."""

from django.db.models import Model
from django.utils.translation import gettext as _

from notifications.models import Notification
from sopdesk.lib.errors import Missing


def get_notice_for(user: Model, pk: int) -> Notification:
    """The notice `pk` of `user`. Raises Missing for what was sent to somebody else."""
    notice = Notification.objects.filter(recipient_id=user.pk, pk=pk).first()
    if notice is None:
        raise Missing(_("There is no such notice."))
    return notice
