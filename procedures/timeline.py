"""The revisions of a procedure on its history page: which a person may know of, and what is told of each."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.models import Confirmation, EmergencyIssue, Procedure, Rendition, Revision
from procedures.permissions import revisions_visible_to, sees_trail
from procedures.queries import approvals_on
from procedures.signatures import Signature, as_signatures
from procedures.states import ONCE_PUBLISHED, State
from roles.models import User
from roles.queries import today


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
    """The revisions of `procedure` that `user` may know of, latest first; 4 queries at most, whatever their
    number.

    Who does not look after the procedure sees what was released, and nothing of what is on its way.
    """
    revisions = revisions_visible_to(user).filter(procedure=procedure)
    if not sees_trail(user, procedure):
        due = Q(state=State.APPROVED, effective_on__lte=today())
        due |= Q(state=State.IN_REVIEW, emergency_until__gte=today())
        revisions = revisions.filter(due | Q(state__in=ONCE_PUBLISHED))
    pdfs = Rendition.objects.filter(revision=OuterRef("pk")).order_by("-pk")
    revisions = revisions.defer("content", "rendered").annotate(
        pdf_sha256=Subquery(pdfs.values("file__sha256")[:1]),
        was_confirmed=Exists(Confirmation.objects.filter(revision=OuterRef("pk"))),
        had_emergency=Exists(EmergencyIssue.objects.filter(round__revision=OuterRef("pk"))),
    )
    found = list(revisions.order_by("-number"))
    for row in found:
        row.procedure = procedure
    approvals = defaultdict(list)
    for decision in approvals_on(found):
        approvals[decision.round.revision_id].append(decision)
    confirmations = defaultdict(list)
    for confirmation in _confirmations_of([row for row in found if row.was_confirmed]):
        confirmations[confirmation.revision_id].append(confirmation)
    emergencies = defaultdict(list)
    for issue in _emergencies_of([row for row in found if row.had_emergency]):
        emergencies[issue.round.revision_id].append(issue)
    in_force = next((row for row in found if row.is_in_force(today())), None)
    return [
        RevisionRow(
            revision=row,
            state=(state := _state(row, in_force)),
            period=_period(row, state),
            signatures=as_signatures(approvals[row.pk], row),
            confirmations=confirmations[row.pk],
            emergencies=emergencies[row.pk],
            pdf_sha256=row.pdf_sha256 or "",
        )
        for row in found
    ]


def _confirmations_of(revisions: list[Revision]) -> Iterable[Confirmation]:
    return Confirmation.objects.filter(revision__in=revisions).order_by("number") if revisions else ()


def _emergencies_of(revisions: list[Revision]) -> Iterable[EmergencyIssue]:
    issues = EmergencyIssue.objects.filter(round__revision__in=revisions).select_related("round").order_by("pk")
    return issues if revisions else ()


def _state(revision: Revision, in_force: Revision | None) -> str:
    """The state by date: what is due counts as published, and what it replaces as superseded."""
    if revision == in_force:
        return State.PUBLISHED
    return State.SUPERSEDED if revision.state == State.PUBLISHED else revision.state


def _period(revision: Revision, state: str) -> str:
    """When the text was, is or will be followed, or since when it is where it is."""

    def day(moment: datetime.date | None) -> str:
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
