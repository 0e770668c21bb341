"""Who belongs where, and who holds which role on a day."""

import datetime
import re
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from roles.models import Department, Holding, Role, User
from sopdesk.lib.sorting import sort_key


def today() -> datetime.date:
    """The calendar day in the firm's time zone, by which holdings and effective dates are read."""
    return timezone.localdate()


def role_ids_of(user: User | int, *, day: datetime.date) -> QuerySet:
    """Ids of the roles that `user` holds on `day`, as a query to be used inside another."""
    return Holding.objects.on(day).filter(user=user).values("role_id")


def holders_of(role: Role | int, *, day: datetime.date) -> QuerySet[User]:
    """The active people who hold `role` on `day`."""
    holdings = Holding.objects.on(day).filter(role=role)
    return User.objects.filter(is_active=True, pk__in=holdings.values("user_id"))


def active_roles() -> QuerySet[Role]:
    return Role.objects.filter(is_active=True)


# Pages of the administration ---------------------------------------------------------------------------------


def people_matching(
    *, words: str = "", department: Department | None = None, access: str = "", is_active: bool | None = True
) -> QuerySet[User]:
    """People whose name or address contains every one of `words`, each with `holdings_today` for the list.

    Upper and lower case are the same, with accents too: a pattern does on both databases what SQLite's LIKE does for
    plain letters only. `is_active` None means both.
    """
    people = User.objects.select_related("department")
    for word in words.split():
        pattern = re.escape(word)
        people = people.filter(Q(full_name__iregex=pattern) | Q(email__iregex=pattern))
    if department is not None:
        people = people.filter(department=department)
    if access:
        people = people.filter(access=access)
    if is_active is not None:
        people = people.filter(is_active=is_active)
    held = Holding.objects.on(today()).select_related("role")
    return people.prefetch_related(Prefetch("holdings", queryset=held, to_attr="holdings_today"))


def ids_by_name(people: QuerySet[User]) -> list[int]:
    """The ids of `people` in the order of their names, É beside E whatever the database."""
    named = people.order_by().values_list("pk", "full_name", "email")
    return [pk for pk, name, email in sorted(named, key=lambda row: (sort_key(row[1] or row[2]), row[2]))]


def departments_with_counts() -> list[Department]:
    """All departments, those in use first, each with its head and `people`, the number of its active members."""
    people = Count("members", filter=Q(members__is_active=True))
    return sorted(Department.objects.select_related("head").annotate(people=people), key=_in_use_first)


def roles_with_counts(*, day: datetime.date) -> list[Role]:
    """All roles, those in use first, each with department and `holders`: how many active people hold it on `day`."""
    in_force = Q(holdings__starts__lte=day) & (Q(holdings__ends=None) | Q(holdings__ends__gte=day))
    holders = Count("holdings", filter=in_force & Q(holdings__user__is_active=True))
    return sorted(Role.objects.select_related("department").annotate(holders=holders), key=_in_use_first)


def _in_use_first(row: Department | Role) -> tuple:
    return (not row.is_active, sort_key(row.name))


@dataclass(frozen=True, slots=True)
class Holdings:
    """Holdings of one person or of one role, told apart by a day."""

    now: list[Holding]
    later: list[Holding]
    before: list[Holding]


def holdings_around(day: datetime.date, **of: User | Role) -> Holdings:
    """The holdings of `user=…` or `role=…` in force on `day`, those to come, and those that are over, latest first."""
    found = Holding.objects.filter(**of).select_related("role", "user").order_by("starts", "pk")
    over = [holding for holding in found if holding.ends is not None and holding.ends < day]
    later = [holding for holding in found if holding.starts > day]
    return Holdings(now=[holding for holding in found if holding not in over + later], later=later, before=over[::-1])
