"""Somebody who is told, and notices to tell them."""

from collections.abc import Callable

import pytest
from django.db import transaction

from notifications import outbox
from notifications.models import Notification
from roles.models import User

CONTEXT = {
    "code": "FIN-014",
    "procedure_title": "Run the monthly payroll",
    "number": 2,
    "actor": "Finance manager",
    "reason": "Step 3 names the wrong limit.",
    "change_summary": "The limit goes down to 3 %.",
    "minutes": 15,
    "receiver": "Auditors of Dupont",
    "until": "2026-12-24",
    "body": "Does this include people on a fixed salary?",
    "first": "I4 trail entry 3: has been changed since it was written",
}


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create_user("reader@firm.test", "correct-horse-battery", full_name="Payroll clerk")


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("other@firm.test", "correct-horse-battery", full_name="Store keeper")


@pytest.fixture
def tell() -> Callable[..., Notification]:
    """Tell one person of one event: `tell(person, kind=…, event_seq=…, title=…)`."""
    seen = iter(range(1, 10_000))

    def make(
        person: User,
        *,
        kind: str = "revision-published",
        title: str = "FIN-014 Run the monthly payroll",
        **context: object,
    ) -> Notification:
        with transaction.atomic():
            [notice] = outbox.notify(
                kind,
                recipients=[person],
                event_seq=next(seen),
                title=title,
                url="/procedures/FIN-014/",
                context=CONTEXT | context,
            )
        return notice

    return make
