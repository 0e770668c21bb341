"""Status and priority: the query and the predicate say the same, and the picture adds up."""

import datetime

import pytest

from procedures.inventory.coverage import coverage_of
from procedures.inventory.listing import rows_of, tasks_matching
from procedures.inventory.status import (
    FREQUENCY_WEIGHT,
    GAP_WEIGHT,
    HIGHEST,
    TaskStatus,
    priority,
    status_of,
    weight_of,
    with_status,
)
from procedures.models import Frequency, InventoryTask, Revision
from roles.models import Department
from tests.procedures.inventory.conftest import make_task

pytestmark = pytest.mark.django_db

EXPECTED = {
    "not written": TaskStatus.NOT_WRITTEN,
    "drafting": TaskStatus.DRAFTING,
    "in review": TaskStatus.DRAFTING,
    "approved": TaskStatus.DRAFTING,
    "published": TaskStatus.PUBLISHED,
    "overdue": TaskStatus.OVERDUE,
    "withdrawn": TaskStatus.NOT_WRITTEN,
    "discarded": TaskStatus.NOT_WRITTEN,
    "secret": TaskStatus.PUBLISHED,
    "not needed": TaskStatus.NOT_NEEDED,
}


def test_each_state_of_a_procedure_gives_its_status(every_state):
    today = datetime.date.today()
    assert {name: status_of(task, today) for name, task in every_state.tasks.items()} == EXPECTED


def test_query_and_predicate_agree_on_any_day(every_state):
    """In 45 days the approved revision is in force; in 400 every review is late."""
    for days in (0, 45, 400):
        day = datetime.date.today() + datetime.timedelta(days=days)
        found = {task.pk: (task.status, task.weight) for task in with_status(InventoryTask.objects.all(), day)}
        told = {}
        for task in InventoryTask.objects.all():
            status = status_of(task, day)
            told[task.pk] = (status, weight_of(task, status))
        assert found == told
        assert len({status for status, _weight in found.values()}) > 2


def test_a_new_revision_on_its_way_does_not_uncover_a_task(inventory):
    from tests.factories import make_next

    task = inventory.tasks["published"]
    make_next(inventory.firm, task.procedure, state="draft")
    assert status_of(task, datetime.date.today()) == TaskStatus.PUBLISHED


def test_priority_is_the_product_that_the_page_shows(inventory):
    rows = {row.task.title: row for row in rows_of(inventory.firm.auditor, tasks_matching(inventory.firm.auditor))}
    for row in rows.values():
        impact, feasibility, frequency, gap = row.factors
        assert row.priority == impact * feasibility * frequency * gap
    assert rows["Close the books"].priority == 5 * 4 * 1.5 * 1
    assert rows["Task published"].priority == rows["Order plants"].priority == 0


def test_every_frequency_and_status_has_a_weight():
    assert set(FREQUENCY_WEIGHT) == set(Frequency)
    assert set(GAP_WEIGHT) == set(TaskStatus)
    highest = 25 * max(FREQUENCY_WEIGHT.values()) * max(GAP_WEIGHT.values())
    assert priority(highest) == HIGHEST


def test_what_happens_more_often_is_more_urgent_and_never_more_than_twice(firm):
    weights = [FREQUENCY_WEIGHT[name] for name in ("yearly", "quarterly", "monthly", "weekly", "daily")]
    assert weights == sorted(weights)
    assert max(weights) == 2 * min(weights)


def test_the_most_urgent_stands_first_and_ties_are_in_alphabetical_order(inventory):
    firm = inventory.firm
    make_task(firm, "zinc", impact=5, feasibility=5, frequency="daily")
    make_task(firm, "Aluminium", impact=5, feasibility=5, frequency="daily")
    titles = [task.title for task in tasks_matching(firm.author)]
    assert titles[:3] == ["Aluminium", "zinc", "Close the books"]
    by_title = [task.title for task in tasks_matching(firm.author, order="title")]
    assert by_title == sorted(by_title, key=str.lower)


def test_coverage_counts_what_is_needed_and_what_is_covered(inventory, django_assert_num_queries):
    finance, operations = inventory.firm.finance, inventory.firm.operations
    departments = list(Department.objects.all())
    with django_assert_num_queries(1):
        picture = coverage_of(InventoryTask.objects.all(), departments, datetime.date.today())
    rows = {row.department: row for row in picture.departments}
    assert (picture.whole.covered, picture.whole.needed, picture.whole.percent) == (3, 6, 50)
    assert (rows[finance].by_frequency["weekly"].covered, rows[finance].by_frequency["weekly"].needed) == (3, 5)
    assert rows[finance].by_frequency["monthly"].level == 0
    assert rows[operations].whole.needed == 0, "what is not needed is no gap"
    assert rows[operations].by_status[TaskStatus.NOT_NEEDED] == 1
    assert picture.widest.department == finance
    assert sum(picture.by_status.values()) == InventoryTask.objects.count()


def test_a_department_without_any_task_is_in_the_picture(firm):
    picture = coverage_of(InventoryTask.objects.all(), Department.objects.all(), datetime.date.today())
    assert {row.department for row in picture.departments} == {firm.finance, firm.operations}
    assert picture.widest is None


def test_only_what_is_complete_says_100_percent(firm):
    from procedures.inventory.coverage import Share

    assert Share(199, 200).percent == 99
    assert [Share(covered, 5).level for covered in range(6)] == [0, 1, 2, 3, 4, 5]
    assert Share(1, 100).level == 1
    assert Share(0, 0).percent == Share(0, 0).level == 0


def test_words_are_found_in_title_description_and_pain_points_whatever_their_case(firm):
    make_task(firm, "Clôture", description="Écritures de fin d’année", pain_points="100% manual")
    make_task(firm, "Payroll")
    assert [task.title for task in tasks_matching(firm.author, words="CLÔTURE écritures")] == ["Clôture"]
    assert [task.title for task in tasks_matching(firm.author, words="100%")] == ["Clôture"]
    assert not tasks_matching(firm.author, words="payroll clôture")


def test_filters_narrow_the_list(inventory):
    firm = inventory.firm
    assert {task.status for task in tasks_matching(firm.author, status="drafting")} == {"drafting"}
    assert [task.title for task in tasks_matching(firm.author, department=firm.operations)] == ["Order plants"]
    assert [task.title for task in tasks_matching(firm.author, frequency="monthly")] == ["Close the books"]
    assert tasks_matching(firm.author, role=firm.clerk_role).count() == 5


def test_review_date_decides_on_the_day_after(inventory):
    task, today = inventory.tasks["published"], datetime.date.today()
    Revision.objects.filter(procedure=task.procedure).update(next_review_on=today)
    assert status_of(task, today) == TaskStatus.PUBLISHED
    assert status_of(task, today + datetime.timedelta(days=1)) == TaskStatus.OVERDUE
