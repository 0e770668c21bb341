"""A firm in which every state of a procedure occurs, with text in every field."""

import datetime
import io
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from procedures.actions import approval, drafts, steps
from procedures.models import Procedure, Revision, Round
from procedures.queries import open_round
from procedures.states import State
from tests.factories import Firm, approve, first_step, make_draft, make_next, make_revision

LONG = "Reconcile the intercompany balances of all subsidiaries before the quarterly closing of the books"
TABLE = "| Amount | Who signs |\n| --- | --- |\n| up to 5,000 € | Payroll clerk |\n| above | Head of Finance |"


def picture_bytes(*, width: int = 600, height: int = 200) -> bytes:
    """A PNG of `width` × `height` px."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def write_everything(firm: Firm, revision: Revision) -> None:
    """Put something into every field of a draft; afterwards it has steps of every kind, and a picture."""
    drafts.save_draft(
        revision,
        actor=firm.author,
        version=revision.version,
        fields={
            "tags": ["payroll", "month end"], "scope": "All employees in France.", "outcome": "Everybody is paid.",
            "trigger": "The 25th of the month", "frequency": "monthly", "prerequisites": f"- A token\n\n{TABLE}",
            "definitions": "**SEPA**: the payment area.", "background": "See [the law](https://example.org/).",
            "references": "Labour code, art. L3242-1", "contact": "Payroll desk, extension 4711",
        },
        tools=[{"name": "Bank portal", "note": "with a token"}],
        records=[{"name": "Payslip", "place": "Archive", "kept": "10 years"}],
        benchmarks=[{"name": "Time needed", "unit": "min", "target": 45, "direction": "at_most"}],
        responsibilities=[(firm.clerk_role.pk, "R")],
    )  # fmt: skip
    upload = SimpleUploadedFile("bank-portal.png", picture_bytes())
    picture = steps.attach_image(revision, actor=firm.author, upload=upload)
    steps.add_step(
        revision,
        actor=firm.author,
        fields={
            "kind": "decision", "section": "Payment", "title": "Is the difference above 5 %?", "body": TABLE,
            "expected": "One of the two answers.", "warning": "Do not guess.", "minutes": 10, "role": firm.clerk_role,
            "branches": [{"label": "Yes", "target": str(first_step(revision).uid)}, {"label": "No", "target": "end"}],
        },
    )  # fmt: skip
    steps.add_step(
        revision,
        actor=firm.author,
        fields={
            "hold": True, "section": "Payment", "title": "Release the file in the bank portal",
            "body": f"1. Open `https://bank.example/payments`\n2. Click **Release**\n\n![Release](media:{picture.key})",
        },
    )  # fmt: skip


@dataclass(frozen=True)
class World:
    """One procedure per state. FIN-100 is in force with a draft of its second revision."""

    firm: Firm
    in_force: Procedure
    draft: Revision
    round: Round
    returned_round: Round


def make_world(firm: Firm) -> World:
    """FIN-100 in force, 200 in review, 300 approved, 400 withdrawn, 500 superseded, 600 sent back, 700 just begun."""
    first = make_draft(firm, code="FIN-100")
    write_everything(firm, first)
    first.refresh_from_db()
    approval.submit(first, actor=firm.author)
    approve(first, by=firm.approver)
    second = make_revision(firm, code="FIN-200", title=LONG)
    in_review = make_next(firm, second.procedure, state=State.IN_REVIEW)
    make_revision(firm, code="FIN-300", state=State.APPROVED, title="Close the year")
    make_revision(firm, code="FIN-400", state=State.WITHDRAWN, title="Send cheques", kind="policy")
    make_revision(firm, code="FIN-500", state=State.SUPERSEDED, title="Pay suppliers")
    drafts.create_procedure(
        actor=firm.author, code="FIN-700", kind="procedure", department=firm.finance, owner=firm.owner, title=LONG
    )
    return World(
        firm=firm,
        in_force=first.procedure,
        draft=make_next(firm, first.procedure, state=State.DRAFT, effective_on=datetime.date.today()),
        round=open_round(in_review),
        returned_round=_send_back(firm),
    )


def _send_back(firm: Firm) -> Round:
    revision = make_revision(firm, code="FIN-600", state=State.IN_REVIEW, title="Count the petty cash")
    round = open_round(revision)
    reason = "Say who counts, and who checks the count.\nName the safe."
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason=reason)
    return round
