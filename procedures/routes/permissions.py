"""Who sees and changes approval routes: administrators change, auditors read; to everybody else they do not exist."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procedures.models import Route
from roles.models import User
from roles.permissions import can_administer, sees_people
from sopdesk.lib.errors import Missing, NotPermitted


def sees_routes(user: User) -> bool:
    """Whether the pages of routes exist for `user`."""
    return sees_people(user)


def routes_visible_to(user: User) -> QuerySet[Route]:
    """All routes, for those who see them."""
    return Route.objects.all() if sees_routes(user) else Route.objects.none()


def can_change_routes(user: User) -> bool:
    """Whether `user` adds, changes and ends routes."""
    return can_administer(user)


def routes_changeable_by(user: User) -> QuerySet[Route]:
    """All routes, for those who change them."""
    return Route.objects.all() if can_change_routes(user) else Route.objects.none()


def check_sees_routes(user: User) -> None:
    """Raise Missing unless the pages of routes exist for `user`."""
    if not sees_routes(user):
        raise Missing()


def check_changes_routes(user: User) -> None:
    """Raise Missing for those who may not even see routes, NotPermitted for those who only read them."""
    check_sees_routes(user)
    if not can_change_routes(user):
        raise NotPermitted(_("Only administrators change approval routes."))


def get_route_for(user: User, pk: int) -> Route:
    """The route with the number `pk`, department loaded. Raises Missing."""
    check_sees_routes(user)
    route = routes_visible_to(user).select_related("department").filter(pk=pk).first()
    if route is None:
        raise Missing(_("There is no such route. It may have been deleted."))
    return route


def get_route_to_change(user: User, pk: int) -> Route:
    """As `get_route_for`; also raises NotPermitted when `user` only reads routes."""
    check_changes_routes(user)
    return get_route_for(user, pk)
