from procedures.models import Revision
from tests.factories import make_revision
from tests.faults.table import NOTHING, act, call
from training import actions


@act(actions.acknowledge_revision, second=NOTHING)
def acknowledge_revision(firm):
    revision = Revision.objects.get(pk=make_revision(firm).pk)
    return call(revision, actor=firm.staff, content_hash=revision.content_hash)
