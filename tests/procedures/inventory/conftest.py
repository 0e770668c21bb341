"""An inventory in which every status occurs."""

import datetime
from dataclasses import dataclass

import pytest

from procedures.actions import inventory as actions
from procedures.models import InventoryTask, Revision
from procedures.states import State
from roles.models import Access, User
from tests.factories import Firm, make_revision, make_user


@dataclass
class Inventory:
    """Tasks of Finance by what their status is for; `secret` is covered by a procedure that only Finance reads."""

    firm: Firm
    other_author: User
    tasks: dict[str, InventoryTask]


def make_task(firm: Firm, title: str, **fields) -> InventoryTask:
    department = fields.pop("department", firm.finance)
    actor = fields.pop("actor", firm.administrator)
    return actions.add_task(actor=actor, department=department, title=title, fields=fields)


def make_covered(firm: Firm, name: str, revision: Revision) -> InventoryTask:
    task = make_task(firm, f"Task {name}", frequency="weekly", impact=4, owner_role=firm.clerk_role)
    return actions.link_task(task, actor=firm.author, procedure=revision.procedure)


@pytest.fixture
def inventory(firm) -> Inventory:
    today = datetime.date.today()
    states = {
        "drafting": State.DRAFT,
        "published": State.PUBLISHED,
        "overdue": State.PUBLISHED,
        "withdrawn": State.WITHDRAWN,
        "secret": State.PUBLISHED,
    }
    tasks = {"not written": make_task(firm, "Close the books", frequency="monthly", impact=5, feasibility=4)}
    for name, state in states.items():
        audience = {"audience": "departments", "audience_departments": [firm.finance]} if name == "secret" else {}
        title = "A hidden title" if name == "secret" else "Run the monthly payroll"
        revision = make_revision(firm, state=state, title=title, **audience)
        tasks[name] = make_covered(firm, name, revision)
        if name == "overdue":
            late = today - datetime.timedelta(days=1)
            Revision.objects.filter(pk=revision.pk).update(next_review_on=late)
    ruled_out = make_task(firm, "Order plants", frequency="yearly", department=firm.operations, impact=1)
    tasks["not needed"] = actions.rule_out_task(ruled_out, actor=firm.administrator, reason="One person does it.")
    return Inventory(firm, make_user("other-author", department=firm.operations, access=Access.AUTHOR), tasks)


@pytest.fixture
def every_state(inventory) -> Inventory:
    """The same with the states that only the rule of the status tells apart."""
    states = {"in review": State.IN_REVIEW, "approved": State.APPROVED, "discarded": State.DISCARDED}
    for name, state in states.items():
        inventory.tasks[name] = make_covered(inventory.firm, name, make_revision(inventory.firm, state=state))
    return inventory
