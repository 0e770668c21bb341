"""What happens by itself when nobody decides: reminding, telling those above, telling who answers for a procedure that
nobody can complete its round; and putting somebody else into a place.

None of this decides anything.
"""

import datetime
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import names, trail
from audit.trail import Entry
from notifications import outbox
from procedures.actions.telling import about, stop_asking, tell
from procedures.models import Decision, Revision, Round, RoundOutcome, RoundSlot, RoundStage, SlotKind
from procedures.permissions import round_has_ended, slots_of
from procedures.queries import current_stage, who_decides
from procedures.seats import Staff
from procedures.staffing.permissions import can_reassign
from procedures.staffing.stuck import Trouble, above_the_owner, trouble_of, troubles_of, with_places
from procedures.states import Event
from roles.models import Access, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused

# The clock ---------------------------------------------------------------------------------------------------


def send_reminders(day: datetime.date | None = None) -> dict[str, list[Round]]:
    """Remind, tell those above and report what is stuck, as of `day` (today); each round in its own transaction.

    May run twice or late: a stage notes what was said about it, and what a day missed the next one makes good. Returns
    the rounds of "reminded", "escalated" and "stuck".
    """
    day = day or today()
    done: dict[str, list[Round]] = {"reminded": [], "escalated": [], "stuck": []}
    open_rounds = Round.objects.filter(outcome=RoundOutcome.OPEN).order_by("pk")
    for trouble in troubles_of(with_places(open_rounds), day):
        if trouble.stage is not None and (trouble or trouble.stage.stuck_on or reminder_due(trouble.stage, day)):
            for what in _say_what_is_due(trouble.round, day):
                done[what].append(trouble.round)
    return done


@transaction.atomic
def _say_what_is_due(round: Round, day: datetime.date) -> list[str]:
    Revision.objects.select_for_update(of=("self",), no_key=True).get(pk=round.revision_id)  # as for a decision
    trouble = trouble_of(round, day)
    if trouble.round.outcome != RoundOutcome.OPEN or trouble.stage is None:
        return []
    acts = {"reminded": _remind, "escalated": _escalate, "stuck": _report_stuck}
    return [what for what, act in acts.items() if act(trouble, trouble.stage, day)]


def reminder_due(stage: RoundStage, day: datetime.date) -> datetime.date | None:
    """The last day up to `day` on which the people of `stage` were to be reminded: some days before it is due, on that
    day, and then every few days. None before the first one, and for days on which they were asked anyway."""
    if stage.due_on is None or stage.opened_at is None:
        return None
    first = stage.due_on - datetime.timedelta(days=settings.REMIND_DAYS_BEFORE)
    if day < stage.due_on:
        latest = first
    else:
        every = settings.REMIND_EVERY_DAYS
        latest = stage.due_on + datetime.timedelta(days=(day - stage.due_on).days // every * every)
    asked_on = timezone.localdate(stage.opened_at)
    return latest if asked_on < latest <= day else None


def _remind(trouble: Trouble, stage: RoundStage, day: datetime.date) -> bool:
    latest = reminder_due(stage, day)
    people = who_decides(trouble.round)
    if latest is None or not people or (stage.reminded_on is not None and stage.reminded_on >= latest):
        return False
    RoundStage.objects.filter(pk=stage.pk).update(reminded_on=day)
    data = {"to": [str(person) for person in people], "due": str(stage.due_on)}
    entry = _record(names.ROUND_REMIND, trouble.round, data)
    for person in people:
        with translation.override(person.language):
            reason = _when_due(trouble, stage)
        url = trouble.round.get_absolute_url()
        _tell("revision-reminded", trouble.round, [person], event_seq=entry.seq, url=url, reason=reason)
    return True


def _escalate(trouble: Trouble, stage: RoundStage, day: datetime.date) -> bool:
    if trouble.days_late < max(settings.ESCALATE_AFTER_DAYS, 1) or stage.escalated_on is not None:
        return False
    RoundStage.objects.filter(pk=stage.pk).update(escalated_on=day)
    people = _once([*above_the_owner(trouble, _administrators()), _owner(trouble.round)])
    entry = _record(names.ROUND_ESCALATE, trouble.round, {"to": [str(person) for person in people]})
    _tell_about(trouble, "round-overdue", people, event_seq=entry.seq)
    return True


def _report_stuck(trouble: Trouble, stage: RoundStage, day: datetime.date) -> bool:
    if not trouble.is_stuck and stage.stuck_on is not None:
        RoundStage.objects.filter(pk=stage.pk).update(stuck_on=None)
    if not trouble.is_stuck or stage.stuck_on is not None:
        return False
    RoundStage.objects.filter(pk=stage.pk).update(stuck_on=day)
    entry = _record(names.ROUND_STUCK, trouble.round, {"reasons": trouble.reasons})
    _tell_about(trouble, "round-stuck", [_owner(trouble.round), *_administrators()], event_seq=entry.seq)
    return True


# Somebody is gone --------------------------------------------------------------------------------------------


def tell_of_empty_places(person: User, *, event_seq: int) -> list[Round]:
    """Tell at once who answers for the rounds in which `person`, who was just deactivated, had a place: the owner when
    nobody is left, the administrators too when the place was theirs by name, or the owner is gone as well.

    Called by `roles.actions` in its transaction (settings.AFTER_DEACTIVATION); `event_seq` is the deactivation. It
    locks nothing, since the trail is written already; the clock tells once more if the round is still stuck then.
    """
    filled = Decision.objects.filter(slot=OuterRef("pk"), invalidated_at=None)
    places = slots_of(person).filter(
        ~Exists(filled), stage__completed_at=None, stage__round__outcome=RoundOutcome.OPEN
    )  # fmt: skip
    rounds = with_places(Round.objects.filter(pk__in=places.values("stage__round_id")).order_by("pk"))
    told = []
    for trouble in troubles_of(rounds):
        named = any(slot.slot.person_id == person.pk for check in trouble.checks for slot in check.slots)
        if not (named or trouble.is_stuck):
            continue
        owner = _owner(trouble.round)
        people = [owner, *(_administrators() if named or not owner.is_active else [])]
        _tell_about(trouble, "round-stuck", people, event_seq=event_seq)
        told.append(trouble.round)
    return told


# Somebody else -----------------------------------------------------------------------------------------------


@transaction.atomic
def reassign_slot(slot: RoundSlot, *, actor: User, held_by: str, person: User, reason: str) -> RoundSlot:
    """Put `person` into a place that nobody can fill, whose holder is gone, or in which nobody has decided in time.

    `held_by` is the `place_key` that the page showed. The person is asked to decide if it is their turn; who held the
    place, and the owner, are told. Raises NotPermitted, Refused for somebody who may not decide there or a place that
    needs nobody else, InvalidTransition when it was filled or given to somebody else meanwhile.
    """
    if not reason.strip():
        raise Refused(_("Say why somebody else should decide."))
    slot = _lock_place(slot)
    round = slot.stage.round
    target = reverse("reviews-stuck")
    if held_by != slot.place_key:
        raise InvalidTransition(
            _("This place was given to somebody else since you opened the page. Nothing was changed."), target=target
        )
    if not can_reassign(actor, slot):
        raise NotPermitted(_("You may not say who decides in this place."))
    before = trouble_of(round)
    if slot not in before.slots_in_need:
        raise Refused(_("Somebody can fill this place, and it is not late. It needs nobody else."), target=target)
    _check_person(person, round, actor)
    holders = Staff([slot], day=today()).holders(slot, round.revision.procedure)
    asked = who_decides(round)
    old = str(slot)
    slot.kind, slot.role, slot.person, slot.proposed = SlotKind.PERSON, None, person, None
    slot.save(update_fields=["kind", "role", "person", "proposed"])
    after = trouble_of(round)
    if worse := [reason for reason in after.reasons if reason not in before.reasons]:
        raise Refused(worse[0])
    data = {"stage": slot.stage.name, "old": old, "new": str(person)}
    entry = _record(names.SLOT_REASSIGN, round, data, actor=actor, reason=reason.strip())
    _ask_others(round, asked, actor=actor, event_seq=entry.seq)
    others = [other for other in _once([*holders, _owner(round)]) if other not in (actor, person)]
    _tell(
        "slot-reassigned", round, others, event_seq=entry.seq, url=reverse("reviews"), actor=str(actor),
        stage=slot.stage.name, new=str(person), reason=reason.strip(),
    )  # fmt: skip
    return slot


def _lock_place(slot: RoundSlot) -> RoundSlot:
    """The place as it is stored, its revision locked until the end of the transaction, as for a decision."""
    stored = RoundSlot.objects.select_related("stage__round").get(pk=slot.pk)
    Revision.objects.select_for_update(of=("self",), no_key=True).get(pk=stored.stage.round.revision_id)
    stored = RoundSlot.objects.select_related("stage__round__revision__procedure", "role", "person").get(pk=slot.pk)
    target = reverse("reviews-stuck")
    if stored.stage.round.outcome != RoundOutcome.OPEN:
        raise InvalidTransition(round_has_ended(), target=target)
    if stored.stage.completed_at or stored.decisions.filter(invalidated_at=None).exists():
        raise InvalidTransition(_("Somebody has decided in this place. Nothing was changed."), target=target)
    return stored


def _check_person(person: User, round: Round, actor: User) -> None:
    """Raise Refused unless `person` could decide in `round`."""
    if person.pk == actor.pk:
        raise Refused(_("You cannot put yourself in: somebody else must ask you to decide."))
    if not User.objects.filter(pk=person.pk, is_active=True).exists():
        raise Refused(_("%(name)s is not active.") % {"name": person})
    if round.revision.contributors.filter(pk=person.pk).exists():
        raise Refused(_("%(name)s wrote this revision; someone else must approve it.") % {"name": person})
    if round.issuer_id == person.pk:
        raise Refused(
            _("%(name)s issued this revision in an emergency; someone else must review it.") % {"name": person}
        )
    if round.decisions.filter(decider=person, invalidated_at=None).exists():
        raise Refused(_("%(name)s has decided in this round already.") % {"name": person})


def _ask_others(round: Round, asked: list[User], *, actor: User, event_seq: int) -> None:
    """After a place has changed hands: ask who can decide now, and stop asking who cannot any more."""
    now = who_decides(round) if current_stage(round) else []
    stop_asking(round, [person for person in asked if person not in now])
    tell(
        Event.SUBMIT, round.revision, [person for person in now if person not in asked], actor=actor,
        event_seq=event_seq, url=round.get_absolute_url(), change_summary=round.revision.change_summary,
    )  # fmt: skip


# What they share ---------------------------------------------------------------------------------------------


def _owner(round: Round) -> User:
    return round.revision.procedure.owner


def _administrators() -> list[User]:
    return list(User.objects.filter(is_active=True, access=Access.ADMINISTRATOR))


def _once(people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


def _record(
    name: str, round: Round, data: Mapping[str, object], *, actor: User | None = None, reason: str = ""
) -> Entry:
    revision = round.revision
    data = {"number": revision.number, "round": round.number, **data}
    code = revision.procedure.code
    return trail.record(name, actor=actor, subject=revision, procedure_code=code, data=data, reason=reason)


def _when_due(trouble: Trouble, stage: RoundStage) -> str:
    """When the decision is or was due, in words."""
    if trouble.days_late:
        sentence = _("Stage “%(stage)s” was due on %(day)s.")
    else:
        sentence = _("Stage “%(stage)s” is due on %(day)s.")
    return sentence % {"stage": stage.name, "day": date_format(stage.due_on) if stage.due_on else "–"}


def _tell_about(trouble: Trouble, kind: str, people: Iterable[User], *, event_seq: int) -> None:
    """Tell `people` what keeps a round from going on, each in their own language, with the way to the report."""
    for person in _once(people):
        with translation.override(person.language):
            again = trouble_of(trouble.round)
            late = [_when_due(again, again.stage)] if again.stage and again.days_late else []
            sentences = [*again.reasons, *again.gaps, *late]
        url = reverse("reviews-stuck") + f"#round-{trouble.round.pk}"
        _tell(kind, trouble.round, [person], event_seq=event_seq, url=url, reason="\n".join(sentences))


def _tell(
    kind: str, round: Round, people: Iterable[User], *, event_seq: int, url: str, actor: str = "", **texts: str
) -> None:
    revision = round.revision
    outbox.notify(
        kind,
        recipients=people,
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=url,
        context={
            **about(revision),
            "actor": actor or str(round.opened_by),
            **texts,
        },
    )
