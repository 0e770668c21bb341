"""The content of a revision: complete, the same from rows as frozen, and readable in the shape of older releases."""

import pytest

from procedures.actions import approval, drafts, steps
from procedures.content import FORMAT, content_hash, lifted, read_content, revision_content, step_hash
from procedures.models import StandardPart, Step
from tests.factories import approve, first_step, make_draft, make_revision

pytestmark = pytest.mark.django_db

FIELDS = {
    "kind": "checklist", "section": "Pay", "title": "Check the list", "body": "As **text**.", "expected": "Ticks",
    "warning": "Mind the gap.", "minutes": 5, "items": ["One", "Two"], "hold": True, "due_after": 3,
    "due_unit": "working_days", "tool": "Ledger", "record": "List", "evidence": "photo", "evidence_name": "YYYY.jpg",
    "source_hash": "a" * 64,
}  # fmt: skip
ACCOUNTS = {"codes": [{"code": "6060", "name": "Office supplies"}]}


def full_draft(firm):
    """A draft in which every field of a step is used once."""
    draft = make_draft(firm)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={**FIELDS, "role": firm.clerk_role})
    other = make_revision(firm)
    steps.add_step(
        draft, actor=firm.author, fields={"kind": "subprocedure", "title": "Pay", "subprocedure": other.procedure}
    )
    StandardPart.objects.create(revision=draft, kind="codes", name="Accounts", data=ACCOUNTS)
    draft.refresh_from_db()
    return draft, other


def test_every_field_of_a_step_is_part_of_the_content(firm):
    draft, other = full_draft(firm)
    content = read_content(draft)
    first, last = content["steps"][0], content["steps"][-1]
    assert first["items"] == ["One", "Two"]
    assert first["due"] == {"after": 3, "unit": "working_days"}
    assert (first["hold"], first["tool"], first["record"]) == (True, "Ledger", "List")
    assert (first["evidence"], first["evidence_name"]) == ("photo", "YYYY.jpg")
    assert last["subprocedure"] == other.procedure.code
    assert content["parts"] == [{"kind": "codes", "name": "Accounts", "note": "", "data": ACCOUNTS}]


def test_the_next_revision_begins_with_the_same_content(firm):
    draft, _other = full_draft(firm)
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    draft.refresh_from_db()
    following = drafts.start_draft(draft.procedure, actor=firm.author)
    before, after = revision_content(draft), read_content(following)
    assert before["steps"] == after["steps"]
    assert before["parts"] == after["parts"]
    assert first_step(following).source_hash == "a" * 64


def test_a_removed_step_comes_back_with_every_field(firm):
    draft, _other = full_draft(firm)
    before = read_content(draft)["steps"]
    for step in (first_step(draft), draft.steps.last()):
        steps.remove_step(step, actor=firm.author)
        steps.restore_step(draft, actor=firm.author, uid=step.uid)
    assert read_content(draft)["steps"] == before


def test_content_of_the_first_format_is_lifted_when_read_and_keeps_its_hash(firm):
    revision = make_revision(firm)
    old = {key: value for key, value in revision.content.items() if key not in ("parts", "source")}
    old["format"] = 1
    old["steps"] = [
        {name: step[name] for name in step if name not in ("hold", "items", "due", "subprocedure", "tool", "record")}
        for step in old["steps"]
    ]
    old["steps"][0]["kind"] = "hold"
    hash_before = content_hash(old)
    new = lifted(old)
    assert new["format"] == FORMAT
    assert (new["steps"][0]["kind"], new["steps"][0]["hold"], new["steps"][0]["items"]) == ("action", True, [])
    assert (new["parts"], new["source"]) == ([], None)
    assert content_hash(old) == hash_before
    assert lifted(new) is new


def test_equal_texts_have_equal_hashes_wherever_they_stand(firm):
    draft = make_draft(firm)
    step = read_content(draft)["steps"][0]
    assert step_hash(step) == step_hash({**step, "number": 9, "uid": "another"})
    assert step_hash(step) != step_hash({**step, "hold": True})
    step["role"] = {"id": 3, "name": "Payroll clerk"}
    assert step_hash(step) == step_hash({**step, "role": {"id": 3, "name": "Pay clerk"}})
    assert step_hash(step) != step_hash({**step, "role": {"id": 4, "name": "Payroll clerk"}})


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"kind": "checklist", "items": ["x" * 301]}, "characters"),
        ({"kind": "checklist", "items": ["x"] * 51}, "at most 50"),
        ({"kind": "checklist", "items": ["  "]}, "ticked"),
    ],
)
def test_items_that_do_not_fit_are_refused(firm, fields, word):
    from sopdesk.lib.errors import Refused

    draft = make_draft(firm)
    step = first_step(draft)
    with pytest.raises(Refused, match=word):
        steps.save_step(step, actor=firm.author, version=step.version, fields=fields)
    assert Step.objects.get(pk=step.pk).items == []


def test_only_a_step_of_that_kind_names_another_procedure(firm):
    from sopdesk.lib.errors import Refused

    draft = make_draft(firm)
    with pytest.raises(Refused, match="Another procedure"):
        steps.add_step(draft, actor=firm.author, fields={"title": "x", "subprocedure": make_revision(firm).procedure})
