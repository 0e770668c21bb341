"""Changing people, departments, roles and holdings: one function per decision.

Each runs in one transaction, checks that `actor` is an administrator (None is the system: commands and set-up),
stores the row with its history and records one entry in the trail, old and new values included. A call that changes
nothing records nothing.

`base` holds the digests of the values that a page showed (`sopdesk.lib.merging`): what somebody else saved since stays
where the sender did not touch it, and BothChanged is raised where both changed the same field.
"""

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from roles.errors import NotValid
from roles.models import Access, Department, Holding, Role, User, WatchMail
from roles.permissions import can_administer
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from sopdesk.lib.history import written_by
from sopdesk.lib.merging import settle

PERSON_FIELDS = ("full_name", "email", "department", "access", "access_ends", "language")
DEPARTMENT_FIELDS = ("name", "head", "is_active")
ROLE_FIELDS = ("name", "department", "description", "is_active")


# People ------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_person(
    *,
    actor: User | None,
    email: str,
    full_name: str,
    department: Department | None = None,
    access: str = Access.READER,
    access_ends: datetime.date | None = None,
    language: str = "en",
) -> User:
    """Give somebody an account and mail them a link under which they choose their own password.

    `access_ends` is the last day on which they can sign in. Raises NotPermitted, and NotValid when the address is taken
    or something else does not fit.
    """
    _check(actor)
    _check_end(access, access_ends)
    person = User(
        email=_clean("email", email), full_name=_clean("full_name", full_name), department=department, access=access,
        access_ends=access_ends, language=language,
    )  # fmt: skip
    person.set_unusable_password()
    _store(person, actor=actor, fields=PERSON_FIELDS)
    entry = trail.record(names.PERSON_ADD, actor=actor, subject=person, data=_facts(person, PERSON_FIELDS))
    with translation.override(person.language):
        title = _("Welcome to sopdesk")
    outbox.notify(
        "person-added",
        recipients=[person],
        event_seq=entry.seq,
        title=title,
        url=reverse("settings"),
        context={"actor": str(actor or "sopdesk")},
    )
    return person


@transaction.atomic
def change_person(
    person: User, *, actor: User | None, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> User:
    """Change name, e-mail, department, access, its last day, or language; the stored row is returned.

    A new address also ends every link that was mailed to the old one. Raises NotPermitted, BothChanged, NotValid when
    the address is taken or the last active administrator would lose their access.
    """
    _check(actor)
    administrators = _lock_administrators(actor) if "access" in fields else set()
    stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    fields = _settled(stored, fields, base)
    if fields.get("access", Access.ADMINISTRATOR) != Access.ADMINISTRATOR and administrators == {stored.pk}:
        raise NotValid({"access": [_("This is the last active administrator. Give somebody else this access first.")]})
    if "access" in fields or "access_ends" in fields:
        ends = fields.get("access_ends", stored.access_ends)
        is_new = ends != stored.access_ends
        _check_end(str(fields.get("access", stored.access)), cast("datetime.date | None", ends), may_be_over=not is_new)
    data = _change(stored, actor=actor, fields=fields, allowed=PERSON_FIELDS)
    if "email" in data:
        # allauth signs people in and mails reset links by every address it has noted, not only by the current one.
        EmailAddress.objects.filter(user=stored).delete()
    if data:
        trail.record(names.PERSON_CHANGE, actor=actor, subject=stored, data=data)
    return stored


@transaction.atomic
def deactivate_person(person: User, *, actor: User | None, reason: str = "") -> User:
    """End a person's access: no log-in, no mail, and open sessions end with their next request.

    Nothing else changes: roles, headships and signatures keep their name. Raises NotPermitted, Refused for oneself
    and for the last active administrator, InvalidTransition when the person is not active any more.
    """
    _check(actor)
    target = reverse("person", args=[person.pk])
    administrators = _lock_administrators(actor)
    if actor is not None and actor.pk == person.pk:
        raise Refused(_("You cannot deactivate yourself. Another administrator can."), target=target)
    if administrators == {person.pk}:
        raise Refused(
            _("This is the last active administrator. Make somebody else an administrator first."), target=target
        )
    return _set_active(person, actor=actor, is_active=False, event=names.PERSON_DEACTIVATE, reason=reason)


@transaction.atomic
def activate_person(person: User, *, actor: User | None) -> User:
    """Let a deactivated person log in again, with the password they had.

    Raises NotPermitted, InvalidTransition when the person is active already, Refused when their access has ended by
    its date, which then has to be moved first.
    """
    _check(actor)
    if User.objects.filter(pk=person.pk, is_active=False, access_ends__lt=today()).exists():
        raise Refused(
            _("The access of this person has ended by its date. Set a later last day first."),
            target=reverse("person", args=[person.pk]),
        )
    return _set_active(person, actor=actor, is_active=True, event=names.PERSON_ACTIVATE)


def end_accesses() -> list[User]:
    """Deactivate, in the name of the system, everybody whose last day of access has passed. Returns them.

    They cannot sign in or act from midnight on in any case (`roles.backends`); this is what makes the rest follow:
    no mail, no place in a round.
    """
    over = User.objects.filter(is_active=True, access_ends__lt=today()).order_by("pk")
    return [ended for person in over if (ended := _end_access(person))]


@transaction.atomic
def _end_access(person: User) -> User | None:
    stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not stored.is_active or stored.access_ends is None or stored.access_ends >= today():
        return None  # somebody else was faster
    reason = _("The last day of access was %(day)s.") % {"day": stored.access_ends.isoformat()}
    return _set_active(stored, actor=None, is_active=False, event=names.PERSON_DEACTIVATE, reason=reason)


def _check_end(access: str, ends: datetime.date | None, *, may_be_over: bool = False) -> None:
    """Raise NotValid for a last day that has passed, and for any on an administrator."""
    if ends is None:
        return
    if access == Access.ADMINISTRATOR:
        raise NotValid({"access_ends": [_("The access of an administrator has no end: deactivate them instead.")]})
    if ends < today() and not may_be_over:
        raise NotValid({"access_ends": [_("This day has passed. To end the access now, deactivate the person.")]})


def _set_active(person: User, *, actor: User | None, is_active: bool, event: str, reason: str = "") -> User:
    stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if stored.is_active == is_active:
        message = _("This person is active already.") if is_active else _("This person is not active any more.")
        raise InvalidTransition(message, target=reverse("person", args=[person.pk]))
    data = _change(stored, actor=actor, fields={"is_active": is_active}, allowed=("is_active",))
    entry = trail.record(event, actor=actor, subject=stored, data=data, reason=reason)
    if not is_active:
        for path in settings.AFTER_DEACTIVATION:
            import_string(path)(stored, event_seq=entry.seq)
    return stored


def _lock_administrators(actor: User | None) -> set[int]:
    """Ids of the active administrators, none of whom can be changed until the transaction ends.

    Always taken before the lock on a person, and in order, so that two of these actions wait for one another instead
    of both finding that the other one is still there. Raises NotPermitted when `actor` has just lost their access.
    """
    locked = (
        User.objects.select_for_update(no_key=True).filter(access=Access.ADMINISTRATOR, is_active=True).order_by("pk")
    )
    ids = set(locked.values_list("pk", flat=True))
    if actor is not None and actor.pk not in ids:
        raise NotPermitted(_("You are not an administrator any more."))
    return ids


@transaction.atomic
def change_own_settings(
    user: User, *, language: str, theme: str, keys_enabled: bool, watch_mail: str = WatchMail.AT_ONCE
) -> User:
    """Keep how `user` likes sopdesk to look, to react and to mail what they watch.

    A preference, not a decision: it leaves a row in the person's history and none in the trail. Raises NotValid.
    """
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wanted = {"language": language, "theme": theme, "keys_enabled": keys_enabled, "watch_mail": watch_mail}
    _change(stored, actor=user, fields=wanted, allowed=tuple(wanted))
    return stored


# Departments -------------------------------------------------------------------------------------------------


@transaction.atomic
def add_department(*, actor: User | None, code: str, name: str, head: User | None = None) -> Department:
    """Add a department. Its code stays for good, since the codes of its procedures begin with it.

    Raises NotPermitted, NotValid when code or name are taken or malformed.
    """
    _check(actor)
    department = Department(code=_clean("code", code), name=_clean("name", name), head=head)
    _store(department, actor=actor, fields=("code", *DEPARTMENT_FIELDS))
    data = _facts(department, ("code", "name", "head"))
    trail.record(names.DEPARTMENT_ADD, actor=actor, subject=department, data=data)
    return department


@transaction.atomic
def change_department(
    department: Department, *, actor: User | None, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> Department:
    """Change name, head, or whether the department is active; the stored row is returned.

    Raises NotPermitted, BothChanged, NotValid when the name is taken or the new head is not active.
    """
    _check(actor)
    stored = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    data = _change(stored, actor=actor, fields=_settled(stored, fields, base), allowed=DEPARTMENT_FIELDS)
    if data:
        trail.record(names.DEPARTMENT_CHANGE, actor=actor, subject=stored, data=data)
    return stored


# Roles and holdings ------------------------------------------------------------------------------------------


@transaction.atomic
def add_role(*, actor: User | None, name: str, department: Department | None = None, description: str = "") -> Role:
    """Add a job role. Raises NotPermitted, NotValid when the name is taken."""
    _check(actor)
    role = Role(name=_clean("name", name), department=department, description=description)
    _store(role, actor=actor, fields=ROLE_FIELDS)
    data = _facts(role, ("name", "department", "description"))
    trail.record(names.ROLE_ADD, actor=actor, subject=role, data=data)
    return role


@transaction.atomic
def change_role(
    role: Role, *, actor: User | None, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> Role:
    """Change name, department, description, or whether the role is active; the stored row is returned.

    Raises NotPermitted, BothChanged, NotValid when the name is taken.
    """
    _check(actor)
    stored = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    data = _change(stored, actor=actor, fields=_settled(stored, fields, base), allowed=ROLE_FIELDS)
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
    _check(actor)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.is_active:
        raise NotValid({NON_FIELD_ERRORS: [_("This person is not active.")]})
    if not Role.objects.filter(pk=role.pk, is_active=True).exists():
        raise NotValid({"role": [_("This role is not active.")]})
    holding = Holding(user=person, role=role, starts=starts, ends=ends)
    _check_days(holding, ends=ends)
    _store(holding, actor=actor, fields=("user", "role", "starts", "ends"))
    trail.record(names.HOLDING_ADD, actor=actor, subject=person, data=_facts(holding, ("role", "starts", "ends")))
    return holding


@transaction.atomic
def end_holding(
    holding: Holding, *, actor: User | None, ends: datetime.date, base: Mapping[str, str] | None = None
) -> Holding:
    """Set the last day of a holding; one that has not passed yet can be moved.

    The entry in the trail is the person's. Raises NotPermitted, BothChanged, InvalidTransition when the holding has
    ended already, NotValid when `ends` lies before its first day or within another holding of the same role.
    """
    _check(actor)
    person = User.objects.select_for_update(no_key=True).get(pk=holding.user_id)
    stored = Holding.objects.select_related("role").get(pk=holding.pk)
    if stored.ends is not None and stored.ends < today():
        raise InvalidTransition(_("This role has been given up already."), target=reverse("person", args=[person.pk]))
    saved_by = partial(trail.saver_of, person, role=str(stored.role))
    fields = settle(offered={"ends": ends}, stored={"ends": stored.ends}, base=base, saved_by=saved_by)
    if fields:
        _check_days(stored, ends=ends)
    data = _change(stored, actor=actor, fields=fields, allowed=("ends",))
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


# What they share ---------------------------------------------------------------------------------------------


def _check(actor: User | None) -> None:
    if actor is not None and not can_administer(actor):
        raise NotPermitted(_("Only administrators change people, departments and roles."))


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


# How values are tidied before they are compared and stored; fields that are not named stay as they are.
TIDY: dict[str, Callable[[object], object]] = {
    "email": lambda value: str(value).strip().lower(),
    "full_name": _one_line,
    "name": _one_line,
    "code": lambda value: str(value).strip().upper(),
}


def _clean(name: str, value: object) -> Any:
    tidy = TIDY.get(name)
    return tidy(value) if tidy else value


def _settled(row: models.Model, fields: Mapping[str, object], base: Mapping[str, str] | None) -> dict[str, object]:
    """What of `fields` is to be written into the locked `row`. Raises BothChanged."""
    offered = {name: _clean(name, value) for name, value in fields.items()}
    stored = {name: getattr(row, name) for name in fields}
    return settle(offered=offered, stored=stored, base=base, saved_by=partial(trail.saver_of, row))


def _change(
    row: models.Model, *, actor: User | None, fields: Mapping[str, object], allowed: tuple[str, ...]
) -> dict[str, object]:
    """Store those `fields` of the locked `row` that differ. Returns old and new values for the trail, {} for none."""
    unknown = set(fields) - set(allowed)
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    before = {name: getattr(row, name) for name in fields}
    changed = {
        name: value for name, value in ((name, _clean(name, value)) for name, value in fields.items())
        if before[name] != value
    }  # fmt: skip
    if not changed:
        return {}
    for name, value in changed.items():
        setattr(row, name, value)
    _store(row, actor=actor, fields=tuple(changed))
    return {
        name: {"old": _plain(before[name]), "new": _plain(value)} for name, value in sorted(changed.items())
    }  # fmt: skip


def _store(row: models.Model, *, actor: User | None, fields: tuple[str, ...]) -> None:
    """Check and save `fields` of `row`. Raises NotValid by field, also when somebody else was a moment faster."""
    written_by(row, actor)
    try:
        _validate(row, fields)
        try:
            with transaction.atomic():
                row.save(update_fields=None if row._state.adding else fields)
        except IntegrityError:
            _validate(row, fields)
            raise
    except ValidationError as error:
        raise NotValid(error.message_dict) from error


def _validate(row: models.Model, fields: tuple[str, ...]) -> None:
    for name in ("department", "head"):
        linked = getattr(row, name) if name in fields else None
        if linked is not None and not linked.is_active:
            raise ValidationError({name: _("%(name)s is not active.") % {"name": linked}})
    row.full_clean(exclude={field.name for field in row._meta.fields} - set(fields))


def _facts(row: models.Model, fields: tuple[str, ...]) -> dict[str, object]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: object) -> object:
    """`value` as the trail keeps it: a linked row by its name, a day in ISO form."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, models.Model) else value
