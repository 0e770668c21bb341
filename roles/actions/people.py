"""Changing people: their accounts, their access and how they like sopdesk to be."""

import datetime
from collections.abc import Mapping
from typing import cast

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from roles.actions.storing import change, clean, facts, require_administrator, settled, store
from roles.errors import NotValid
from roles.models import Access, Department, User, WatchMail
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused

PERSON_FIELDS = ("full_name", "email", "department", "access", "access_ends", "language")


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
    require_administrator(actor)
    _check_end(access, access_ends)
    person = User(
        email=clean("email", email), full_name=clean("full_name", full_name), department=department, access=access,
        access_ends=access_ends, language=language,
    )  # fmt: skip
    person.set_unusable_password()
    store(person, actor=actor, fields=PERSON_FIELDS)
    entry = trail.record(names.PERSON_ADD, actor=actor, subject=person, data=facts(person, PERSON_FIELDS))
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
    require_administrator(actor)
    administrators = _lock_administrators(actor) if "access" in fields else set()
    stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    fields = settled(stored, fields, base)
    if fields.get("access", Access.ADMINISTRATOR) != Access.ADMINISTRATOR and administrators == {stored.pk}:
        raise NotValid({"access": [_("This is the last active administrator. Give somebody else this access first.")]})
    if "access" in fields or "access_ends" in fields:
        ends = fields.get("access_ends", stored.access_ends)
        is_new = ends != stored.access_ends
        _check_end(str(fields.get("access", stored.access)), cast("datetime.date | None", ends), may_be_over=not is_new)
    data = change(stored, actor=actor, fields=fields, allowed=PERSON_FIELDS)
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
    require_administrator(actor)
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
    require_administrator(actor)
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
    data = change(stored, actor=actor, fields={"is_active": is_active}, allowed=("is_active",))
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
    change(stored, actor=user, fields=wanted, allowed=tuple(wanted))
    return stored
