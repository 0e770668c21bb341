"""Who else has a draft open in the editor."""

import datetime

from django.utils import timezone

from procedures.models import EditingPresence, Revision
from roles.models import User

STILL_THERE = datetime.timedelta(minutes=1)


def others_at(revision: Revision, user: User) -> list[EditingPresence]:
    """Everybody but `user` who had the draft open within the last minute, by name; one query."""
    since = timezone.now() - STILL_THERE
    return list(
        EditingPresence.objects.filter(revision=revision, seen_at__gte=since, user__is_active=True)
        .exclude(user=user)
        .select_related("user")
        .order_by("user__full_name", "user_id")
    )
