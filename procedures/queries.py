"""Reading across procedures, revisions and rounds."""

import datetime
import re
from collections.abc import Callable, Iterable

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.models import (
    Decision,
    EmergencyIssue,
    GlossaryTerm,
    ImportedDocument,
    Procedure,
    Revision,
    Round,
    RoundOutcome,
    RoundSlot,
    RoundStage,
    Route,
    RouteSlot,
    SlotKind,
    Verdict,
)
from procedures.permissions import revisions_editable_by
from procedures.routes.answering import best_of
from procedures.seats import Barred, Staff, people_in
from procedures.states import ONCE_PUBLISHED, State
from roles.models import Department, User
from roles.queries import today
from sopdesk.db.composed import Composed
from sopdesk.lib.errors import Missing

CODE_DIGITS = 3
REVIEW_SOON_DAYS = 30


def next_code(department: Department) -> str:
    """The first free code after the highest number of the department: FIN-015 after FIN-014.

    Codes of withdrawn procedures count too, since a code is never given twice.
    """
    prefix = f"{department.code}-"
    codes = Procedure.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    numbers = [int(match[1]) for code in codes if (match := re.fullmatch(re.escape(prefix) + r"(\d+)", code))]
    return f"{prefix}{max(numbers, default=0) + 1:0{CODE_DIGITS}d}"


def was_released(procedure: Procedure) -> bool:
    """Whether readers have ever followed a revision of `procedure`."""
    due = Q(state=State.APPROVED, effective_on__lte=today())
    return procedure.revisions.filter(due | Q(state__in=ONCE_PUBLISHED)).exists()


def revision_in_force(procedure: Procedure) -> Revision | None:
    """The revision that readers follow today."""
    return Revision.objects.in_force(today()).filter(procedure=procedure).first()


def approvals_of(revision: Revision) -> QuerySet[Decision]:
    """The signatures that stand behind `revision`, oldest first, with what their seals need."""
    return approvals_on([revision])


def approvals_on(revisions: Iterable[Revision | int]) -> QuerySet[Decision]:
    """The same for several, which may be named by their ids."""
    valid = Decision.objects.filter(round__revision__in=revisions, invalidated_at=None, verdict=Verdict.APPROVE)
    return valid.select_related("round__set_item__change_set").order_by("decided_at", "pk")


def approvals_at_once(revision: Revision) -> list[Decision]:
    """The same as `approvals_of`, composed once: every reader page asks for them.

    Of their rounds and change sets only what a seal needs is loaded.
    """
    return list(_approvals.ask(revision=revision.pk))


def _compose_approvals(revision: int) -> QuerySet[Decision]:
    own = [field.name for field in Decision._meta.concrete_fields]
    for_seals = ["revision", "content_hash", "set_item__round", "set_item__change_set__manifest_hash"]
    return approvals_on([revision]).only(*own, *(f"round__{name}" for name in for_seals))


_approvals = Composed(_compose_approvals, revision=int)


def drafts_of(user: User) -> QuerySet[Revision]:
    """Open revisions that `user` writes: begun already, or as an invited co-author; latest change first."""
    wrote = Revision.contributors.through.objects.filter(user_id=user.pk)
    invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
    mine = Q(pk__in=wrote.values("revision_id")) | Q(procedure__in=invited.values("procedure_id"))
    return revisions_editable_by(user).filter(mine).select_related("procedure").order_by("-saved_at", "-pk")


def route_for(procedure: Procedure) -> Route | None:
    """The active route that answers for `procedure`: see `procedures.routes.answering`."""
    active = Route.objects.filter(is_active=True)
    return best_of(active, department_id=procedure.department_id, kind=procedure.kind, risk=procedure.risk)


def people_of_slot(slot: RoundSlot | RouteSlot, procedure: Procedure) -> list[User]:
    """The active people who stand for `slot` today (also of a route's slot), deputies and contributors included."""
    return people_in(Staff([slot], day=today()).seats(slot, procedure))


def capacity_of(slot: RoundSlot | RouteSlot, procedure: Procedure, on_behalf_of: User | None = None) -> str:
    """In which capacity somebody fills `slot`, in words that stay true when people change ("Head of Finance"), and for
    whom."""
    match slot.kind:
        case SlotKind.HEAD:
            capacity = _("Head of %(department)s") % {"department": procedure.department.name}
        case SlotKind.OWNER:
            capacity = _("Owner of the procedure")
        case SlotKind.PERSON:
            capacity = _("Named approver")
        case _:
            capacity = slot.role.name if slot.role else ""
    if on_behalf_of is None:
        return capacity
    return _("%(capacity)s, for %(name)s") % {"capacity": capacity, "name": on_behalf_of.full_name}


def current_stage(round: Round) -> RoundStage | None:
    """The stage in which people decide now."""
    return round.stages.filter(opened_at__isnull=False, completed_at=None).first()


def barred_in(round: Round) -> Barred:
    """Who may not decide in `round` any more, or ever."""
    barred = {person.pk for person in round.revision.contributors.all()}
    if round.issuer_id:
        barred.add(round.issuer_id)
    valid = [decision for decision in round.decisions.all() if decision.invalidated_at is None]
    deciders = {decision.decider_id for decision in valid}
    holders = {decision.on_behalf_of_id or decision.decider_id for decision in valid}
    return Barred(frozenset(barred | deciders), frozenset(barred | holders))


def who_decides(round: Round) -> list[User]:
    """The people who can still decide in the current stage: not contributors, not those who have decided, and nobody
    for them; deputies after those who hold the slots."""
    stage = current_stage(round)
    if stage is None:
        return []
    decided = round.decisions.filter(invalidated_at=None).order_by()
    slots = list(stage.slots.exclude(pk__in=decided.values("slot_id")).select_related("role", "person"))
    staff, barred = Staff(slots, day=today()), barred_in(round)
    seats = [seat for slot in slots for seat in staff.seats(slot, round.revision.procedure)]
    return people_in(sorted(filter(barred.admits, seats), key=lambda seat: seat.on_behalf_of is not None))


def proposed_in(round: Round, deciding: Iterable[User] | None = None) -> list[User]:
    """Whom the author proposes for the open slots of the current stage, as far as they can still decide: those among
    `deciding`, who are asked for where they are not given."""
    decided = round.decisions.filter(invalidated_at=None).values("slot_id")
    slots = RoundSlot.objects.filter(
        stage__round=round, stage__opened_at__isnull=False, stage__completed_at=None, proposed__isnull=False
    )
    proposed = set(slots.exclude(pk__in=decided).values_list("proposed_id", flat=True))
    if not proposed:
        return []
    return [person for person in (who_decides(round) if deciding is None else deciding) if person.pk in proposed]


def rounds_of(revision: Revision) -> QuerySet[Round]:
    """All rounds of `revision` with their stages and decisions, latest first."""
    return (
        Round.objects.filter(revision=revision)
        .select_related("opened_by")
        .prefetch_related(
            "stages", Prefetch("decisions", queryset=Decision.objects.select_related("slot").order_by("decided_at"))
        )
        .order_by("-number")
    )


def open_round(revision: Revision) -> Round | None:
    """The round that is running on `revision`."""
    return revision.rounds.filter(outcome=RoundOutcome.OPEN).first()


def emergency_of(revision: Revision) -> EmergencyIssue | None:
    """The emergency issue by which readers follow `revision`, or did until the clock catches up; asked for only where
    there is one."""
    if revision.emergency_until is None:
        return None
    issues = EmergencyIssue.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN)
    return issues.select_related("round").first()


def media_of(revision: Revision, content: dict) -> Callable[[str], str]:
    """Resolves `media:<key>` in the text of `revision` to the address of its attachment; unknown keys to nothing."""
    keys = {row["key"] for row in content["attachments"]}

    def resolve(key: str) -> str:
        return reverse("attachment", args=[content["code"], content["number"], key]) if key in keys else ""

    return resolve


def with_reviews_due(user: User) -> QuerySet[Revision]:
    """Published revisions of procedures that `user` owns whose review is overdue or due within 30 days."""
    soon = today() + datetime.timedelta(days=REVIEW_SOON_DAYS)
    return (
        Revision.objects.filter(procedure__owner=user, state=State.PUBLISHED, next_review_on__lte=soon)
        .select_related("procedure")
        .order_by("next_review_on")
    )


def last_return(revision: Revision) -> Round | None:
    """The round that came back last, while its revision is a draft again."""
    if revision.state != State.DRAFT:
        return None
    closed = revision.rounds.exclude(outcome=RoundOutcome.OPEN).order_by("-number").first()
    return closed if closed and closed.outcome == RoundOutcome.RETURNED else None


def documents_imported_by(user: User) -> QuerySet[ImportedDocument]:
    """What `user` has uploaded and not yet made a draft of, without the long texts."""
    return ImportedDocument.objects.filter(uploaded_by=user.pk).defer("source_html", "report")


def glossary_terms() -> QuerySet[GlossaryTerm]:
    """The words of the glossary in alphabetical order."""
    return GlossaryTerm.objects.order_by("term", "pk")


def get_glossary_term(pk: int) -> GlossaryTerm:
    """One word. Raises Missing."""
    term = GlossaryTerm.objects.filter(pk=pk).first()
    if term is None:
        raise Missing(_("This word is not in the glossary."))
    return term
