"""What the history page shows: the revisions a person may know of, and the trail for those who look after it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import names, trail
from procedures.models import Confirmation, Decision, EmergencyIssue, Procedure, Rendition, Revision, Verdict
from procedures.permissions import revisions_visible_to, sees_trail
from procedures.signatures import Signature, as_signatures
from procedures.states import ONCE_PUBLISHED, State
from roles.models import User
from roles.queries import today

ENTRIES_PER_PAGE = 50

TRAIL_WORDS = {
    names.PROCEDURE_ADD: gettext_lazy("Procedure begun"),
    names.PROCEDURE_CHANGE: gettext_lazy("Settings changed"),
    names.REVISION_START: gettext_lazy("Draft begun"),
    names.REVISION_SUBMIT: gettext_lazy("Submitted for approval"),
    names.REVISION_RECALL: gettext_lazy("Recalled"),
    names.REVISION_RETURN: gettext_lazy("Changes requested"),
    names.REVISION_APPROVE: gettext_lazy("Approved"),
    names.REVISION_REVOKE: gettext_lazy("Approval revoked"),
    names.REVISION_PUBLISH: gettext_lazy("Published"),
    names.REVISION_SUPERSEDE: gettext_lazy("Superseded"),
    names.REVISION_EMERGENCY: gettext_lazy("Emergency issue"),
    names.REVISION_EMERGENCY_END: gettext_lazy("Emergency issue has run out"),
    names.REVISION_CONFIRM: gettext_lazy("Reviewed, still valid"),
    names.DEVIATION_ASK: gettext_lazy("Temporary deviation asked for"),
    names.DEVIATION_APPROVE: gettext_lazy("Temporary deviation approved"),
    names.DEVIATION_REFUSE: gettext_lazy("Temporary deviation refused"),
    names.DEVIATION_RECALL: gettext_lazy("Temporary deviation taken back"),
    names.DEVIATION_END: gettext_lazy("Temporary deviation over"),
    names.REVISION_WITHDRAW: gettext_lazy("Withdrawn"),
    names.REVISION_DISCARD: gettext_lazy("Draft discarded"),
    names.ROUND_REMIND: gettext_lazy("Reminder sent"),
    names.ROUND_ESCALATE: gettext_lazy("Told who is above that a decision is late"),
    names.ROUND_STUCK: gettext_lazy("Told that nobody can decide"),
    names.SLOT_REASSIGN: gettext_lazy("Somebody else put into a place"),
    names.REVISION_ACKNOWLEDGE: gettext_lazy("Read and understood"),
    names.REVISION_IMPORT: gettext_lazy("Imported"),
    names.COMMENT_ADD: gettext_lazy("Comment written"),
    names.COMMENT_RESOLVE: gettext_lazy("Comment resolved"),
    names.COMMENT_REOPEN: gettext_lazy("Comment opened again"),
    names.COMMENT_DELETE: gettext_lazy("Comment taken back"),
    names.REVISION_FOLLOW: gettext_lazy("Changes of the source settled"),
    names.GUEST_INVITE: gettext_lazy("Somebody invited to comment"),
    names.GUEST_REMOVE: gettext_lazy("Invitation to comment taken back"),
    names.SHARE_ADD: gettext_lazy("Shared by link"),
    names.SHARE_OPEN: gettext_lazy("Link opened for the first time"),
    names.SHARE_REVOKE: gettext_lazy("Link revoked"),
    names.SHARE_END: gettext_lazy("Link ended"),
}


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision on the timeline."""

    revision: Revision
    state: str
    period: str
    signatures: list[Signature]
    confirmations: list[Confirmation]
    emergencies: list[EmergencyIssue]
    pdf_sha256: str


def revision_rows(user: User, procedure: Procedure) -> list[RevisionRow]:
    """The revisions of `procedure` that `user` may know of, latest first; 5 queries whatever their number.

    Who does not look after the procedure sees what was released, and nothing of what is on its way.
    """
    revisions = revisions_visible_to(user).filter(procedure=procedure)
    if not sees_trail(user, procedure):
        due = Q(state=State.APPROVED, effective_on__lte=today())
        due |= Q(state=State.IN_REVIEW, emergency_until__gte=today())
        revisions = revisions.filter(due | Q(state__in=ONCE_PUBLISHED))
    found = list(revisions.order_by("-number").defer("content", "rendered"))
    for row in found:
        row.procedure = procedure
    approvals = defaultdict(list)
    for decision in Decision.objects.filter(
        round__revision__in=[row.pk for row in found], invalidated_at=None, verdict=Verdict.APPROVE
    ).select_related("round"):
        approvals[decision.round.revision_id].append(decision)
    confirmations = defaultdict(list)
    for confirmation in Confirmation.objects.filter(revision__in=[row.pk for row in found]).order_by("number"):
        confirmations[confirmation.revision_id].append(confirmation)
    emergencies = defaultdict(list)
    issues = EmergencyIssue.objects.filter(round__revision__in=[row.pk for row in found]).select_related("round")
    for issue in issues.order_by("pk"):
        emergencies[issue.round.revision_id].append(issue)
    pdfs = dict(Rendition.objects.filter(revision__in=found).values_list("revision_id", "file__sha256"))
    in_force = next((row for row in found if row.is_in_force(today())), None)
    return [
        RevisionRow(
            revision=row,
            state=(state := _state(row, in_force)),
            period=_period(row, state),
            signatures=as_signatures(approvals[row.pk], row),
            confirmations=confirmations[row.pk],
            emergencies=emergencies[row.pk],
            pdf_sha256=pdfs.get(row.pk, ""),
        )
        for row in found
    ]


def _state(revision: Revision, in_force: Revision | None) -> str:
    """The state by date: what is due counts as published, and what it replaces as superseded."""
    if revision == in_force:
        return State.PUBLISHED
    return State.SUPERSEDED if revision.state == State.PUBLISHED else revision.state


def _period(revision: Revision, state: str) -> str:
    """When the text was, is or will be followed, or since when it is where it is."""

    def day(moment: object) -> str:
        return date_format(moment, "DATE_FORMAT") if moment else "–"

    if revision.is_emergency(today()):
        return _("emergency issue until %(day)s") % {"day": day(revision.emergency_until)}
    match state:
        case State.DRAFT:
            return _("being written since %(day)s") % {"day": day(revision.created_at)}
        case State.IN_REVIEW:
            return _("in review since %(day)s") % {"day": day(revision.submitted_at)}
        case State.APPROVED:
            return _("in force from %(day)s") % {"day": day(revision.effective_on)}
        case State.PUBLISHED:
            return _("%(day)s to now") % {"day": day(revision.effective_on)}
        case State.DISCARDED:
            return _("discarded on %(day)s") % {"day": day(revision.ended_at)}
        case _:
            return _("%(first)s to %(last)s") % {"first": day(revision.effective_on), "last": day(revision.ended_at)}


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An entry of the trail in words. `is_intact` says whether it is as it was written."""

    entry: Any
    what: str
    is_intact: bool

    @property
    def number(self) -> int | None:
        """The revision that it tells of."""
        return self.entry.data.get("number")


def trail_rows(entries: Iterable[Any]) -> list[TrailRow]:
    return [
        TrailRow(entry, TRAIL_WORDS.get(entry.name, entry.name), trail.entry_hash(entry) == entry.hash)
        for entry in entries
    ]
