import datetime

from procedures.actions import absences, approval, overdue
from procedures.models import SlotKind
from procedures.queries import open_round
from procedures.states import State
from roles import actions as roles
from roles.errors import NotValid
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition
from tests.factories import make_revision, make_route
from tests.faults.acts.approving import COUNTED, signing
from tests.faults.acts.people import somebody
from tests.faults.table import NOTHING, act, call

DAY = datetime.timedelta(days=1)


def round_for(firm, person, **match):
    """A round with one place, for `person` by name."""
    make_route([(SlotKind.PERSON, person)], department=firm.finance, **match)
    return open_round(make_revision(firm, state=State.IN_REVIEW, **match))


@act(absences.add_absence, second=NotValid)
def add_absence(firm):
    person = somebody(firm)
    return call(person, actor=person, starts=today(), ends=today() + DAY, deputy=firm.staff)


@act(absences.end_absence, second=InvalidTransition)
def end_absence(firm):
    person = somebody(firm)
    absence = absences.add_absence(person, actor=person, starts=today(), ends=today() + DAY, deputy=firm.staff)
    return call(absence, actor=firm.administrator, reason="Back already.")


@act(approval.approve_revision, second=InvalidTransition, apart=COUNTED)
def approve_for_somebody(firm):
    round = round_for(firm, firm.owner, risk="low")
    absences.add_absence(firm.owner, actor=firm.owner, starts=today(), ends=today() + DAY, deputy=firm.outsider)
    return signing(round.revision, firm.outsider)


@act(roles.deactivate_person, second=InvalidTransition)
def deactivate_an_approver(firm):
    person = somebody(firm)
    round_for(firm, person, risk="high")
    return call(person, actor=firm.administrator, reason="Left the firm.")


@act(overdue.reassign_slot, second=InvalidTransition)
def reassign_slot(firm):
    person = somebody(firm)
    slot = round_for(firm, person, kind="work_instruction").stages.get().slots.get()
    roles.deactivate_person(person, actor=firm.administrator)
    return call(slot, actor=firm.administrator, held_by=slot.place_key, person=firm.staff, reason="Nobody is left.")


@act(overdue.send_reminders, second=NOTHING)
def send_reminders(firm):
    round = round_for(firm, firm.staff, kind="work_instruction", risk="high")
    return call(round.stages.get().due_on + datetime.timedelta(days=10))
