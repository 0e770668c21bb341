"""Changing the structure of the firm: departments, job roles, and who holds them."""

import datetime
from collections.abc import Mapping
from functools import partial

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import names, trail
from roles.actions.storing import change, clean, facts, require_administrator, settled, store
from roles.errors import NotValid
from roles.models import Department, Holding, Role, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition
from sopdesk.lib.merging import settle

DEPARTMENT_FIELDS = ("name", "head", "is_active")
ROLE_FIELDS = ("name", "department", "description", "is_active")


@transaction.atomic
def add_department(*, actor: User | None, code: str, name: str, head: User | None = None) -> Department:
    """Add a department. Its code stays for good, since the codes of its procedures begin with it.

    Raises NotPermitted, NotValid when code or name are taken or malformed.
    """
    require_administrator(actor)
    department = Department(code=clean("code", code), name=clean("name", name), head=head)
    store(department, actor=actor, fields=("code", *DEPARTMENT_FIELDS))
    data = facts(department, ("code", "name", "head"))
    trail.record(names.DEPARTMENT_ADD, actor=actor, subject=department, data=data)
    return department


@transaction.atomic
def change_department(
    department: Department, *, actor: User | None, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> Department:
    """Change name, head, or whether the department is active; the stored row is returned.

    Raises NotPermitted, BothChanged, NotValid when the name is taken or the new head is not active.
    """
    require_administrator(actor)
    stored = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    data = change(stored, actor=actor, fields=settled(stored, fields, base), allowed=DEPARTMENT_FIELDS)
    if data:
        trail.record(names.DEPARTMENT_CHANGE, actor=actor, subject=stored, data=data)
    return stored


@transaction.atomic
def add_role(*, actor: User | None, name: str, department: Department | None = None, description: str = "") -> Role:
    """Add a job role. Raises NotPermitted, NotValid when the name is taken."""
    require_administrator(actor)
    role = Role(name=clean("name", name), department=department, description=description)
    store(role, actor=actor, fields=ROLE_FIELDS)
    data = facts(role, ("name", "department", "description"))
    trail.record(names.ROLE_ADD, actor=actor, subject=role, data=data)
    return role


@transaction.atomic
def change_role(
    role: Role, *, actor: User | None, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> Role:
    """Change name, department, description, or whether the role is active; the stored row is returned.

    Raises NotPermitted, BothChanged, NotValid when the name is taken.
    """
    require_administrator(actor)
    stored = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    data = change(stored, actor=actor, fields=settled(stored, fields, base), allowed=ROLE_FIELDS)
    if data:
        trail.record(names.ROLE_CHANGE, actor=actor, subject=stored, data=data)
    return stored


@transaction.atomic
def add_holding(
    person: User, *, actor: User | None, role: Role, starts: datetime.date, ends: datetime.date | None = None
) -> Holding:
    """Have `person` hold `role` from `starts` to `ends`, both days included; no end means for now.

    The entry in the trail is the person's. Raises NotPermitted, NotValid for days that are the wrong way round or
    meet another holding of the same role, and for a person or role that is not active.
    """
    require_administrator(actor)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.is_active:
        raise NotValid({NON_FIELD_ERRORS: [_("This person is not active.")]})
    if not Role.objects.filter(pk=role.pk, is_active=True).exists():
        raise NotValid({"role": [_("This role is not active.")]})
    holding = Holding(user=person, role=role, starts=starts, ends=ends)
    _check_days(holding, ends=ends)
    store(holding, actor=actor, fields=("user", "role", "starts", "ends"))
    trail.record(names.HOLDING_ADD, actor=actor, subject=person, data=facts(holding, ("role", "starts", "ends")))
    return holding


@transaction.atomic
def end_holding(
    holding: Holding, *, actor: User | None, ends: datetime.date, base: Mapping[str, str] | None = None
) -> Holding:
    """Set the last day of a holding; one that has not passed yet can be moved.

    The entry in the trail is the person's. Raises NotPermitted, BothChanged, InvalidTransition when the holding has
    ended already, NotValid when `ends` lies before its first day or within another holding of the same role.
    """
    require_administrator(actor)
    person = User.objects.select_for_update(no_key=True).get(pk=holding.user_id)
    stored = Holding.objects.select_related("role").get(pk=holding.pk)
    if stored.ends is not None and stored.ends < today():
        raise InvalidTransition(_("This role has been given up already."), target=reverse("person", args=[person.pk]))
    saved_by = partial(trail.saver_of, person, role=str(stored.role))
    fields = settle(offered={"ends": ends}, stored={"ends": stored.ends}, base=base, saved_by=saved_by)
    if fields:
        _check_days(stored, ends=ends)
    data = change(stored, actor=actor, fields=fields, allowed=("ends",))
    if data:
        data = {"role": str(stored.role), **data}
        trail.record(names.HOLDING_END, actor=actor, subject=person, data=data)
    return stored


def _check_days(holding: Holding, *, ends: datetime.date | None) -> None:
    """Raise NotValid unless `holding` could end on `ends`: days in order, none shared with another such holding."""
    if ends is not None and ends < holding.starts:
        raise NotValid({"ends": [_("The last day lies before the first day.")]})
    others = Holding.objects.filter(Q(ends=None) | Q(ends__gte=holding.starts), user=holding.user, role=holding.role)
    if ends is not None:
        others = others.filter(starts__lte=ends)
    if others.exclude(pk=holding.pk).exists():
        raise NotValid({NON_FIELD_ERRORS: [_("This person holds this role on some of these days already.")]})
