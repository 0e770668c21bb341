"""What came into force lately, with what was said about it."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Max, OuterRef, Q, Subquery

from procedures.models import Revision, Significance
from procedures.models.revision import RevisionQuerySet
from procedures.states import State

PERIODS = (7, 30, 90, 365)
USUAL = 30

_SHOWN = (
    "id", "number", "title", "language", "effective_on", "emergency_until", "change_summary", "significance",
    "procedure__code", "procedure__kind", "procedure__owner__full_name", "procedure__owner__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes somebody wants to see; what cannot be read is the usual."""

    days: int = USUAL
    significance: str = ""

    @classmethod
    def read(cls, days: str, significance: str) -> "Asked":
        known = {str(period): period for period in PERIODS}
        return cls(known.get(days, USUAL), significance if significance in Significance.values else "")


def changed_lately(readable: RevisionQuerySet, asked: Asked, *, day: datetime.date) -> RevisionQuerySet:
    """What of `readable` came into force in the days before `day`, the latest first, each with `replaced`: the number
    of the revision whose place it took, None for the first one. Emergency issues count as of today."""
    first = day - datetime.timedelta(days=asked.days)
    before = Revision.objects.filter(
        procedure=OuterRef("procedure"),
        number__lt=OuterRef("number"),
        state__in=[State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN],
    ).order_by()
    found = readable.filter(Q(effective_on__gte=first) | Q(emergency_until__isnull=False))
    if asked.significance:
        found = found.filter(significance=asked.significance)
    newest = before.values("procedure").annotate(last=Max("number")).values("last")
    return (
        found.select_related("procedure__owner")
        .only(*_SHOWN)
        .annotate(replaced=Subquery(newest))
        .order_by(F("emergency_until").asc(nulls_last=True), F("effective_on").desc(nulls_last=True), "procedure__code")
    )
