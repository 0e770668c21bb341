"""Suggesting a change of a step, and answering that: who looks after the procedure changes the text or says why not."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names
from procedures.errors import StaleContent
from procedures.models import Procedure, Revision, Step
from procedures.queries import revision_in_force
from procedures.states import OPEN_STATES, State
from roles.models import User
from runs import delivery
from runs.actions.recording import record
from runs.models import MAX_LENGTH, Answer, Remark, RemarkKind
from runs.permissions import can_answer, can_remark, require_suggests
from sopdesk.lib.errors import Conflict, InvalidTransition, Missing, NotPermitted, Refused

MAX_WAITING = 20
"""So many suggestions of one person may wait for an answer on one procedure."""


@transaction.atomic
def add_remark(revision: Revision, *, actor: User, kind: str, text: str, step: UUID | None = None) -> Remark:
    """Suggest a change of a step (its uid), or of the whole text, of `revision`, which `actor` has read, and tell the
    owner.

    When another revision has come into force meanwhile it is taken all the same, as long as that has the step. Who
    sends the same once more gets the first one again, and nothing happens.
    Raises NotPermitted to auditors, Missing to who may not read the text in force, StaleContent when none is or it does
    not have the step, Refused for an empty or too long text, and to who has too many waiting already.
    """
    require_suggests(actor)
    # Withdrawing locks it, too: nothing is suggested to a procedure whose suggestions are being closed.
    procedures = Procedure.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    procedure = procedures.get(pk=revision.procedure_id)
    current = revision_in_force(procedure)
    if current is None:
        raise StaleContent(_("This procedure is no longer in force. Nothing was sent."))
    if not can_remark(actor, current):
        raise Missing()
    revision = revision if revision.number < current.number else current
    place = _place_in(revision, current, step)
    kind, text = _checked(kind, text)
    mine = Remark.objects.open().filter(author=actor, procedure=procedure)
    same = mine.filter(step=step, kind=kind, text=text).first()
    if same is not None:
        return same
    if mine.count() >= MAX_WAITING:
        sentence = _("%(count)d suggestions of yours wait for an answer here. Wait for these first.")
        raise Refused(sentence % {"count": MAX_WAITING})
    remark = Remark.objects.create(
        procedure=procedure,
        revision=revision,
        step=step,
        step_number=place.position if place else None,
        step_title=place.title if place else "",
        kind=kind,
        text=text,
        author=actor,
        author_name=actor.full_name,
        said_at=timezone.now(),
    )
    entry = record(names.REMARK_ADD, remark, actor=actor)
    delivery.tell_owner(remark, event_seq=entry.seq)
    return remark


def _place_in(revision: Revision, current: Revision, step: UUID | None) -> Step | None:
    """The step as it was read. Raises StaleContent when the text in force has no such step."""
    if step is None:
        return None
    found = {row.revision_id: row for row in Step.objects.filter(revision__in={revision.pk, current.pk}, uid=step)}
    if current.pk not in found:
        raise StaleContent(
            _("The text in force, revision %(number)d, does not have this step any more. Nothing was sent.")
            % {"number": current.number}
        )
    return found.get(revision.pk, found[current.pk])


def _checked(kind: str, text: str) -> tuple[str, str]:
    text = text.strip()
    if kind not in RemarkKind.values:
        raise Refused(_("Say what kind of suggestion it is."))
    if not text:
        raise Refused(_("Say what should be different."))
    if len(text) > MAX_LENGTH:
        raise Refused(_("A suggestion has at most %(count)d characters.") % {"count": MAX_LENGTH})
    return kind, text


# Answering ---------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_remark(remark: Remark, *, actor: User, version: int, answer: str, text: str = "") -> Remark:
    """Promise a change, say that the text in force has it already, or say why not; who suggested it is told.

    `version` is the one that the page showed. What is promised is tied to the draft that is being written, if there is
    one. An answer may be changed by a later one until the text is.
    Raises NotPermitted, Conflict when somebody else was faster, InvalidTransition when it is settled for good, Refused
    for a refusal without a reason.
    """
    remark = _lock(remark, actor=actor, version=version)
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise Refused(_("An answer has at most %(count)d characters.") % {"count": MAX_LENGTH})
    before = (remark.answer, remark.answer_text)
    match answer:
        case Answer.PROMISED:
            _set(remark, Answer.PROMISED, text, actor=actor, solved_by=_draft_of(remark.procedure))
        case Answer.DECLINED if text:
            _set(remark, Answer.DECLINED, text, actor=actor)
        case Answer.DECLINED:
            raise Refused(_("Say why the text stays as it is: who suggested it gets the reason."))
        case Answer.CHANGED:
            current = revision_in_force(remark.procedure)
            if current is None:
                raise Refused(_("No revision is in force that says it already."))
            _set(remark, Answer.CHANGED, text, actor=actor, solved_by=current)
        case _:
            raise Refused(_("Choose an answer."))
    remark.save()
    entry = record(names.REMARK_ANSWER, remark, actor=actor, reason=text)
    delivery.settle_with_owner(remark)
    if before != (remark.answer, remark.answer_text):
        delivery.tell_author(delivery.ANSWERED, remark, actor=actor, event_seq=entry.seq)
    return remark


@transaction.atomic
def postpone_remark(remark: Remark, *, actor: User, version: int) -> Remark:
    """Take a promised change out of the draft that was to bring it; the promise stays, for a later revision.

    Raises NotPermitted, Conflict when somebody else was faster, InvalidTransition when no draft is to bring it.
    """
    remark = _lock(remark, actor=actor, version=version)
    if not remark.is_promised or remark.solved_by is None or remark.solved_by.state != State.DRAFT:
        raise InvalidTransition(_("No draft is to bring this change any more."), target=remark.get_absolute_url())
    _postpone(remark, actor=actor)
    return remark


def choose_for_submission(
    revision: Revision, *, actor: User, chosen: Collection[int], shown: Collection[int]
) -> None:  # fmt: skip
    """Have `revision`, which is just being submitted and locked, bring those of the changes `shown` (ids of remarks)
    that are `chosen`, and not the others; inside the caller's transaction.

    What was answered otherwise since the page was shown, and what was not on it, is left alone.
    """
    rows = Remark.objects.to_settle().filter(procedure=revision.procedure_id, pk__in=shown).order_by("pk")
    for remark in rows.select_for_update(of=("self",), no_key=True).select_related("revision", "solved_by", "author"):
        remark.procedure = revision.procedure
        if remark.pk in chosen and remark.solved_by_id != revision.pk:
            is_news = remark.is_open
            _set(remark, Answer.PROMISED, remark.answer_text, actor=actor, solved_by=revision)
            remark.save()
            entry = record(names.REMARK_ANSWER, remark, actor=actor)
            delivery.settle_with_owner(remark)
            if is_news:
                delivery.tell_author(delivery.ANSWERED, remark, actor=actor, event_seq=entry.seq)
        elif remark.pk not in chosen and remark.solved_by_id == revision.pk:
            _postpone(remark, actor=actor)


def _postpone(remark: Remark, *, actor: User) -> None:
    record(names.REMARK_POSTPONE, remark, actor=actor)
    remark.solved_by = None
    remark.version += 1
    remark.save(update_fields=["solved_by", "version"])


def _lock(remark: Remark, *, actor: User, version: int) -> Remark:
    """The remark, locked until the end of the transaction, and before it what others lock who change it: procedure and
    revisions, in the order of `procedures.actions.publishing`."""
    Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=remark.procedure_id)
    moving = Revision.objects.filter(procedure=remark.procedure_id, state__in=[State.PUBLISHED, *OPEN_STATES])
    list(moving.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    locked = Remark.objects.select_for_update(of=("self",), no_key=True)
    related = ("procedure__owner", "revision", "solved_by", "author")
    stored = locked.select_related(*related).get(pk=remark.pk)
    if not can_answer(actor, stored):
        raise NotPermitted(_("Only those who look after the procedure answer suggestions."))
    if stored.is_final:
        raise InvalidTransition(_("This suggestion is settled for good."), target=stored.get_absolute_url())
    if stored.version != version:
        raise Conflict(_changed_since(stored), target=stored.get_absolute_url())
    return stored


def _changed_since(remark: Remark) -> str:
    if remark.is_open:
        return _("This suggestion has changed since you opened the page: it is open again. Nothing was changed.")
    told = {"name": remark.answerer_name, "answer": remark.get_answer_display()}
    return _("%(name)s has answered it since you opened the page: “%(answer)s”. Your answer was not recorded.") % told


def _draft_of(procedure: Procedure) -> Revision | None:
    return procedure.revisions.filter(state=State.DRAFT).first()


def _set(remark: Remark, answer: Answer, text: str, *, actor: User, solved_by: Revision | None = None) -> None:
    now = timezone.now()
    remark.answer, remark.answer_text, remark.solved_by = answer, text, solved_by
    remark.answered_by, remark.answerer_name, remark.answered_at = actor, actor.full_name, now
    remark.solved_at = now if answer == Answer.CHANGED else None
    remark.version += 1
