"""Sharing a procedure by link with people who have no account: making, opening, revoking and ending links."""

import datetime
import secrets

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions.telling import about
from procedures.models import LinkEnd, Procedure, Revision, ShareLink, ShareOpening
from procedures.sharing.links import followed, hash_of_token
from procedures.sharing.permissions import can_revoke_link, can_share, why_not_share
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused

ONE_VISIT = datetime.timedelta(minutes=30)
MOST_TRIES = 5
LOCK = WINDOW = datetime.timedelta(minutes=15)


@transaction.atomic
def make_link(
    procedure: Procedure,
    *,
    actor: User,
    recipient: str,
    ends_on: datetime.date,
    is_pinned: bool = False,
    password: str = "",
) -> tuple[ShareLink, str]:
    """Make a link to what readers follow of `procedure`, or to the revision in force today only (`is_pinned`).

    Returns the link and its token, which is kept nowhere. Somebody else than the owner makes one: the owner is told.
    Raises NotPermitted; Refused without a recipient, for a day that is past or too far, and when nothing is in force.
    """
    procedure = Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=procedure.pk)
    if not can_share(actor, procedure):
        raise NotPermitted(why_not_share(actor, procedure))
    if not recipient.strip():
        raise Refused(_("Say for whom the link is."))
    check_last_day(ends_on)
    current = followed(procedure, today())
    if current is None:
        raise Refused(_("Nothing of this procedure is in force, so there is nothing to share."))
    token = secrets.token_urlsafe(32)
    link = ShareLink.objects.create(
        procedure=procedure,
        revision=current if is_pinned else None,
        recipient=recipient.strip(),
        token_hash=hash_of_token(token),
        password=make_password(password) if password else "",
        audience=procedure.audience,
        ends_on=ends_on,
        made_by=actor,
        made_at=timezone.now(),
    )
    entry = _record(
        names.SHARE_ADD,
        link,
        actor=actor,
        data={
            "recipient": link.recipient,
            "last_day": ends_on.isoformat(),
            "pinned": current.number if is_pinned else None,
            "has_password": bool(password),
        },
    )
    if procedure.owner_id != actor.pk:
        _tell_owner(link, current, actor=actor, event_seq=entry.seq)
    return link, token


def latest_day() -> datetime.date:
    """The latest day that a link made today may have as its last."""
    return today() + datetime.timedelta(days=settings.SHARE_MAX_DAYS)


@transaction.atomic
def revoke_link(link: ShareLink, *, actor: User, reason: str) -> ShareLink:
    """End `link` at once. Raises NotPermitted, Refused without a reason, InvalidTransition when it has ended."""
    if not reason.strip():
        raise Refused(_("Say why the link is revoked."))
    link = ShareLink.objects.select_for_update(of=("self",), no_key=True).select_related("procedure").get(pk=link.pk)
    if link.end:
        raise InvalidTransition(_("This link has ended already. Nothing was changed."), target=_page(link))
    if not can_revoke_link(actor, link):
        raise NotPermitted(_("Only who made the link, the owner and administrators revoke it."))
    _end(link, LinkEnd.REVOKED, ended_by=actor, end_reason=reason.strip())
    _record(names.SHARE_REVOKE, link, actor=actor, data={"recipient": link.recipient}, reason=reason.strip())
    return link


def lock_links(procedure: Procedure) -> list[ShareLink]:
    """The links to `procedure` that have not ended, locked for `end_links`: before the trail is written, as whoever
    revokes or opens one does, so that two who meet wait in one order."""
    links = ShareLink.objects.filter(procedure=procedure, end="").order_by("pk")
    return list(links.select_for_update(of=("self",), no_key=True))


def end_links(links: list[ShareLink], revision: Revision, end: LinkEnd, *, actor: User | None) -> None:
    """End those of `links` that must not be read any more now that `revision` is superseded (the links tied to it) or
    withdrawn (all of them); inside the caller's transaction."""
    for link in links:
        if end == LinkEnd.SUPERSEDED and link.revision_id != revision.pk:
            continue
        link.procedure = revision.procedure
        _end(link, end)
        _record(names.SHARE_END, link, actor=actor, data={"recipient": link.recipient, "number": revision.number})


def _end(link: ShareLink, end: LinkEnd, *, ended_by: User | None = None, end_reason: str = "") -> None:
    link.ended_at, link.end, link.ended_by, link.end_reason = timezone.now(), end, ended_by, end_reason
    link.save(update_fields=["ended_at", "end", "ended_by", "end_reason"])


# Without an account ------------------------------------------------------------------------------------------


@transaction.atomic
def open_link(link: ShareLink, *, revision: Revision, network: str, program: str) -> None:
    """Note that `revision` was read through `link`: visits in the log, the first one of all on the trail.

    `network` is shortened by the caller, `program` the family of the browser; no person can be told from another.
    """
    now = timezone.now()
    visit = ShareOpening.objects.filter(link=link, network=network, program=program, last_at__gt=now - ONE_VISIT)
    if not visit.update(last_at=now, times=F("times") + 1):
        ShareOpening.objects.create(link=link, network=network, program=program, opened_at=now, last_at=now)
    if ShareLink.objects.filter(pk=link.pk, first_opened_at=None).update(first_opened_at=now):
        _record(names.SHARE_OPEN, link, actor=None, data={"recipient": link.recipient, "number": revision.number})


def forget_openings() -> int:
    """Remove visits older than SHARE_LOG_DAYS from the log; return how many. That a link was opened at all stays, on
    the link and on the trail. By the clock, and safe to repeat."""
    past = timezone.now() - datetime.timedelta(days=settings.SHARE_LOG_DAYS)
    removed, _rows = ShareOpening.objects.filter(last_at__lt=past).delete()
    return removed


def try_password(link: ShareLink, password: str) -> bool:
    """Whether `password` opens `link`. The try is counted before it is known how it ends, so that many at once are no
    more guesses than one by one. Raises Refused while the link is locked, after `MOST_TRIES` that did not fit."""
    with transaction.atomic():
        guard, now = _lock_guard(link), timezone.now()
        if guard.locked_until and guard.locked_until > now:
            raise Refused(_("Too many passwords did not fit. Try again in a quarter of an hour."))
        recent = [moment for moment in guard.tries if moment > (now - WINDOW).timestamp()]
        guard.tries = [*recent, now.timestamp()]
        guard.locked_until = now + LOCK if len(guard.tries) >= MOST_TRIES else None
        guard.save(update_fields=["tries", "locked_until"])
    if not (password and check_password(password, link.password)):
        return False
    ShareLink.objects.filter(pk=link.pk).update(tries=[], locked_until=None)
    return True


def _lock_guard(link: ShareLink) -> ShareLink:
    return ShareLink.objects.select_for_update(no_key=True).get(pk=link.pk)


# Telling -----------------------------------------------------------------------------------------------------


def _record(
    name: str, link: ShareLink, *, actor: User | None, data: dict[str, object], reason: str = ""
) -> trail.Entry:
    return trail.record(
        name,
        actor=actor,
        subject=link.procedure,
        procedure_code=link.procedure.code,
        data={"link": link.pk, **data},
        reason=reason,
    )


def _tell_owner(link: ShareLink, current: Revision, *, actor: User, event_seq: int) -> None:
    outbox.notify(
        "link-shared",
        recipients=[link.procedure.owner],
        event_seq=event_seq,
        title=f"{link.procedure.code} {current.title}",
        url=_page(link),
        context={
            **about(current),
            "actor": str(actor),
            "receiver": link.recipient,
            "until": link.ends_on.isoformat(),
        },
    )


def _page(link: ShareLink) -> str:
    return reverse("share-links", args=[link.procedure.code])


def check_last_day(day: datetime.date) -> None:
    """Refused for a last day that is past or too far."""
    if not today() <= day <= latest_day():
        raise Refused(_("The last day is today at the earliest, and in %(days)d days at the latest.") % _days())


def _days() -> dict[str, int]:
    return {"days": settings.SHARE_MAX_DAYS}
