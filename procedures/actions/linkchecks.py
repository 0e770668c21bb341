"""Asking whether external links still lead somewhere: on request only, and only sites that are listed."""

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from procedures import tasks
from procedures.links import sees_broken_links
from procedures.models import LinkCheck
from roles.models import User
from sopdesk.lib.errors import NotPermitted, Refused

STUCK_AFTER = datetime.timedelta(days=7)


@transaction.atomic
def ask_for_link_check(*, actor: User) -> LinkCheck:
    """Have a worker ask the external links of the texts whose broken links `actor` is told. While one check of theirs
    runs, that one is returned; else it replaces their last one.

    Raises NotPermitted, and Refused when no site is listed (LINK_CHECK_HOSTS).
    """
    if not sees_broken_links(actor):
        raise NotPermitted(_("Only authors, auditors and administrators check links."))
    if not settings.LINK_CHECK_HOSTS:
        raise Refused(_("No site is listed that sopdesk may ask. Whoever runs sopdesk sets LINK_CHECK_HOSTS."))
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two clicks of one person, one after the other
    running = LinkCheck.objects.filter(requested_by=actor, finished_at=None).first()
    if running is not None:
        return running
    LinkCheck.objects.filter(requested_by=actor).delete()
    check = LinkCheck.objects.create(requested_by=actor, requested_at=timezone.now())
    trail.record(names.LINKS_CHECK, actor=actor, subject=check, data={"sites": list(settings.LINK_CHECK_HOSTS)})
    tasks.check_links.enqueue(check.pk)
    return check


def remove_old_checks() -> int:
    """Remove checks of external links that were asked for more than LINK_CHECK_DAYS ago, and those that no worker has
    finished within a week, so that their person may ask again; return how many. By the clock, and safe to repeat."""
    now = timezone.now()
    old = Q(requested_at__lt=now - datetime.timedelta(days=settings.LINK_CHECK_DAYS))
    stuck = Q(requested_at__lt=now - STUCK_AFTER, finished_at=None)
    checks = LinkCheck.objects.filter(old | stuck)
    return sum(check.delete()[0] > 0 for check in checks)
