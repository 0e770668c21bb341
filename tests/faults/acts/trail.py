from audit import trail
from procedures.models import Procedure
from reports import actions
from roles.statements import current_statement
from sopdesk.lib.errors import InvalidTransition
from tests.factories import PASSWORD, make_draft
from tests.faults.acts.approving import COUNTED
from tests.faults.table import ANOTHER, act, call


@act(actions.record_export, second=ANOTHER)
def record_export(firm):
    make_draft(firm)
    return call(actor=firm.auditor, format="csv", filters={"who": "author"})


@act(actions.review_trail, second=InvalidTransition, apart=COUNTED)
def review_trail(firm):
    make_draft(firm)
    head = trail.head_of_trail()
    return call(
        actor=firm.auditor, after=0, upto=head.seq, upto_hash=head.hash, note="In order.", password=PASSWORD,
        accepts=current_statement("en").version,
    )  # fmt: skip


@act(actions.record_pack, second=ANOTHER)
def record_pack(firm):
    procedure = Procedure.objects.get(pk=make_draft(firm).procedure_id)
    return call(procedure, actor=firm.owner, upto=1, manifest="0" * 64)
