from procedures.actions import inventory
from roles.errors import NotValid
from sopdesk.lib.errors import InvalidTransition, Missing, Refused
from sopdesk.lib.merging import BothChanged, base_of
from sopdesk.lib.sheets import read_sheet
from tests.factories import make_draft
from tests.faults.table import NOTHING, act, call


def make_task(firm, title):
    return inventory.add_task(actor=firm.author, department=firm.finance, title=title, fields={"impact": 4})


@act(inventory.add_task, second=NotValid)
def add_task(firm):
    return call(actor=firm.author, department=firm.finance, title="Close the books", fields={"frequency": "monthly"})


@act(inventory.task_from_search, second=NotValid)
def task_from_search(firm):
    return call("petty cash", actor=firm.author, department=firm.finance)


@act(inventory.change_task, second=NOTHING)
def change_task(firm):
    return call(make_task(firm, "Order plants"), actor=firm.author, fields={"title": "Order flowers", "impact": 1})


@act(inventory.change_task, second=BothChanged)
def change_task_differently(firm):
    task = make_task(firm, "Feed the fish")
    base = base_of({"impact": 4, "owner_role": None})
    wishes = ({"impact": 5, "owner_role": None}, {"impact": 1, "owner_role": firm.clerk_role})
    return [call(task, actor=firm.author, fields=fields, base=base) for fields in wishes]


@act(inventory.rule_out_task, second=InvalidTransition)
def rule_out_task(firm):
    task = make_task(firm, "Water plants")
    return [call(task, actor=firm.author, reason=reason) for reason in ("One person does it.", "No plants left.")]


@act(inventory.bring_back_task, second=InvalidTransition)
def bring_back_task(firm):
    task = inventory.rule_out_task(make_task(firm, "Sell plants"), actor=firm.author, reason="None left.")
    return call(task, actor=firm.author)


@act(inventory.link_task, second=NOTHING)
def link_task(firm):
    return call(make_task(firm, "Pay people"), actor=firm.author, procedure=make_draft(firm).procedure)


@act(inventory.unlink_task, second=InvalidTransition)
def unlink_task(firm):
    procedure = make_draft(firm).procedure
    return call(
        inventory.link_task(make_task(firm, "Pay taxes"), actor=firm.author, procedure=procedure), actor=firm.author
    )


@act(inventory.delete_task, second=Missing)
def delete_task(firm):
    return call(make_task(firm, "A mistake"), actor=firm.author)


@act(inventory.import_tasks, second=NOTHING, meanwhile=Refused)
def import_tasks(firm):
    make_task(firm, "File receipts")
    lines = read_sheet(b"Task,Impact\nFile receipts,5\nScan receipts,3\nBurn receipts,1\n", filename="tasks.csv")
    return call(lines, actor=firm.author, filename="tasks.csv")
