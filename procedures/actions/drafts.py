"""Starting procedures and writing drafts. Steps have their own module, `procedures.actions.steps`."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.actions.transitions import move
from procedures.errors import EditConflict
from procedures.following import follow
from procedures.merging import LETTERS, PARTS, Merge, merge, stored_values
from procedures.models import (
    Attachment,
    Benchmark,
    Procedure,
    Record,
    Responsibility,
    Revision,
    StandardPart,
    Step,
    Tool,
)
from procedures.permissions import can_author, can_control, can_edit, can_write_for, require_event
from procedures.queries import revision_in_force, was_released
from procedures.states import Event, State
from roles.models import Department, Role, User
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from sopdesk.lib.history import written_by
from sopdesk.lib.markup import check_markup
from sopdesk.lib.merging import settle as settle_fields

DETAIL_FIELDS = (
    "title", "language", "category", "tags", "purpose", "scope", "outcome", "trigger", "frequency", "prerequisites",
    "definitions", "background", "references", "contact", "review_interval_months", "change_summary", "significance",
    "effective_on",
)  # fmt: skip
COPIED_DETAILS = tuple(name for name in DETAIL_FIELDS if name not in ("change_summary", "significance", "effective_on"))
COPIED_STEP_FIELDS = (
    "uid", "position", "kind", "section", "title", "body", "expected", "warning", "role", "minutes", "branches",
    "items", "subprocedure", "hold", "due_after", "due_unit", "tool", "record", "evidence", "evidence_name",
    "source_hash",
)  # fmt: skip
PROCEDURE_FIELDS = ("kind", "owner", "risk", "audience")
READERS = ("audience", "audience_departments", "audience_roles")
"""What only together says who reads a procedure."""


# Procedures --------------------------------------------------------------------------------------------------


@transaction.atomic
def create_procedure(
    *,
    actor: User,
    code: str,
    kind: str,
    department: Department,
    owner: User,
    title: str,
    language: str = "en",
    category: models.Model | None = None,
    risk: str = "normal",
    audience: str = "everyone",
    audience_departments: Iterable[Department] = (),
    audience_roles: Iterable[Role] = (),
    variant_of: Procedure | None = None,
    translation_of: Procedure | None = None,
) -> Revision:
    """Start a procedure with an empty draft of revision 1.

    Raises NotPermitted when `actor` does not write for the department, Refused when the code is taken or malformed.
    """
    if not can_author(actor, department):
        raise NotPermitted(_("You write for your own department only."))
    procedure = Procedure(
        code=code, kind=kind, department=department, owner=owner, risk=risk, audience=audience,
        variant_of=variant_of, translation_of=translation_of,
    )  # fmt: skip
    written_by(procedure, actor)
    try:
        procedure.full_clean(validate_constraints=False)
        with transaction.atomic():
            procedure.save()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise Refused(_("This code is taken, and codes are never given twice.")) from error
    procedure.audience_departments.set(audience_departments)
    procedure.audience_roles.set(audience_roles)
    trail.record(
        names.PROCEDURE_ADD,
        actor=actor,
        subject=procedure,
        procedure_code=code,
        data={"kind": kind, "department": department.code, "owner": str(owner), "risk": risk, "audience": audience},
    )
    return _open_draft(procedure, actor=actor, fields={"title": title, "language": language, "category": category})


@transaction.atomic
def change_procedure(
    procedure: Procedure,
    *,
    actor: User,
    fields: Mapping[str, object],
    coauthors: Iterable[User] | None = None,
    audience_departments: Iterable[Department] | None = None,
    audience_roles: Iterable[Role] | None = None,
    base: Mapping[str, str] | None = None,
    reason: str = "",
) -> Procedure:
    """Change what lasts: kind, owner, risk, audience, co-authors; None leaves a list as it is.

    The owner may be changed by the owner and by administrators, the rest also by authors of the department. Once a
    revision was released, people rely on it, and a change says why. What somebody else saved since the page of `base`
    stays where the sender did not touch it. Raises NotPermitted, BothChanged where both changed the same, and Refused
    for a value that does not fit or without a reason where one is needed.
    """
    procedure = Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=procedure.pk)
    before = {name: getattr(procedure, name) for name in PROCEDURE_FIELDS}
    lists = {"coauthors": coauthors, "audience_departments": audience_departments, "audience_roles": audience_roles}
    wanted = {name: set(rows) for name, rows in lists.items() if rows is not None}
    listed = {name: set(getattr(procedure, name).all()) for name in wanted}
    taken = settle_fields(
        offered={**fields, **wanted},
        stored={**before, **listed},
        base=base,
        saved_by=partial(trail.saver_of, procedure),
        together=READERS,
    )
    changed = {name: taken[name] for name in fields if name in taken and before[name] != taken[name]}
    controls = can_control(actor, procedure)
    if not controls and not can_write_for(actor, procedure):
        raise NotPermitted(_("Only the owner, authors of the department and administrators change this."))
    if "owner" in changed and not controls:
        raise NotPermitted(_("Only the owner or an administrator hands a procedure over."))
    for name, value in changed.items():
        setattr(procedure, name, value)
    clean(procedure, changed)
    data: dict[str, object] = {
        name: {"old": str(before[name]), "new": str(value)} for name, value in sorted(changed.items())
    }
    for name, new in wanted.items():
        if name in taken and listed[name] != new:
            data[name] = {"old": sorted(map(str, listed[name])), "new": sorted(map(str, new))}
            getattr(procedure, name).set(new)
    if not data:
        return procedure
    if was_released(procedure) and not reason.strip():
        raise Refused(_("Say why: readers rely on this text, and the change counts at once."))
    written_by(procedure, actor).save(update_fields=list(PROCEDURE_FIELDS))
    trail.record(
        names.PROCEDURE_CHANGE,
        actor=actor,
        subject=procedure,
        procedure_code=procedure.code,
        data=data,
        reason=reason.strip(),
    )
    return procedure


# Drafts ------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_draft(procedure: Procedure, *, actor: User) -> Revision:
    """Open the next revision of `procedure` as a copy of the one in force (steps keep their uids).

    Raises NotPermitted, and InvalidTransition when a revision is open already or the procedure was withdrawn.
    """
    if not can_write_for(actor, procedure):
        raise NotPermitted(_("Only authors of the department and co-authors write a new revision."))
    procedure = Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=procedure.pk)
    if under_way := procedure.revisions.open().first():
        raise InvalidTransition(
            _("A revision of this procedure is on its way already."), target=under_way.get_absolute_url()
        )
    if procedure.revisions.filter(state=State.WITHDRAWN).exists():
        raise InvalidTransition(_("This procedure was withdrawn."), target=procedure.get_absolute_url())
    source = revision_in_force(procedure) or procedure.revisions.latest("number")
    draft = _open_draft(procedure, actor=actor, fields={name: getattr(source, name) for name in COPIED_DETAILS})
    if source.source_id:
        draft.source_id, draft.source_notes = source.source_id, source.source_notes
        written_by(draft, actor).save(update_fields=["source", "source_notes"])
    copy_parts(source, draft)
    return draft


def _open_draft(procedure: Procedure, *, actor: User, fields: Mapping[str, object]) -> Revision:
    last = procedure.revisions.aggregate(last=models.Max("number"))["last"] or 0
    draft = Revision(procedure=procedure, number=last + 1, created_by=actor, saved_at=timezone.now(), **fields)
    clean(draft, fields)
    written_by(draft, actor).save()
    draft.contributors.add(actor)
    entry = trail.record(
        names.REVISION_START,
        actor=actor,
        subject=draft,
        procedure_code=procedure.code,
        data={"number": draft.number, "title": draft.title},
    )
    if draft.number > 1:
        follow(names.REVISION_START, draft, actor=actor, event_seq=entry.seq)
    return draft


def copy_parts(source: Revision, draft: Revision) -> None:
    """Copy parts, attachments, steps with their uids, and letters of `source` into the empty `draft`."""
    models_of_parts: tuple[type[models.Model], ...] = (Tool, Record, Benchmark, StandardPart, Attachment)
    for model in models_of_parts:
        rows = list(model._default_manager.filter(revision=source))
        for row in rows:
            row.pk, row.revision = None, draft  # type: ignore[attr-defined]
        model._default_manager.bulk_create(rows)
    new_steps: dict[int, Step] = {}
    for step in source.steps.order_by("position"):
        copy = Step(revision=draft, **{name: getattr(step, name) for name in COPIED_STEP_FIELDS})
        copy.save()
        new_steps[step.pk] = copy
    Responsibility.objects.bulk_create(
        Responsibility(
            revision=draft, step=new_steps[row.step_id] if row.step_id else None, role_id=row.role_id, letter=row.letter
        )
        for row in source.responsibilities.all()
    )


@transaction.atomic
def save_draft(
    revision: Revision,
    *,
    actor: User,
    version: int,
    fields: Mapping[str, object],
    tools: list[dict] | None = None,
    records: list[dict] | None = None,
    benchmarks: list[dict] | None = None,
    responsibilities: list[tuple[int, str]] | None = None,
    base: Mapping[str, str] | None = None,
) -> Revision:
    """Save the details of a draft: any of DETAIL_FIELDS, and its small parts as whole lists (None leaves one alone).

    `version` is the one that the page showed, `base` the digests of the values that it showed (`procedures.merging`):
    what somebody else saved in between stays where the sender did not touch it. Raises EditConflict where both
    changed the same field, Refused for text that does not fit, NotPermitted, and InvalidTransition when it is no
    draft any more.
    """
    draft = lock_draft(revision, actor=actor)
    return write_draft(
        draft, actor=actor, version=version, fields=fields, tools=tools, records=records, benchmarks=benchmarks,
        responsibilities=responsibilities, base=base,
    )  # fmt: skip


def write_draft(
    draft: Revision,
    *,
    actor: User,
    version: int,
    fields: Mapping[str, object],
    tools: list[dict] | None = None,
    records: list[dict] | None = None,
    benchmarks: list[dict] | None = None,
    responsibilities: list[tuple[int, str]] | None = None,
    base: Mapping[str, str] | None = None,
) -> Revision:
    """What `save_draft` says, for a draft that is locked and that `actor` may write."""
    parts = {"tools": tools, "records": records, "benchmarks": benchmarks}
    lists = {**parts, LETTERS: responsibilities}
    offered = {**fields, **{name: rows for name, rows in lists.items() if rows is not None}}
    taken = settle(draft, version, offered=offered, base=base).taken
    if not taken:
        return draft
    changed = [name for name in fields if name in taken]
    for name in changed:
        setattr(draft, name, fields[name])
    clean(draft, changed)
    for name, rows in parts.items():
        if name in taken:
            _replace(draft, name, rows or [])
    if LETTERS in taken:
        replace_responsibilities(draft, None, responsibilities, actor=actor)
    draft.version += 1
    draft.saved_at = timezone.now()
    written_by(draft, actor).save(update_fields=[*changed, "version", "saved_at"])
    draft.contributors.add(actor)
    return draft


@transaction.atomic
def discard(revision: Revision, *, actor: User, reason: str = "") -> Revision:
    """Give a draft up. Its text stays on record, its number is not used again. Raises NotPermitted and
    InvalidTransition."""
    require_event(actor, revision, Event.DISCARD)
    entry = move(revision, Event.DISCARD, actor=actor, reason=reason, ended_at=timezone.now(), ended_reason=reason)
    follow(names.REVISION_DISCARD, revision, actor=actor, event_seq=entry.seq)
    return revision


# Shared with steps -------------------------------------------------------------------------------------------


def lock_draft(revision: Revision, *, actor: User) -> Revision:
    """The draft, locked until the end of the transaction. Raises NotPermitted and InvalidTransition."""
    locked = (
        Revision.objects.select_for_update(of=("self",), no_key=True).select_related("procedure").get(pk=revision.pk)
    )
    require_draft(locked)
    if not can_edit(actor, locked):
        raise NotPermitted(_("Only authors of the department and co-authors write this draft."))
    return locked


def require_draft(revision: Revision) -> None:
    """Raise InvalidTransition unless `revision` is a draft."""
    if revision.state != State.DRAFT:
        raise InvalidTransition(
            _("This revision is no longer a draft, so it cannot be changed. Your text was not saved."),
            target=revision.get_absolute_url(),
        )


def settle(
    row: Revision | Step,
    version: int,
    *,
    offered: Mapping[str, object],
    base: Mapping[str, str] | None,
) -> Merge:
    """What of `offered` is to be written into `row`. Raises EditConflict where the sender, who saw `version` with the
    values of `base`, and somebody else changed the same field."""
    stored = stored_values(row, offered)
    result = merge(offered=offered, stored=stored, base=base or {}, is_current=row.version == version)
    if result.clashes:
        raise _conflict_over(row, offered)
    return result


def _conflict_over(row: Revision | Step, fields: Mapping[str, object]) -> EditConflict:
    """The error that says who saved `row` before `fields` were offered."""
    last = row.history.select_related("history_user").first()
    editor = last.history_user if last else None
    return EditConflict(
        _("Somebody else saved this while you were writing. Both texts are below; nothing was lost."),
        stored=row,
        offered=fields,
        editor_name=str(editor) if editor else "",
    )


def clean(row: models.Model, changed: Iterable[str]) -> None:
    """Validate the changed fields of `row` as the model says, and its Markdown. Raises Refused with all messages."""
    names_changed = set(changed)
    untouched = [field.name for field in row._meta.fields if field.name not in names_changed or field.is_relation]
    try:
        row.clean_fields(exclude=untouched)
        for name in names_changed:
            if isinstance(row._meta.get_field(name), models.TextField):
                check_markup(getattr(row, name))
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error


def _replace(draft: Revision, name: str, rows: list[dict]) -> None:
    """Rewrite the parts of one kind."""
    model, columns = PARTS[name]
    wanted = [tuple(_number(row.get(column, "")) for column in columns) for row in rows]
    new = [
        model(revision=draft, position=position, **dict(zip(columns, values, strict=True)))
        for position, values in enumerate(wanted, start=1)
    ]
    for row in new:
        clean(row, columns)
    model._default_manager.filter(revision=draft).delete()
    model._default_manager.bulk_create(new)


def _number(value: object) -> object:
    return Decimal(value) if isinstance(value, int | float) else value


def replace_responsibilities(
    draft: Revision, step: Step | None, wanted: list[tuple[int, str]] | None, *, actor: User
) -> bool:
    """Set the RACI letters of the whole (`step` None) or of one step. Returns whether anything changed.

    Raises Refused when two roles are accountable for the whole.
    """
    if wanted is None:
        return False
    target = set(wanted)
    if step is None and sum(letter == "A" for _role, letter in target) > 1:
        raise Refused(_("Only one role can be accountable for the whole."))
    rows = list(Responsibility.objects.filter(revision=draft, step=step))
    stored = {(row.role_id, row.letter) for row in rows}
    if stored == target:
        return False
    for row in rows:
        if (row.role_id, row.letter) not in target:
            written_by(row, actor).delete()
    for role_id, letter in sorted(target - stored):
        row = Responsibility(revision=draft, step=step, role_id=role_id, letter=letter)
        written_by(row, actor).save()
    return True
