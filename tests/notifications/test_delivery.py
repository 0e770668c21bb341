"""Mail goes out at least once, always as the same message, and never to people who have left."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.utils import timezone

from notifications import delivery
from notifications.models import Notification
from roles.models import User

Tell = Callable[..., Notification]


class ServerDown(Exception):
    """What the mail server answers in these tests."""


@pytest.fixture
def server_down(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The mail server refuses until the test calls `server_down.undo()`."""

    def refuse(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        raise ServerDown("try later")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    return monkeypatch


def test_notice_is_mailed_once(reader: User, tell: Tell) -> None:
    notice = tell(reader)
    assert delivery.deliver(notice.pk) is True
    assert delivery.deliver(notice.pk) is False
    notice.refresh_from_db()
    assert [message.to for message in mail.outbox] == [["reader@firm.test"]]
    assert notice.mailed_at is not None
    assert notice.attempts == 1


def test_failed_mail_waits_and_says_why(reader: User, tell: Tell, server_down: pytest.MonkeyPatch) -> None:
    notice = tell(reader)
    with pytest.raises(ServerDown):
        delivery.deliver(notice.pk)
    notice.refresh_from_db()
    assert Notification.objects.waiting().get() == notice
    assert (notice.attempts, notice.last_error) == (1, "ServerDown: try later")


def test_failed_mail_is_tried_again_as_the_same_message(
    reader: User, tell: Tell, server_down: pytest.MonkeyPatch
) -> None:
    notice = tell(reader)
    first = delivery.build_mail(notice).extra_headers["Message-ID"]
    assert delivery.deliver_waiting() == (0, 1)
    server_down.undo()
    assert delivery.deliver_waiting() == (1, 0)
    assert delivery.deliver_waiting() == (0, 0)
    notice.refresh_from_db()
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [first]
    assert (notice.attempts, notice.last_error) == (2, "")


def test_one_refused_mail_does_not_hold_up_the_others(
    reader: User, other: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(reader)
    tell(other)
    send = EmailMultiAlternatives.send

    def refuse_reader(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == [reader.email]:
            raise ServerDown
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse_reader)
    assert delivery.deliver_waiting() == (1, 1)
    assert [message.to for message in mail.outbox] == [[other.email]]


def test_messages_of_different_notices_differ(reader: User, tell: Tell) -> None:
    ids = {delivery.build_mail(tell(reader)).extra_headers["Message-ID"] for _ in range(2)}
    assert len(ids) == 2


def test_people_who_left_get_no_mail(reader: User, tell: Tell) -> None:
    notice = tell(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert delivery.deliver(notice.pk) is False
    notice.refresh_from_db()
    assert mail.outbox == []
    assert notice.given_up_at is not None
    assert not Notification.objects.waiting().exists()


def test_mail_is_given_up_after_five_days(reader: User, tell: Tell) -> None:
    notice = tell(reader)
    with time_machine.travel(timezone.now() + timedelta(days=5, minutes=1), tick=False):
        assert delivery.deliver_waiting() == (0, 0)
    notice.refresh_from_db()
    assert notice.given_up_at is not None
    assert mail.outbox == []


def test_command_says_what_it_did(reader: User, tell: Tell, capsys: pytest.CaptureFixture[str]) -> None:
    tell(reader)
    call_command("delivernotices")
    call_command("delivernotices")
    assert capsys.readouterr().out == "1 sent, 0 failed\n0 sent, 0 failed\n"
