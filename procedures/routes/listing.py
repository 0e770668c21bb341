"""Reading routes for their pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from procedures.models import Round, RoundOutcome, Route, RouteSlot, RouteStage
from procedures.routes.permissions import routes_visible_to
from procedures.routes.specs import STAGE_FIELDS, details_in_words, rule_in_words
from roles.models import User


def rounds_through(route: Route) -> QuerySet[Round]:
    """Every round that has followed `route`, in whatever version; those of before versions were noted by its name."""
    return Round.objects.filter(Q(route=route) | Q(route=None, route_name=route.name))


def routes_for(user: User) -> QuerySet[Route]:
    """The routes that `user` sees, active ones first, with their stages and `open_rounds`, how many follow it now."""
    open_rounds = Count("rounds", filter=Q(rounds__outcome=RoundOutcome.OPEN))
    routes = routes_visible_to(user).select_related("department").annotate(open_rounds=open_rounds)
    return routes.prefetch_related(Prefetch("stages", queryset=stages_with_slots())).order_by("-is_active", "name")


def stages_with_slots() -> QuerySet[RouteStage]:
    """Stages with what is needed to say who fills their slots."""
    return RouteStage.objects.prefetch_related("slots__role", "slots__person")


def used(route: Route) -> dict[str, int]:
    """How many rounds follow `route` now, and how many ever did."""
    rounds = rounds_through(route)
    return rounds.aggregate(open=Count("pk", filter=Q(outcome=RoundOutcome.OPEN)), all=Count("pk"))


@dataclass(frozen=True, slots=True)
class Link:
    """A stage in the picture of the chain."""

    name: str
    slots: list[RouteSlot]
    rule: str
    details: list[str]


def chain_of(stages: Iterable[RouteStage]) -> list[Link]:
    """The picture of `stages`, whose slots are loaded."""
    return [
        Link(
            stage.name,
            slots := list(stage.slots.all()),
            rule_in_words(stage.rule, stage.needed, len(slots)),
            details_in_words({name: getattr(stage, name) for name in STAGE_FIELDS}),
        )
        for stage in stages
    ]
