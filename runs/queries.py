"""Reading across suggestions, procedures and revisions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, F, IntegerField, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from procedures.models import Procedure, Revision, Step
from procedures.states import State
from roles.models import User
from roles.queries import today
from runs.models import Answer, Remark, RemarkQuerySet
from runs.permissions import remarks_answerable_by


def answerable_among(user: User, remarks: Iterable[Remark]) -> set[int]:
    """Which of a page of remarks (ids) `user` answers; one query."""
    ids = [remark.pk for remark in remarks]
    return set(remarks_answerable_by(user).filter(pk__in=ids).values_list("pk", flat=True))


def draft_beside(remark: Remark) -> Revision | None:
    """The revision on its way of the procedure that `remark` is about."""
    return remark.procedure.revisions.open().first()


def step_with(revision: Revision, uid: UUID | None) -> Step | None:
    """The step `uid` of `revision`; None for the whole text, and when it has no such step."""
    return revision.steps.filter(uid=uid).first() if uid else None


def waiting_first(remarks: RemarkQuerySet) -> RemarkQuerySet:
    """Those without an answer first, the longest wait in front; then those promised; the others, the latest first."""
    order = Case(
        When(answer="", then=Value(0)), When(answer=Answer.PROMISED, then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    age = Case(When(answer="", then="said_at"), default=None, output_field=DateTimeField())
    return remarks.order_by(order, age.asc(nulls_last=True), "-said_at", "-pk")


def procedures_in(remarks: RemarkQuerySet) -> QuerySet[Procedure]:
    """The procedures that `remarks` are about, by code, for a choice."""
    return Procedure.objects.filter(pk__in=remarks.order_by().values("procedure")).order_by("code")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many suggestions wait for an answer on one procedure."""

    code: str
    title: str
    language: str
    count: int


@dataclass(frozen=True, slots=True)
class WaitingList:
    """What somebody should answer, by procedure, the longest wait first."""

    rows: list[Waiting]

    @property
    def count(self) -> int:
        """How many suggestions that are."""
        return sum(row.count for row in self.rows)


def waiting_for(user: User) -> WaitingList:
    """One query."""
    shown = Revision.objects.in_force(today()).filter(procedure=OuterRef("procedure"))
    title, language = (Coalesce(Subquery(shown.values(name)[:1]), Value("")) for name in ("title", "language"))
    found = remarks_answerable_by(user).open().order_by().values("procedure__code")
    rows = found.annotate(count=Count("pk"), first=Min("said_at"), title=title, language=language).order_by("first")
    return WaitingList(
        [Waiting(row["procedure__code"], row["title"], row["language"], row["count"]) for row in rows]
    )  # fmt: skip


def answered_by(revision: Revision) -> RemarkQuerySet:
    """The suggestions that `revision` answers, by step, the whole first."""
    return _by_step(Remark.objects.answered_by(revision))


def to_settle_in(revision: Revision) -> RemarkQuerySet:
    """What a draft could still answer: what waits for an answer or was promised, by step, the whole first."""
    return _by_step(Remark.objects.to_settle().filter(procedure=revision.procedure_id))


def unanswered_count(revision: Revision) -> int:
    """How many suggestions about the procedure nobody has answered, nor `revision` is to."""
    return Remark.objects.open().filter(procedure=revision.procedure_id).count()


def _by_step(remarks: RemarkQuerySet) -> RemarkQuerySet:
    rows = remarks.select_related("revision", "solved_by", "author")
    rows = rows.defer("revision__content", "revision__rendered", "solved_by__content", "solved_by__rendered")
    return rows.order_by(F("step_number").asc(nulls_first=True), "said_at", "pk")


@dataclass(frozen=True, slots=True)
class DraftRemarks:
    """What a draft could answer: on what is open in the editor, and elsewhere."""

    here: list[Remark] = field(default_factory=list)
    elsewhere: list[Remark] = field(default_factory=list)

    @property
    def open_count(self) -> int:
        return sum(row.is_open for row in [*self.here, *self.elsewhere])

    @property
    def count(self) -> int:
        return len(self.here) + len(self.elsewhere)


def remarks_of_draft(revision: Revision, step: UUID | None) -> DraftRemarks:
    """One query."""
    found = DraftRemarks()
    for remark in to_settle_in(revision):
        remark.procedure = revision.procedure
        (found.here if remark.step == step else found.elsewhere).append(remark)
    return found


@dataclass(frozen=True, slots=True)
class Places:
    """Where the steps of remarks stand today: in the text in force and in the draft."""

    in_force: dict[tuple[int, UUID], int] = field(default_factory=dict)
    drafts: set[int] = field(default_factory=set)


def places_of(remarks: Iterable[Remark]) -> Places:
    """For a page of a list; two queries whatever their number."""
    rows = list(remarks)
    if not rows:
        return Places()
    procedures = {row.procedure_id for row in rows}
    steps = Revision.objects.in_force(today()).filter(procedure__in=procedures)
    wanted = {row.step for row in rows if row.step}
    found = steps.filter(steps__uid__in=wanted).values_list("procedure", "steps__uid", "steps__position")
    drafts = Revision.objects.filter(procedure__in=procedures, state=State.DRAFT).values_list("procedure", flat=True)
    return Places({(procedure, uid): number for procedure, uid, number in found}, set(drafts))
