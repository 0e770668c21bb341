import itertools

from procedures.actions import drafts, imported, importing, inventory, starting, templates
from procedures.importing.markdown import parse_markdown
from procedures.models import ProcedureTemplate
from roles.errors import NotValid
from sopdesk.lib.errors import Conflict, InvalidTransition, Missing, Refused
from sopdesk.lib.merging import BothChanged, base_of
from tests.factories import make_draft
from tests.faults.table import ANOTHER, NOTHING, act, call

CODES = (f"FIN-{number}" for number in itertools.count(70_001))  # far from those of the factories
TEXT = """# Lock up

## Purpose

Nobody comes in at night.

## Tools

- Key

## Steps

1. Close the door.
2. Turn the key.
"""


def facts(firm):
    return {
        "code": next(CODES),
        "kind": "procedure",
        "department": firm.finance,
        "owner": firm.owner,
        "title": "Lock up",
    }


@act(drafts.create_procedure, second=Refused)
def create_procedure(firm):
    readers = {"audience": "departments", "audience_departments": [firm.operations]}
    return call(actor=firm.author, **facts(firm), **readers)


@act(starting.start_procedure, second=Refused)
def start_procedure(firm):
    source = make_draft(firm)
    beginning = starting.beginning_of_copy(source, actor=firm.author)
    return call(actor=firm.author, beginning=beginning, **facts(firm))


@act(starting.start_procedure, second=InvalidTransition)
def start_procedure_for_a_task(firm):
    task = inventory.add_task(actor=firm.author, department=firm.finance, title="Lock up", fields={"impact": 4})
    return [call(actor=firm.author, task=task, **facts(firm)) for _person in range(2)]


# Imports -----------------------------------------------------------------------------------------------------


def make_document(firm):
    parsed = parse_markdown(TEXT, filename="lock.md")
    return imported.keep_document(parsed, actor=firm.author, filename="lock.md", data=TEXT.encode())


@act(imported.keep_document, second=ANOTHER)
def keep_document(firm):
    parsed = parse_markdown(TEXT, filename="lock.md")
    return call(parsed, actor=firm.author, filename="lock.md", data=TEXT.encode())


@act(imported.change_document, second=Conflict)
def change_document(firm):
    document = make_document(firm)
    return call(document, actor=firm.author, version=document.version, change="merge", step=1)


@act(imported.create_draft, second=Missing)
def create_draft(firm):
    document = make_document(firm)
    return call(document, actor=firm.author, department=firm.finance, owner=firm.owner, code=next(CODES))


@act(imported.discard_document, second=Missing)
def discard_document(firm):
    return call(make_document(firm), actor=firm.author)


@act(importing.import_procedure, second=Refused)
def import_procedure(firm):
    return call(
        parse_markdown(TEXT, filename="lock.md"),
        actor=firm.author,
        department=firm.finance,
        owner=firm.owner,
        filename="lock.md",
        source_hash="0" * 64,
        code=next(CODES),
    )


# Templates ---------------------------------------------------------------------------------------------------


def make_template(firm, name):
    return templates.save_as_template(make_draft(firm), actor=firm.administrator, name=name)


@act(templates.save_as_template, second=NotValid)
def save_as_template(firm):
    return call(make_draft(firm), actor=firm.administrator, name="Payroll")


@act(templates.replace_template, second=ANOTHER)
def replace_template(firm):
    return call(make_template(firm, "Replaced"), make_draft(firm, purpose="Another."), actor=firm.administrator)


@act(templates.change_template, second=NOTHING)
def change_template(firm):
    fields = {"name": "Renamed", "is_active": False}
    return call(make_template(firm, "To be renamed"), actor=firm.administrator, fields=fields)


@act(templates.change_template, second=BothChanged)
def change_template_differently(firm):
    template = make_template(firm, "To be described")
    base = base_of({"description": "", "is_active": True})
    wishes = ({"description": "For banks.", "is_active": True}, {"description": "For shops.", "is_active": False})
    return [call(template, actor=firm.administrator, fields=fields, base=base) for fields in wishes]


@act(templates.restore_template, second=ANOTHER)
def restore_template(firm):
    templates.load_built_in_templates()  # a test with real transactions has emptied the table
    template = ProcedureTemplate.objects.exclude(key=None).first()
    templates.replace_template(template, make_draft(firm), actor=firm.administrator)
    return call(template, actor=firm.administrator)
