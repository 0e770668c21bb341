from procedures.actions import changesets
from sopdesk.lib.errors import InvalidTransition
from tests.factories import PASSWORD, make_draft
from tests.faults.acts.approving import COUNTED
from tests.faults.table import act, call


def submitted(firm):
    pair = [make_draft(firm), make_draft(firm)]
    return changesets.submit_change_set(pair, actor=firm.author, name="New limits")


@act(changesets.submit_change_set, second=InvalidTransition)
def submit_change_set(firm):
    return call([make_draft(firm), make_draft(firm)], actor=firm.author, name="New limits")


@act(changesets.approve_change_set, second=InvalidTransition, apart=COUNTED)
def approve_change_set(firm):
    change_set = submitted(firm)
    return call(change_set, actor=firm.approver, manifest_hash=change_set.manifest_hash, password=PASSWORD)


@act(changesets.return_change_set, second=InvalidTransition)
def return_change_set(firm):
    change_set = submitted(firm)
    return call(change_set, actor=firm.approver, manifest_hash=change_set.manifest_hash, reason="The limit is wrong.")
