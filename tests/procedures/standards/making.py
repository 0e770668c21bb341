"""Standards with parts of every kind, made by the actions that people use."""

from procedures.actions import approval, drafts, standards
from procedures.models import Revision
from procedures.states import State
from tests.factories import Firm, approve, make_draft

NAMING = {
    "parts": [
        {"type": "date", "detail": "YYYYMMDD"},
        {"type": "separator", "detail": "_"},
        {"type": "value", "label": "Type", "detail": "INV, CRN"},
        {"type": "separator", "detail": "_"},
        {"type": "text", "label": "Supplier", "detail": "letters -", "min": 2, "max": 20},
        {"type": "extension", "detail": "pdf"},
    ],
    "examples": ["20260131_INV_Acme.pdf"],
}
CODES = {
    "codes": [
        {"code": "6010", "name": "Wages", "note": "Gross pay"},
        {"code": "6020", "name": "Social security"},
        {"code": "6030", "name": "Bonuses", "status": "deprecated", "replacement": "6010", "since": "2025-01-01"},
    ]
}
FORM = {
    "fields": [
        {"name": "Invoice number", "format": "text", "required": True},
        {"name": "Currency", "format": "list", "required": True, "values": "EUR, USD"},
        {"name": "Remarks", "format": "long_text", "required": False, "note": "Anything else"},
        {"name": "Checked", "format": "yes_no", "required": False},
    ]
}
STORAGE = {
    "rules": [{"what": "Invoices", "where": "Archive", "how_often": "daily", "kept": "10 years", "tested": "Restore"}]
}
PARTS = (
    ("naming", "Invoice files", NAMING),
    ("codes", "Chart of accounts", CODES),
    ("form", "Invoice", FORM),
    ("storage", "Archive", STORAGE),
)


def make_standard(
    firm: Firm, *, state: str = State.PUBLISHED, code: str = "FIN-S01", parts=PARTS, **fields
) -> Revision:
    """A standard without steps whose parts are `parts` (kind, name, data), brought to `state`."""
    revision = make_draft(firm, code=code, kind="standard", title="File names and codes", **fields)
    for kind, name, data in parts:
        standards.add_part(revision, actor=revision.created_by, kind=kind, name=name, data=data)
    if state in (State.IN_REVIEW, State.PUBLISHED):
        approval.submit(revision, actor=revision.created_by)
    if state == State.PUBLISHED:
        approve(Revision.objects.get(pk=revision.pk), by=firm.approver)
    return Revision.objects.get(pk=revision.pk)


def next_draft(firm: Firm, revision: Revision, **fields) -> Revision:
    """The next revision as a draft that could be submitted."""
    draft = drafts.start_draft(revision.procedure, actor=firm.author)
    changes = {"change_summary": "New codes.", **fields}
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields=changes)
    return Revision.objects.get(pk=draft.pk)


def part_named(revision: Revision, name: str):
    return revision.standardparts.get(name=name)
