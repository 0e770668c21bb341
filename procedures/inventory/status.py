"""What state a task is in, and how urgent its procedure is. Both are worked out, never stored.

Each rule stands here twice, for a query and for one task; `tests/procedures/inventory/test_status.py` holds them equal.
"""

import datetime
from collections.abc import Mapping

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from procedures.models import Frequency, InventoryTask, Revision


class TaskStatus(models.TextChoices):
    NOT_WRITTEN = "not_written", _("Not written")
    DRAFTING = "drafting", _("Being written")
    PUBLISHED = "published", _("Published")
    OVERDUE = "overdue", _("Review overdue")
    NOT_NEEDED = "not_needed", _("Not needed")


COVERED = (TaskStatus.PUBLISHED, TaskStatus.OVERDUE)
"""A procedure that is late for its review is still one that people can follow."""

QUARTERS = 4

FREQUENCY_WEIGHT: Mapping[str, int] = {
    Frequency.YEARLY: 4,
    Frequency.ON_DEMAND: 5,
    Frequency.QUARTERLY: 5,
    Frequency.MONTHLY: 6,
    Frequency.WEEKLY: 7,
    Frequency.DAILY: 8,
}
GAP_WEIGHT: Mapping[str, int] = {
    TaskStatus.NOT_WRITTEN: 4,
    TaskStatus.OVERDUE: 2,
    TaskStatus.DRAFTING: 1,
    TaskStatus.PUBLISHED: 0,
    TaskStatus.NOT_NEEDED: 0,
}
"""Weights in quarters, so that both databases and Python multiply whole numbers.

Priority = impact × feasibility × frequency × gap, at most 50. The source document sets priorities by impact and
feasibility ("prioritize areas for standardization based on impact and feasibility"), so these two lead, from 1 to 25;
multiplying them, as risk analysis does with severity and occurrence, puts a task that is weak in either behind one
that is fair in both. Frequency counts because the other source asks for tasks that are "repetitive and essential to
daily operations"; it goes from 1 (yearly) to 2 (daily) in even steps, about the logarithm of the times a year, so
that a daily trifle does not bury the yearly tax return. What happens when needed counts as quarterly. The gap says
how much is missing: 1 when nothing is written, ½ when the review is overdue, ¼ when somebody writes it already, 0 when
there is nothing to do.
"""

HIGHEST = 5 * 5 * 2


def with_status(tasks: QuerySet[InventoryTask], day: datetime.date) -> QuerySet:
    """`tasks`, each with `status` on `day` and `weight`, its priority in sixteenths.

    A revision in force counts before one on its way; a procedure that was withdrawn covers nothing any more.
    """
    in_force = Revision.objects.in_force(day).filter(procedure=OuterRef("procedure"))
    on_its_way = Revision.objects.open().filter(procedure=OuterRef("procedure"))
    status = Case(
        When(~Q(not_needed_reason=""), then=Value(TaskStatus.NOT_NEEDED.value)),
        When(procedure=None, then=Value(TaskStatus.NOT_WRITTEN.value)),
        When(Exists(in_force.filter(next_review_on__lt=day)), then=Value(TaskStatus.OVERDUE.value)),
        When(Exists(in_force), then=Value(TaskStatus.PUBLISHED.value)),
        When(Exists(on_its_way), then=Value(TaskStatus.DRAFTING.value)),
        default=Value(TaskStatus.NOT_WRITTEN.value),
        output_field=models.CharField(),
    )
    return tasks.annotate(status=status).annotate(
        weight=F("impact") * F("feasibility") * _weights("frequency", FREQUENCY_WEIGHT) * _weights("status", GAP_WEIGHT)
    )


def _weights(name: str, weights: Mapping[str, int]) -> Case:
    whens = [When(**{name: str(value)}, then=Value(weight)) for value, weight in weights.items()]
    return Case(*whens, default=Value(0), output_field=models.IntegerField())


def status_of(task: InventoryTask, day: datetime.date) -> TaskStatus:
    """The rule of `with_status` for one task."""
    if task.not_needed_reason:
        return TaskStatus.NOT_NEEDED
    if task.procedure is None:
        return TaskStatus.NOT_WRITTEN
    followed = Revision.objects.in_force(day).filter(procedure=task.procedure).first()
    if followed:
        is_late = followed.next_review_on is not None and followed.next_review_on < day
        return TaskStatus.OVERDUE if is_late else TaskStatus.PUBLISHED
    return TaskStatus.DRAFTING if task.procedure.revisions.open().exists() else TaskStatus.NOT_WRITTEN


def weight_of(task: InventoryTask, status: str) -> int:
    """The rule of `with_status` for one task whose status is known."""
    return task.impact * task.feasibility * FREQUENCY_WEIGHT[task.frequency] * GAP_WEIGHT[status]


def priority(weight: int) -> float:
    """The number that people see, from 0 to HIGHEST."""
    return weight / QUARTERS**2


def factor(weight: int) -> float:
    """A weight as people see it: 1 and not 1.0, 1.25."""
    value = weight / QUARTERS
    return int(value) if value.is_integer() else value


def factors(task: InventoryTask, status: str) -> tuple[int, int, float, float]:
    """What is multiplied for the priority of `task`: impact, feasibility, frequency, gap."""
    return task.impact, task.feasibility, factor(FREQUENCY_WEIGHT[task.frequency]), factor(GAP_WEIGHT[status])
