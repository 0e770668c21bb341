"""A notice exists exactly when its event does, once per person."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries

from notifications import outbox
from notifications.models import Notification
from roles.models import User
from tests.notifications.conftest import CONTEXT


def notify(*people: User, kind: str = "revision-published", event_seq: int = 7) -> list[Notification]:
    return outbox.notify(
        kind, recipients=people, event_seq=event_seq, title="FIN-014", url="/procedures/FIN-014/", context=CONTEXT
    )


def test_everybody_gets_one_row_and_one_task(reader: User, other: User) -> None:
    notify(reader, other, reader)
    assert sorted(Notification.objects.values_list("recipient_id", flat=True)) == sorted([reader.pk, other.pk])
    assert DBTaskResult.objects.filter(queue_name="mail").count() == 2


def test_rolled_back_event_leaves_no_notice_and_no_task(reader: User) -> None:
    with pytest.raises(LookupError), transaction.atomic():
        notify(reader)
        raise LookupError
    assert not Notification.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_same_event_is_told_once(reader: User) -> None:
    notify(reader)
    with pytest.raises(IntegrityError), transaction.atomic():
        notify(reader)
    assert Notification.objects.count() == 1


def test_inactive_people_are_left_out(reader: User, other: User) -> None:
    other.is_active = False
    notify(reader, other)
    assert Notification.objects.get().recipient == reader


def test_unknown_kind_is_refused(reader: User) -> None:
    with pytest.raises(ValueError, match="revision-eaten"):
        notify(reader, kind="revision-eaten")
    assert not Notification.objects.exists()


def test_long_title_is_cut_to_fit(reader: User, tell: Callable[..., Notification]) -> None:
    notice = tell(reader, title="x" * 300)
    notice.refresh_from_db()
    assert len(notice.title) == 254


def test_what_is_retracted_counts_as_read_and_its_mail_stays_here(reader: User, other: User) -> None:
    waiting, others = notify(reader, other)
    (mailed,) = notify(reader, event_seq=8)
    (elsewhere,) = notify(reader, kind="revision-approved", event_seq=9)
    Notification.objects.filter(pk=mailed.pk).update(mailed_at=mailed.created_at)
    assert outbox.retract("revision-published", recipients=[reader], url="/procedures/FIN-014/") == 2
    for notice in (waiting, mailed, others, elsewhere):
        notice.refresh_from_db()
    assert waiting.read_at and waiting.given_up_at
    assert mailed.read_at and mailed.given_up_at is None
    assert (others.read_at, others.given_up_at) == (None, None)
    assert (elsewhere.read_at, elsewhere.given_up_at) == (None, None)
    assert outbox.retract("revision-published", recipients=[reader], url="/procedures/FIN-014/") == 0


def test_several_kinds_are_retracted_at_once_for_everybody_besides_some(
    reader: User, other: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notices = [*notify(reader, other), *notify(reader, kind="revision-approved", event_seq=8)]
    with django_assert_num_queries(1):
        done = outbox.retract("revision-published", "revision-approved", url="/procedures/FIN-014/", besides=[other])
    assert done == 2
    for notice in notices:
        notice.refresh_from_db()
    assert [notice.recipient for notice in notices if notice.read_at is None] == [other]
