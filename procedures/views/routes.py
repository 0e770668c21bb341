"""Approval routes: which answers for what, one of them, and setting them up."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from procedures.actions import routes as actions
from procedures.errors import EditConflict
from procedures.forms.routes import DeactivateRouteForm, RouteEditor, WhoForm
from procedures.models import Route, SlotKind
from procedures.routes.answering import answers
from procedures.routes.deciding import who_would_decide
from procedures.routes.history import history_of
from procedures.routes.listing import chain_of, routes_for, stages_with_slots, used
from procedures.routes.permissions import (
    can_change_routes,
    check_changes_routes,
    check_sees_routes,
    get_route_for,
    get_route_to_change,
)
from procedures.routes.specs import differences
from roles.errors import NotValid
from roles.views.common import posted


@require_GET
def routes(request: HttpRequest) -> HttpResponse:
    """All routes, and which of them answers for what."""
    check_sees_routes(request.user)
    found = list(routes_for(request.user))
    active = [route for route in found if route.is_active]
    context = {
        "routes": found,
        "answers": answers(active),
        "has_kinds": any(route.kind for route in active),
        "has_departments": any(route.department_id for route in active),
        "may_change": can_change_routes(request.user),
    }
    return render(request, "routes/routes.html", context)


@require_GET
def route(request: HttpRequest, pk: int) -> HttpResponse:
    """One route: its chain, who would decide today (`?department=&author=&owner=`), and what was changed about it."""
    route = get_route_for(request.user, pk)
    stages = list(stages_with_slots().filter(route=route))
    form = WhoForm.for_route(route, request.GET, user=request.user)
    checks = who_would_decide(stages, **form.cleaned_data) if form.is_valid() else []
    context = {
        "route": route,
        "chain": chain_of(stages),
        "form": form,
        "asks_owner": any(slot.kind == SlotKind.OWNER for stage in stages for slot in stage.slots.all()),
        "checks": checks,
        "used": used(route),
        "events": history_of(route),
        "may_change": can_change_routes(request.user),
    }
    return render(request, "routes/route.html", context)


@require_http_methods(["GET", "POST"])
def route_new(request: HttpRequest) -> HttpResponse:
    """Add a route."""
    check_changes_routes(request.user)
    editor = RouteEditor(posted(request))

    def add() -> Route:
        return actions.add_route(actor=request.user, stages=editor.specs, **editor.facts)

    return _edit(request, editor, add)


@require_http_methods(["GET", "POST"])
def route_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a route, which makes a version of it."""
    route = get_route_to_change(request.user, pk)
    editor = RouteEditor(posted(request), route=route)

    def change() -> Route:
        return actions.change_route(
            route, actor=request.user, version=editor.version, fields=editor.facts, stages=editor.specs
        )

    return _edit(request, editor, change)


def _edit(request: HttpRequest, editor: RouteEditor, act: Callable[[], Route]) -> HttpResponse:
    """The form; sent by one of its buttons it is only rearranged, otherwise `act` saves it."""
    context: dict[str, Any] = {"editor": editor, "route": editor.route}
    if request.method != "POST" or editor.move(request.POST.get("do", "")):
        return render(request, "routes/route_form.html", context)
    try:
        if editor.is_valid():
            saved = act()
            messages.success(request, _("%(name)s was saved.") % {"name": saved})
            return redirect(saved)
    except NotValid as error:
        editor.take_errors(error)
    except EditConflict as conflict:
        stored = vars(conflict.stored)
        editor.overwrites = stored["version"]
        context |= {"conflict": conflict, "differences": differences(conflict.offered, stored)}
    return render(request, "routes/route_form.html", context, status=409 if "conflict" in context else 422)


@require_http_methods(["GET", "POST"])
def route_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then let the route answer for nothing any more."""
    route = get_route_to_change(request.user, pk)
    form = DeactivateRouteForm(posted(request))
    if form.is_valid():
        actions.deactivate_route(route, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("%(name)s is not used any more.") % {"name": route})
        return redirect(route)
    context = {"route": route, "form": form, "used": used(route)}
    return render(request, "routes/route_deactivate.html", context, status=422 if form.errors else 200)


@require_POST
def route_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a route answer again for what it is for."""
    route = get_route_to_change(request.user, pk)
    actions.activate_route(route, actor=request.user)
    messages.success(request, _("%(name)s is used again.") % {"name": route})
    return redirect(route)


@require_http_methods(["GET", "POST"])
def route_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then delete a route that no round has followed."""
    route = get_route_to_change(request.user, pk)
    if request.method == "POST":
        actions.delete_route(route, actor=request.user)
        messages.success(request, _("%(name)s was deleted.") % {"name": route})
        return redirect("routes")
    return render(request, "routes/route_delete.html", {"route": route, "used": used(route)})
