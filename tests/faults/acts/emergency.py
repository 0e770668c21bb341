import datetime

from procedures.actions import emergency
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition
from tests.factories import PASSWORD, make_next, make_revision
from tests.faults.table import NOTHING, act, call

COUNTED = ("roles_signingguard",)
"""A try to sign is counted before it is known how it ends."""


def sent(revision):
    return {
        "content_hash": revision.content_hash, "reason": "It cannot wait.", "days": 2, "password": PASSWORD,
        "accepts": 1,
    }  # fmt: skip


@act(emergency.issue_emergency, second=InvalidTransition, apart=COUNTED)
def issue_emergency(firm):
    revision = make_next(firm, make_revision(firm).procedure, state=State.IN_REVIEW)
    return call(revision, actor=firm.owner, **sent(revision))


@act(emergency.end_expired, second=NOTHING)
def end_expired(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    issue = emergency.issue_emergency(revision, actor=firm.owner, **sent(revision))
    return call(issue.until + datetime.timedelta(days=1))
