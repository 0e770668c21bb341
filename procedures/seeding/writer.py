"""Writes documents as published procedures: in bulk, but with everything that a published revision has.

What the actions would have left behind is here: frozen content with its hash, rendered text, a complete round with a
sealed decision, row history, trail, search index; `procedures.invariants.violations()` finds nothing to say. What they
would have set off is not: nobody is told, and no PDF is made before somebody asks for one.

Every document goes through `rendering.render_document`. Nearly all of its time is Markdown, and an invented step
stands in dozens of documents, so the HTML of a text in its place is remembered instead of made again; what comes out
is the same to the byte.
"""

import datetime
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from unittest import mock

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.utils import timezone
from django.utils.safestring import SafeString

from audit import names, trail
from notifications.outbox import settle
from procedures import rendering
from procedures.actions.approval.rounds import COPIED_SLOT_FIELDS, COPIED_STAGE_FIELDS
from procedures.content import FORMAT, NEW_IN_STEPS, content_hash, rendered_hash
from procedures.models import (
    Audience,
    Category,
    Decision,
    Letter,
    Procedure,
    Responsibility,
    Revision,
    Round,
    RoundOutcome,
    RoundSlot,
    RoundStage,
    Route,
    Step,
    Verdict,
)
from procedures.references import address_of_reference
from procedures.search.indexing import write_many
from procedures.seeding.documents import SeedDocument, Source
from procedures.seeding.errors import NotEmpty
from procedures.seeding.firm import DEPARTMENTS, BenchFirm, make_firm
from procedures.signatures import seal
from procedures.states import State
from roles.models import Department, Role, User
from roles.queries import today
from roles.signing import METHOD_PASSWORD
from sopdesk.lib.history import written_by
from sopdesk.lib.markup import SANITISER_VERSION, render_markdown

BATCH = 200
REMEMBERED_TEXTS = 50_000
UIDS = uuid.UUID("6d0c8a51-1c5b-4f0e-9a57-0b7c3f2d9e44")
DAYS_OF_HISTORY = 300
"""Effective dates lie within so many days before the day of the call, so that no review is overdue."""


def seed(source: Source, *, password: str, tell: Callable[[int], None] = lambda written: None) -> bool:
    """Publish every document of `source`; False when exactly these are there already. All or nothing.

    password: for everybody in the firm. tell: is told now and then how many are written.
    Raises NotEmpty when the database holds anything else.
    """
    if _is_here(source):
        return False
    if any(model.objects.exists() for model in (User, Department, Role, Category, Procedure)):
        raise NotEmpty
    with transaction.atomic(), _remembered_markdown():
        firm = make_firm(password=password)
        categories = _categories(source.documents)
        for start in range(0, len(source.documents), BATCH):
            documents = source.documents[start : start + BATCH]
            _write([
                _plan(source, document, index=index, firm=firm, category=categories.get(document.category))
                for index, document in enumerate(documents, start=start)
            ])  # fmt: skip
            tell(start + len(documents))
        settle(before=timezone.now() + datetime.timedelta(seconds=1))
    return True


def _is_here(source: Source) -> bool:
    """Steps carry uids that follow from the source, so the first and the last one tell whose they are."""
    if not source.documents or Procedure.objects.count() != len(source.documents):
        return False
    uids = {_uid(source, document, 1) for document in (source.documents[0], source.documents[-1])}
    return Step.objects.filter(uid__in=uids).count() == len(uids)


def _uid(source: Source, document: SeedDocument, number: int) -> uuid.UUID:
    return uuid.uuid5(UIDS, f"{source.name}/{document.code}/{number}")


def _categories(documents: Sequence[SeedDocument]) -> dict[str, Category]:
    wanted = sorted({document.category for document in documents})
    return {row.name: row for row in Category.objects.bulk_create(Category(name=name) for name in wanted)}


@contextmanager
def _remembered_markdown() -> Iterator[None]:
    @lru_cache(maxsize=REMEMBERED_TEXTS)
    def remembered(text: str, id_prefix: str) -> SafeString:
        return render_markdown(text, references=address_of_reference, id_prefix=id_prefix)

    def in_place(text: str, *, id_prefix: str, **_hooks: object) -> SafeString:
        return remembered(text, id_prefix)  # these texts have no pictures

    with mock.patch.object(rendering, "render_markdown", in_place):
        yield


# One procedure -----------------------------------------------------------------------------------------------


@dataclass
class Plan:
    """The rows of one procedure, in the order in which they can be written."""

    procedure: Procedure
    revision: Revision
    steps: list[Step]
    accountable: Responsibility
    author: User
    approver: User
    readers: Department | Role | None
    """The department or role that a restricted audience names."""

    round: Round
    stages: list[RoundStage] = field(default_factory=list)
    slots: list[RoundSlot] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def _plan(source: Source, document: SeedDocument, *, index: int, firm: BenchFirm, category: Category | None) -> Plan:
    department = firm.departments[DEPARTMENTS[index % len(DEPARTMENTS)].code]
    author, roles = firm.authors[department.code], firm.roles[department.code]
    audience, readers = _audience(index, firm)
    procedure = Procedure(code=document.code, department=department, owner=author, audience=audience)
    effective_on = today() - datetime.timedelta(days=1 + index * 7 % DAYS_OF_HISTORY)
    moment = timezone.make_aware(datetime.datetime.combine(effective_on, datetime.time(9, index % 60)))
    now = timezone.now()  # what the trail says is written now, however old the text seems
    revision = Revision(
        procedure=procedure, number=1, title=document.title, language=document.language, category=category,
        purpose=document.purpose, scope=document.scope, outcome=document.outcome, created_by=author,
        state=State.PUBLISHED, effective_on=effective_on, saved_at=moment, submitted_at=now, approved_at=now,
        published_at=now, sanitiser_version=SANITISER_VERSION,
    )  # fmt: skip
    revision.next_review_on = effective_on + relativedelta(months=revision.review_interval_months)
    steps = [
        Step(
            revision=revision, uid=_uid(source, document, number), position=number, title=step.title, body=step.body,
            expected=step.expected, warning=step.warning, minutes=step.minutes,
            role=roles[(index + number) % len(roles)],
        )
        for number, step in enumerate(document.steps, start=1)
    ]  # fmt: skip
    accountable = Responsibility(revision=revision, role=roles[0], letter=Letter.ACCOUNTABLE)
    revision.content = _content(revision, steps, accountable)
    revision.content_hash = content_hash(revision.content)
    revision.rendered = rendering.render_document(revision.content, media=lambda key: "")
    round = Round(
        revision=revision, number=1, content_hash=revision.content_hash, opened_at=moment, opened_by=author,
        outcome=RoundOutcome.APPROVED, closed_at=moment,
    )  # fmt: skip
    return Plan(procedure, revision, steps, accountable, author, firm.approver, readers, round)


def _audience(index: int, firm: BenchFirm) -> tuple[Audience, Department | Role | None]:
    """One procedure in ten is for a department, one in twenty for a role; `reader@` belongs to both."""
    first = DEPARTMENTS[0].code
    if index % 10 == 3:
        return Audience.DEPARTMENTS, firm.departments[first]
    if index % 20 == 7:
        return Audience.ROLES, firm.roles[first][0]
    return Audience.EVERYONE, None


def _content(revision: Revision, steps: list[Step], accountable: Responsibility) -> dict:
    """What `procedures.content.read_content` will read from these rows once they are written."""
    details = {
        name: getattr(revision, name)
        for name in (
            "number", "title", "language", "tags", "purpose", "scope", "outcome", "trigger", "frequency",
            "prerequisites", "definitions", "background", "references", "contact", "review_interval_months",
            "change_summary", "significance",
        )
    }  # fmt: skip
    return {
        "format": FORMAT,
        "code": revision.procedure.code,
        "kind": str(revision.procedure.kind),
        **{name: str(value) if isinstance(value, str) else value for name, value in details.items()},
        "category": revision.category.name if revision.category else "",
        "tools": [],
        "records": [],
        "benchmarks": [],
        "responsibilities": [{"role": _role(accountable.role), "letter": str(accountable.letter)}],
        "steps": [
            {
                "uid": str(step.uid),
                "number": step.position,
                "kind": str(step.kind),
                "role": _role(step.role),
                "responsibilities": [],
                **NEW_IN_STEPS,
                **{
                    name: getattr(step, name)
                    for name in ("section", "title", "body", "expected", "warning", "minutes", "branches")
                },
            }
            for step in steps
        ],
        "parts": [],
        "source": None,
        "attachments": [],
    }


def _role(role: Role | None) -> dict | None:
    return {"id": role.pk, "name": role.name} if role else None


# Rows --------------------------------------------------------------------------------------------------------


def _write(plans: list[Plan]) -> None:
    _write_texts(plans)
    route = Route.objects.get()  # that of the migration: there was no other data
    _write_rounds(plans, route)
    trail.record_many([happening for plan in plans for happening in _happenings(plan, route)])
    write_many(plan.revision for plan in plans)


def _write_texts(plans: list[Plan]) -> None:
    Procedure.objects.bulk_create(plan.procedure for plan in plans)
    Revision.objects.bulk_create(plan.revision for plan in plans)
    steps = Step.objects.bulk_create(step for plan in plans for step in plan.steps)
    letters = Responsibility.objects.bulk_create(plan.accountable for plan in plans)
    wrote = Revision.contributors.through
    wrote.objects.bulk_create(wrote(revision=plan.revision, user=plan.author) for plan in plans)
    to_departments = Procedure.audience_departments.through
    to_departments.objects.bulk_create(
        to_departments(procedure=plan.procedure, department=plan.readers)
        for plan in plans
        if isinstance(plan.readers, Department)
    )
    to_roles = Procedure.audience_roles.through
    to_roles.objects.bulk_create(
        to_roles(procedure=plan.procedure, role=plan.readers) for plan in plans if isinstance(plan.readers, Role)
    )
    for plan in plans:
        for row in (plan.procedure, plan.revision, *plan.steps, plan.accountable):
            written_by(row, plan.author)
    Procedure.history.bulk_history_create([plan.procedure for plan in plans])
    Revision.history.bulk_history_create([plan.revision for plan in plans])
    Step.history.bulk_history_create(steps)
    Responsibility.history.bulk_history_create(letters)


def _write_rounds(plans: list[Plan], route: Route) -> None:
    """One round each through `route`, in every slot of which the approver has signed."""
    stages = list(route.stages.prefetch_related("slots"))
    for plan in plans:
        round = plan.round
        round.route, round.route_version, round.route_name = route, route.version, route.name
        for stage in stages:
            copy = RoundStage(round=round, opened_at=round.opened_at, completed_at=round.closed_at)
            copy.due_on = round.opened_at.date() + datetime.timedelta(days=stage.days)
            _copy_fields(stage, copy, COPIED_STAGE_FIELDS)
            plan.stages.append(copy)
            for slot in stage.slots.all():
                slot_copy = RoundSlot(stage=copy)
                _copy_fields(slot, slot_copy, COPIED_SLOT_FIELDS)
                plan.slots.append(slot_copy)
    Round.objects.bulk_create(plan.round for plan in plans)
    RoundStage.objects.bulk_create(stage for plan in plans for stage in plan.stages)
    RoundSlot.objects.bulk_create(slot for plan in plans for slot in plan.slots)
    for plan in plans:
        plan.decisions = [_decision(plan, slot) for slot in plan.slots]
    Decision.objects.bulk_create(decision for plan in plans for decision in plan.decisions)


def _copy_fields(source: models.Model, target: models.Model, fields: Sequence[str]) -> None:
    for name in fields:
        setattr(target, name, getattr(source, name))


def _decision(plan: Plan, slot: RoundSlot) -> Decision:
    decision = Decision(
        round=plan.round, slot=slot, decider=plan.approver, verdict=Verdict.APPROVE, meaning=slot.stage.meaning,
        decided_at=plan.round.opened_at, decider_name=plan.approver.full_name, capacity=str(slot),
        method=METHOD_PASSWORD, content_hash=plan.round.content_hash,
    )  # fmt: skip
    seal(decision)
    return decision


def _happenings(plan: Plan, route: Route) -> Iterator[trail.Happening]:
    """What the trail tells of a procedure that was written, submitted, approved and published."""
    revision, code = plan.revision, plan.procedure.code
    frozen = {"number": revision.number, "content_hash": revision.content_hash}
    yield trail.Happening(names.PROCEDURE_ADD, plan.author, plan.procedure, code, {"kind": plan.procedure.kind})
    start = {"number": revision.number, "title": revision.title}
    yield trail.Happening(names.REVISION_START, plan.author, revision, code, start)
    submission = {**frozen, "route": route.name, "rendered_hash": rendered_hash(revision.rendered)}
    yield trail.Happening(names.REVISION_SUBMIT, plan.author, revision, code, submission)
    for decision in plan.decisions:
        data = {**frozen, "round": plan.round.number, "capacity": decision.capacity, "seal": decision.seal}
        yield trail.Happening(names.REVISION_APPROVE, plan.approver, revision, code, data)
    yield trail.Happening(names.REVISION_PUBLISH, plan.approver, revision, code, frozen)
