"""How much of what needs a procedure has one: per department and frequency, for the heat map and its table."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from procedures.inventory.status import COVERED, TaskStatus, with_status
from procedures.models import Frequency, InventoryTask
from roles.models import Department

FREQUENCIES = (
    Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.YEARLY, Frequency.ON_DEMAND,
)  # fmt: skip
LEVELS = 5


@dataclass(frozen=True, slots=True)
class Share:
    """`covered` of `needed` tasks. Tasks that need no procedure are not counted."""

    covered: int
    needed: int

    @property
    def missing(self) -> int:
        return self.needed - self.covered

    @property
    def percent(self) -> int:
        """Rounded down, so that only what is complete says 100."""
        return self.covered * 100 // self.needed if self.needed else 0

    @property
    def level(self) -> int:
        """The shade of the cell, 0 for nothing covered to LEVELS for everything."""
        return -(-self.covered * LEVELS // self.needed) if self.needed else 0


@dataclass(frozen=True, slots=True)
class DepartmentCoverage:
    department: Department
    by_frequency: dict[str, Share]
    by_status: dict[str, int]
    whole: Share


@dataclass(frozen=True, slots=True)
class Coverage:
    """The picture of the whole inventory. `widest` is the department with the smallest share, if any lacks one."""

    departments: list[DepartmentCoverage]
    by_frequency: dict[str, Share]
    by_status: dict[str, int]
    whole: Share
    widest: DepartmentCoverage | None


def coverage_of(tasks: QuerySet[InventoryTask], departments: Iterable[Department], day: datetime.date) -> Coverage:
    """Count `tasks` by department, frequency and status on `day`, in one query.

    Departments without any task are in the picture: an empty line is the widest gap of all, and nobody sees it in a
    list of tasks. Those that are no longer in use appear while they have tasks.
    """
    counted: Counter[tuple[int, str, str]] = Counter()
    grouped = (
        with_status(tasks, day).order_by().values("department", "frequency", "status").annotate(number=Count("pk"))
    )
    for row in grouped:
        counted[row["department"], row["frequency"], row["status"]] += row["number"]
    with_tasks = {department for department, _frequency, _status in counted}
    rows = [
        _department(department, counted)
        for department in departments
        if department.is_active or department.pk in with_tasks
    ]
    gaps = [row for row in rows if row.whole.missing]
    return Coverage(
        departments=rows,
        by_frequency={name: _share(counted, frequency=name) for name in FREQUENCIES},
        by_status={status: _number(counted, status=status) for status in TaskStatus},
        whole=_share(counted),
        widest=min(gaps, key=lambda row: (row.whole.covered / row.whole.needed, -row.whole.missing), default=None),
    )


def _department(department: Department, counted: Counter) -> DepartmentCoverage:
    own = Counter({key: number for key, number in counted.items() if key[0] == department.pk})
    return DepartmentCoverage(
        department=department,
        by_frequency={name: _share(own, frequency=name) for name in FREQUENCIES},
        by_status={status: _number(own, status=status) for status in TaskStatus},
        whole=_share(own),
    )


def _share(counted: Counter, *, frequency: str = "") -> Share:
    of_these = [
        (status, number) for (_pk, often, status), number in counted.items() if not frequency or often == frequency
    ]
    return Share(
        covered=sum(number for status, number in of_these if status in COVERED),
        needed=sum(number for status, number in of_these if status != TaskStatus.NOT_NEEDED),
    )


def _number(counted: Counter, *, status: str) -> int:
    return sum(number for (_pk, _often, found), number in counted.items() if found == status)
