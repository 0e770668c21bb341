"""Adding, changing, covering, ruling out and removing tasks."""

import pytest

from audit import names, trail
from procedures.actions import inventory as actions
from procedures.actions.inventory import add_task, change_task, delete_task, link_task, rule_out_task, unlink_task
from procedures.inventory.covering import that_may_cover
from procedures.models import InventoryTask, Origin
from roles.errors import NotValid
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import make_revision
from tests.procedures.inventory.conftest import make_task

pytestmark = pytest.mark.django_db


def events(task) -> list[str]:
    return [entry.name for entry in trail.entries_for(task)]


def test_a_task_is_added_with_what_was_said_and_one_entry(firm):
    task = add_task(
        actor=firm.author,
        department=firm.finance,
        title="  Close   the books ",
        fields={"frequency": "monthly", "owner_role": firm.clerk_role, "impact": 5, "description": "a\r\nb"},
    )
    stored = InventoryTask.objects.get(pk=task.pk)
    assert (stored.title, stored.description, stored.impact, stored.feasibility) == ("Close the books", "a\nb", 5, 3)
    assert (stored.origin, stored.created_by, stored.owner_role) == (Origin.MANUAL, firm.author, firm.clerk_role)
    entry = trail.entries_for(stored).get()
    assert (entry.name, entry.data["owner_role"], entry.data["impact"]) == (names.TASK_ADD, "Payroll clerk", 5)
    assert stored.history.get().history_user == firm.author


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Close the books"}, "title"),
        ({"title": "x", "impact": 6}, "impact"),
        ({"title": "x", "feasibility": 0}, "feasibility"),
        ({"title": "x", "frequency": "hourly"}, "frequency"),
    ],
)
def test_what_does_not_fit_is_said_by_field_and_leaves_nothing(firm, values, field):
    make_task(firm, "Close the books")
    entries = trail.last_hash()
    with pytest.raises(NotValid) as refused:
        add_task(actor=firm.author, department=firm.finance, title=values.pop("title"), fields=values)
    assert set(refused.value.errors) == {field}
    assert (InventoryTask.objects.count(), trail.last_hash()) == (1, entries)


def test_another_department_may_have_a_task_of_the_same_name(firm):
    make_task(firm, "Close the books")
    assert make_task(firm, "Close the books", department=firm.operations)


def test_nobody_acts_without_the_right(inventory):
    task, firm = inventory.tasks["not written"], inventory.firm
    entries = trail.last_hash()
    for user in (firm.staff, firm.auditor, inventory.other_author, firm.superuser):
        for act in (
            lambda user=user: add_task(actor=user, department=firm.finance, title="x"),
            lambda user=user: change_task(task, actor=user, fields={"title": "x"}),
            lambda user=user: rule_out_task(task, actor=user, reason="x"),
            lambda user=user: link_task(task, actor=user, procedure=inventory.tasks["published"].procedure),
            lambda user=user: unlink_task(inventory.tasks["published"], actor=user),
            lambda user=user: delete_task(task, actor=user),
            lambda user=user: actions.bring_back_task(inventory.tasks["not written"], actor=user),
        ):
            with pytest.raises(NotPermitted):
                act()
    assert trail.last_hash() == entries


def test_a_change_names_old_and_new_and_saying_the_same_is_no_change(firm):
    task = make_task(firm, "Close the books", impact=2)
    change_task(task, actor=firm.author, fields={"impact": 4, "title": "Close the books"})
    change_task(task, actor=firm.author, fields={"impact": 4})
    assert events(task) == [names.TASK_ADD, names.TASK_CHANGE]
    assert trail.entries_for(task).last().data == {"impact": {"old": 2, "new": 4}}


def test_an_author_cannot_hand_a_task_to_another_department(firm):
    task = make_task(firm, "Close the books")
    with pytest.raises(NotPermitted):
        change_task(task, actor=firm.author, fields={"department": firm.operations})
    moved = change_task(task, actor=firm.administrator, fields={"department": firm.operations})
    assert moved.department == firm.operations


def test_ruling_out_needs_a_reason_and_can_be_taken_back(firm):
    task = make_task(firm, "Order plants")
    with pytest.raises(NotValid):
        rule_out_task(task, actor=firm.author, reason="  ")
    rule_out_task(task, actor=firm.author, reason="The landlord does it.")
    task = actions.bring_back_task(task, actor=firm.author)
    assert task.not_needed_reason == ""
    assert events(task) == [names.TASK_ADD, names.TASK_RULE_OUT, names.TASK_BRING_BACK]
    with pytest.raises(InvalidTransition):
        actions.bring_back_task(task, actor=firm.author)


def test_what_a_procedure_covers_cannot_be_ruled_out(inventory):
    with pytest.raises(Refused):
        rule_out_task(inventory.tasks["published"], actor=inventory.firm.author, reason="x")


def test_linking_ends_that_none_is_needed_and_is_undone_by_unlinking(firm):
    task, procedure = make_task(firm, "Pay"), make_revision(firm).procedure
    rule_out_task(task, actor=firm.author, reason="x")
    task = link_task(task, actor=firm.author, procedure=procedure)
    assert (task.procedure, task.not_needed_reason) == (procedure, "")
    assert trail.entries_for(task).last().procedure_code == procedure.code
    link_task(task, actor=firm.author, procedure=procedure)
    task = unlink_task(task, actor=firm.author)
    assert task.procedure is None
    assert events(task) == [names.TASK_ADD, names.TASK_RULE_OUT, names.TASK_LINK, names.TASK_UNLINK]
    with pytest.raises(InvalidTransition):
        unlink_task(task, actor=firm.author)


def test_a_procedure_that_one_may_not_see_cannot_be_linked(inventory):
    task = make_task(inventory.firm, "Ship", department=inventory.firm.operations)
    with pytest.raises(NotValid, match="no procedure"):
        link_task(task, actor=inventory.other_author, procedure=inventory.tasks["secret"].procedure)


def test_only_what_never_had_a_procedure_is_removed(inventory):
    firm = inventory.firm
    task = inventory.tasks["not written"]
    delete_task(task, actor=firm.author)
    assert not InventoryTask.objects.filter(pk=task.pk).exists()
    used = unlink_task(inventory.tasks["published"], actor=firm.author)
    with pytest.raises(Refused):
        delete_task(used, actor=firm.author)
    assert [entry.name for entry in trail.entries_for(task)][-1] == names.TASK_DELETE


def test_a_search_that_found_nothing_becomes_a_task(firm):
    task = actions.task_from_search("  petty cash   float ", actor=firm.author, department=firm.finance)
    assert (task.title, task.origin) == ("Petty cash float", Origin.SEARCH)
    assert task.search_words.split() == ["petty", "cash", "float"]
    with pytest.raises(NotPermitted):
        actions.task_from_search("x", actor=firm.staff, department=firm.finance)
    assert len(actions.task_from_search("y" * 400, actor=firm.author, department=firm.finance).title) == 200


def test_procedures_that_may_cover_a_task_are_found_by_its_name_among_those_that_one_may_read(inventory):
    task = make_task(inventory.firm, "Hidden title", department=inventory.firm.operations)
    assert [cover.title for cover in that_may_cover(inventory.firm.author, task)][:1] == ["A hidden title"]
    assert "A hidden title" not in [cover.title for cover in that_may_cover(inventory.other_author, task)]
