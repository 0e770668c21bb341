"""Procedures that are carried out as a step of another one."""

from procedures.models import Procedure, Revision, Step, StepKind
from roles.queries import today


def way_back(start: Procedure, to: Procedure) -> list[str]:
    """The codes by which the procedures in force lead from `start` back to `to`, both included; empty if they do not.

    One query per level, each procedure once: what runs in circles already comes to an end.
    """
    if start.pk == to.pk:
        return [to.code]
    paths = {start.pk: [start.code]}
    frontier = [start.pk]
    while frontier:
        in_force = Revision.objects.in_force(today()).filter(procedure__in=frontier)
        links = Step.objects.filter(
            revision__in=in_force.values("pk"), kind=StepKind.SUBPROCEDURE, subprocedure__isnull=False
        ).values_list("revision__procedure_id", "subprocedure_id", "subprocedure__code")
        frontier = []
        for source, target, code in links.order_by("revision__procedure_id", "position"):
            if target == to.pk:
                return [*paths[source], code]
            if target not in paths:
                paths[target] = [*paths[source], code]
                frontier.append(target)
    return []
