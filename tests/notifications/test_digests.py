"""One mail a day about what somebody watches, for those who want it so: all that happened, once, and never nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from notifications import digests, kinds, tasks
from notifications.delivery import deliver, deliver_waiting
from notifications.models import Notification
from roles.models import User

Tell = Callable[..., Notification]
DIGEST, SINGLE = "notifications.tasks.deliver_digest", "notifications.tasks.deliver_notice"


@pytest.fixture(autouse=True)
def still_theirs(monkeypatch: pytest.MonkeyPatch) -> dict[str, kinds.StillFor]:
    """Nobody asks whether notices are still for their recipients, unless a test says so."""
    monkeypatch.setattr("notifications.delivery.SENT_IF", asked := {})
    return asked


@pytest.fixture
def daily(reader: User) -> User:
    reader.watch_mail = "daily"
    reader.save(update_fields=["watch_mail"])
    return reader


def morning() -> int:
    """The clock fires, and the worker does what it finds; how many mails went out."""
    before = len(mail.outbox)
    DBTaskResult.objects.all().delete()
    tasks.send_digests.call()
    for row in DBTaskResult.objects.filter(task_path=DIGEST):
        tasks.deliver_digest.call(*row.args_kwargs["args"])
    return len(mail.outbox) - before


def test_all_that_happened_comes_in_one_mail(daily: User, tell: Tell) -> None:
    tell(daily, kind="watched-published")
    tell(daily, kind="watched-withdrawn", reason="No longer done.")
    assert morning() == 1
    [message] = mail.outbox
    assert message.subject == "2 changes to what you watch"
    for words in (
        "In force: FIN-014 Run the monthly payroll", "Step 3 names the wrong limit.",
        "Withdrawn: FIN-014 Run the monthly payroll", "No longer done.",
        f"{settings.BASE_URL}/procedures/FIN-014/", f"{settings.BASE_URL}/settings/", f"{settings.BASE_URL}/notices/",
    ):  # fmt: skip
        assert words in message.body
        assert words in message.alternatives[0].content
    assert Notification.objects.filter(mailed_at=None).count() == 0


def test_the_notice_is_there_at_once_and_has_no_mail_of_its_own(daily: User, tell: Tell) -> None:
    notice = tell(daily, kind="watched-published")
    assert not DBTaskResult.objects.filter(task_path=SINGLE).exists()
    assert not deliver(notice.pk)
    assert deliver_waiting() == (0, 0)
    assert Notification.objects.unread().get() == notice
    assert mail.outbox == []


def test_other_notices_and_other_people_are_mailed_at_once(daily: User, other: User, tell: Tell) -> None:
    own, theirs = tell(daily, kind="revision-submitted"), tell(other, kind="watched-published")
    assert deliver(own.pk)
    assert deliver(theirs.pk)
    assert morning() == 0


def test_no_mail_when_nothing_happened(daily: User, tell: Tell) -> None:
    assert morning() == 0
    tell(daily, kind="watched-published")
    assert morning() == 1
    assert morning() == 0


def test_a_clock_that_fires_twice_mails_once(daily: User, tell: Tell) -> None:
    tell(daily, kind="watched-published")
    due = digests.digests_due()
    tasks.send_digests.call()
    tasks.send_digests.call()
    assert DBTaskResult.objects.filter(task_path=DIGEST).count() == 2
    for recipient, last in due * 2:
        digests.deliver_digest(recipient, up_to=last)
    assert len(mail.outbox) == 1


def test_a_worker_killed_behind_the_mail_sends_the_same_message_again(
    daily: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail server has it, the database does not know: the second mail is the first one, whatever came since."""
    notice = tell(daily, kind="watched-published")
    send = EmailMultiAlternatives.send

    def killed(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        send(self, fail_silently)
        raise KeyboardInterrupt

    with monkeypatch.context() as server, pytest.raises(KeyboardInterrupt):
        server.setattr(EmailMultiAlternatives, "send", killed)
        digests.deliver_digest(daily.pk, up_to=notice.pk)
    tell(daily, kind="watched-withdrawn")
    digests.deliver_digest(daily.pk, up_to=notice.pk)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.body == second.body
    assert Notification.objects.waiting().count() == 1


def test_what_is_not_theirs_any_more_is_left_out(daily: User, tell: Tell, still_theirs) -> None:
    tell(daily, kind="watched-published", code="FIN-014")
    tell(daily, kind="watched-published", code="OPS-002", procedure_title="Count the stock")
    still_theirs["watched-published"] = lambda person, context: context["code"] != "FIN-014"
    assert morning() == 1
    assert "OPS-002" in mail.outbox[0].body
    assert "FIN-014 Run" not in mail.outbox[0].body
    assert mail.outbox[0].subject == "1 change to what you watch"
    still_theirs["watched-published"] = lambda person, context: False
    tell(daily, kind="watched-published")
    assert morning() == 0
    assert not Notification.objects.waiting().exists()


def test_who_has_left_gets_none(daily: User, tell: Tell) -> None:
    tell(daily, kind="watched-published")
    User.objects.update(is_active=False)
    assert morning() == 0
    assert not Notification.objects.waiting().exists()


def test_who_changes_to_at_once_gets_what_waits_with_the_next_sweep(daily: User, tell: Tell) -> None:
    tell(daily, kind="watched-published")
    User.objects.update(watch_mail="at_once")
    assert morning() == 0
    assert deliver_waiting() == (1, 0)


def test_it_reads_in_the_language_of_its_recipient_and_hostile_words_are_harmless(daily: User, tell: Tell) -> None:
    User.objects.update(language="fr")
    tell(User.objects.get(pk=daily.pk), kind="watched-published", procedure_title="<script>alert(1)</script>")
    assert morning() == 1
    html = mail.outbox[0].alternatives[0].content
    assert '<html lang="fr">' in html
    assert "<script>" not in html
    assert mail.outbox[0].subject == "1 changement dans ce que vous surveillez"


def test_a_mail_server_that_is_down_gives_up_after_five_days_as_for_single_mails(daily: User, tell: Tell) -> None:
    tell(daily, kind="watched-published")
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        deliver_waiting()
        assert morning() == 0
