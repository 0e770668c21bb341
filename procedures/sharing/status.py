"""The public status of one revision: what somebody with a printed copy may know about it, and nothing else."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from procedures.models import Revision
from procedures.states import State
from roles.queries import today
from sopdesk.lib.qr import qr_svg

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class Status(models.TextChoices):
    CURRENT = "current", pgettext_lazy("status of a revision", "Current")
    SUPERSEDED = "superseded", gettext_lazy("Superseded")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    NOT_IN_FORCE = "not_in_force", gettext_lazy("Not in force")


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """All that the public page says: it holds no title, no person and no text, so that none can slip in."""

    code: str
    number: int
    status: Status


def status_url(revision: Revision) -> str:
    """The address, with host, that says for ever whether this very revision is current; needs no log-in."""
    return settings.BASE_URL + reverse("revision-status", args=[revision.status_token])


def status_qr(revision: Revision) -> SafeString:
    """`status_url` as a QR code to scan from paper: an SVG that takes its size and colour from its place."""
    return qr_svg(status_url(revision), label=_("QR code: shows whether this revision is current"))


def public_status(token: str) -> PublicStatus | None:
    """The status today of the revision that `token` belongs to; None when there is none. One query.

    The date decides, as it does for readers: see `RevisionQuerySet.in_force`.
    """
    if not TOKEN.fullmatch(token):
        return None
    in_force = models.Exists(Revision.objects.in_force(today()).filter(pk=models.OuterRef("pk")))
    row = (
        Revision.objects.filter(status_token=token)
        .annotate(follows=in_force)
        .values_list("procedure__code", "number", "state", "follows")
        .first()
    )
    if row is None:
        return None
    code, number, state, follows = row
    return PublicStatus(code, number, _status(state, is_in_force=follows))


def _status(state: str, *, is_in_force: bool) -> Status:
    if is_in_force:
        return Status.CURRENT
    match state:
        case State.WITHDRAWN:
            return Status.WITHDRAWN
        case State.PUBLISHED | State.SUPERSEDED:  # published, but the day of its successor has come
            return Status.SUPERSEDED
        case _:
            return Status.NOT_IN_FORCE
