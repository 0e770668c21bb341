import io

from PIL import Image

from procedures.actions import advice, drafts, glossary, presence, steps
from procedures.advice import Rule
from procedures.advising import advice_on
from procedures.content import read_content
from procedures.errors import EditConflict
from procedures.models import Letter
from procedures.step_versions import latest_point
from roles.errors import NotValid
from sopdesk.lib.errors import InvalidTransition, Missing
from sopdesk.lib.merging import BothChanged, base_of
from tests.factories import first_step, make_draft, make_revision
from tests.faults.table import ANOTHER, NOTHING, act, call

# Procedures and drafts ---------------------------------------------------------------------------------------


@act(drafts.change_procedure, second=ANOTHER)
def change_procedure(firm):
    procedure = make_draft(firm).procedure
    wishes = ({"risk": "high", "owner": firm.staff}, {"risk": "low", "owner": firm.approver})
    return [call(procedure, actor=firm.administrator, fields=fields, coauthors=[firm.coauthor]) for fields in wishes]


@act(drafts.change_procedure, second=BothChanged)
def change_procedure_differently(firm):
    procedure = make_draft(firm).procedure
    base = base_of({"risk": procedure.risk, "coauthors": set()})
    wishes = (("high", [firm.coauthor]), ("low", []))
    return [
        call(procedure, actor=firm.administrator, fields={"risk": risk}, coauthors=coauthors, base=base)
        for risk, coauthors in wishes
    ]


@act(drafts.change_procedure, second=BothChanged)
def change_coauthors_differently(firm):
    procedure = make_draft(firm).procedure
    base = base_of({"coauthors": set()})
    return [
        call(procedure, actor=firm.administrator, fields={}, coauthors=[person], base=base)
        for person in (firm.coauthor, firm.outsider)
    ]


@act(drafts.start_draft, second=InvalidTransition)
def start_draft(firm):
    return call(make_revision(firm).procedure, actor=firm.author)


@act(drafts.save_draft, second=EditConflict)
def save_draft(firm):
    draft = make_draft(firm)

    def saving(text):
        return call(
            draft,
            actor=firm.author,
            version=draft.version,
            fields={"purpose": text},
            tools=[{"name": text}],
            records=[{"name": text}],
            benchmarks=[{"name": text, "unit": "min", "target": 3, "direction": "at_most"}],
            responsibilities=[(firm.clerk_role.pk, Letter.ACCOUNTABLE)],
        )

    return [saving("One."), saving("Two.")]


@act(presence.note_presence, second=NOTHING)
def note_presence(firm):
    draft = make_draft(firm)
    return call(draft, actor=firm.author, step_uid=first_step(draft).uid)


# Steps -------------------------------------------------------------------------------------------------------


def second_step(firm):
    return make_draft(firm).steps.select_related("revision").get(position=2)


def step_with_letters(firm):
    step = second_step(firm)
    letters = [(firm.clerk_role.pk, Letter.CONSULTED)]
    return steps.save_step(step, actor=firm.author, version=1, fields={"body": "Mine."}, responsibilities=letters)


@act(steps.add_step, second=ANOTHER)
def add_step(firm):
    step = second_step(firm)
    return call(step.revision, actor=firm.author, after=step, fields={"title": "Tell the bank"})


@act(steps.add_steps, second=ANOTHER)
def add_steps(firm):
    step = second_step(firm)
    rows = [{"title": "Tell the bank"}, {"title": "Tell the people"}]
    return call(step.revision, actor=firm.author, rows=rows, after=step)


@act(steps.duplicate_step, second=ANOTHER)
def duplicate_step(firm):
    return call(step_with_letters(firm), actor=firm.author)


@act(steps.save_step, second=EditConflict)
def save_step(firm):
    step = second_step(firm)
    letters = [(firm.clerk_role.pk, Letter.CONSULTED)]
    return [
        call(step, actor=firm.author, version=1, fields={"body": text}, responsibilities=letters)
        for text in ("One.", "Two.")
    ]


@act(steps.move_step, second=NOTHING)
def move_step(firm):
    return call(second_step(firm), actor=firm.author, position=1)


@act(steps.remove_step, second=Missing)
def remove_step(firm):
    return call(step_with_letters(firm), actor=firm.author)


@act(steps.remove_steps, second=NOTHING)
def remove_steps(firm):
    draft = make_draft(firm)
    return call(draft, actor=firm.author, uids=list(draft.steps.values_list("uid", flat=True)[:2]))


@act(steps.restore_step, second=NOTHING)
def restore_step(firm):
    step = step_with_letters(firm)
    steps.remove_step(step, actor=firm.author)
    return call(step.revision, actor=firm.author, uid=step.uid)


@act(steps.restore_step, second=NOTHING)
def restore_step_as_it_once_was(firm):
    step = step_with_letters(firm)
    point = latest_point(step.revision, step.uid)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Later"})
    steps.remove_step(step, actor=firm.author)
    return call(step.revision, actor=firm.author, uid=step.uid, point=point)


@act(steps.attach_image, second=NOTHING, apart=("procedures_storedfile",))
def attach_image(firm):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    picture.seek(0)
    return call(make_draft(firm), actor=firm.author, upload=picture, title="The red button")


# Writing advice ----------------------------------------------------------------------------------------------


def advised(firm):
    """A draft, and a piece of advice on its first step that has a suggestion."""
    draft = make_draft(firm, step_titles=["The invoice is checked by the payroll clerk.", "Send the receipt"])
    uid = str(first_step(draft).uid)
    given = advice_on(draft, read_content(draft)).on(uid)
    return draft, next(row for row in given if row.rule == Rule.PASSIVE and row.suggestion)


def chosen(row):
    return advice.Chosen(row.step, row.field, row.row, row.rule, row.key, row.start)


@act(advice.use_suggestion, second=Missing)
def use_suggestion(firm):
    draft, row = advised(firm)
    return call(draft, chosen(row), actor=firm.author)


@act(advice.undo_suggestion, second=InvalidTransition)
def undo_suggestion(firm):
    draft, row = advised(firm)
    step = advice.use_suggestion(draft, chosen(row), actor=firm.author)
    return call(draft, advice.Used(row.step, row.field, row.row, step.version), actor=firm.author)


@act(advice.keep_advice, second=NOTHING)
def keep_advice(firm):
    draft, row = advised(firm)
    return call(draft, actor=firm.author, rule=row.rule, key=row.key)


@act(advice.give_again, second=NOTHING)
def give_again(firm):
    draft, row = advised(firm)
    advice.keep_advice(draft, actor=firm.author, rule=row.rule, key=row.key)
    return call(draft, actor=firm.author, rule=row.rule, key=row.key)


# Glossary ----------------------------------------------------------------------------------------------------


def make_term(firm, word):
    return glossary.add_term(actor=firm.administrator, fields={"term": word, "meaning": "A word.", "language": ""})


@act(glossary.add_term, second=NotValid)
def add_term(firm):
    return call(actor=firm.administrator, fields={"term": "Ledger", "meaning": "A book.", "language": ""})


@act(glossary.change_term, second=NOTHING)
def change_term(firm):
    return call(make_term(firm, "Voucher"), actor=firm.administrator, fields={"meaning": "A paper."})


@act(glossary.add_term, second=NotValid)
def add_term_in_other_capitals(firm):
    words = ("Journal", "journal")
    return [
        call(actor=firm.administrator, fields={"term": word, "meaning": "A book.", "language": ""}) for word in words
    ]


@act(glossary.change_term, second=BothChanged)
def change_term_differently(firm):
    term = make_term(firm, "Receipt")
    base = base_of({"meaning": term.meaning})
    meanings = ("A paper.", "A slip.")
    return [call(term, actor=firm.administrator, fields={"meaning": text}, base=base) for text in meanings]


@act(glossary.remove_term, second=Missing)
def remove_term(firm):
    return call(make_term(firm, "Invoice"), actor=firm.administrator)
