"""Saying who is away and who stands in, and taking it back."""

import datetime
from collections.abc import Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions.telling import stop_asking
from procedures.permissions import rounds_awaiting
from procedures.staffing.permissions import absences_changeable_by, can_set_absence
from roles.errors import NotValid
from roles.models import Absence, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted
from sopdesk.lib.history import written_by


@transaction.atomic
def add_absence(
    person: User,
    *,
    actor: User,
    starts: datetime.date,
    ends: datetime.date,
    deputy: User | None = None,
    reason: str = "",
) -> Absence:
    """Note that `person` is away from `starts` to `ends`, both days included, and that `deputy` stands in meanwhile:
    decides on what `person` could decide on. Both are told, but for who did it.

    An administrator who does it for somebody else says why. Raises NotPermitted, and NotValid for days that have
    passed, are the wrong way round or meet another absence, and for a deputy who is not active or is the person.
    """
    if not can_set_absence(actor, person):
        raise NotPermitted(_("Only administrators say for others when they are away."))
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    absence = Absence(person=person, deputy=deputy, starts=starts, ends=ends, reason=reason.strip())
    if errors := _what_is_wrong(absence, is_for_another=actor.pk != person.pk):
        raise NotValid(errors)
    try:
        absence.full_clean()
    except ValidationError as error:
        raise NotValid(error.message_dict) from error
    written_by(absence, actor).save()
    entry = trail.record(
        names.ABSENCE_ADD, actor=actor, subject=person, data=_facts(absence), reason=absence.reason
    )  # fmt: skip
    _tell("absence-set", absence, [person], actor=actor, event_seq=entry.seq)
    if deputy is not None:
        _tell("deputy-named", absence, [deputy], actor=actor, event_seq=entry.seq)
    return absence


def _what_is_wrong(absence: Absence, *, is_for_another: bool) -> Mapping[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not absence.person.is_active:
        errors[NON_FIELD_ERRORS] = [_("This person is not active.")]
    if is_for_another and not absence.reason:
        errors["reason"] = [_("Say why you set it for somebody else.")]
    if absence.starts < today():
        errors["starts"] = [_("This day has passed. Begin with today.")]
    if absence.ends < absence.starts:
        errors["ends"] = [_("The last day lies before the first day.")]
    if absence.deputy is not None and not absence.deputy.is_active:
        errors["deputy"] = [_("%(name)s is not active.") % {"name": absence.deputy}]
    elif absence.deputy == absence.person:
        errors["deputy"] = [_("Nobody is their own deputy.")]
    others = Absence.objects.filter(
        person=absence.person, ended_at=None, starts__lte=absence.ends, ends__gte=absence.starts
    )
    if "ends" not in errors and (other := others.first()) is not None:
        days = {"first": date_format(other.starts), "last": date_format(other.ends)}
        errors.setdefault(NON_FIELD_ERRORS, []).append(
            _("These days meet another absence, from %(first)s to %(last)s. End that one first.") % days
        )
    return errors


@transaction.atomic
def end_absence(absence: Absence, *, actor: User, reason: str = "") -> Absence:
    """End an absence before its last day, or take back one that has not begun: the deputy decides no longer.

    An administrator who does it for somebody else says why. Raises NotPermitted, NotValid, InvalidTransition when it
    is over already.
    """
    if not absences_changeable_by(actor).filter(pk=absence.pk).exists():
        raise NotPermitted(_("Only administrators say for others when they are away."))
    person = User.objects.select_for_update(no_key=True).get(pk=absence.person_id)
    if actor.pk != person.pk and not reason.strip():
        raise NotValid({"reason": [_("Say why you end it for somebody else.")]})
    stored = Absence.objects.select_related("person", "deputy").get(pk=absence.pk)
    if stored.ended_at is not None or stored.ends < today():
        raise InvalidTransition(_("This absence is over already. Nothing was changed."))
    deputy = stored.deputy
    asked = list(rounds_awaiting(deputy)) if deputy else []
    stored.ended_at = timezone.now()
    written_by(stored, actor).save(update_fields=["ended_at"])
    entry = trail.record(
        names.ABSENCE_END, actor=actor, subject=person, data=_facts(stored), reason=reason.strip()
    )  # fmt: skip
    if deputy is not None:
        still_asked = set(rounds_awaiting(deputy))
        for round in asked:
            if round not in still_asked:
                stop_asking(round, [deputy])
        _tell("deputy-ended", stored, [deputy], actor=actor, event_seq=entry.seq, reason=reason.strip())
    return stored


def _facts(absence: Absence) -> dict[str, object]:
    return {
        "starts": absence.starts.isoformat(),
        "ends": absence.ends.isoformat(),
        "deputy": str(absence.deputy) if absence.deputy else None,
    }


def _tell(
    kind: str, absence: Absence, people: list[User], *, actor: User, event_seq: int, reason: str | None = None
) -> None:
    """Tell `people`, each in their own language, but for the one who acts."""
    for reader in people:
        if reader.pk == actor.pk:
            continue
        with translation.override(reader.language):
            days = {"first": date_format(absence.starts), "last": date_format(absence.ends)}
            title = _("%(name)s: away from %(first)s to %(last)s") % {"name": absence.person, **days}
        outbox.notify(
            kind,
            recipients=[reader],
            event_seq=event_seq,
            title=title,
            url=reverse("absences"),
            context={
                "actor": str(actor),
                "person": str(absence.person),
                "deputy": str(absence.deputy or ""),
                "reason": absence.reason if reason is None else reason,
                **days,
            },
        )
