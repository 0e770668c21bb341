"""What is done with the trail as a whole, and with the whole file of a procedure; each leaves its entry."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import checkpoints, names, trail
from audit.trail import Entry
from notifications import outbox
from procedures.models import Procedure
from reports.models import TrailReview, VerificationRun
from reports.permissions import require_export, require_review, takes_pack
from reports.queries import last_review
from reports.seals import seal_of
from reports.verification import CLEAN, Verification
from roles.models import Access, User
from roles.signing import prove_identity, spend
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused


@transaction.atomic
def record_export(*, actor: User, format: str, filters: Mapping[str, str]) -> Entry:
    """Note that `actor` takes the trail away, as it stands before this entry, and what they asked for.

    Raises NotPermitted.
    """
    require_export(actor)
    head = trail.lock_head()
    data = {"format": format, "filters": dict(filters), "upto": head.seq, "hash": head.hash}
    return trail.record(names.TRAIL_EXPORT, actor=actor, subject=head, data=data)


def review_trail(
    *, actor: User, after: int, upto: int, upto_hash: str, note: str = "", password: str, code: str = "",
    accepts: int = 0,
) -> TrailReview:  # fmt: skip
    """Sign that `actor` has reviewed the entries behind `after` up to `upto`, which had the hash `upto_hash`.

    Raises NotPermitted (auditors only), what `prove_identity` raises, InvalidTransition when somebody else has
    reviewed since the page was opened, Refused when the entry is not the one that was shown.
    """
    require_review(actor)
    proof = prove_identity(actor, password=password, code=code, accepts=accepts)
    with transaction.atomic():
        trail.lock_head()
        spend(proof, person=actor)
        last = last_review()
        if after != (last.upto_seq if last else 0):
            raise InvalidTransition(
                _("Somebody else has signed a review since you opened the page. Nothing was signed."),
                target=reverse("audit-review"),
            )
        if upto <= after or trail.hash_of(upto) != upto_hash:
            raise Refused(
                _("The trail is not the one that was shown. Nothing was signed."), target=reverse("audit-review")
            )
        review = TrailReview(
            after_seq=after, upto_seq=upto, upto_hash=upto_hash, reviewer=actor, reviewer_name=actor.full_name,
            reviewed_at=timezone.now(), method=proof.method, statement_version=proof.statement, note=note.strip(),
        )  # fmt: skip
        review.seal = seal_of(review)
        review.save()
        data = {"after": after, "upto": upto, "hash": upto_hash, "method": proof.method, "seal": review.seal}
        trail.record(names.TRAIL_REVIEW, actor=actor, subject=review, data=data, reason=review.note)
    return review


@transaction.atomic
def record_pack(procedure: Procedure, *, actor: User, upto: int, manifest: str) -> Entry:
    """Note that `actor` takes the whole file of `procedure`, with the trail up to entry `upto` and this SHA-256 of its
    manifest. Raises NotPermitted.
    """
    if not takes_pack(actor, procedure):
        raise NotPermitted(_("Only auditors, administrators and the owner take the whole file of a procedure."))
    data = {"upto": upto, "manifest": manifest}
    return trail.record(names.PROCEDURE_PACK, actor=actor, subject=procedure, procedure_code=procedure.code, data=data)


def note_verification(found: Verification) -> VerificationRun:
    """Keep what a check found, as a row and as an entry; when not all is well, tell administrators and auditors."""
    with transaction.atomic():
        run = VerificationRun.objects.create(
            ended_at=timezone.now(), seconds=found.seconds, outcome=found.outcome, entries=found.entries,
            faults=found.faults, first=found.first,
        )  # fmt: skip
        data = {"outcome": run.outcome, "entries": run.entries, "faults": run.faults, "first": run.first}
        entry = trail.record(names.TRAIL_VERIFY, actor=None, subject=run, data=data)
        if run.outcome != CLEAN:
            _raise_alarm(run, event_seq=entry.seq)
    return run


def _raise_alarm(run: VerificationRun, *, event_seq: int) -> None:
    people = User.objects.filter(access__in=[Access.ADMINISTRATOR, Access.AUDITOR], is_active=True)
    for person in people:
        with translation.override(person.language):
            title = str(_("The nightly check found something: %(what)s") % {"what": run.get_outcome_display()})
        outbox.notify(
            "verification-failed",
            recipients=[person],
            event_seq=event_seq,
            title=title,
            url=reverse("audit"),
            context={"faults": run.faults, "first": run.first, "outcome": run.outcome},
        )


def make_due_checkpoint() -> bool:
    """Sign a checkpoint if it is time, and mail the first of a day to the addresses outside. Whether one was made."""
    now = timezone.now()
    if not settings.CHECKPOINT_KEY or not checkpoints.is_due(now):
        return False
    before = checkpoints.latest_lines(1)
    with transaction.atomic():
        if not checkpoints.make_checkpoint():
            return False
        if not before or timezone.localdate(before[0].at) < timezone.localdate(now):
            line = checkpoints.latest_lines(1)[0]
            context = {"seq": line.seq, "key": line.key, "line": line.as_text(), "base_url": settings.BASE_URL}
            outbox.write_to(settings.CHECKPOINT_MAIL_TO, "trail-checkpoint", context=context)
    return True
