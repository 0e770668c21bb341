import datetime
import itertools

from notifications import actions as notices
from notifications.models import Notification
from procedures.actions import approval
from roles import actions as roles
from roles import signing
from roles.errors import NotValid
from roles.models import Department, Holding, Role
from roles.statements import current_statement
from sopdesk.lib.errors import InvalidTransition
from sopdesk.lib.merging import BothChanged, base_of
from tests.factories import make_draft, make_user
from tests.faults.table import NOTHING, act, call

NUMBERS = itertools.count(1)
FIRST, LAST = datetime.date(2020, 1, 1), datetime.date(2099, 12, 31)


def somebody(firm):
    return make_user(f"somebody-{next(NUMBERS)}", department=firm.finance)


@act(roles.add_person, second=NotValid)
def add_person(firm):
    email = f"new-{next(NUMBERS)}@firm.test"
    return call(actor=firm.administrator, email=email, full_name="New Person", department=firm.finance)


@act(roles.change_person, second=NOTHING)
def change_person(firm):
    fields = {"email": f"changed-{next(NUMBERS)}@firm.test", "access": "author", "full_name": "Changed"}
    return call(somebody(firm), actor=firm.administrator, fields=fields)


@act(roles.change_person, second=BothChanged)
def change_person_differently(firm):
    person = somebody(firm)
    base = base_of({"full_name": person.full_name, "access": person.access})
    wishes = ({"full_name": "Mine", "access": "reader"}, {"full_name": "Theirs", "access": "auditor"})
    return [call(person, actor=firm.administrator, fields=fields, base=base) for fields in wishes]


@act(roles.deactivate_person, second=InvalidTransition)
def deactivate_person(firm):
    return call(somebody(firm), actor=firm.administrator, reason="Left the firm.")


@act(roles.activate_person, second=InvalidTransition)
def activate_person(firm):
    person = roles.deactivate_person(somebody(firm), actor=firm.administrator)
    return call(person, actor=firm.administrator)


@act(roles.change_own_settings, second=NOTHING)
def change_own_settings(firm):
    return call(somebody(firm), language="fr", theme="dark", keys_enabled=False, watch_mail="daily")


@act(signing.accept_statement, second=NOTHING)
def accept_statement(firm):
    person = make_user("newcomer", signs=False)
    return call(actor=person, version=current_statement("en").version)


@act(roles.add_department, second=NotValid)
def add_department(firm):
    return call(actor=firm.administrator, code="NEW", name="New department", head=firm.approver)


@act(roles.change_department, second=NOTHING)
def change_department(firm):
    department = Department.objects.create(code="OLD", name="Old department")
    fields = {"name": "Older department", "head": firm.staff}
    return call(department, actor=firm.administrator, fields=fields)


@act(roles.change_department, second=BothChanged)
def change_department_differently(firm):
    department = Department.objects.create(code="OTHER", name="Other department")
    base = base_of({"head": None})
    return [
        call(department, actor=firm.administrator, fields={"head": head}, base=base)
        for head in (firm.staff, firm.author)
    ]


@act(roles.add_role, second=NotValid)
def add_role(firm):
    return call(actor=firm.administrator, name="Cashier", department=firm.finance)


@act(roles.change_role, second=NOTHING)
def change_role(firm):
    role = Role.objects.create(name="Auditor of cash", department=firm.finance)
    return call(role, actor=firm.administrator, fields={"name": "Counter of cash", "is_active": False})


@act(roles.change_role, second=BothChanged)
def change_role_differently(firm):
    role = Role.objects.create(name="Packer")
    base = base_of({"description": "", "is_active": True})
    wishes = ({"description": "Packs.", "is_active": True}, {"description": "Wraps.", "is_active": False})
    return [call(role, actor=firm.administrator, fields=fields, base=base) for fields in wishes]


@act(roles.add_holding, second=NotValid)
def add_holding(firm):
    return call(somebody(firm), actor=firm.administrator, role=firm.clerk_role, starts=FIRST)


@act(roles.end_holding, second=NOTHING)
def end_holding(firm):
    holding = Holding.objects.create(user=somebody(firm), role=firm.clerk_role, starts=FIRST)
    return call(holding, actor=firm.administrator, ends=LAST)


@act(roles.end_holding, second=BothChanged)
def end_holding_differently(firm):
    holding = Holding.objects.create(user=somebody(firm), role=firm.clerk_role, starts=FIRST)
    base = base_of({"ends": None})
    days = (LAST, LAST - datetime.timedelta(days=1))
    return [call(holding, actor=firm.administrator, ends=day, base=base) for day in days]


# Notices -----------------------------------------------------------------------------------------------------


def notice_to(firm):
    approval.submit(make_draft(firm), actor=firm.author)
    return Notification.objects.filter(recipient=firm.approver).latest("pk")


@act(notices.mark_read, second=NOTHING)
def mark_read(firm):
    return call(notice_to(firm))


@act(notices.mark_all_read, second=NOTHING)
def mark_all_read(firm):
    return call(firm.approver, up_to=notice_to(firm).pk)
