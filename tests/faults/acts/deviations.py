import datetime

from procedures.actions import deviations
from roles.queries import today
from sopdesk.lib.errors import Conflict, InvalidTransition
from tests.factories import PASSWORD, first_step, make_revision
from tests.faults.table import NOTHING, act, call

COUNTED = ("roles_signingguard",)
"""A try to sign is counted before it is known how it ends."""


def wanted(firm, revision):
    return {
        "actor": firm.author, "step": first_step(revision).uid, "department": firm.operations,
        "reason": "The scanner is broken.", "instead": "Write it down by hand.", "starts": today(), "ends": today(),
    }  # fmt: skip


def asked(firm):
    revision = make_revision(firm)
    return deviations.ask_deviation(revision, **wanted(firm, revision))


def signing(deviation):
    return {"asked_hash": deviation.asked_hash, "password": PASSWORD, "accepts": 1}


def granted(firm):
    deviation = asked(firm)
    return deviations.approve_deviation(deviation, actor=firm.approver, **signing(deviation))


@act(deviations.ask_deviation, second=Conflict)
def ask_deviation(firm):
    revision = make_revision(firm)
    return call(revision, **wanted(firm, revision))


@act(deviations.approve_deviation, second=InvalidTransition, apart=COUNTED)
def approve_deviation(firm):
    deviation = asked(firm)
    return call(deviation, actor=firm.approver, **signing(deviation))


@act(deviations.refuse_deviation, second=InvalidTransition)
def refuse_deviation(firm):
    deviation = asked(firm)
    return call(deviation, actor=firm.approver, asked_hash=deviation.asked_hash, reason="Use the other one.")


@act(deviations.recall_deviation, second=InvalidTransition)
def recall_deviation(firm):
    return call(asked(firm), actor=firm.author)


@act(deviations.end_deviation, second=InvalidTransition)
def end_deviation(firm):
    return call(granted(firm), actor=firm.owner, reason="It is mended.")


@act(deviations.end_run_out, second=NOTHING)
def end_run_out(firm):
    return call(granted(firm).ends + datetime.timedelta(days=1))
