"""Asking external links one after the other, as a worker does it."""

import time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from procedures.content import revision_content
from procedures.externallinks import external_links_in
from procedures.links import revisions_reported_to
from procedures.models import ExternalLink, LinkCheck
from procedures.models.linkcheck import MAX_ADDRESS
from sopdesk.lib.reaching import reach

AT_A_TIME = 20
"""Seconds after which a worker does something else first."""


def continue_link_check(pk: int) -> bool:
    """Collect the links of the check `pk` if that has not happened yet, and ask as many as fit into `AT_A_TIME`
    seconds. Return whether that was all. May be killed and run again at any point; a check that is gone is no fault.
    """
    check = LinkCheck.objects.filter(pk=pk, finished_at=None).select_related("requested_by").first()
    if check is None:
        return True
    if check.collected_at is None:
        _collect(check)
    until = time.monotonic() + AT_A_TIME
    while time.monotonic() < until:
        address = check.links.filter(reach="").values_list("address", flat=True).first()
        if address is None:
            LinkCheck.objects.filter(pk=pk, finished_at=None).update(finished_at=timezone.now())
            return True
        asked = reach(address, hosts=settings.LINK_CHECK_HOSTS)
        moved_to = asked.moved_to[:MAX_ADDRESS]
        check.links.filter(address=address).update(reach=asked.reach, status=asked.status, moved_to=moved_to)
    return False


@transaction.atomic
def _collect(check: LinkCheck) -> None:
    """Write down where the texts lead. What is too long to be kept is not asked and not shown."""
    check.links.all().delete()
    rows = []
    for revision in revisions_reported_to(check.requested_by).select_related("procedure").iterator(chunk_size=100):
        for uid, address in external_links_in(revision_content(revision)):
            if len(address) <= MAX_ADDRESS:
                rows.append(ExternalLink(check_run=check, revision=revision, step_uid=uid, address=address))
    ExternalLink.objects.bulk_create(rows, batch_size=500)
    LinkCheck.objects.filter(pk=check.pk).update(collected_at=timezone.now())
