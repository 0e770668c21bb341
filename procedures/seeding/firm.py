"""The firm whose procedures are seeded: departments, people, job roles, categories."""

import datetime
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from roles import actions as people
from roles.models import Access, Department, Role, User
from roles.signing import accept_statement
from roles.statements import current_statement

DOMAIN = "bench.sopdesk.test"
READER, EDITOR, APPROVER = (f"{name}@{DOMAIN}" for name in ("reader", "editor", "approver"))
SINCE = datetime.date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class DepartmentPlan:
    code: str
    name: str
    author: str
    """Address of who writes the department's procedures."""

    roles: tuple[str, ...]


DEPARTMENTS = (
    DepartmentPlan("FIN", "Finance", EDITOR, ("Payroll clerk", "Accountant", "Treasurer")),
    DepartmentPlan("OPS", "Operations", f"editor-ops@{DOMAIN}", ("Machine operator", "Shift leader", "Stock keeper")),
    DepartmentPlan("HR", "People", f"editor-hr@{DOMAIN}", ("Recruiter", "People partner")),
    DepartmentPlan("QUA", "Quality", f"editor-qua@{DOMAIN}", ("Inspector", "Laboratory technician")),
)
CATEGORIES = (
    "Payroll", "Invoices", "Production", "Stock", "Recruitment", "Safety", "Laboratory", "Complaints", "IT", "Travel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BenchFirm:
    """`roles` and `authors` by the code of their department."""

    departments: dict[str, Department]
    roles: dict[str, list[Role]]
    authors: dict[str, User]
    approver: User


def make_firm(*, password: str) -> BenchFirm:
    """Departments, one author each, their head (`approver@`), a reader, job roles, and `password` for all people."""
    departments = {plan.code: people.add_department(actor=None, code=plan.code, name=plan.name) for plan in DEPARTMENTS}
    first = departments[DEPARTMENTS[0].code]
    approver = people.add_person(actor=None, email=APPROVER, full_name="Ada Approver", department=first)
    reader = people.add_person(actor=None, email=READER, full_name="Rob Reader", department=first)
    authors = {
        plan.code: people.add_person(
            actor=None,
            email=plan.author,
            full_name=f"{plan.name} Editor",
            department=departments[plan.code],
            access=Access.AUTHOR,
        )
        for plan in DEPARTMENTS
    }
    for code, department in departments.items():
        departments[code] = people.change_department(department, actor=None, fields={"head": approver})
    roles = {
        plan.code: [people.add_role(actor=None, name=name, department=departments[plan.code]) for name in plan.roles]
        for plan in DEPARTMENTS
    }
    people.add_holding(reader, actor=None, role=roles[DEPARTMENTS[0].code][0], starts=SINCE)
    User.objects.update(password=make_password(password), password_is_own=True)
    accept_statement(actor=approver, version=current_statement(approver.language).version)
    return BenchFirm(departments=departments, roles=roles, authors=authors, approver=approver)
