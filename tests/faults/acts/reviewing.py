from procedures.actions import reviewing
from procedures.queries import open_round
from procedures.states import State
from sopdesk.lib.errors import Missing, Refused
from tests.factories import make_revision
from tests.faults.table import NOTHING, act, call


def round_of(firm):
    return open_round(make_revision(firm, state=State.IN_REVIEW))


@act(reviewing.invite_guest, second=Refused)
def invite_guest(firm):
    return call(round_of(firm), actor=firm.author, person=firm.outsider)


@act(reviewing.remove_guest, second=Missing)
def remove_guest(firm):
    guest = reviewing.invite_guest(round_of(firm), actor=firm.author, person=firm.outsider)
    return call(guest, actor=firm.approver)


@act(reviewing.note_look, second=NOTHING)
def note_look(firm):
    return call(round_of(firm), actor=firm.owner)
