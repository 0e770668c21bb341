"""What a share link shows today, and why it shows nothing."""

import datetime
import hashlib
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from procedures.models import Audience, LinkEnd, Procedure, Revision, ShareLink
from procedures.states import State


class LinkState(models.TextChoices):
    OPEN = "open", pgettext_lazy("share link", "Active")
    OVER = "over", _("Last day is over")
    REVOKED = "revoked", _("Revoked")
    WITHDRAWN = "withdrawn", _("Procedure withdrawn")
    SUPERSEDED = "superseded", _("Revision superseded")
    RESTRICTED = "restricted", _("Readers were restricted")
    NOTHING = "nothing", _("Nothing in force")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link on the page of its procedure."""

    link: ShareLink
    state: LinkState
    times: int
    last_at: datetime.datetime | None
    may_revoke: bool

    @property
    def is_open(self) -> bool:
        return self.state == LinkState.OPEN

    @property
    def word(self) -> str | Promise:
        return self.state.label


def hash_of_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def link_of_token(token: str) -> ShareLink | None:
    """The link that `token` belongs to, ended or not; one query. The token is the door: only who was given it asks."""
    links = ShareLink.objects.select_related("procedure", "revision")
    return links.filter(token_hash=hash_of_token(token)).first()


def followed(procedure: Procedure, day: datetime.date) -> Revision | None:
    """The revision of `procedure` in force on `day`."""
    return Revision.objects.in_force(day).filter(procedure=procedure).first()


def state_of(link: ShareLink, current: Revision | None, day: datetime.date) -> LinkState:
    """What becomes of `link` on `day`, decided from what is so now: nothing waits for a job that catches up.

    `current` is the revision of its procedure that is in force on `day`.
    """
    if link.end:
        return {
            LinkEnd.REVOKED: LinkState.REVOKED,
            LinkEnd.WITHDRAWN: LinkState.WITHDRAWN,
            LinkEnd.SUPERSEDED: LinkState.SUPERSEDED,
        }[LinkEnd(link.end)]
    if link.ends_on < day:
        return LinkState.OVER
    if link.procedure.audience != Audience.EVERYONE and link.audience == Audience.EVERYONE:
        return LinkState.RESTRICTED
    if link.revision_id and (current is None or current.pk != link.revision_id):
        withdrawn = link.revision is not None and link.revision.state == State.WITHDRAWN
        return LinkState.WITHDRAWN if withdrawn else LinkState.SUPERSEDED
    return LinkState.OPEN if current is not None else LinkState.NOTHING


def shown_by(link: ShareLink, day: datetime.date) -> Revision | None:
    """The revision that `link` shows on `day`; None when it has ended."""
    current = followed(link.procedure, day)
    if current is None or state_of(link, current, day) != LinkState.OPEN:
        return None
    current.procedure = link.procedure
    return current


def with_openings(links: models.QuerySet[ShareLink]) -> models.QuerySet[ShareLink]:
    """Each link with `times` and `last_at` of its openings, and the revision that it is tied to."""
    counted = links.annotate(times=Sum("openings__times"), last_at=Max("openings__last_at"), kinds=Count("openings"))
    return counted.select_related("made_by", "revision", "ended_by").order_by("-made_at", "-pk")
