"""Emergency issue: readers follow a text for some days while its approval is open, and its round is the review."""

import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures import search, tasks
from procedures.actions.marking import tell_watchers
from procedures.actions.telling import about, stop_asking, tell_apps_above
from procedures.errors import StaleContent
from procedures.following import follow
from procedures.models import (
    MAX_EMERGENCY_DAYS,
    EmergencyIssue,
    Rendition,
    RenditionKind,
    Revision,
    Round,
    RoundOutcome,
)
from procedures.permissions import require_issue
from procedures.queries import open_round, who_decides
from procedures.signatures import check_signatures, seal_of_emergency
from procedures.states import State
from roles.models import User
from roles.queries import today
from roles.signing import Proof, prove_identity, spend
from sopdesk.lib.errors import Refused


def issue_emergency(
    revision: Revision,
    *,
    actor: User,
    content_hash: str,
    reason: str,
    days: int,
    password: str = "",
    code: str = "",
    accepts: int = 0,
) -> EmergencyIssue:
    """Sign that readers follow `revision`, which is in review, from now on and for `days` days after today.

    Its round stays open, on the same text, and `actor` decides nothing in it. `content_hash` is the text that the page
    showed. `password`, `code` and `accepts` are those of `roles.signing.prove_identity`.
    Raises Refused without a reason or for more days than allowed, StaleContent for another text, InvalidTransition
    when it is no longer in review or was issued meanwhile, NotPermitted to all but the owner and the head of the
    department, who neither wrote it nor have decided, SignatureInvalid, NotProved and CannotSign.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it cannot wait: readers and those who review it will see the reason."))
    if not 1 <= days <= MAX_EMERGENCY_DAYS:
        raise Refused(_("An emergency issue lasts 1 to %(days)d days.") % {"days": MAX_EMERGENCY_DAYS})
    require_issue(actor, revision)
    proof = prove_identity(actor, password=password, code=code, accepts=accepts)
    return _issue(revision, actor=actor, shown_hash=content_hash, reason=reason, days=days, proof=proof)


@transaction.atomic
def _issue(revision: Revision, *, actor: User, shown_hash: str, reason: str, days: int, proof: Proof) -> EmergencyIssue:
    revision = _lock(revision)
    require_issue(actor, revision)
    round = open_round(revision)
    if round is None or shown_hash != round.content_hash:
        raise StaleContent(
            _("The text has changed since you opened the page. Read it again before you decide."),
            target=revision.get_absolute_url(),
        )
    check_signatures(revision)
    spend(proof, person=actor)
    asked = who_decides(round)
    issue = _signed(round, revision, actor=actor, reason=reason, days=days, proof=proof)
    Revision.objects.filter(pk=revision.pk).update(emergency_until=issue.until)
    revision.emergency_until = issue.until
    search.index(revision)
    tasks.make_pdf.enqueue(revision.pk, RenditionKind.PDF_EMERGENCY)
    entry = trail.record(
        names.REVISION_EMERGENCY,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={
            "number": revision.number,
            "content_hash": issue.content_hash,
            "round": round.number,
            "capacity": issue.capacity,
            "method": issue.method,
            "until": issue.until.isoformat(),
            "seal": issue.seal,
        },
        reason=reason,
    )
    # Who issued it is not asked to review it any more.
    stop_asking(round, [actor])
    people = {*revision.contributors.all(), revision.procedure.owner, *asked} - {actor}
    _tell(revision, "revision-emergency", people, actor=actor, event_seq=entry.seq, until=issue.until, reason=reason)
    until = issue.until.isoformat()
    tell_watchers("emergency", revision, actor=actor, event_seq=entry.seq, told=people, until=until, reason=reason)
    others = EmergencyIssue.objects.of_other_text(revision.pk, revision.content_hash)
    tell_apps_above(revision, event_seq=entry.seq, had_other_text=others.exists())
    follow(names.REVISION_EMERGENCY, revision, actor=actor, event_seq=entry.seq)
    return issue


def _lock(revision: Revision) -> Revision:
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("procedure__owner", "procedure__department__head").get(pk=revision.pk)


def _signed(round: Round, revision: Revision, *, actor: User, reason: str, days: int, proof: Proof) -> EmergencyIssue:
    procedure = revision.procedure
    with translation.override(revision.language):
        if procedure.owner_id == actor.pk:
            capacity = _("Owner of the procedure")
        else:
            capacity = _("Head of %(department)s") % {"department": procedure.department.name}
    issue = EmergencyIssue(
        round=round,
        issued_by=actor,
        issuer_name=actor.full_name,
        capacity=capacity,
        reason=reason,
        issued_at=timezone.now(),
        days=days,
        until=today() + datetime.timedelta(days=days),
        method=proof.method,
        statement_version=proof.statement,
        content_hash=round.content_hash,
    )
    issue.seal = seal_of_emergency(issue)
    issue.save()
    return issue


def end_emergency(revision: Revision) -> None:
    """Take what an emergency issue has put beside the text of `revision`: its place in the search and its PDF, and
    the obsolete mark of the revision that it stood before. Inside the caller's transaction, before the text goes."""
    if revision.emergency_until is None:
        return
    search.remove(revision)
    Rendition.objects.filter(revision=revision, kind=RenditionKind.PDF_EMERGENCY).delete()
    Rendition.objects.filter(
        revision__procedure=revision.procedure_id,
        revision__state=State.PUBLISHED,
        kind=RenditionKind.PDF_OBSOLETE,
    ).delete()


def end_expired(day: datetime.date | None = None) -> list[Revision]:
    """End every emergency issue whose last day is before `day` (today), each in its own transaction; the review of the
    text goes on.

    Readers stopped following them by date in any case: this only catches up, and may run twice or late.
    """
    expired = Revision.objects.filter(emergency_until__lt=day or today()).order_by("pk")
    return [revision for row in expired if (revision := _end(row, day or today())) is not None]


@transaction.atomic
def _end(row: Revision, day: datetime.date) -> Revision | None:
    revision = _lock(row)
    until = revision.emergency_until
    if until is None or until >= day:
        return None  # another worker was faster, or it was decided
    end_emergency(revision)
    Revision.objects.filter(pk=revision.pk).update(emergency_until=None)
    revision.emergency_until = None
    entry = trail.record(
        names.REVISION_EMERGENCY_END,
        actor=None,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={"number": revision.number, "content_hash": revision.content_hash, "until": until.isoformat()},
    )
    round = revision.rounds.get(outcome=RoundOutcome.OPEN)
    issue = round.emergency
    people = {*revision.contributors.all(), revision.procedure.owner, issue.issued_by, *who_decides(round)}
    _tell(
        revision,
        "emergency-ended",
        people,
        actor=issue.issued_by,
        event_seq=entry.seq,
        until=until,
        reason=issue.reason,
    )
    tell_watchers("emergency-ended", revision, actor=None, event_seq=entry.seq, told=people, reason=issue.reason)
    follow(names.REVISION_EMERGENCY_END, revision, actor=None, event_seq=entry.seq)
    return revision


def _tell(
    revision: Revision,
    kind: str,
    people: set[User],
    *,
    actor: User,
    event_seq: int,
    until: datetime.date,
    reason: str,
) -> None:
    outbox.notify(
        kind,
        recipients=sorted(people, key=lambda person: person.pk),
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=revision.get_absolute_url(),
        context={
            **about(revision),
            "actor": str(actor),
            "until": until.isoformat(),
            "reason": reason,
        },
    )
