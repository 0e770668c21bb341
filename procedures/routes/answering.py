"""Which route answers for a procedure: what a route leaves open fits everything, and the most specific one wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from procedures.models import Kind, Procedure, Risk, Route
from procedures.states import State
from roles.models import Department


def fits(route: Route, *, department_id: int | None, kind: str, risk: str) -> bool:
    """Whether `route` may serve such a procedure."""
    return route.department_id in (None, department_id) and route.kind in ("", kind) and route.risk in ("", risk)


def best_of(routes: Iterable[Route], *, department_id: int | None, kind: str, risk: str) -> Route | None:
    """Of the `routes` that fit, the one that names most; of those that name as much, the department goes before the
    kind, and the kind before the risk."""
    fitting = [route for route in routes if fits(route, department_id=department_id, kind=kind, risk=risk)]
    return max(fitting, key=_weight, default=None)


def _weight(route: Route) -> tuple[int, bool, bool]:
    named = bool(route.department_id), bool(route.kind), bool(route.risk)
    return sum(named), named[0], named[1]


def left_without(before: Sequence[Route], after: Sequence[Route]) -> list[Procedure]:
    """Procedures that can still be submitted, that a route of `before` serves, and none of `after` would."""

    def has_route(procedure: Procedure, routes: Sequence[Route]) -> bool:
        return any(
            fits(route, department_id=procedure.department_id, kind=procedure.kind, risk=procedure.risk)
            for route in routes
        )

    alive = Procedure.objects.exclude(revisions__state=State.WITHDRAWN).only("code", "department_id", "kind", "risk")
    return [procedure for procedure in alive if has_route(procedure, before) and not has_route(procedure, after)]


@dataclass(frozen=True, slots=True)
class Answers:
    """A line of the table "which route answers for what": None and "" mean every other department and kind."""

    department: Department | None
    kind: str
    by_risk: list[tuple[str, Route | None]]

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label) if self.kind else ""


def answers(routes: Sequence[Route]) -> list[Answers]:
    """The table over active `routes`: a line for every department and kind that one of them names, and for the rest."""
    departments = {route.department.pk: route.department for route in routes if route.department}
    kinds = [kind for kind in Kind.values if any(route.kind == kind for route in routes)]
    named = sorted(departments.values(), key=lambda department: department.name)
    return [
        Answers(
            department,
            kind,
            [
                (risk, best_of(routes, department_id=department.pk if department else None, kind=kind, risk=risk))
                for risk in Risk.values
            ],
        )
        for department in [*named, None]
        for kind in [*kinds, ""]
    ]
