"""Who sees and changes the inventory: both shapes of each rule agree, and covers do not leak."""

import pytest

from procedures.inventory.history import history_of
from procedures.inventory.listing import rows_of, tasks_matching
from procedures.inventory.permissions import (
    can_list_for,
    can_start_from,
    can_write_task,
    covers_for,
    departments_to_list_for,
    get_task_for,
    get_task_to_start_from,
    get_task_to_write,
    sees_inventory,
    tasks_visible_to,
    tasks_writable_by,
)
from procedures.inventory.status import TaskStatus
from procedures.models import Audience, InventoryTask, Procedure
from procedures.permissions import departments_to_author
from roles.models import Department
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(inventory):
    return {**inventory.firm.people, "other_author": inventory.other_author}


def test_authors_auditors_and_administrators_see_all_tasks_and_nobody_else_any(inventory, cast):
    seeing = {name for name, user in cast.items() if sees_inventory(user)}
    assert seeing == {"author", "coauthor", "other_author", "auditor", "administrator"}
    for user in cast.values():
        expected = InventoryTask.objects.count() if sees_inventory(user) else 0
        assert tasks_visible_to(user).count() == expected


def test_predicate_and_queryset_of_writing_agree(inventory, cast):
    for name, user in cast.items():
        writable = set(tasks_writable_by(user))
        assert writable == {task for task in InventoryTask.objects.all() if can_write_task(user, task)}, name
        offered = set(departments_to_list_for(user))
        assert offered == {place for place in Department.objects.all() if can_list_for(user, place)}, name


def test_authors_write_for_their_department_administrators_for_all_auditors_for_none(inventory, cast):
    by_department = {name: {task.department for task in tasks_writable_by(user)} for name, user in cast.items()}
    finance, operations = inventory.firm.finance, inventory.firm.operations
    assert by_department["author"] == {finance}
    assert by_department["other_author"] == {operations}
    assert by_department["administrator"] == {finance, operations}
    assert by_department["auditor"] == by_department["staff"] == set()


def test_nobody_writes_for_a_department_that_is_not_in_use_any_more(inventory, cast):
    Department.objects.filter(pk=inventory.firm.finance.pk).update(is_active=False)
    for user in cast.values():
        assert inventory.firm.finance not in {task.department for task in tasks_writable_by(user)}


def test_somebody_who_was_deactivated_sees_and_writes_nothing(inventory):
    user = inventory.firm.administrator
    user.is_active = False
    assert not tasks_visible_to(user).exists()
    assert not departments_to_list_for(user).exists()
    assert not can_list_for(user, inventory.firm.finance)


def test_the_doors_tell_missing_from_not_permitted(inventory):
    task, firm = inventory.tasks["not written"], inventory.firm
    assert get_task_for(firm.auditor, task.pk) == task
    for outsider in (firm.staff, firm.superuser):
        with pytest.raises(Missing):
            get_task_for(outsider, task.pk)
        with pytest.raises(Missing):
            get_task_to_write(outsider, task.pk)
    for reader in (firm.auditor, inventory.other_author):
        with pytest.raises(NotPermitted):
            get_task_to_write(reader, task.pk)
    with pytest.raises(Missing):
        get_task_for(firm.auditor, 999_999)


def test_a_draft_starts_from_a_task_that_nobody_writes_yet(inventory):
    firm, tasks = inventory.firm, inventory.tasks
    assert get_task_to_start_from(firm.author, tasks["not written"].pk) == tasks["not written"]
    assert get_task_to_start_from(firm.author, tasks["withdrawn"].pk)
    for name in ("drafting", "published", "overdue"):
        with pytest.raises(InvalidTransition):
            get_task_to_start_from(firm.author, tasks[name].pk)
    for user in (firm.administrator, inventory.other_author, firm.auditor):
        with pytest.raises(NotPermitted):
            get_task_to_start_from(user, tasks["not written"].pk)


def test_who_may_start_is_who_may_author(inventory, cast):
    task = inventory.tasks["not written"]
    for name, user in cast.items():
        expected = task.department in departments_to_author(user)
        assert can_start_from(user, task, TaskStatus.NOT_WRITTEN) == expected, name
        assert not can_start_from(user, task, TaskStatus.DRAFTING)


def test_a_procedure_that_a_person_may_not_read_covers_without_a_name(inventory):
    secret = inventory.tasks["secret"]
    for user, sees in ((inventory.firm.author, True), (inventory.firm.auditor, True), (inventory.other_author, False)):
        row = next(row for row in rows_of(user, tasks_matching(user, words="secret")))
        assert row.status == TaskStatus.PUBLISHED
        assert (row.cover is not None, row.is_covered_unseen) == (sees, not sees)
        events = history_of(user, secret)
        told = [value for event in events for value in event.values if value.new == secret.procedure.code]
        assert bool(told) == sees


def test_what_was_withdrawn_or_is_being_written_unseen_does_not_count_as_covered(inventory):
    audience = {"audience": Audience.DEPARTMENTS}
    procedures = [inventory.tasks[name].procedure_id for name in ("drafting", "withdrawn")]
    Procedure.objects.filter(pk__in=procedures).update(**audience)
    rows = {row.task: row for row in rows_of(inventory.other_author, tasks_matching(inventory.other_author))}
    for name in ("drafting", "withdrawn"):
        row = rows[inventory.tasks[name]]
        assert (row.cover, row.is_covered_unseen) == (None, False)


def test_the_text_that_people_follow_names_the_cover(inventory):
    from tests.factories import make_next

    firm, task = inventory.firm, inventory.tasks["published"]
    draft = make_next(firm, task.procedure, state="draft", title="A new name")
    cover = covers_for(firm.author, [task.procedure_id])[task.procedure_id]
    assert (cover.title, cover.address) == ("Run the monthly payroll", task.procedure.get_absolute_url())
    only_draft = inventory.tasks["drafting"]
    cover = covers_for(firm.author, [only_draft.procedure_id])[only_draft.procedure_id]
    assert cover.address == only_draft.procedure.revisions.get().get_absolute_url()
    assert draft.title == "A new name"
