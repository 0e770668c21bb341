"""Temporary deviations: asked for, signed by the last stage of the route or refused, and over by date at the latest."""

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import names, trail
from audit.trail import Entry
from notifications import outbox
from procedures.actions.telling import about
from procedures.content import revision_content
from procedures.deviations.deciding import Place, people_of, place_of, places_for, places_on
from procedures.deviations.permissions import (
    can_end_deviation,
    can_recall_deviation,
    require_ask,
    require_in_force,
    why_not_decide_on_deviation,
)
from procedures.errors import StaleContent
from procedures.models import Deviation, DeviationCause, DeviationState, Revision
from procedures.models.deviation import STANDING
from procedures.signatures import check_signatures, hash_of_asked, is_valid_deviation, seal_of_deviation
from roles.models import Department, User
from roles.queries import today
from roles.signing import Proof, prove_identity, spend
from sopdesk.lib.errors import Conflict, InvalidTransition, NotPermitted, Refused

MOST_DAYS_AHEAD = 90
"""How long before its first day a deviation may be asked for."""


# Asking ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_deviation(
    revision: Revision,
    *,
    actor: User,
    step: UUID,
    department: Department,
    reason: str,
    instead: str,
    starts: datetime.date,
    ends: datetime.date,
) -> Deviation:
    """Ask that `department` does something else than `step` of the published `revision` for some days, and tell those
    who may decide.

    Raises Refused without a reason and without what is done instead, for days in the past or too many of them, for a
    step that the text has not, and when nobody could decide; Conflict while another one stands for this step and
    department; InvalidTransition when readers follow another text meanwhile; NotPermitted to all but who writes the
    procedure and the head of `department`.
    """
    reason, instead = reason.strip(), instead.strip()
    _check_asked(reason, instead, starts, ends)
    revision = _lock_revision(revision.pk)
    require_ask(actor, revision, department)
    found = next((row for row in revision_content(revision)["steps"] if row["uid"] == str(step)), None)
    if found is None:
        raise Refused(_("The text that readers follow has no such step."))
    check_signatures(revision)
    places = places_for(revision, asker=actor)
    if not places:
        raise Refused(_("Nobody of the last stage of its route could decide: who has asked or written it does not."))
    _make_room(revision, step, department)
    deviation = Deviation(
        revision=revision,
        step=step,
        step_number=found["number"],
        step_title=found["title"],
        department=department,
        reason=reason,
        instead=instead,
        starts=starts,
        ends=ends,
        asked_by=actor,
        asker_name=actor.full_name,
        asked_at=timezone.now(),
    )
    deviation.asked_hash = hash_of_asked(deviation)
    deviation.save(force_insert=True)
    entry = _record(names.DEVIATION_ASK, deviation, actor=actor, reason=reason)
    _tell(deviation, "deviation-asked", people_of(places), actor=actor, event=entry, reason=reason)
    return deviation


def _check_asked(reason: str, instead: str, starts: datetime.date, ends: datetime.date) -> None:
    if not reason:
        raise Refused(_("Say why the step cannot be done as it is written."))
    if not instead:
        raise Refused(_("Say what is done instead."))
    if starts < today():
        raise Refused(_("The first day has passed. Choose today or later."))
    if starts > today() + datetime.timedelta(days=MOST_DAYS_AHEAD):
        raise Refused(_("It begins within %(days)d days, or is asked for later.") % {"days": MOST_DAYS_AHEAD})
    if ends < starts:
        raise Refused(_("The last day lies before the first day."))
    if (ends - starts).days >= settings.DEVIATION_DAYS:
        raise Refused(
            ngettext(
                "A deviation holds for %(days)d day at most. What must be otherwise for longer is a new revision.",
                "A deviation holds for %(days)d days at most. What must be otherwise for longer is a new revision.",
                settings.DEVIATION_DAYS,
            )
            % {"days": settings.DEVIATION_DAYS}
        )


def _make_room(revision: Revision, step: UUID, department: Department) -> None:
    """Raise Conflict while another deviation stands here; one whose last day is over is closed first."""
    standing = Deviation.objects.filter(revision=revision, step=step, department=department, state__in=STANDING).first()
    if standing is None:
        return
    if standing.ends >= today():
        raise Conflict(
            _("Another deviation from this step is asked for or holds for this department."),
            target=standing.get_absolute_url(),
        )
    _end(_locked(standing), DeviationCause.DAY, actor=None)


# Deciding ----------------------------------------------------------------------------------------------------


def approve_deviation(
    deviation: Deviation, *, actor: User, asked_hash: str, password: str = "", code: str = "", accepts: int = 0
) -> Deviation:
    """Sign that the department deviates as it was asked for: at once, or from its first day on.

    `asked_hash` is what the page showed. `password`, `code` and `accepts` are those of `roles.signing.prove_identity`;
    a code is asked for where the last stage does. Raises NotPermitted to all who fill no place of that stage, have
    asked for it or written the text, StaleContent for another request, InvalidTransition when it was decided, taken
    back or is over, or readers follow another text, SignatureInvalid, NotProved and CannotSign.
    """
    place = _place(deviation, actor)
    proof = prove_identity(
        actor, password=password, code=code, needs_second_factor=place.stage.needs_second_factor, accepts=accepts
    )
    return _approve(deviation, actor=actor, shown_hash=asked_hash, proof=proof)


@transaction.atomic
def _approve(deviation: Deviation, *, actor: User, shown_hash: str, proof: Proof) -> Deviation:
    deviation = _locked(deviation)
    place = _place(deviation, actor)
    _check_shown(deviation, shown_hash)
    require_in_force(deviation.revision)
    if place.stage.needs_second_factor and not proof.has_second_factor:
        raise InvalidTransition(
            _("Your place in this round has changed since you opened the page. Nothing was signed."),
            target=deviation.get_absolute_url(),
        )
    check_signatures(deviation.revision)
    spend(proof, person=actor)
    with translation.override(deviation.revision.language):
        deviation.capacity = place.capacity(deviation.revision.procedure)
    deviation.decided_by, deviation.decider_name = actor, actor.full_name
    deviation.on_behalf_of = place.seat.on_behalf_of
    deviation.decided_at, deviation.method = timezone.now(), proof.method
    deviation.statement_version = proof.statement
    deviation.content_hash = deviation.revision.content_hash
    deviation.seal = seal_of_deviation(deviation)
    deviation.state = DeviationState.GRANTED
    deviation.save(
        update_fields=[
            "capacity", "decided_by", "decider_name", "on_behalf_of", "decided_at", "method", "statement_version",
            "content_hash", "seal", "state",
        ]
    )  # fmt: skip
    signed = {"capacity": deviation.capacity, "method": deviation.method, "seal": deviation.seal}
    entry = _record(names.DEVIATION_APPROVE, deviation, actor=actor, **signed)
    _stop_asking(deviation)
    told = _concerned(deviation) - {actor}
    _tell(deviation, "deviation-approved", told, actor=actor, event=entry, reason=deviation.reason)
    return deviation


@transaction.atomic
def refuse_deviation(deviation: Deviation, *, actor: User, asked_hash: str, reason: str) -> Deviation:
    """Refuse what was asked for; the department goes on as it is written, and who asked learns why.

    Raises Refused without a reason; else what `approve_deviation` raises, but for the proof.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is refused: who asked for it needs the reason."))
    deviation = _locked(deviation)
    place = _place(deviation, actor)
    _check_shown(deviation, asked_hash)
    with translation.override(deviation.revision.language):
        deviation.capacity = place.capacity(deviation.revision.procedure)
    now = timezone.now()
    deviation.decided_by, deviation.decider_name, deviation.decided_at = actor, actor.full_name, now
    deviation.on_behalf_of, deviation.over_at, deviation.over_by = place.seat.on_behalf_of, now, actor
    deviation.over_reason, deviation.state = reason, DeviationState.REFUSED
    deviation.save(
        update_fields=[
            "capacity", "decided_by", "decider_name", "on_behalf_of", "decided_at", "over_at", "over_by",
            "over_reason", "state",
        ]
    )  # fmt: skip
    entry = _record(names.DEVIATION_REFUSE, deviation, actor=actor, reason=reason, capacity=deviation.capacity)
    _stop_asking(deviation)
    _tell(deviation, "deviation-refused", {deviation.asked_by}, actor=actor, event=entry, reason=reason)
    return deviation


def _place(deviation: Deviation, actor: User) -> Place:
    """The place from which `actor` decides. Raises InvalidTransition when nobody decides any more, NotPermitted."""
    if deviation.is_over(today()) or deviation.state != DeviationState.ASKED:
        raise InvalidTransition(
            _("It was decided on, taken back or is over since you opened the page. Nothing was changed."),
            target=deviation.get_absolute_url(),
        )
    place = place_of(actor, places_on(deviation)) if actor.is_active else None
    if place is None:
        raise NotPermitted(why_not_decide_on_deviation(actor, deviation))
    return place


def _check_shown(deviation: Deviation, shown_hash: str) -> None:
    if shown_hash != deviation.asked_hash or not is_valid_deviation(deviation):
        raise StaleContent(
            _("It is not what was shown to you. Open it again before you decide."), target=deviation.get_absolute_url()
        )


# Ending ------------------------------------------------------------------------------------------------------


@transaction.atomic
def recall_deviation(deviation: Deviation, *, actor: User) -> Deviation:
    """Take back what was asked for, before it is decided. Raises NotPermitted to all but who asked for it,
    InvalidTransition when it was decided meanwhile."""
    deviation = _locked(deviation)
    if not can_recall_deviation(actor, deviation):
        if deviation.asked_by_id != actor.pk or not actor.is_active:
            raise NotPermitted(_("Only who asked for it takes it back."))
        raise InvalidTransition(
            _("It was decided on, taken back or is over since you opened the page. Nothing was changed."),
            target=deviation.get_absolute_url(),
        )
    _close(deviation, DeviationState.RECALLED, actor=actor)
    _record(names.DEVIATION_RECALL, deviation, actor=actor)
    _stop_asking(deviation)
    return deviation


@transaction.atomic
def end_deviation(deviation: Deviation, *, actor: User, reason: str) -> Deviation:
    """End an approved deviation before its last day is over: the department does the step again as it is written.

    Raises Refused without a reason, NotPermitted to all but the owner of the procedure, administrators and the head of
    the department, InvalidTransition when it has ended meanwhile.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it ends early."))
    deviation = _locked(deviation)
    if not can_end_deviation(actor, deviation):
        if deviation.state == DeviationState.GRANTED and not deviation.is_over(today()):
            raise NotPermitted(_("Only the owner, an administrator or the head of the department ends it early."))
        raise InvalidTransition(
            _("It has ended since you opened the page. Nothing was changed."), target=deviation.get_absolute_url()
        )
    _end(deviation, DeviationCause.EARLY, actor=actor, reason=reason)
    return deviation


def end_run_out(day: datetime.date | None = None) -> list[Deviation]:
    """Note the end of every deviation whose last day is before `day` (today), each in its own transaction; what was
    asked for and never decided lapses.

    Readers stopped following them by date in any case: this only catches up, and may run twice or late.
    """
    late = Deviation.objects.filter(state__in=STANDING, ends__lt=day or today()).order_by("pk")
    return [row for pk in list(late.values_list("pk", flat=True)) if (row := _end_late(pk, day or today()))]


@transaction.atomic
def _end_late(pk: int, day: datetime.date) -> Deviation | None:
    deviation = _locked(Deviation.objects.get(pk=pk))
    if deviation.state not in STANDING or deviation.ends >= day:
        return None  # another worker was faster
    _end(deviation, DeviationCause.DAY, actor=None)
    return deviation


def end_deviations_of(revision: Revision, cause: DeviationCause, *, actor: User | None) -> None:
    """End what holds, and drop what is asked for, at the steps of `revision`, which is leaving; inside the caller's
    transaction, after the state has moved, so that nothing new comes in between."""
    for row in Deviation.objects.filter(revision=revision, state__in=STANDING).order_by("pk"):
        _end(_locked(row), cause, actor=actor)


def _end(deviation: Deviation, cause: DeviationCause, *, actor: User | None, reason: str = "") -> None:
    was_approved = deviation.state == DeviationState.GRANTED
    state = DeviationState.ENDED if was_approved else DeviationState.LAPSED
    _close(deviation, state, actor=actor, cause=cause, reason=reason)
    entry = _record(names.DEVIATION_END, deviation, actor=actor, reason=reason, outcome=state.value, cause=cause.value)
    _stop_asking(deviation)
    told = (_concerned(deviation) if was_approved else {deviation.asked_by}) - {actor}
    _tell(deviation, "deviation-ended", told, actor=deviation.asked_by, event=entry, reason=reason, ended_by=actor)


def _close(
    deviation: Deviation, state: DeviationState, *, actor: User | None, cause: str = "", reason: str = ""
) -> None:
    deviation.state, deviation.over_at, deviation.over_by = state, timezone.now(), actor
    deviation.cause, deviation.over_reason = cause, reason
    deviation.save(update_fields=["state", "over_at", "over_by", "cause", "over_reason"])


# Shared ------------------------------------------------------------------------------------------------------


def _lock_revision(pk: int) -> Revision:
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("procedure__owner", "procedure__department__head").get(pk=pk)


def _locked(deviation: Deviation) -> Deviation:
    """`deviation` as it is stored now. Every act on one locks its revision first, as publishing does."""
    revision = _lock_revision(deviation.revision_id)
    rows = Deviation.objects.select_related("department__head", "asked_by")
    found = rows.get(pk=deviation.pk)
    found.revision = revision
    return found


def _record(name: str, deviation: Deviation, *, actor: User | None, reason: str = "", **more: Any) -> Entry:
    return trail.record(
        name,
        actor=actor,
        subject=deviation,
        procedure_code=deviation.revision.procedure.code,
        data={
            "number": deviation.revision.number,
            "deviation": deviation.pk,
            "step": deviation.step_number,
            "department": deviation.department.name,
            "starts": deviation.starts.isoformat(),
            "ends": deviation.ends.isoformat(),
            "asked_hash": deviation.asked_hash,
            **more,
        },
        reason=reason,
    )


def _concerned(deviation: Deviation) -> set[User]:
    """Who is told what becomes of it: who asked, who heads the department, and who owns the procedure."""
    people = {deviation.asked_by, deviation.department.head, deviation.revision.procedure.owner}
    return {person for person in people if person is not None}


def _stop_asking(deviation: Deviation) -> None:
    outbox.retract("deviation-asked", url=deviation.get_absolute_url())


def _tell(
    deviation: Deviation, kind: str, people: Iterable[User | None], *, actor: User, event: Entry, reason: str,
    ended_by: User | None = None,
) -> None:  # fmt: skip
    procedure, revision = deviation.revision.procedure, deviation.revision
    for person in sorted({person for person in people if person}, key=lambda person: person.pk):
        with translation.override(person.language):
            days = {"first": date_format(deviation.starts), "last": date_format(deviation.ends)}
        outbox.notify(
            kind,
            recipients=[person],
            event_seq=event.seq,
            title=f"{procedure.code} {revision.title}",
            url=deviation.get_absolute_url(),
            context={
                **about(revision),
                "actor": str(actor),
                "ended_by": str(ended_by or ""),
                "step": deviation.step_number,
                "department": deviation.department.name,
                **days,
                "instead": deviation.instead,
                "reason": reason,
                "outcome": deviation.state,
                "cause": deviation.cause,
            },
        )
