"""Submitting a revision, deciding on it, taking it back."""

import datetime
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from audit.trail import Entry
from procedures import search
from procedures.actions.drafts import write_draft
from procedures.actions.emergency import end_emergency
from procedures.actions.linking import record_links
from procedures.actions.publishing import publish_approved
from procedures.actions.reviewing import keep_text, remember_look
from procedures.actions.telling import excuse_all, stop_asking, tell
from procedures.actions.transitions import move, swap
from procedures.changesets.manifest import lock_together
from procedures.changesets.permissions import require_alone
from procedures.content import content_hash, rendered_hash
from procedures.errors import NotReady, StaleContent
from procedures.following import follow
from procedures.models import (
    Decision,
    Meaning,
    Revision,
    Round,
    RoundOutcome,
    RoundSlot,
    RoundStage,
    Route,
    Verdict,
)
from procedures.permissions import acts_for, require_event, round_has_ended, slot_to_fill, why_not_decide
from procedures.preflight import preflight
from procedures.queries import capacity_of, media_of, proposed_in, who_decides
from procedures.rendering import render_document
from procedures.routes.deciding import StageCheck, slots_needed
from procedures.signatures import seal
from procedures.states import TRANSITIONS, Event
from procedures.submitting import Addition
from roles.models import User
from roles.queries import today
from roles.signing import Proof, prove_identity, spend
from sopdesk.lib.errors import Conflict, InvalidTransition, NotPermitted, Refused
from sopdesk.lib.markup import SANITISER_VERSION

METHOD_SESSION = "session"
COPIED_STAGE_FIELDS = (
    "position", "name", "rule", "needed", "meaning", "days", "needs_signature", "needs_second_factor",
)  # fmt: skip
COPIED_SLOT_FIELDS = ("position", "kind", "role_id", "person_id")
Proposals = Mapping[tuple[int, int], User]
"""Position of the stage and of the slot in it → who is proposed."""


# Submitting --------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    revision: Revision,
    *,
    actor: User,
    proposed: Proposals | None = None,
    version: int = 0,
    fields: Mapping[str, object] | None = None,
    additions: Iterable[Addition] = (),
) -> Round:
    """Freeze a draft and open a round on it: its content, hash and rendered text are stored, the route is copied.

    `proposed` names whom the author would like to decide where several may. `fields` are saved first, into the
    draft that was shown as `version` (`drafts.save_draft`, which says what that raises). `additions` are those of apps
    above, carried out with it. Raises NotReady with the blockers of the pre-flight, Refused for somebody who cannot be
    proposed there, NotPermitted, and InvalidTransition when it is no draft.
    """
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    related = ("procedure__department__head", "procedure__owner", "category")
    revision = locked.select_related(*related).get(pk=revision.pk)
    require_event(actor, revision, Event.SUBMIT)
    if fields:
        write_draft(revision, actor=actor, version=version, fields=fields)
    check = preflight(revision, only_blockers=True)
    route, content, proposed = check.route, check.content, proposed or {}
    if route is None or not check.is_clear:
        raise NotReady(
            _("This draft cannot be submitted yet."), blockers=check.blockers, target=revision.get_absolute_url()
        )
    _hold(route)
    _check_proposals(proposed, check.stages)
    fingerprint = content_hash(content)
    rendered = render_document(content, media=media_of(revision, content))
    now = timezone.now()
    entry = move(
        revision,
        Event.SUBMIT,
        actor=actor,
        data={
            "content_hash": fingerprint,
            "rendered_hash": rendered_hash(rendered),
            "route": route.name,
            "route_version": route.version,
        },
        content=content,
        content_hash=fingerprint,
        rendered=rendered,
        sanitiser_version=SANITISER_VERSION,
        submitted_at=now,
    )
    round = _open_round(revision, route, check.stages, actor=actor, now=now, proposed=proposed)
    record_links(revision, content, again=round.number > 1)
    first = check.stages[0]
    wanted = {person.pk for (stage, _slot), person in proposed.items() if stage == first.stage.position}
    deciders = [person for person in first.deciders if person != actor]
    _ask(round, deciders, proposed=[person for person in deciders if person.pk in wanted], event_seq=entry.seq)
    for addition in additions:
        addition.carry_out(revision, actor=actor)
    return round


def _check_proposals(proposed: Proposals, stages: Iterable[StageCheck]) -> None:
    choices = {
        (check.stage.position, slot.slot.position): slot.able
        for check in stages
        for slot in check.slots
        if slot.allows_choice
    }
    for place, person in proposed.items():
        if person not in choices.get(place, []):
            raise Refused(_("%(name)s cannot be proposed there.") % {"name": person})


def _hold(route: Route) -> None:
    """Keep `route` as it was checked until the round has its copy. Raises Conflict when it was changed just then."""
    held = Route.objects.select_for_update(no_key=True).filter(pk=route.pk, is_active=True, version=route.version)
    if held.first() is None:
        raise Conflict(_("The approval route was changed at this moment. See who decides now, and submit again."))


def _open_round(
    revision: Revision,
    route: Route,
    checks: Iterable[StageCheck],
    *,
    actor: User,
    now: datetime.datetime,
    proposed: Proposals,
) -> Round:
    """A round with a copy of `route`, whose stages are those of `checks`."""
    round = Round.objects.create(
        revision=revision,
        number=revision.rounds.count() + 1,
        route=route,
        route_version=route.version,
        route_name=route.name,
        content_hash=revision.content_hash,
        opened_at=now,
        opened_by=actor,
    )
    stages, slots = [], []
    for index, (stage, wanted) in enumerate((row.stage, row.slots) for row in checks):
        copy = RoundStage(round=round, **{name: getattr(stage, name) for name in COPIED_STAGE_FIELDS})
        if index == 0:
            copy.opened_at, copy.due_on = now, today() + datetime.timedelta(days=stage.days)
        stages.append(copy)
        slots += [
            RoundSlot(
                stage=copy,
                proposed=proposed.get((stage.position, row.slot.position)),
                **{name: getattr(row.slot, name) for name in COPIED_SLOT_FIELDS},
            )
            for row in wanted
        ]
    RoundStage.objects.bulk_create(stages)
    RoundSlot.objects.bulk_create(slots)
    return round


def _ask(round: Round, people: list[User], *, proposed: list[User], event_seq: int) -> None:
    """Ask `people` to decide, in the name of whoever submitted, also when an earlier stage has just been completed;
    first whom the author proposes, whose names stand in the mail."""
    revision = round.revision
    first = sorted(people, key=lambda person: person not in proposed)
    tell(
        Event.SUBMIT, revision, first, actor=round.opened_by, event_seq=event_seq, url=round.get_absolute_url(),
        change_summary=revision.change_summary, proposed=", ".join(map(str, proposed)),
    )  # fmt: skip


# Taking back -------------------------------------------------------------------------------------------------


@transaction.atomic
def recall(revision: Revision, *, actor: User, reason: str) -> Revision:
    """Take a submitted revision back to draft, and with it the others of its change set; the decisions so far stay
    visible, marked invalid with the reason.

    Raises Refused without a reason, NotPermitted (also after an emergency issue, which others review),
    InvalidTransition.
    """
    reason = _required(reason, _("Say why you take it back."))
    # Locked, since somebody may issue it in an emergency at the same moment.
    Revision.objects.select_for_update(of=("self",), no_key=True).get(pk=revision.pk)
    require_event(actor, revision, Event.RECALL)
    for one in lock_together(revision):
        keep_text(one)
        move(one, Event.RECALL, actor=actor, reason=reason, **_thawed())
        round = one.rounds.get(outcome=RoundOutcome.OPEN)
        _close_round(round, RoundOutcome.RECALLED, reason)
    return revision


@transaction.atomic
def revoke(revision: Revision, *, actor: User, reason: str) -> Revision:
    """Stop an approved revision before its effective date, and with it the others of its change set: they
    are drafts again, their signatures stay visible, marked invalid with the reason, and those who wrote, own or signed
    them are told.

    Raises Refused without a reason, NotPermitted (also once it is in force), InvalidTransition.
    """
    reason = _required(reason, _("Say why the approval is revoked."))
    lock_together(revision)
    revision = Revision.objects.select_related("procedure__owner").get(pk=revision.pk)
    require_event(actor, revision, Event.REVOKE)
    for one in lock_together(revision):
        _revoke(one, actor=actor, reason=reason)
    return revision


def _revoke(revision: Revision, *, actor: User, reason: str) -> None:
    round = revision.rounds.filter(outcome=RoundOutcome.APPROVED).latest("number")
    signers = {decision.decider for decision in round.decisions.select_related("decider")}
    frozen = copy(revision)
    keep_text(revision)
    entry = move(revision, Event.REVOKE, actor=actor, reason=reason, approved_at=None, **_thawed())
    search.remove(frozen)
    _close_round(round, RoundOutcome.RECALLED, reason)
    _tell_contributors(Event.REVOKE, revision, actor=actor, event_seq=entry.seq, reason=reason)
    others = {revision.procedure.owner, *signers} - {actor, *revision.contributors.all()}
    url = round.get_absolute_url()  # a page for those too who may not read the draft
    tell(Event.REVOKE, revision, others, actor=actor, event_seq=entry.seq, url=url, reason=reason)


def _thawed() -> dict[str, Any]:
    return {"content": None, "content_hash": "", "rendered": "", "submitted_at": None, "emergency_until": None}


def _close_round(round: Round, outcome: RoundOutcome, reason: str) -> None:
    now = timezone.now()
    Round.objects.filter(pk=round.pk).update(outcome=outcome, closed_at=now, closed_reason=reason)
    excuse_all(round)
    if outcome != RoundOutcome.APPROVED:
        round.decisions.filter(invalidated_at=None).update(invalidated_at=now, invalidated_reason=reason)


# Deciding ----------------------------------------------------------------------------------------------------


def approve_revision(
    round: Round,
    *,
    actor: User,
    content_hash: str,
    password: str = "",
    code: str = "",
    accepts: int = 0,
    comment: str = "",
) -> Decision:
    """Sign the revision of `round` in the slot that `actor` fills; when that completes the last stage it is approved,
    and published at once unless its effective date lies ahead.

    `content_hash` is the one that the page showed: the signature binds to what was read. `password`, `code` and
    `accepts` are those of `roles.signing.prove_identity`, asked for where the stage needs a signature.
    Raises StaleContent when the text is another, NotProved and CannotSign, NotPermitted (contributors, superusers
    included, whoever holds no open slot, and for a round of a change set), InvalidTransition when the round has ended.
    """
    require_alone(round)
    # Before the transaction, in which nobody else can write on SQLite: a password is slow to check by design.
    proof = None
    slot = slot_to_fill(actor, round)
    if slot is not None and slot.stage.needs_signature:
        proof = prove_identity(
            actor,
            password=password,
            code=code,
            needs_second_factor=slot.stage.needs_second_factor,
            accepts=accepts,
        )
    return sign_approval(round, actor=actor, shown_hash=content_hash, proof=proof, comment=comment.strip())


@transaction.atomic
def sign_approval(round: Round, *, actor: User, shown_hash: str, proof: Proof | None, comment: str) -> Decision:
    """The approval itself, once it is proved who signs: what `approve_revision` says, for one round of a set too."""
    round = _lock_round(round)
    decision = _decide(round, Verdict.APPROVE, actor=actor, shown_hash=shown_hash, proof=proof, comment=comment)
    revision = round.revision
    stage = decision.slot.stage
    is_complete, following = _after(stage)
    if not is_complete:
        _record_decision(decision, actor=actor)
        stop_asking(round, besides=who_decides(round))
        return decision
    now = decision.decided_at
    RoundStage.objects.filter(pk=stage.pk).update(completed_at=now)
    if following is not None:
        stop_asking(round)
        due = today() + datetime.timedelta(days=following.days)
        RoundStage.objects.filter(pk=following.pk).update(opened_at=now, due_on=due)
        entry = _record_decision(decision, actor=actor)
        people = who_decides(round)
        _ask(round, people, proposed=proposed_in(round, people), event_seq=entry.seq)
        return decision
    _close_round(round, RoundOutcome.APPROVED, "")
    day = max(revision.effective_on or today(), today())  # never in force before it was approved
    if revision.is_emergency(today()):
        day = today()  # readers follow it already
    end_emergency(revision)
    approval = swap(
        revision, Event.APPROVE, actor=actor, data=_decision_data(decision), approved_at=now, effective_on=day,
        emergency_until=None,
    )  # fmt: skip
    if day <= today():
        publish_approved(revision, actor=actor, approval=approval)
        return decision
    [entry] = trail.record_many([approval])
    search.index(revision)
    _tell_contributors(Event.APPROVE, revision, actor=actor, event_seq=entry.seq, reason="")
    return decision


def _after(stage: RoundStage) -> tuple[bool, RoundStage | None]:
    """Whether as many slots of `stage` have signed as its rule wants, and the stage that follows it; one query."""
    signed = Q(slots__decisions__invalidated_at=None, slots__decisions__verdict=Verdict.APPROVE)
    stages = RoundStage.objects.filter(round=stage.round_id, position__gte=stage.position)
    here, *rest = stages.order_by("position").annotate(
        places=Count("slots", distinct=True), signed=Count("slots", filter=signed, distinct=True)
    )
    return here.signed >= slots_needed(stage.rule, stage.needed, here.places), rest[0] if rest else None


@transaction.atomic
def return_revision(round: Round, *, actor: User, content_hash: str, reason: str) -> Decision:
    """Send the revision back to its authors as the same draft, with a reason.

    Raises Refused without a reason, StaleContent, NotPermitted (contributors may not return either) and
    InvalidTransition.
    """
    require_alone(round)
    return send_back(round, actor=actor, shown_hash=content_hash, reason=reason)


@transaction.atomic
def send_back(round: Round, *, actor: User, shown_hash: str, reason: str) -> Decision:
    """What `return_revision` says, for one round of a set too."""
    reason = _required(reason, _("Say what must change: the author needs a reason."))
    round = _lock_round(round)
    decision = _decide(round, Verdict.RETURN, actor=actor, shown_hash=shown_hash, proof=None, comment=reason)
    revision = round.revision
    keep_text(revision)
    end_emergency(revision)
    entry = move(revision, Event.RETURN, actor=actor, reason=reason, data=_decision_data(decision), **_thawed())
    _close_round(round, RoundOutcome.RETURNED, reason)
    _tell_contributors(Event.RETURN, revision, actor=actor, event_seq=entry.seq, reason=reason)
    follow(names.REVISION_RETURN, revision, actor=actor, event_seq=entry.seq)
    return decision


def _lock_round(round: Round) -> Round:
    """The open round, its revision locked until the end of the transaction."""
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    revision = locked.select_related("procedure__department__head", "procedure__owner").get(pk=round.revision_id)
    round = Round.objects.select_related("set_item__change_set").get(pk=round.pk)
    round.revision = revision
    if round.outcome != RoundOutcome.OPEN:
        raise InvalidTransition(round_has_ended(), target=round.get_absolute_url())
    return round


def _decide(
    round: Round, verdict: Verdict, *, actor: User, shown_hash: str, proof: Proof | None, comment: str
) -> Decision:
    """The decision of `actor`, over exactly the text that was shown; `proof` is None when none is asked for."""
    slot = slot_to_fill(actor, round)
    if slot is None:
        raise NotPermitted(why_not_decide(actor, round))
    if shown_hash != round.content_hash or content_hash(round.revision.content or {}) != round.content_hash:
        raise StaleContent(
            _("The text has changed since you opened the page. Read it again before you decide."),
            target=round.get_absolute_url(),
        )
    if verdict == Verdict.APPROVE:
        _check_proof(proof, slot.stage, round)
    if proof is not None:
        spend(proof, person=actor)
    absent = acts_for(slot)
    with translation.override(round.revision.language):
        capacity = capacity_of(slot, round.revision.procedure, absent)
    decision = Decision(
        round=round,
        slot=slot,
        decider=actor,
        on_behalf_of=absent,
        verdict=verdict,
        meaning=slot.stage.meaning if verdict == Verdict.APPROVE else Meaning.REVIEWED,
        comment=comment,
        decided_at=timezone.now(),
        decider_name=actor.full_name,
        capacity=capacity,
        method=proof.method if proof else METHOD_SESSION,
        statement_version=proof.statement if proof else 0,
        content_hash=round.content_hash,
    )
    seal(decision)
    decision.save()
    remember_look(round, actor)
    return decision


def _check_proof(proof: Proof | None, stage: RoundStage, round: Round) -> None:
    """Raise InvalidTransition when the person has come to a place meanwhile that asks for more than they have shown."""
    has_enough = not stage.needs_signature or (
        proof is not None and (proof.has_second_factor or not stage.needs_second_factor)
    )
    if not has_enough:
        raise InvalidTransition(
            _("Your place in this round has changed since you opened the page. Nothing was signed."),
            target=round.get_absolute_url(),
        )


def _decision_data(decision: Decision) -> dict[str, object]:
    return {
        "round": decision.round.number,
        "stage": decision.slot.stage.name,
        "capacity": decision.capacity,
        "meaning": decision.meaning,
        "method": decision.method,
        "seal": decision.seal,
    }


def _record_decision(decision: Decision, *, actor: User) -> Entry:
    """The trail of a signature that does not complete the round yet."""
    revision = decision.round.revision
    return trail.record(
        TRANSITIONS[Event.APPROVE].audit_name,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={"number": revision.number, "content_hash": decision.content_hash, **_decision_data(decision)},
    )


def _tell_contributors(event: Event, revision: Revision, *, actor: User, event_seq: int, reason: str) -> None:
    people = revision.contributors.exclude(pk=actor.pk)
    url = revision.get_absolute_url()
    tell(event, revision, people, actor=actor, event_seq=event_seq, url=url, reason=reason)


def _required(reason: str, message: str) -> str:
    if not reason.strip():
        raise Refused(message)
    return reason.strip()
