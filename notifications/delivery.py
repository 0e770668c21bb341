"""Handing notices over to the mail server: at least once, always with the same Message-ID."""

import logging
from datetime import timedelta
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
    """Mail one notice unless that is done. Returns whether it went out now; raises what the mail server raised."""
    notice = Notification.objects.select_related("recipient").filter(pk=notice_id).waiting().first()
    if notice is None:
        return False
    if not notice.recipient.is_active:
        Notification.objects.filter(pk=notice.pk).update(given_up_at=timezone.now(), last_error="not active")
        return False
    still_for = SENT_IF.get(notice.kind)
    if still_for is not None and not still_for(notice.recipient_id, notice.context):
        Notification.objects.filter(pk=notice.pk).update(given_up_at=timezone.now(), last_error="not theirs any more")
        return False
    Notification.objects.filter(pk=notice.pk).update(attempts=F("attempts") + 1)
    try:
        build_mail(notice).send()
    except Exception as error:
        Notification.objects.filter(pk=notice.pk).update(last_error=f"{type(error).__name__}: {error}"[:2000])
        raise
    Notification.objects.filter(pk=notice.pk).update(mailed_at=timezone.now(), last_error="")
    return True


def deliver_waiting() -> tuple[int, int]:
    """Try every mail that has not gone out; give up those older than five days. Returns (sent, failed)."""
    now = timezone.now()
    Notification.objects.waiting().filter(created_at__lt=now - GIVE_UP_AFTER).update(given_up_at=now)
    sent = failed = 0
    for pk in list(Notification.objects.waiting().order_by("pk").values_list("pk", flat=True)):
        try:
            sent += deliver(pk)
        except Exception:
            logger.warning("notice %s could not be mailed", pk, exc_info=True)
            failed += 1
    return sent, failed


def send_letter(kind: str, *, address: str, context: dict[str, object]) -> None:
    """Mail the templates of `kind` to an address that may be nobody's here, in the language of the firm."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"emails/{kind}-subject.txt", context).split())
        body = render_to_string(f"emails/{kind}-body.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMultiAlternatives(subject=subject[:200], body=body, to=[address], headers=headers).send()


def build_mail(notice: Notification) -> EmailMultiAlternatives:
    """The mail of one notice, in its recipient's language."""
    base = f"emails/{notice.kind}"
    context = {**notice.context, "title": notice.title, "recipient": notice.recipient}
    context["link"] = settings.BASE_URL + notice.url
    with translation.override(notice.recipient.language):
        subject = " ".join(render_to_string(f"{base}-subject.txt", context).split())
        mail = EmailMultiAlternatives(
            subject=subject[:200],
            body=render_to_string(f"{base}-body.txt", context),
            to=[notice.recipient.email],
            headers={
                "Message-ID": f"<notice-{notice.pk}@{urlsplit(settings.BASE_URL).hostname}>",
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
