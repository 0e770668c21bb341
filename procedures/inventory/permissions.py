"""Who may see and change the task inventory: predicate and queryset side by side, and the doors.

The inventory is for those who decide what gets written. Authors, auditors and administrators see the tasks of all
departments, since a gap is seen only against the whole; authors write those of their own department, administrators
all. To readers it does not exist. Seeing a task is not seeing the procedure that covers it: see `covers_for`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.inventory.status import TaskStatus, status_of
from procedures.models import InventoryTask, Revision
from procedures.permissions import can_author, revisions_visible_to
from roles.models import Access, Department, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted

INVENTORY_READERS = (Access.AUTHOR, Access.AUDITOR, Access.ADMINISTRATOR)


def sees_inventory(user: User) -> bool:
    """Whether the inventory exists for `user`."""
    return user.is_active and user.access in INVENTORY_READERS


def check_sees_inventory(user: User) -> None:
    """Raise Missing unless the inventory exists for `user`."""
    if not sees_inventory(user):
        raise Missing()


def tasks_visible_to(user: User) -> QuerySet[InventoryTask]:
    """All tasks, for those who see the inventory."""
    return InventoryTask.objects.all() if sees_inventory(user) else InventoryTask.objects.none()


def departments_to_list_for(user: User) -> QuerySet[Department]:
    """Departments for which `user` may add tasks: their own for authors, all for administrators."""
    departments = Department.objects.filter(is_active=True)
    if not user.is_active:
        return departments.none()
    if user.is_administrator:
        return departments
    return departments.filter(pk=user.department_id or 0) if user.is_author else departments.none()


def can_list_for(user: User, department: Department) -> bool:
    """The rule of `departments_to_list_for` for one department."""
    if not (user.is_active and department.is_active):
        return False
    return user.is_administrator or (user.is_author and user.department_id == department.pk)


def tasks_writable_by(user: User) -> QuerySet[InventoryTask]:
    """Tasks that `user` may change."""
    return tasks_visible_to(user).filter(department__in=departments_to_list_for(user))


def can_write_task(user: User, task: InventoryTask) -> bool:
    """The rule of `tasks_writable_by` for one task."""
    return can_list_for(user, task.department)


def can_start_from(user: User, task: InventoryTask, status: str) -> bool:
    """Whether `user` may write the procedure for `task`: authors of its department, while nobody has begun it."""
    return status == TaskStatus.NOT_WRITTEN and user.is_author and can_list_for(user, task.department)


def get_task_for(user: User, pk: int) -> InventoryTask:
    """The task with the number `pk`, with department, role and procedure. Raises Missing."""
    related = ("department", "owner_role", "procedure", "created_by")
    task = tasks_visible_to(user).select_related(*related).filter(pk=pk).first()
    if task is None:
        raise Missing()
    return task


def get_task_to_write(user: User, pk: int) -> InventoryTask:
    """As `get_task_for`; also raises NotPermitted when `user` may not change the task."""
    task = get_task_for(user, pk)
    if not can_write_task(user, task):
        raise NotPermitted(_("Only authors of the department and administrators change this task."))
    return task


def get_task_to_start_from(user: User, pk: int) -> InventoryTask:
    """The task for which `user` may start a procedure. Raises Missing, NotPermitted, and InvalidTransition when it is
    being written already, covered, or not needed."""
    task = get_task_for(user, pk)
    if not can_author(user, task.department):
        raise NotPermitted(_("Only authors of the department write this procedure."))
    if status_of(task, today()) != TaskStatus.NOT_WRITTEN:
        raise InvalidTransition(
            _("This task has a procedure already, or needs none."), target=reverse("task", args=[task.pk])
        )
    return task


# What covers a task ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cover:
    """A procedure as somebody who may read it sees it."""

    code: str
    title: str
    language: str
    address: str


def covers_for(user: User, procedure_ids: Iterable[int]) -> dict[int, Cover]:
    """Those of the procedures that `user` may read, by id, in one query. Of the others not even the code is known.

    The revision in force names it, otherwise the latest that `user` may read.
    """
    wanted = set(procedure_ids)
    if not wanted:
        return {}
    day = today()
    found: dict[int, Revision] = {}
    revisions = revisions_visible_to(user).filter(procedure__in=wanted).select_related("procedure")
    shown = ("number", "state", "effective_on", "title", "language", "procedure__code")
    for revision in revisions.only(*shown).order_by("procedure", "number"):
        known = found.get(revision.procedure_id)
        if known is None or not known.is_in_force(day) or revision.is_in_force(day):
            found[revision.procedure_id] = revision
    return {
        pk: Cover(
            code=revision.procedure.code,
            title=revision.title,
            language=revision.language,
            address=(revision.procedure if revision.is_in_force(day) else revision).get_absolute_url(),
        )
        for pk, revision in found.items()
    }
