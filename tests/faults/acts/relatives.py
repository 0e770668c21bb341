import itertools

from procedures.actions import approval, drafts, relatives, steps
from procedures.errors import EditConflict
from procedures.models import Revision
from procedures.permissions import get_source_for
from procedures.relatives import following_of
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Refused
from tests.factories import approve, first_step, make_revision, make_user
from tests.faults.table import ANOTHER, NOTHING, act, call

NUMBERS = itertools.count(800)


def author_of_operations(firm):
    return make_user(f"adapter-{next(NUMBERS)}", department=firm.operations, access="author")


def facts(firm, adapter):
    return {"code": f"OPS-{next(NUMBERS)}", "department": firm.operations, "owner": adapter, "title": "Pay the site"}


def variant_of(firm, source):
    adapter = author_of_operations(firm)
    return relatives.make_variant(source, actor=adapter, **facts(firm, adapter))


def translation_of(firm, source):
    adapter = author_of_operations(firm)
    return relatives.start_translation(source, actor=adapter, language="fr", **facts(firm, adapter))


def change(firm, source, body=""):
    """Publish the next revision of `source`, with another first step if there is a `body`."""
    draft = drafts.start_draft(source.procedure, actor=firm.author)
    fields = {"change_summary": "The limit goes down."}
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields=fields)
    if body:
        step = first_step(draft)
        step.revision = draft
        steps.save_step(step, actor=firm.author, version=step.version, fields={"body": body})
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)


@act(relatives.make_variant, second=Refused)
def make_variant(firm):
    adapter = author_of_operations(firm)
    return call(make_revision(firm), actor=adapter, **facts(firm, adapter))


@act(relatives.start_translation, second=Refused)
def start_translation(firm):
    source, adapter = make_revision(firm), author_of_operations(firm)
    return [call(source, actor=adapter, language="fr", **facts(firm, adapter)) for _person in range(2)]


def point_of(firm, *, is_published=False):
    """A variant whose parent has changed, and the point that is open."""
    source = make_revision(firm)
    draft = variant_of(firm, source)
    if is_published:
        relatives_approver(firm)
        approval.submit(draft, actor=draft.created_by)
        approve(draft, by=firm.approver)
    change(firm, source, body="Lock them by noon.")
    draft = Revision.objects.select_related("procedure").get(pk=draft.pk)
    [point] = following_of(draft, get_source_for(draft.created_by, draft.procedure)).points
    return draft, {"actor": draft.created_by, "number": 2, "kind": point.kind, "key": point.key}


def relatives_approver(firm):
    firm.operations.head = firm.approver
    firm.operations.save(update_fields=["head"])


@act(relatives.settle_point, second=InvalidTransition)
def take_over(firm):
    draft, point = point_of(firm)
    return call(draft.procedure, **point, take=True, version=1)


@act(relatives.settle_point, second=InvalidTransition)
def keep_ours(firm):
    draft, point = point_of(firm)
    return call(draft.procedure, **point, take=False)


@act(relatives.settle_point, second=InvalidTransition)
def take_over_into_a_new_draft(firm):
    draft, point = point_of(firm, is_published=True)
    assert draft.state == State.PUBLISHED
    return call(draft.procedure, **point, take=True)


@act(relatives.note_source, second=NOTHING)
def note_source(firm):
    source = make_revision(firm)
    draft = variant_of(firm, source)
    change(firm, source)
    return call(draft.procedure, actor=draft.created_by, number=2)


@act(relatives.explain_left_out, second=ANOTHER)
def explain_left_out(firm):
    draft = variant_of(firm, make_revision(firm))
    step = first_step(draft)
    step.revision = draft
    steps.remove_step(step, actor=draft.created_by)
    return call(draft, actor=draft.created_by, uid=str(step.uid), reason="Finance does it.")


@act(relatives.save_translated_step, second=EditConflict)
def save_translated_step(firm):
    draft = translation_of(firm, make_revision(firm))
    step = first_step(draft)
    step.revision = draft
    return [
        call(
            step, actor=draft.created_by, version=1, texts={"title": text}, labels=[], number=1, is_checked=True
        )
        for text in ("Fermer", "Clore")
    ]  # fmt: skip


@act(relatives.save_translated_details, second=EditConflict)
def save_translated_details(firm):
    draft = translation_of(firm, make_revision(firm))
    return [
        call(
            draft, actor=draft.created_by, version=draft.version, fields={"purpose": text}, number=1, is_checked=True
        )
        for text in ("Payer juste.", "Payer à temps.")
    ]  # fmt: skip
