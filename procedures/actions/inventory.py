"""The task inventory: adding, changing, covering and ruling out tasks; many at once from a sheet.

What is wrong with a field is raised as `roles.errors.NotValid`, so that a form can show it beside the field.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit import names, trail
from procedures.inventory.covering import no_such_procedure
from procedures.inventory.permissions import can_list_for, can_write_task, departments_to_list_for
from procedures.inventory.sheet import TASK_FIELDS, Plan, PlannedTask, plan_of
from procedures.models import InventoryTask, Origin, Procedure
from procedures.permissions import revisions_visible_to
from roles.errors import NotValid
from roles.models import Department, User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from sopdesk.lib.history import written_by
from sopdesk.lib.merging import settle
from sopdesk.lib.sheets import Line

CHANGEABLE = ("department", *TASK_FIELDS)
TITLE_LENGTH = 200


@transaction.atomic
def add_task(
    *,
    actor: User,
    department: Department,
    title: str,
    fields: Mapping[str, object] | None = None,
    origin: str = Origin.MANUAL,
    search_words: str = "",
) -> InventoryTask:
    """Put a task on the inventory of `department`; `fields` are any others of TASK_FIELDS.

    Raises NotPermitted, and NotValid when the department has a task of this name or a value does not fit.
    """
    if not can_list_for(actor, department):
        raise NotPermitted(_("You list tasks of your own department only."))
    task = InventoryTask(department=department, origin=origin, search_words=search_words[:300], created_by=actor)
    values = {"department": department, "title": title, **(fields or {})}
    _set(task, values)
    _store(task, actor=actor, changed=tuple(values))
    data = {name: _plain(getattr(task, name)) for name in values}
    if search_words:
        data["search_words"] = task.search_words
    trail.record(names.TASK_ADD, actor=actor, subject=task, data=data)
    return task


def task_from_search(words: str, *, actor: User, department: Department) -> InventoryTask:
    """Put what somebody searched for in vain on the inventory of `department`, to be described later.

    Raises as `add_task`.
    """
    title = capfirst(" ".join(words.split()))[:TITLE_LENGTH]
    return add_task(actor=actor, department=department, title=title, origin=Origin.SEARCH, search_words=words)


@transaction.atomic
def change_task(
    task: InventoryTask, *, actor: User, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> InventoryTask:
    """Change any of CHANGEABLE; the stored row is returned. What somebody else saved since the page of `base` stays.

    Raises NotPermitted, BothChanged where both changed the same field, and NotValid.
    """
    stored = _lock(task, actor=actor)
    _check_names(fields)
    fields = settle(
        offered={name: _tidy(name, value) for name, value in fields.items()},
        stored={name: getattr(stored, name) for name in fields},
        base=base,
        saved_by=partial(trail.saver_of, stored),
    )
    department = fields.get("department", stored.department)
    if not can_list_for(actor, department):  # type: ignore[arg-type]
        raise NotPermitted(_("You list tasks of your own department only."))
    before = {name: getattr(stored, name) for name in fields}
    _set(stored, fields)
    changed = tuple(name for name in fields if getattr(stored, name) != before[name])
    if changed:
        _store(stored, actor=actor, changed=changed)
        data = {name: {"old": _plain(before[name]), "new": _plain(getattr(stored, name))} for name in sorted(changed)}
        trail.record(names.TASK_CHANGE, actor=actor, subject=stored, data=data)
    return stored


@transaction.atomic
def rule_out_task(task: InventoryTask, *, actor: User, reason: str) -> InventoryTask:
    """Say that this task needs no procedure, and why. Raises NotPermitted, NotValid without a reason, Refused while a
    procedure covers it, InvalidTransition where somebody else has given another reason meanwhile."""
    stored = _lock(task, actor=actor)
    if not reason.strip():
        raise NotValid({"reason": [_("Say why, so that nobody has to ask again.")]})
    if stored.procedure:
        raise Refused(_("A procedure covers this task. Unlink it first."), target=stored.get_absolute_url())
    reason, given = str(_tidy("not_needed_reason", reason)), stored.not_needed_reason
    if given == reason:
        return stored
    if given:
        message = _("Somebody else has said already why none is needed. Yours was not saved: “%(reason)s”")
        raise InvalidTransition(message % {"reason": reason}, target=stored.get_absolute_url())
    stored.not_needed_reason = reason
    _store(stored, actor=actor, changed=("not_needed_reason",))
    trail.record(names.TASK_RULE_OUT, actor=actor, subject=stored, reason=stored.not_needed_reason)
    return stored


@transaction.atomic
def bring_back_task(task: InventoryTask, *, actor: User) -> InventoryTask:
    """Take back that no procedure is needed. Raises NotPermitted and InvalidTransition."""
    stored = _lock(task, actor=actor)
    if not stored.not_needed_reason:
        raise InvalidTransition(_("This task counts as needed already."), target=stored.get_absolute_url())
    stored.not_needed_reason = ""
    _store(stored, actor=actor, changed=("not_needed_reason",))
    trail.record(names.TASK_BRING_BACK, actor=actor, subject=stored)
    return stored


@transaction.atomic
def link_task(task: InventoryTask, *, actor: User, procedure: Procedure) -> InventoryTask:
    """Say that `procedure` covers the task, from whichever department it is; a reason why none is needed goes.

    Raises NotPermitted, and NotValid for a procedure that `actor` may not see.
    """
    stored = _lock(task, actor=actor)
    if not revisions_visible_to(actor).filter(procedure=procedure).exists():
        raise NotValid({"code": [no_such_procedure(procedure.code)]})
    if stored.procedure_id == procedure.pk:
        return stored
    stored.procedure, stored.not_needed_reason = procedure, ""
    _store(stored, actor=actor, changed=("procedure", "not_needed_reason"))
    data = {"procedure": procedure.code}
    trail.record(names.TASK_LINK, actor=actor, subject=stored, procedure_code=procedure.code, data=data)
    return stored


@transaction.atomic
def unlink_task(task: InventoryTask, *, actor: User) -> InventoryTask:
    """Take back which procedure covers the task. Raises NotPermitted and InvalidTransition."""
    stored = _lock(task, actor=actor)
    if stored.procedure is None:
        raise InvalidTransition(_("No procedure is linked to this task."), target=stored.get_absolute_url())
    code = stored.procedure.code
    stored.procedure = None
    _store(stored, actor=actor, changed=("procedure",))
    trail.record(names.TASK_UNLINK, actor=actor, subject=stored, procedure_code=code, data={"procedure": code})
    return stored


@transaction.atomic
def delete_task(task: InventoryTask, *, actor: User) -> None:
    """Remove a task that was put in by mistake. Raises NotPermitted, and Refused once a procedure was linked to it:
    what was used stays, marked as not needed."""
    stored = _lock(task, actor=actor)
    if not is_unused(stored):
        raise Refused(
            _("A procedure was linked to this task, so it stays. Mark it as not needed instead."),
            target=stored.get_absolute_url(),
        )
    data = {name: _plain(getattr(stored, name)) for name in CHANGEABLE}
    trail.record(names.TASK_DELETE, actor=actor, subject=stored, data=data)
    written_by(stored, actor).delete()


def is_unused(task: InventoryTask) -> bool:
    """Whether no procedure was ever linked to `task`."""
    return not task.history.exclude(procedure=None).exists()


# From a sheet ------------------------------------------------------------------------------------------------


@transaction.atomic
def import_tasks(lines: Sequence[Line], *, actor: User, filename: str) -> Plan:
    """Add and change the tasks of a sheet, all or none. Raises Refused when a line does not fit.

    Tasks are known by department and name; what the sheet has no column for stays as it is.
    """
    if not departments_to_list_for(actor).exists():
        raise NotPermitted(_("Only authors of the department and administrators change this task."))
    plan = plan_of(lines, actor=actor)
    if plan.faults:
        raise Refused(_("Some lines do not fit. Nothing was saved."))
    added = [planned.task for planned in plan.new]
    changed = [planned.task for planned in plan.changed]
    try:
        with transaction.atomic():
            bulk_create_with_history(added, InventoryTask, default_user=actor)
            bulk_update_with_history(changed, InventoryTask, [*TASK_FIELDS, *LINKS], default_user=actor)
    except IntegrityError as error:
        raise Refused(_("Somebody else changed the inventory meanwhile. Nothing was saved; try again.")) from error
    trail.record_many([_imported(planned, actor, filename) for planned in [*plan.new, *plan.changed]])
    return plan


LINKS = ("procedure", "not_needed_reason")


def _imported(planned: PlannedTask, actor: User, filename: str) -> trail.Happening:
    data: dict[str, object] = {"file": filename[:200]}
    for name, (old, new) in planned.changes.items():
        data[name] = _plain(new) if planned.is_new else {"old": _plain(old), "new": _plain(new)}
    event = names.TASK_ADD if planned.is_new else names.TASK_CHANGE
    code = planned.task.procedure.code if "procedure" in planned.changes and planned.task.procedure else ""
    return trail.Happening(event, actor, planned.task, procedure_code=code, data=data)


# What they share ---------------------------------------------------------------------------------------------


def _lock(task: InventoryTask, *, actor: User) -> InventoryTask:
    tasks = InventoryTask.objects.select_for_update(of=("self",), no_key=True).select_related("department")
    stored = tasks.filter(pk=task.pk).first()
    if stored is None:
        raise Missing(_("This task was removed."), target=reverse("inventory"))
    if not can_write_task(actor, stored):
        raise NotPermitted(_("Only authors of the department and administrators change this task."))
    return stored


def _set(task: InventoryTask, values: Mapping[str, object]) -> None:
    _check_names(values)
    for name, value in values.items():
        setattr(task, name, _tidy(name, value))


def _check_names(values: Mapping[str, object]) -> None:
    unknown = set(values) - {*CHANGEABLE, "not_needed_reason"}
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")


def _tidy(name: str, value: object) -> object:
    if name in ("title", "not_needed_reason"):
        return " ".join(str(value).split())
    if isinstance(value, str):
        return value.replace("\r\n", "\n")  # as spreadsheets write it, so that an export comes back unchanged
    return value


def _store(task: InventoryTask, *, actor: User, changed: tuple[str, ...]) -> None:
    """Check and save the `changed` fields. Raises NotValid by field, also when somebody else was a moment faster."""
    written_by(task, actor)
    others = {field.name for field in task._meta.fields} - set(changed)
    try:
        task.full_clean(exclude=others, validate_constraints=False)
        _check_name(task)
        try:
            with transaction.atomic():
                task.save(update_fields=None if task._state.adding else changed)
        except IntegrityError:
            _check_name(task)
            raise
    except ValidationError as error:
        raise NotValid(error.message_dict) from error


def _check_name(task: InventoryTask) -> None:
    same = InventoryTask.objects.filter(department_id=task.department_id, title=task.title)
    if same.exclude(pk=task.pk).exists():
        raise ValidationError({"title": _("This department has a task with this name already.")})


def _plain(value: object) -> object:
    """`value` as the trail keeps it: a linked row by its name."""
    return str(value) if isinstance(value, models.Model) else value
