"""Who stands for a slot on a day: those who hold it, and the deputies of those who are away.

A deputy of a deputy stands for nobody: who is away hands on what is theirs, not what they were handed.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from procedures.models import Procedure, RoundSlot, RouteSlot, SlotKind
from roles.models import Absence, Holding, User


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who may fill a slot: the holder, or a deputy on behalf of the holder."""

    person: User
    on_behalf_of: User | None = None

    @property
    def holder(self) -> User:
        return self.on_behalf_of or self.person


class Staff:
    """Who holds what is needed for `slots` on `day`, and who is away: two queries for any number of slots."""

    def __init__(self, slots: Iterable[RoundSlot | RouteSlot], *, day: datetime.date) -> None:
        roles = {slot.role_id for slot in slots if slot.role_id}
        holdings = Holding.objects.on(day).filter(role_id__in=roles, user__is_active=True).select_related("user")
        self._holders: dict[int, dict[int, User]] = defaultdict(dict)
        for holding in holdings.order_by("user__full_name", "user__email") if roles else []:
            self._holders[holding.role_id][holding.user_id] = holding.user
        away = Absence.objects.on(day).select_related("person", "deputy")
        self._absences = {absence.person_id: absence for absence in away}

    def holders(self, slot: RoundSlot | RouteSlot, procedure: Procedure) -> list[User]:
        """The active people who hold `slot` in their own right."""
        match slot.kind:
            case SlotKind.PERSON:
                people = [slot.person]
            case SlotKind.HEAD:
                people = [procedure.department.head]
            case SlotKind.OWNER:
                people = [procedure.owner if procedure.owner_id else None]
            case _:
                people = list(self._holders.get(slot.role_id or 0, {}).values())
        return [person for person in people if person and person.is_active]

    def absence_of(self, person: User) -> Absence | None:
        return self._absences.get(person.pk)

    def deputy_of(self, person: User) -> User | None:
        """Who stands in for `person`, who is away; None when nobody does."""
        absence = self.absence_of(person)
        deputy = absence.deputy if absence else None
        return deputy if deputy and deputy.is_active else None

    def seats(self, slot: RoundSlot | RouteSlot, procedure: Procedure) -> list[Seat]:
        """Everybody who may fill `slot`: its holders, who may decide although they are away, and their deputies."""
        holders = self.holders(slot, procedure)
        deputies = [Seat(deputy, holder) for holder in holders if (deputy := self.deputy_of(holder))]
        return [*map(Seat, holders), *deputies]

    def expected_for(self, holder: User) -> User | None:
        """Who can be counted on to decide for `holder`: nobody who is away."""
        who = self.deputy_of(holder) if self.absence_of(holder) else holder
        return None if who is None or self.absence_of(who) else who


@dataclass(frozen=True, slots=True)
class Barred:
    """Who may not decide in a round: those who wrote, issued in an emergency or have decided; and holders who did the
    first two, or for whom it was decided."""

    deciders: frozenset[int] = frozenset()
    holders: frozenset[int] = frozenset()

    def admits(self, seat: Seat) -> bool:
        return seat.person.pk not in self.deciders and seat.holder.pk not in self.holders


def people_in(seats: Iterable[Seat]) -> list[User]:
    """The people of `seats`, each once."""
    return list({seat.person.pk: seat.person for seat in seats}.values())
