"""The temporary deviations of the demo firm, by the actions that users call: one that holds, one to decide."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings

from procedures.actions.deviations import approve_deviation, ask_deviation
from procedures.models import Deviation, Revision
from roles.models import Department, User
from roles.queries import today
from roles.statements import current_statement

Uid = Callable[[str, str], uuid.UUID]


def life(row: dict, *, uid: Uid) -> Iterator[tuple[int, int, Callable[[], None]]]:
    """The moments of one deviation: (days ago, turn, act). `uid` names a step by code and key."""
    yield row["asked_days_ago"], 90, partial(_ask, row, uid)
    if "decided_by" in row:
        yield row["approved_days_ago"], 91, partial(_approve, row, uid)


def _ask(row: dict, uid: Uid) -> None:
    followed = Revision.objects.in_force(today()).select_related("procedure")
    ask_deviation(
        followed.get(procedure__code=row["code"]),
        actor=User.objects.select_related("department").get(email=row["by"]),
        step=uid(row["code"], row["step"]),
        department=Department.objects.get(code=row["department"]),
        reason=row["reason"],
        instead=row["instead"],
        starts=today(),
        ends=today() + datetime.timedelta(days=row["days"] - 1),
    )


def _approve(row: dict, uid: Uid) -> None:
    deviation = Deviation.objects.get(step=uid(row["code"], row["step"]), department__code=row["department"])
    approve_deviation(
        deviation,
        actor=User.objects.get(email=row["decided_by"]),
        asked_hash=deviation.asked_hash,
        password=settings.DEMO_PASSWORD,
        accepts=current_statement("en").version,
    )
