"""Confirming that a text in force was reviewed and is still valid: signed, and without a new revision."""

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions.marking import tell_watchers
from procedures.actions.telling import about
from procedures.errors import StaleContent
from procedures.models import Confirmation, Revision
from procedures.permissions import require_confirm
from procedures.signatures import check_signatures, seal_of_confirmation
from roles.models import User
from roles.queries import today
from roles.signing import Proof, prove_identity, spend
from sopdesk.lib.errors import InvalidTransition, Refused


def confirm_revision(
    revision: Revision,
    *,
    actor: User,
    number: int,
    content_hash: str,
    comment: str,
    password: str = "",
    code: str = "",
    accepts: int = 0,
) -> Confirmation:
    """Sign that the published `revision` was reviewed and is still valid: its next review moves on by its interval.

    `content_hash` is the text that the page showed, `number` the confirmation that it would be: of two people who
    confirm, one wins. `comment` says what was looked at. `password`, `code` and `accepts` are those of
    `roles.signing.prove_identity`.
    Raises Refused without a comment, StaleContent for another text, InvalidTransition when it is no longer in force
    or was confirmed meanwhile, NotPermitted to all but the owner, SignatureInvalid, NotProved and CannotSign.
    """
    comment = comment.strip()
    if not comment:
        raise Refused(_("Say what was looked at."))
    require_confirm(actor, revision)
    proof = prove_identity(actor, password=password, code=code, accepts=accepts)
    return _confirm(revision, actor=actor, number=number, shown_hash=content_hash, comment=comment, proof=proof)


@transaction.atomic
def _confirm(
    revision: Revision, *, actor: User, number: int, shown_hash: str, comment: str, proof: Proof
) -> Confirmation:
    locked = Revision.objects.select_for_update(of=("self",)).select_related("procedure__owner")
    revision = locked.get(pk=revision.pk)
    require_confirm(actor, revision)
    if revision.confirmations.count() + 1 != number:
        raise InvalidTransition(
            _("This text was confirmed since you opened the page. Nothing was signed."),
            target=revision.procedure.get_absolute_url(),
        )
    if shown_hash != revision.content_hash:
        raise StaleContent(
            _("The text has changed since you opened the page. Read it again before you decide."),
            target=revision.procedure.get_absolute_url(),
        )
    check_signatures(revision)
    spend(proof, person=actor)
    confirmation = _signed(revision, actor=actor, number=number, comment=comment, proof=proof)
    Revision.objects.filter(pk=revision.pk).update(next_review_on=confirmation.next_review_on)
    _tell(revision, confirmation, actor=actor)
    return confirmation


def _signed(revision: Revision, *, actor: User, number: int, comment: str, proof: Proof) -> Confirmation:
    day, was_due = today(), revision.next_review_on or today()
    with translation.override(revision.language):
        capacity = _("Owner of the procedure")
    confirmation = Confirmation(
        revision=revision,
        number=number,
        confirmed_by=actor,
        confirmer_name=actor.full_name,
        capacity=capacity,
        comment=comment,
        confirmed_at=timezone.now(),
        was_due_on=was_due,
        next_review_on=max(was_due, day + relativedelta(months=revision.review_interval_months)),
        method=proof.method,
        statement_version=proof.statement,
        content_hash=revision.content_hash,
    )
    confirmation.seal = seal_of_confirmation(confirmation)
    confirmation.save()
    return confirmation


def _tell(revision: Revision, confirmation: Confirmation, *, actor: User) -> None:
    """Put it on the trail, and tell those who wrote the text."""
    entry = trail.record(
        names.REVISION_CONFIRM,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={
            "number": revision.number,
            "content_hash": revision.content_hash,
            "confirmation": confirmation.number,
            "capacity": confirmation.capacity,
            "method": confirmation.method,
            "seal": confirmation.seal,
            "was_due_on": confirmation.was_due_on.isoformat(),
            "next_review_on": confirmation.next_review_on.isoformat(),
        },
        reason=confirmation.comment,
    )
    writers = list(revision.contributors.all())
    outbox.notify(
        "revision-confirmed",
        recipients=[person for person in writers if person != actor],
        event_seq=entry.seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=revision.procedure.get_absolute_url(),
        context={
            **about(revision),
            "actor": str(actor),
            "reason": confirmation.comment,
            "next_review_on": confirmation.next_review_on.isoformat(),
        },
    )
    tell_watchers(
        "confirmed",
        revision,
        actor=actor,
        event_seq=entry.seq,
        told=writers,
        reason=confirmation.comment,
        next_review_on=confirmation.next_review_on.isoformat(),
    )
