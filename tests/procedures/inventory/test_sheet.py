"""Tasks from a table: what is understood, what does not fit, and that an export comes back unchanged."""

import io

import openpyxl
import pytest

from audit import names, trail
from procedures.actions.inventory import import_tasks
from procedures.inventory.columns import column_called, frequency_called
from procedures.inventory.listing import rows_of, tasks_matching
from procedures.inventory.sheet import plan_of, sample_table, table_of
from procedures.models import Frequency, InventoryTask, Origin
from roles.models import Role
from sopdesk.lib.errors import NotPermitted, Refused
from sopdesk.lib.sheets import read_sheet, write_csv, write_xlsx
from tests.factories import make_revision
from tests.procedures.inventory.conftest import make_task

pytestmark = pytest.mark.django_db

HEADER = "Department,Task,Frequency,Role,Impact,Feasibility,Pain points\n"


def lines_of(text: str):
    return read_sheet(text.encode(), filename="tasks.csv")


def faults_of(text: str, actor) -> list[tuple[int, str]]:
    plan = plan_of(lines_of(text), actor=actor)
    assert all(fault.message for fault in plan.faults)
    return [(fault.line, fault.column) for fault in plan.faults]


def take(text: str, actor):
    return import_tasks(lines_of(text), actor=actor, filename="tasks.csv")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Department", "department"),
        ("DÉPARTEMENT ", "department"),
        ("Service", "department"),
        ("Tâche", "title"),
        ("task:", "title"),
        ("Pain points", "pain_points"),
        ("Points douloureux", "pain_points"),
        ("Fréquence", "frequency"),
        ("Faisabilité", "feasibility"),
        ("owner_role", "owner_role"),
        ("Rôle", "owner_role"),
        ("Covered by", "procedure"),
        ("Motif", "not_needed_reason"),
        ("Colour", ""),
        ("", ""),
    ],
)
def test_columns_are_known_in_both_languages(header, column):
    assert column_called(header) == column


@pytest.mark.parametrize(
    ("text", "frequency"),
    [
        ("Monthly", Frequency.MONTHLY),
        ("mensuelle", Frequency.MONTHLY),
        ("on_demand", Frequency.ON_DEMAND),
        ("À LA DEMANDE", Frequency.ON_DEMAND),
        ("Annual", Frequency.YEARLY),
        ("hourly", ""),
    ],
)
def test_frequencies_are_known_in_both_languages(text, frequency):
    assert frequency_called(text) == frequency


def test_lines_become_tasks(firm):
    plan = take(HEADER + "FIN,Close the books,monthly,payroll CLERK,5,4,Late\nFinance,Pay,daily,,4,5,\n", firm.author)
    assert (len(plan.new), len(plan.changed), len(plan.unchanged)) == (2, 0, 0)
    task = InventoryTask.objects.get(title="Close the books")
    assert (task.department, task.owner_role, task.frequency) == (firm.finance, firm.clerk_role, "monthly")
    assert (task.impact, task.feasibility, task.pain_points, task.origin) == (5, 4, "Late", Origin.IMPORT)
    entry = trail.entries_for(task).get()
    assert (entry.name, entry.data["file"], entry.data["impact"]) == (names.TASK_ADD, "tasks.csv", 5)
    assert task.history.get().history_user == firm.author


def test_a_second_import_changes_what_is_new_and_leaves_the_rest(firm):
    take(HEADER + "FIN,Close the books,monthly,,5,4,Late\nFIN,Pay,daily,,4,5,\n", firm.author)
    plan = take("Task,Impact\nCLOSE the books,3\npay,4\n", firm.author)
    assert ([row.task.title for row in plan.changed], len(plan.unchanged)) == (["Close the books"], 1)
    task = InventoryTask.objects.get(title="Close the books")
    assert (task.impact, task.frequency, task.pain_points) == (3, "monthly", "Late"), "columns that are not there stay"
    assert trail.entries_for(task).last().data["impact"] == {"old": 5, "new": 3}
    assert [row.history_type for row in task.history.all()] == ["~", "+"]
    assert take("Task,Impact\nPay,4\n", firm.author).is_idle


def test_every_fault_names_its_line_and_column(firm):
    make_task(firm, "Covered")
    text = (
        "Department,Task,Frequency,Role,Impact,Feasibility,Covered by,Why none is needed\n"
        "FIN,,daily,,1,1,,\n"
        "Nowhere,Pay,daily,,1,1,,\n"
        "FIN,A,sometimes,,1,1,,\n"
        "FIN,B,daily,Nobody,1,1,,\n"
        "FIN,C,daily,,six,1,,\n"
        "FIN,D,daily,,1,9,,\n"
        "FIN,E,daily,,1,1,XXX-1,\n"
        f"FIN,{'x' * 201},daily,,1,1,,\n"
        f"FIN,F,daily,,1,1,,{'y' * 301}\n"
        "FIN,G,daily,,1,1,,\n"
        "FIN,g,daily,,1,1,,\n"
        "OPS,H,daily,,1,1,,\n"
    )
    assert faults_of(text, firm.author) == [
        (2, "Task"),
        (3, "Department"),
        (4, "Frequency"),
        (5, "Role"),
        (6, "Impact"),
        (7, "Feasibility"),
        (8, "Covered by"),
        (9, "Task"),
        (10, "Why none is needed"),
        (12, "Task"),
        (13, "Department"),
    ]


@pytest.mark.parametrize(
    "text", ["Colour,Size\nred,1\n", "Task,Impact,task\na,1,b\n", "Task\n", "Department,Impact\nFIN,1\n"]
)
def test_a_table_without_a_usable_header_is_refused_as_a_whole(firm, text):
    assert len(faults_of(text, firm.author)) == 1
    with pytest.raises(Refused):
        take(text, firm.author)


def test_nothing_is_saved_when_a_line_is_wrong(firm):
    entries = trail.last_hash()
    with pytest.raises(Refused):
        take("Task,Impact\nPay,4\nCount,six\n", firm.author)
    assert (InventoryTask.objects.count(), trail.last_hash()) == (0, entries)


def test_authors_import_for_their_department_only_and_readers_nothing(firm):
    assert faults_of("Department,Task\nOPS,Ship\n", firm.author) == [(2, "Department")]
    assert faults_of("Department,Task\nOPS,Ship\nFIN,Pay\n", firm.administrator) == []
    for user in (firm.staff, firm.auditor, firm.superuser):
        with pytest.raises(NotPermitted):
            take("Task\nPay\n", user)


def test_without_a_column_of_departments_the_administrator_is_asked_for_one(firm):
    assert faults_of("Task\nPay\n", firm.administrator) == [(2, "Department")]


def test_procedures_and_reasons_are_taken_over(firm):
    code = make_revision(firm).procedure.code
    take(f"Task,Covered by,Why none is needed\nPay,{code.lower()},\nPlants,,One person does it.\n", firm.author)
    assert InventoryTask.objects.get(title="Pay").procedure.code == code
    assert InventoryTask.objects.get(title="Plants").not_needed_reason == "One person does it."
    assert faults_of(f"Task,Covered by,Why none is needed\nPay,{code},x\n", firm.author) == [(2, "Why none is needed")]
    take("Task,Covered by,Why none is needed\nPay,,\nPlants,,\n", firm.author)
    assert InventoryTask.objects.get(title="Pay").procedure.code == code, "an empty cell unlinks nothing"
    assert InventoryTask.objects.get(title="Plants").not_needed_reason == ""


def test_a_procedure_that_one_may_not_read_sounds_like_one_that_does_not_exist(inventory):
    code = inventory.tasks["secret"].procedure.code
    for asked in (code, "XXX-999"):
        plan = plan_of(lines_of(f"Task,Covered by\nShip,{asked}\n"), actor=inventory.other_author)
        assert [fault.message for fault in plan.faults] == [f"There is no procedure {asked} that you may read."]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_exported_comes_back_unchanged(inventory, format, language):
    from django.utils import translation

    firm = inventory.firm
    make_task(firm, "=1+1", description='a\nb; c, "d"\n\'e', pain_points="-5 %\té")
    with translation.override(language):
        table = list(table_of(rows_of(firm.administrator, tasks_matching(firm.administrator))))
        data = write_csv(table) if format == "csv" else write_xlsx(table, title="Tasks")
    plan = plan_of(read_sheet(data, filename=f"t.{format}"), actor=firm.administrator)
    assert plan.faults == []
    assert len(plan.unchanged) == InventoryTask.objects.count()
    assert plan.is_idle
    assert len(plan.ignored) == 2, "priority and status follow from the rest"


def test_an_export_does_not_name_what_its_reader_may_not_see_and_still_comes_back(inventory):
    author = inventory.other_author
    code = inventory.tasks["secret"].procedure.code
    table = list(table_of(rows_of(author, tasks_matching(author))))
    assert not any(code in map(str, row) for row in table)
    assert any("Covered" in row for row in table)
    rows = [row for row in table if row[0] in ("Department", "Operations")]
    assert plan_of(read_sheet(write_csv(rows), filename="x.csv"), actor=author).is_idle


def test_the_sample_can_be_imported_as_it_is(firm):
    rows = sample_table()
    lines = read_sheet(write_xlsx(rows, title="Sample"), filename="sample.xlsx")
    plan = import_tasks(lines, actor=firm.author, filename="sample.xlsx")
    assert (len(plan.new), plan.ignored) == (3, [])


def test_a_formula_is_read_as_the_value_beside_it(firm):
    """Here no program has stored one, so the cell counts as empty."""
    book = openpyxl.Workbook()
    for row in (["Task", "Pain points"], ["Pay", '=WEBSERVICE("http://x")']):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    import_tasks(read_sheet(file.getvalue(), filename="x.xlsx"), actor=firm.author, filename="x.xlsx")
    assert InventoryTask.objects.get().pain_points == ""


def test_as_many_lines_as_allowed_cost_as_many_queries_as_few(firm, django_assert_max_num_queries):
    Role.objects.create(name="Buyer")
    text = "Task,Role,Impact\n" + "".join(f"Task {number},Buyer,{number % 5 + 1}\n" for number in range(1500))
    with django_assert_max_num_queries(8):
        plan = plan_of(lines_of(text), actor=firm.author)
    assert len(plan.new) == 1500
    take(text, firm.author)
    assert InventoryTask.objects.count() == 1500
    assert plan_of(lines_of(text), actor=firm.author).is_idle
