"""The firm that tests work in. Everything reaches its state through the app's own actions."""

import datetime
import itertools
from dataclasses import dataclass, field
from functools import cache

from django.contrib.auth.hashers import make_password

from procedures.actions import approval, drafts, steps
from procedures.models import Category, Procedure, Revision, Route, RouteSlot, RouteStage, SlotKind, Step
from procedures.queries import open_round
from procedures.states import State
from roles.models import Access, Department, Holding, Role, StatementAcceptance, User
from roles.statements import current_statement

PASSWORD = "correct-horse-battery"
_numbers = itertools.count(1)


def make_user(
    name: str, *, department: Department | None = None, access: str = Access.READER, signs: bool = True, **fields
) -> User:
    """A person with `PASSWORD`, their own, who has accepted the e-signature statement unless `signs` is False."""
    user = new_user(name, department=department, access=access, password_is_own=signs, **fields)
    user.save()
    if signs:
        new_acceptance(user).save()
    return user


def new_user(name: str, **fields) -> User:
    """Somebody who is not stored yet."""
    full_name = name.replace("-", " ").capitalize()
    return User(
        **{"email": f"{name}@firm.test".lower(), "password": hashed_password(), "full_name": full_name, **fields}
    )


@cache
def hashed_password() -> str:
    return make_password(PASSWORD)


def new_acceptance(user: User) -> StatementAcceptance:
    statement = current_statement(user.language)
    return StatementAcceptance(
        person=user, version=statement.version, language=statement.language, text_hash=statement.text_hash,
        accepted_at=user.created_at,
    )  # fmt: skip


def make_route(*stages: list[tuple[str, object]], name: str = "", **match) -> Route:
    """A route with one stage per list of slots: `[("head", None)], [("role", role), ("person", user)]`."""
    route = Route.objects.create(name=name or f"Route {next(_numbers)}", **match)
    for position, slots in enumerate(stages, start=1):
        stage = RouteStage.objects.create(route=route, position=position, name=f"Stage {position}")
        for slot_position, (kind, who) in enumerate(slots, start=1):
            filled = {kind: who} if kind in ("role", "person") else {}
            RouteSlot.objects.create(stage=stage, position=slot_position, kind=kind, **filled)
    return route


@dataclass
class Firm:
    """The cast: who is who in every test. Finance is theirs; the outsider works in Operations."""

    finance: Department
    operations: Department
    clerk_role: Role
    category: Category
    author: User
    coauthor: User
    approver: User
    owner: User
    staff: User
    outsider: User
    auditor: User
    administrator: User
    superuser: User
    people: dict[str, User] = field(default_factory=dict)
    language: str = "en"
    """In which the firm writes; the people's own pages are in theirs."""


def make_firm(*, language: str = "en") -> Firm:
    finance = Department.objects.create(code="FIN", name="Finance")
    operations = Department.objects.create(code="OPS", name="Operations")
    clerk = Role.objects.create(name="Payroll clerk", department=finance)
    # All at once: nearly every test begins with this firm.
    cast = User.objects.bulk_create(
        new_user(name, password_is_own=True, **{"access": Access.READER, **fields})
        for name, fields in {
            "author": {"department": finance, "access": Access.AUTHOR},
            "coauthor": {"department": operations, "access": Access.AUTHOR},
            "approver": {"department": finance},
            "owner": {"department": finance},
            "staff": {"department": finance},
            "outsider": {"department": operations},
            "auditor": {"access": Access.AUDITOR},
            "administrator": {"access": Access.ADMINISTRATOR},
            "superuser": {"department": operations, "is_superuser": True},
        }.items()
    )
    StatementAcceptance.objects.bulk_create(new_acceptance(user) for user in cast)
    people = {user.email.partition("@")[0]: user for user in cast}
    firm = Firm(
        finance=finance,
        operations=operations,
        clerk_role=clerk,
        category=Category.objects.create(name="Payroll"),
        language=language,
        people=people,
        **people,
    )
    finance.head = firm.approver
    finance.save(update_fields=["head"])
    Holding.objects.create(user=firm.staff, role=clerk, starts=datetime.date(2020, 1, 1))
    if not Route.objects.exists():  # flushed after a test with real transactions
        make_route([(SlotKind.HEAD, None)], name="Head of department")
    return firm


def make_draft(firm: Firm, *, code: str = "", title: str = "Run the monthly payroll", step_titles=None, **fields):
    """A draft of revision 1 that could be submitted as it stands."""
    create = {
        name: fields.pop(name)
        for name in ("kind", "risk", "audience", "audience_departments", "audience_roles", "language", "category")
        if name in fields
    }
    revision = drafts.create_procedure(
        actor=fields.pop("author", firm.author),
        code=code or f"FIN-{next(_numbers):03d}",
        department=fields.pop("department", firm.finance),
        owner=fields.pop("owner", firm.owner),
        title=title,
        **{"kind": "procedure", "category": firm.category, "language": firm.language, **create},
    )
    writer = revision.created_by
    drafts.save_draft(
        revision,
        actor=writer,
        version=revision.version,
        fields={"purpose": "Pay everybody the right amount on time.", **fields},
    )
    for step_title in step_titles or ["Lock the time sheets", "Check the difference report", "Release the payment"]:
        steps.add_step(
            revision,
            actor=writer,
            fields={"title": step_title, "body": f"How to: {step_title}.", "role": firm.clerk_role},
        )
    return Revision.objects.get(pk=revision.pk)


def make_revision(firm: Firm, *, state: str = State.PUBLISHED, **kwargs) -> Revision:
    """A revision in `state`, brought there by the actions."""
    revision = make_draft(firm, **kwargs)
    if state == State.DRAFT:
        return revision
    writer = revision.created_by
    if state == State.DISCARDED:
        drafts.discard(revision, actor=writer)
        return Revision.objects.get(pk=revision.pk)
    if state == State.APPROVED:
        revision = drafts.save_draft(
            revision,
            actor=writer,
            version=revision.version,
            fields={"effective_on": datetime.date.today() + datetime.timedelta(days=30)},
        )
    approval.submit(revision, actor=writer)
    if state == State.IN_REVIEW:
        return Revision.objects.get(pk=revision.pk)
    approve(revision, by=firm.approver)
    if state == State.WITHDRAWN:
        from procedures.actions import publishing

        publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    if state == State.SUPERSEDED:
        make_next(firm, revision.procedure)
    return Revision.objects.get(pk=revision.pk)


def approve(revision: Revision, *, by: User, password: str = PASSWORD):
    round = open_round(revision)
    return approval.approve_revision(round, actor=by, content_hash=round.content_hash, password=password)


def make_next(firm: Firm, procedure: Procedure, *, state: str = State.PUBLISHED, **fields) -> Revision:
    """The next revision of a published procedure, brought to `state`."""
    revision = drafts.start_draft(procedure, actor=firm.author)
    drafts.save_draft(
        revision,
        actor=firm.author,
        version=revision.version,
        fields={"change_summary": "The limit goes down to 3 %.", **fields},
    )
    if state != State.DRAFT:
        approval.submit(revision, actor=firm.author)
    if state == State.PUBLISHED:
        approve(revision, by=firm.approver)
    return Revision.objects.get(pk=revision.pk)


def first_step(revision: Revision) -> Step:
    return revision.steps.order_by("position").first()
