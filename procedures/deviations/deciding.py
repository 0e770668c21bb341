"""Who decides on a deviation: whoever fills a place in the last stage of the route that the procedure takes today."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from procedures.models import Deviation, DeviationState, Procedure, Revision, Route, RouteSlot, RouteStage
from procedures.queries import capacity_of
from procedures.routes.answering import best_of
from procedures.seats import Barred, Seat, Staff
from roles.models import User
from roles.queries import today


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the last stage, and who may fill it on a deviation; `route` is where it stands."""

    route: Route
    stage: RouteStage
    slot: RouteSlot
    seat: Seat

    def capacity(self, procedure: Procedure) -> str:
        """In which capacity it is filled, in words, and for whom."""
        return capacity_of(self.slot, procedure, self.seat.on_behalf_of)


class LastStages:
    """The last stages of the routes of `procedures` with the people who fill them today; 7 queries at most, whatever
    the number. Their departments and owners are loaded."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        routes = list(Route.objects.filter(is_active=True).prefetch_related("stages__slots__role"))
        self._ends: dict[int, tuple[Route, RouteStage]] = {}
        for procedure in procedures:
            route = best_of(routes, department_id=procedure.department_id, kind=procedure.kind, risk=procedure.risk)
            stages = sorted(route.stages.all(), key=lambda stage: stage.position) if route else []
            if route and stages:
                self._ends[procedure.pk] = route, stages[-1]
        slots = [slot for _route, stage in self._ends.values() for slot in stage.slots.all()]
        self._staff = Staff(slots, day=today())

    def places(self, procedure: Procedure, *, barred: Collection[int]) -> list[Place]:
        """Who may decide for `procedure`, those who hold a place before their deputies; neither the people in `barred`
        nor anybody for them."""
        if procedure.pk not in self._ends:
            return []
        route, stage = self._ends[procedure.pk]
        out = Barred(frozenset(barred), frozenset(barred))
        places = [
            Place(route, stage, slot, seat)
            for slot in stage.slots.all()
            for seat in self._staff.seats(slot, procedure)
            if out.admits(seat)
        ]
        return sorted(places, key=lambda place: place.seat.on_behalf_of is not None)


def places_for(revision: Revision, *, asker: User) -> list[Place]:
    """The places from which somebody could decide on what `asker` asks for a step of `revision`."""
    barred = {asker.pk, *revision.contributors.values_list("pk", flat=True)}
    return LastStages([revision.procedure]).places(revision.procedure, barred=barred)


def places_on(deviation: Deviation) -> list[Place]:
    """The places from which somebody may decide on `deviation` now; none once it is not asked for any more."""
    return places_on_each([deviation]).get(deviation.pk, [])


def places_on_each(deviations: Sequence[Deviation]) -> dict[int, list[Place]]:
    """The places from which somebody may decide on each of `deviations`, by its id. Their revisions are loaded with
    procedure, department and owner, and with their contributors at best."""
    day = today()
    asked = [row for row in deviations if row.state == DeviationState.ASKED and row.ends >= day]
    if not asked:
        return {}
    stages = LastStages({row.revision.procedure_id: row.revision.procedure for row in asked}.values())
    return {
        row.pk: stages.places(
            row.revision.procedure,
            barred={row.asked_by_id, *(person.pk for person in row.revision.contributors.all())},
        )
        for row in asked
    }


def place_of(user: User, places: Iterable[Place]) -> Place | None:
    """The place that `user` fills by deciding, their own before one of somebody who is away; None when they may not
    decide."""
    return next((place for place in places if place.seat.person.pk == user.pk), None)


def people_of(places: Iterable[Place]) -> list[User]:
    """Who may decide, each once; those who hold a place before their deputies."""
    return list({place.seat.person.pk: place.seat.person for place in places}.values())
