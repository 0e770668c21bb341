"""Deciding on a revision in its round: signing it, or sending it back."""

import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from audit.trail import Entry
from procedures import search
from procedures.actions.approval.rounds import close_round, required_reason, thawed
from procedures.actions.approval.telling import ask, tell_contributors
from procedures.actions.emergency import end_emergency
from procedures.actions.publishing import publish_approved
from procedures.actions.reviewing import keep_text, remember_look
from procedures.actions.telling import stop_asking
from procedures.actions.transitions import move, swap
from procedures.changesets.permissions import require_alone
from procedures.content import content_hash
from procedures.errors import StaleContent
from procedures.following import follow
from procedures.models import Decision, Meaning, Revision, Round, RoundOutcome, RoundStage, Verdict
from procedures.permissions import acts_for, round_has_ended, slot_to_fill, why_not_decide
from procedures.queries import capacity_of, proposed_in, who_decides
from procedures.routes.deciding import slots_needed
from procedures.signatures import seal
from procedures.states import TRANSITIONS, Event
from roles.models import User
from roles.queries import today
from roles.signing import Proof, prove_identity, spend
from sopdesk.lib.errors import InvalidTransition, NotPermitted

METHOD_SESSION = "session"


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
        ask(round, people, proposed=proposed_in(round, people), event_seq=entry.seq)
        return decision
    close_round(round, RoundOutcome.APPROVED, "")
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
    tell_contributors(Event.APPROVE, revision, actor=actor, event_seq=entry.seq, reason="")
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
    reason = required_reason(reason, _("Say what must change: the author needs a reason."))
    round = _lock_round(round)
    decision = _decide(round, Verdict.RETURN, actor=actor, shown_hash=shown_hash, proof=None, comment=reason)
    revision = round.revision
    keep_text(revision)
    end_emergency(revision)
    entry = move(revision, Event.RETURN, actor=actor, reason=reason, data=_decision_data(decision), **thawed())
    close_round(round, RoundOutcome.RETURNED, reason)
    tell_contributors(Event.RETURN, revision, actor=actor, event_seq=entry.seq, reason=reason)
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
