"""How a text in force stands on a day."""

import datetime
from enum import StrEnum

from django.db.models import Case, Q, Value, When

from procedures.models import Revision

REVIEW_SOON = datetime.timedelta(days=30)


class Standing(StrEnum):
    """How a text in force stands: no review due within 30 days, due within them, late, or issued in an emergency."""

    CURRENT = "current"
    DUE = "due"
    OVERDUE = "overdue"
    EMERGENCY = "emergency"


def standing_of(*, next_review_on: datetime.date | None, in_emergency: bool, day: datetime.date) -> Standing:
    """The rule of `standing_on` for one text."""
    if in_emergency:
        return Standing.EMERGENCY
    if next_review_on is None or next_review_on > day + REVIEW_SOON:
        return Standing.CURRENT
    return Standing.OVERDUE if next_review_on < day else Standing.DUE


def standing_on(day: datetime.date) -> Case:
    """The standing of a revision as an expression of a query.

    By ids: what is late or flagged is few and comes out of an index, while these columns lie behind the long texts.
    """

    def those(**conditions: object) -> Q:
        return Q(pk__in=Revision.objects.filter(**conditions).values("pk"))

    return Case(
        When(those(emergency_until__isnull=False), then=Value(Standing.EMERGENCY)),
        When(those(next_review_on__lt=day), then=Value(Standing.OVERDUE)),
        When(those(next_review_on__lte=day + REVIEW_SOON), then=Value(Standing.DUE)),
        default=Value(Standing.CURRENT),
    )
