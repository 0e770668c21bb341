"""Temporary deviations as pages show them, by date where the clock has not caught up."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.deviations.deciding import people_of, places_on
from procedures.models import Deviation, DeviationCause, DeviationState, Revision
from procedures.signatures import Signature, is_valid_deviation
from procedures.states import State
from roles.models import User
from roles.queries import today


@dataclass
class DeviationView:
    """One deviation on a page. `chip` is the look of its state, `word` its name."""

    deviation: Deviation

    @cached_property
    def state(self) -> str:
        """The state by date."""
        row = self.deviation
        if row.is_over(today()):
            late = {DeviationState.GRANTED: DeviationState.ENDED, DeviationState.ASKED: DeviationState.LAPSED}
            return str(late.get(DeviationState(row.state), row.state))
        return row.state

    @property
    def is_asked(self) -> bool:
        return self.state == DeviationState.ASKED

    @property
    def holds(self) -> bool:
        return self.deviation.is_in_force(today())

    @property
    def is_standing(self) -> bool:
        """Whether it waits for a decision, holds, or will."""
        return self.state in (DeviationState.ASKED, DeviationState.GRANTED)

    @property
    def chip(self) -> str:
        if not self.is_valid:
            return "invalid"
        looks = {
            DeviationState.ASKED: "waiting",
            DeviationState.REFUSED: "returned",
            DeviationState.GRANTED: "approved",
        }
        return "active" if self.holds else looks.get(DeviationState(self.state), "inactive")

    @property
    def word(self) -> str:
        if not self.is_valid:
            return _("INVALID")
        if self.holds:
            return _("In force")
        if self.state == DeviationState.GRANTED:
            return _("from %(day)s") % {"day": date_format(self.deviation.starts, "DATE_FORMAT")}
        return str(DeviationState(self.state).label)

    @cached_property
    def is_valid(self) -> bool:
        return is_valid_deviation(self.deviation)

    @property
    def signature(self) -> Signature | None:
        """The approval; None without one."""
        row = self.deviation
        if not row.seal or row.decided_at is None:
            return None
        return Signature(
            name=row.decider_name,
            capacity=row.capacity,
            meaning=_("Deviation approved"),
            method=row.method,
            at=row.decided_at,
            seal=row.seal,
            content_hash=row.content_hash,
            is_valid=self.is_valid,
        )

    @property
    def cause(self) -> str:
        """Why it is over, where nobody refused it or took it back."""
        if self.state in (DeviationState.ENDED, DeviationState.LAPSED):
            return str(DeviationCause(self.deviation.cause or DeviationCause.DAY).label)
        return ""

    @cached_property
    def deciders(self) -> list[User]:
        """Who can decide now."""
        return people_of(places_on(self.deviation))


def views_of(deviations: Iterable[Deviation]) -> list[DeviationView]:
    return [DeviationView(row) for row in deviations]


def holding_at(revision: Revision) -> list[DeviationView]:
    """What holds today at the steps of `revision`, in their order, for whoever may know of all of it; one query. An
    emergency issue has none."""
    if revision.state != State.PUBLISHED:
        return []
    found = list(revision.deviations.in_force(today()).select_related("department").order_by("step_number", "pk"))
    for deviation in found:
        deviation.revision = revision
    return views_of(found)
