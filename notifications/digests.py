"""The digest: what somebody watches in one mail a day, for those who want it so (`User.watch_mail`).

The notices are the queue, as for single mails. A digest is named by its last notice: a task that runs again after a
kill sends the same notices as the same message, or nothing when that was done.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max
from django.utils import translation

from notifications.delivery import hand_over, mail_to, still_due, subject_of
from notifications.models import Notification

KIND = "watch-digest"


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in a digest: what happened, where it is read, what was said about it in the `language` of the text."""

    what: str
    link: str
    reason: str
    language: str


def digests_due() -> list[tuple[int, int]]:
    """Ids of the people for whom notices wait for a digest, each with the last of these notices; nobody gets an empty
    one."""
    waiting = Notification.objects.waiting().gathered().order_by().values("recipient_id").annotate(last=Max("pk"))
    return list(waiting.order_by("recipient_id").values_list("recipient_id", "last"))


def deliver_digest(recipient_id: int, *, up_to: int) -> bool:
    """Mail what waits for one person up to the notice `up_to`, leaving out what is no longer theirs. Returns whether a
    mail went out; raises what the mail server raised."""
    waiting = Notification.objects.waiting().gathered().filter(recipient=recipient_id, pk__lte=up_to)
    notices = still_due(waiting.select_related("recipient").order_by("pk"))
    if not notices:
        return False
    hand_over(build_digest(notices, up_to=up_to), notices)
    return True


def build_digest(notices: list[Notification], *, up_to: int) -> EmailMultiAlternatives:
    """The mail of `notices`, which are of one person, in their language."""
    person = notices[0].recipient
    with translation.override(person.language):
        lines = [_line(notice) for notice in notices]
    context = {"lines": lines, "link": f"{settings.BASE_URL}/notices/", "base_url": settings.BASE_URL}
    return mail_to(person, KIND, context, message=f"digest-{person.pk}-{up_to}")


def _line(notice: Notification) -> Line:
    what = subject_of(notice.kind, {**notice.context, "title": notice.title})
    said, language = (str(notice.context.get(name, "")) for name in ("reason", "title_language"))
    return Line(what, settings.BASE_URL + notice.url, said, language)
