from procedures.actions import manuals
from procedures.manuals.selecting import Selection
from sopdesk.lib.errors import InvalidTransition
from tests.factories import make_revision
from tests.faults.table import ANOTHER, NOTHING, act, call


def asked(firm, person):
    make_revision(firm)
    return manuals.request_manual(actor=person, title="Everything", selection=Selection("", {}))


@act(manuals.request_manual, second=ANOTHER)
def request_manual(firm):
    make_revision(firm)
    return call(actor=firm.staff, title="Everything", selection=Selection("", {}))


@act(manuals.cancel_manual, second=InvalidTransition)
def cancel_manual(firm):
    return call(asked(firm, firm.outsider), actor=firm.outsider)


@act(manuals.retry_manual, second=InvalidTransition)
def retry_manual(firm):
    manual = manuals.cancel_manual(asked(firm, firm.author), actor=firm.author)
    return call(manual, actor=firm.author)


@act(manuals.delete_manual, second=NOTHING)
def delete_manual(firm):
    manual = manuals.cancel_manual(asked(firm, firm.author), actor=firm.author)
    return call(manual, actor=firm.author)
