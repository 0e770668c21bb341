import itertools

from procedures.actions import routes
from procedures.errors import EditConflict
from procedures.models import Kind, Risk, Route, SlotKind
from procedures.routes.specs import SlotSpec, StageSpec
from roles.errors import NotValid
from roles.models import Department
from sopdesk.lib.errors import InvalidTransition, Missing
from tests.faults.table import act, call

NUMBERS = itertools.count(1)
HEAD = StageSpec(name="Head", slots=(SlotSpec(SlotKind.HEAD),))
OWNER = StageSpec(name="Owner", slots=(SlotSpec(SlotKind.OWNER), SlotSpec(SlotKind.HEAD)), rule="any")


def some_route(firm) -> Route:
    """A route for something that no other one is for."""
    number = next(NUMBERS)
    department = Department.objects.create(code=f"R{number}", name=f"Department {number} of routes")
    name = f"Route {number} of its own"
    return routes.add_route(
        actor=firm.administrator, name=name, department=department, risk=Risk.LOW, stages=[HEAD, OWNER]
    )


@act(routes.add_route, second=NotValid)
def add_route(firm):
    number = next(NUMBERS)
    return call(
        actor=firm.administrator, name=f"Route {number}", kind=Kind.POLICY, risk=Risk.HIGH, stages=[HEAD, OWNER]
    )


@act(routes.change_route, second=EditConflict)
def change_route(firm):
    route = some_route(firm)
    return [
        call(route, actor=firm.administrator, version=1, fields={"name": f"{route.name}, {stage.name}"}, stages=[stage])
        for stage in (HEAD, OWNER)
    ]


@act(routes.deactivate_route, second=InvalidTransition)
def deactivate_route(firm):
    return call(some_route(firm), actor=firm.administrator, reason="Replaced.")


@act(routes.activate_route, second=InvalidTransition)
def activate_route(firm):
    route = routes.deactivate_route(some_route(firm), actor=firm.administrator, reason="Replaced.")
    return call(route, actor=firm.administrator)


@act(routes.delete_route, second=Missing)
def delete_route(firm):
    return call(some_route(firm), actor=firm.administrator)
