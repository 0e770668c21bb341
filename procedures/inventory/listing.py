"""The list of tasks: found, filtered, in order; each with what the page and the export say about it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from procedures.inventory.permissions import Cover, can_start_from, covers_for, tasks_visible_to
from procedures.inventory.status import COVERED, TaskStatus, factors, priority, with_status
from procedures.models import InventoryTask
from roles.models import Department, Role, User
from roles.queries import today


class Order(models.TextChoices):
    PRIORITY = "priority", _("Priority")
    TITLE = "title", _("Task")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as a person sees it. `cover` is None when nothing is linked, or nothing that they may read."""

    task: InventoryTask
    status: TaskStatus
    priority: float
    factors: tuple[int, int, float, float]
    cover: Cover | None
    may_start: bool

    @property
    def is_covered_unseen(self) -> bool:
        """Whether a procedure that this person may not read covers the task."""
        return self.status in COVERED and self.cover is None


def tasks_matching(
    user: User,
    *,
    words: str = "",
    department: Department | None = None,
    status: str = "",
    frequency: str = "",
    role: Role | None = None,
    order: str = Order.PRIORITY,
) -> QuerySet:
    """The tasks that `user` may see and that have every one of `words` somewhere, with `status` and `weight`.

    Upper and lower case are the same, with accents too. By priority the most urgent come first.
    """
    tasks = with_status(tasks_visible_to(user), today()).select_related("department", "owner_role")
    for word in words.split():
        pattern = re.escape(word)
        tasks = tasks.filter(
            Q(title__iregex=pattern)
            | Q(description__iregex=pattern)
            | Q(pain_points__iregex=pattern)
            | Q(search_words__iregex=pattern)
        )
    if department is not None:
        tasks = tasks.filter(department=department)
    if role is not None:
        tasks = tasks.filter(owner_role=role)
    if frequency:
        tasks = tasks.filter(frequency=frequency)
    if status:
        tasks = tasks.filter(status=status)
    by_title = (Lower("title"), "pk")
    return tasks.order_by(*by_title) if order == Order.TITLE else tasks.order_by("-weight", *by_title)


def rows_of(user: User, tasks: Iterable[Any]) -> Iterator[TaskRow]:
    """What `user` sees of `tasks`, which come from `tasks_matching`; one query more."""
    tasks = list(tasks)
    covers = covers_for(user, {task.procedure_id for task in tasks if task.procedure_id})
    for task in tasks:
        status = TaskStatus(task.status)
        yield TaskRow(
            task=task,
            status=status,
            priority=priority(task.weight),
            factors=factors(task, status),
            cover=covers.get(task.procedure_id or 0),
            may_start=can_start_from(user, task, status),
        )


def row_for(user: User, task: InventoryTask) -> TaskRow:
    """The row of one task, for its page."""
    annotated = with_status(tasks_visible_to(user).filter(pk=task.pk), today()).select_related(
        "department", "owner_role"
    )
    return next(rows_of(user, annotated))
