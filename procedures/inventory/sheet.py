"""Tasks from a table, and as a table. Reading saves nothing: it says what would be added, changed, or does not fit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.inventory.columns import COMPUTED, HEADERS, UNSEEN, column_called, frequency_called, is_unseen, plain
from procedures.inventory.covering import no_such_procedure
from procedures.inventory.listing import TaskRow
from procedures.inventory.permissions import covers_for, departments_to_list_for
from procedures.models import Frequency, InventoryTask, Origin, Procedure
from roles.models import Department, Role, User
from sopdesk.lib.sheets import Line, Value

TASK_FIELDS = ("title", "description", "frequency", "owner_role", "pain_points", "impact", "feasibility")
TITLE_LENGTH, REASON_LENGTH = 200, 300
LOWEST_SCORE, HIGHEST_SCORE = 1, 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit, and where: the line of the file (0 for the whole) and the header of the column."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that would change, with both values in words."""

    label: str
    old: str
    new: str


@dataclass(slots=True)
class PlannedTask:
    """A line that fits. `changes` are old and new values by field; none when everything is as it was."""

    line: int
    task: InventoryTask
    is_new: bool
    changes: dict[str, tuple[object, object]]

    @property
    def shown_changes(self) -> list[Change]:
        """The changes as people read them."""
        return [
            Change(str(HEADERS[name]), _shown(name, old), _shown(name, new))
            for name, (old, new) in self.changes.items()
        ]


@dataclass(slots=True)
class Plan:
    """What an import would do. With faults it does nothing."""

    new: list[PlannedTask] = field(default_factory=list)
    changed: list[PlannedTask] = field(default_factory=list)
    unchanged: list[PlannedTask] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Whether nothing would change."""
        return not self.new and not self.changed


class _Unfit(Exception):
    """A cell that cannot be taken over; the text says why."""


def plan_of(lines: Sequence[Line], *, actor: User) -> Plan:
    """What importing `lines` (the first is the header) would do for `actor`; seven queries whatever their number.

    A task is known by its department and its name, in whatever case. Without a column of departments, it is the one
    of `actor`. An empty cell empties the field, except the procedure: the table may come from somebody who was not
    shown it.
    """
    return _Reader(lines, actor).plan


class _Reader:
    """One table on its way to a plan."""

    def __init__(self, lines: Sequence[Line], actor: User) -> None:
        self.plan = Plan()
        self.actor = actor
        self.header = lines[0]
        self.columns = self._columns()
        self.departments = list(departments_to_list_for(actor))
        self.roles = {plain(role.name): role for role in Role.objects.filter(is_active=True)}
        if self.plan.faults:
            return
        stored = InventoryTask.objects.filter(department__in=self.departments)
        self.tasks = {
            (task.department_id, plain(task.title)): task
            for task in stored.select_related("department", "owner_role", "procedure")
        }
        self.procedures = self._procedures(lines[1:])
        self.lines_of: dict[tuple[int, str], int] = {}
        for line in lines[1:]:
            self._read(line)
        if not self.plan.faults and len(lines) == 1:
            self.plan.faults.append(Fault(0, "", _("There is a header, but no line below it.")))

    def _columns(self) -> dict[str, int]:
        """Where each column stands. What is missing or double is a fault, what is unknown is left alone."""
        columns: dict[str, int] = {}
        for place, header in enumerate(self.header.cells):
            name = column_called(header)
            if name in columns:
                self._fault(self.header, header, _("This column is there twice."))
            elif name:
                columns[name] = place
            if header and (not name or name in COMPUTED):
                self.plan.ignored.append(header)
        if "title" not in columns:
            self.plan.faults.append(
                Fault(
                    self.header.number,
                    "",
                    _("No column is called “%(name)s”. The first line must name the columns.")
                    % {"name": HEADERS["title"]},
                )
            )
        return columns

    def _procedures(self, lines: Iterable[Line]) -> dict[str, Procedure]:
        """The procedures that the lines name and that `actor` may read, by code."""
        codes = {self._cell(line, "procedure").upper() for line in lines} - {""}
        found = Procedure.objects.filter(code__in=codes).in_bulk() if codes else {}
        readable = covers_for(self.actor, found)
        return {procedure.code: procedure for pk, procedure in found.items() if pk in readable}

    def _cell(self, line: Line, name: str) -> str:
        place = self.columns.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else ""

    def _fault(self, line: Line, column: str, message: str) -> None:
        self.plan.faults.append(Fault(line.number, column, message))

    def _read(self, line: Line) -> None:
        before = len(self.plan.faults)
        values = {
            name: self._value(line, name, read)
            for name, read in self._readers().items()
            if name in self.columns or name == "department"
        }
        if len(self.plan.faults) > before:
            return
        department: Department = values.pop("department")  # type: ignore[assignment]
        key = (department.pk, plain(str(values["title"])))
        if key in self.lines_of:
            self._fault(
                line, self._title("title"), _("Line %(line)d names the same task.") % {"line": self.lines_of[key]}
            )
            return
        self.lines_of[key] = line.number
        self._plan(line, department, values, self.tasks.get(key))

    def _readers(self) -> dict[str, Callable[[str], object]]:
        return {
            "department": self._department,
            "title": _title,
            "description": str,
            "frequency": _frequency,
            "owner_role": self._role,
            "pain_points": str,
            "impact": _score,
            "feasibility": _score,
            "procedure": self._procedure,
            "not_needed_reason": _reason,
        }

    def _value(self, line: Line, name: str, read: Callable[[str], object]) -> object:
        try:
            return read(self._cell(line, name))
        except _Unfit as unfit:
            self._fault(line, self._title(name), str(unfit))
            return None

    def _title(self, name: str) -> str:
        """The header as it stands in the file."""
        return self.header.cells[self.columns[name]] if name in self.columns else str(HEADERS[name])

    def _plan(
        self, line: Line, department: Department, values: dict[str, object], stored: InventoryTask | None
    ) -> None:
        is_new = stored is None
        task = stored or InventoryTask(department=department, origin=Origin.IMPORT, created_by=self.actor)
        procedure = values.pop("procedure", None)
        if procedure is not None:
            values["procedure"] = procedure
        if not is_new:
            values.pop("title")  # another case or another accent is not another name
        changes = {name: (getattr(task, name), value) for name, value in values.items() if getattr(task, name) != value}
        for name, (_old, new) in changes.items():
            setattr(task, name, new)
        if task.procedure_id and task.not_needed_reason:
            self._fault(
                line,
                self._title("not_needed_reason"),
                _("A procedure covers this task, so there is no reason why none is needed."),
            )
            return
        planned = PlannedTask(line.number, task, is_new, changes)
        (self.plan.new if is_new else self.plan.changed if changes else self.plan.unchanged).append(planned)

    def _department(self, text: str) -> Department:
        own = ", ".join(f"{department.code} ({department.name})" for department in self.departments)
        if not text and len(self.departments) == 1:
            return self.departments[0]
        for department in self.departments:
            if plain(text) in (plain(department.code), plain(department.name)):
                return department
        if not text:
            raise _Unfit(_("Say which department: %(names)s.") % {"names": own})
        raise _Unfit(_("“%(text)s” is no department that you write for: %(names)s.") % {"text": text, "names": own})

    def _role(self, text: str) -> Role | None:
        if not text:
            return None
        role = self.roles.get(plain(text))
        if role is None:
            raise _Unfit(_("There is no role “%(text)s”. Leave the cell empty, or have it added.") % {"text": text})
        return role

    def _procedure(self, text: str) -> Procedure | None:
        if not text or is_unseen(text):
            return None
        procedure = self.procedures.get(text.upper())
        if procedure is None:
            raise _Unfit(no_such_procedure(text))
        return procedure


def _title(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise _Unfit(_("The task has no name."))
    return _short(text, TITLE_LENGTH)


def _reason(text: str) -> str:
    return _short(" ".join(text.split()), REASON_LENGTH)


def _short(text: str, length: int) -> str:
    if len(text) > length:
        raise _Unfit(
            ngettext("At most %(number)d character fits.", "At most %(number)d characters fit.", length)
            % {"number": length}
        )
    return text


def _frequency(text: str) -> str:
    if not text:
        return Frequency.ON_DEMAND
    frequency = frequency_called(text)
    if not frequency:
        known = ", ".join(str(label) for label in Frequency.labels)
        raise _Unfit(_("“%(text)s” is no frequency. These are known: %(names)s.") % {"text": text, "names": known})
    return frequency


def _score(text: str) -> int:
    if not (text.isascii() and text.isdigit() and LOWEST_SCORE <= int(text[:9]) <= HIGHEST_SCORE):
        raise _Unfit(_("Write a whole number from 1 to 5."))
    return int(text)


def _shown(name: str, value: object) -> str:
    if value in (None, ""):
        return "–"
    return str(Frequency(str(value)).label) if name == "frequency" else str(value)


# As a table --------------------------------------------------------------------------------------------------


def table_of(rows: Iterable[TaskRow]) -> Iterator[list[Value]]:
    """The header and `rows` as the page shows them, a list of cells each."""
    yield [str(header) for header in HEADERS.values()]
    for row in rows:
        task = row.task
        yield [
            task.department.name,
            task.title,
            task.description,
            str(task.get_frequency_display()),
            task.owner_role.name if task.owner_role else "",
            task.pain_points,
            task.impact,
            task.feasibility,
            row.priority,
            str(row.status.label),
            row.cover.code if row.cover else str(UNSEEN) if row.is_covered_unseen else "",
            task.not_needed_reason,
        ]


def sample_table() -> list[list[Value]]:
    """A table to fill in: the columns that are read, and three lines that show how."""
    columns = [name for name in HEADERS if name not in COMPUTED]
    examples: list[dict[str, Value]] = [
        {
            "title": _("Run the monthly payroll"),
            "description": _("From the locked time sheets to the released payment."),
            "frequency": Frequency.MONTHLY,
            "pain_points": _("Late time sheets; only one person knows the bank portal."),
            "impact": 5,
            "feasibility": 4,
        },
        {
            "title": _("Match supplier invoices with orders"),
            "frequency": Frequency.DAILY,
            "impact": 4,
            "feasibility": 5,
        },
        {
            "title": _("Order office plants"),
            "frequency": Frequency.YEARLY,
            "impact": 1,
            "feasibility": 5,
            "not_needed_reason": _("One person does it once a year."),
        },
    ]
    rows: list[list[Value]] = [[str(HEADERS[name]) for name in columns]]
    for example in examples:
        example["frequency"] = str(Frequency(str(example["frequency"])).label)
        rows.append([example.get(name, "") for name in columns])
    return rows
