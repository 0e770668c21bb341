import datetime

from django.utils import timezone

from procedures.actions import sharing
from sopdesk.lib.errors import InvalidTransition
from tests.factories import make_revision
from tests.faults.table import ANOTHER, act, call


def wanted():
    return {"recipient": "Auditors of Dupont", "ends_on": timezone.localdate() + datetime.timedelta(days=7)}


@act(sharing.make_link, second=ANOTHER)
def make_link(firm):
    return call(make_revision(firm).procedure, actor=firm.author, **wanted())


@act(sharing.revoke_link, second=InvalidTransition)
def revoke_link(firm):
    link, _token = sharing.make_link(make_revision(firm).procedure, actor=firm.author, **wanted())
    return call(link, actor=firm.owner, reason="Sent to the wrong people.")


@act(sharing.open_link, second=ANOTHER)
def open_link(firm):
    revision = make_revision(firm)
    link, _token = sharing.make_link(revision.procedure, actor=firm.owner, **wanted())
    return call(link, revision=revision, network="192.0.2.0/24", program="Firefox, Windows")
