import datetime

from procedures.actions import approval, changesets, publishing
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition
from tests.factories import PASSWORD, make_draft
from tests.faults.acts.approving import COUNTED
from tests.faults.table import NOTHING, act, call


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


def member(change_set):
    return change_set.items.last().round.revision


@act(approval.recall, second=InvalidTransition)
def recall_a_set(firm):
    return call(member(submitted(firm)), actor=firm.author, reason="A mistake.")


def waiting(firm):
    """A revision of a set that is approved for a later day."""
    pair = [make_draft(firm), make_draft(firm)]
    later = today() + datetime.timedelta(days=30)
    change_set = changesets.submit_change_set(pair, actor=firm.author, name="New limits", effective_on=later)
    shown = change_set.manifest_hash
    changesets.approve_change_set(change_set, actor=firm.approver, manifest_hash=shown, password=PASSWORD)
    return member(change_set)


@act(approval.revoke, second=InvalidTransition)
def revoke_a_set(firm):
    return call(waiting(firm), actor=firm.owner, reason="The law has changed.")


@act(publishing.publish, second=InvalidTransition)
def publish_a_set(firm):
    return call(waiting(firm), actor=firm.owner)


@act(publishing.publish_due, second=NOTHING)
def publish_a_set_that_is_due(firm):
    return call(waiting(firm).effective_on)
