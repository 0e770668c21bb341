"""Handing notices over to the mail server: at least once, always with the same Message-ID."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from notifications.kinds import SENT_IF
from notifications.models import Notification
from sopdesk.lib.languages import in_language

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(days=5)


def deliver(notice_id: int) -> bool:
    """Mail one notice unless that is done, or its recipient has it mailed with others (`notifications.digests`).
    Returns whether it went out now; raises what the mail server raised."""
    notice = Notification.objects.select_related("recipient").filter(pk=notice_id).waiting().first()
    if notice is None or notice.is_gathered or not still_due([notice]):
        return False
    hand_over(build_mail(notice), [notice])
    return True


def still_due(notices: Iterable[Notification]) -> list[Notification]:
    """Those of `notices` whose recipients are still to have a mail of them; the others are given up."""
    due = []
    for notice in notices:
        still_for = SENT_IF.get(notice.kind)
        if not notice.recipient.is_active:
            _give_up(notice, "not active")
        elif still_for is not None and not still_for(notice.recipient_id, notice.context):
            _give_up(notice, "not theirs any more")
        else:
            due.append(notice)
    return due


def _give_up(notice: Notification, why: str) -> None:
    Notification.objects.filter(pk=notice.pk).update(given_up_at=timezone.now(), last_error=why)


def hand_over(mail: EmailMultiAlternatives, notices: Sequence[Notification]) -> None:
    """Send `mail`, which tells of `notices`, and note that they went out, or why not."""
    rows = Notification.objects.filter(pk__in=[notice.pk for notice in notices])
    rows.update(attempts=F("attempts") + 1)
    try:
        mail.send()
    except Exception as error:
        rows.update(last_error=f"{type(error).__name__}: {error}"[:2000])
        raise
    rows.update(mailed_at=timezone.now(), last_error="")


def deliver_waiting() -> tuple[int, int]:
    """Try every mail that has not gone out; give up those older than five days. Returns (sent, failed)."""
    now = timezone.now()
    Notification.objects.waiting().filter(created_at__lt=now - GIVE_UP_AFTER).update(given_up_at=now)
    sent = failed = 0
    for pk in list(Notification.objects.waiting().single().order_by("pk").values_list("pk", flat=True)):
        try:
            sent += deliver(pk)
        except Exception:
            logger.warning("notice %s could not be mailed", pk, exc_info=True)
            failed += 1
    return sent, failed


def send_letter(kind: str, *, address: str, context: dict[str, object]) -> None:
    """Mail the templates of `kind` to an address that may be nobody's here, in the language of the firm."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = subject_of(kind, context)
        body = render_to_string(f"emails/{kind}-body.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMultiAlternatives(subject=subject, body=body, to=[address], headers=headers).send()


def build_mail(notice: Notification) -> EmailMultiAlternatives:
    """The mail of one notice, in its recipient's language."""
    context = {**notice.context, "title": notice.title, "link": settings.BASE_URL + notice.url}
    return mail_to(notice.recipient, notice.kind, context, message=f"notice-{notice.pk}")


def mail_to(person: Any, kind: str, context: dict[str, Any], *, message: str) -> EmailMultiAlternatives:
    """The templates of `kind` as a mail to `person`, in their language. `message` names it for ever: sent again, it is
    the same mail."""
    base = f"emails/{kind}"
    context = {**context, "recipient": person}
    with translation.override(person.language):
        mail = EmailMultiAlternatives(
            subject=subject_of(kind, context),
            body=render_to_string(f"{base}-body.txt", context),
            to=[person.email],
            headers={
                "Message-ID": f"<{message}@{urlsplit(settings.BASE_URL).hostname}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        mail.attach_alternative(render_to_string(f"{base}-body.html", {**context, **_marked(context)}), "text/html")
    return mail


def _marked(context: dict[str, object]) -> dict[str, SafeString]:
    """The titles of texts among what a mail says, marked with the languages that the notice knows."""
    titles = {"procedure_title": "title_language", "source_title": "source_language"}
    return {
        title: in_language(context[title], str(context[language]))
        for title, language in titles.items()
        if context.get(language)
    }


def subject_of(kind: str, context: dict[str, Any]) -> str:
    """One line that says what a mail of `kind` is about, in the language that is on."""
    return " ".join(render_to_string(f"emails/{kind}-subject.txt", context).split())[:200]
