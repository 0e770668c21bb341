"""Writing the parts of a standard: who, what is refused, versions, and what becomes of it on publication."""

import pytest

from procedures.actions import approval, drafts, standards
from procedures.content import read_content, revision_content
from procedures.errors import EditConflict
from procedures.invariants import violations
from procedures.models import Revision
from procedures.preflight import preflight
from procedures.standards.kinds import part_changes
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import approve, make_draft
from tests.procedures.standards.making import CODES, NAMING, make_standard, next_draft, part_named

pytestmark = pytest.mark.django_db


def save(part, firm, **fields):
    return standards.save_part(part, actor=firm.author, version=standards.version_of(part), fields=fields)


# Saving ------------------------------------------------------------------------------------------------------


def test_a_part_gets_a_key_that_stays_when_it_is_renamed(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Invoice files")
    assert part.data["key"] == "invoice-files"
    saved = save(part, firm, name="Names of invoices", data=NAMING)
    assert saved.data["key"] == "invoice-files"
    again = standards.add_part(draft, actor=firm.author, kind="naming", name="Invoice files")
    assert again.data["key"] == "invoice-files-2"


def test_saving_a_part_is_a_save_of_the_draft_by_a_contributor(firm):
    draft = make_standard(firm, state=State.DRAFT)
    drafts.change_procedure(draft.procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor])
    before = draft.saved_at
    part = part_named(draft, "Archive")
    standards.save_part(part, actor=firm.coauthor, version=standards.version_of(part), fields={"note": "New."})
    draft.refresh_from_db()
    assert draft.saved_at > before
    assert firm.coauthor in draft.contributors.all()
    assert draft.history.first().history_user == firm.coauthor


def test_a_save_over_a_newer_one_gets_both_texts(firm):
    draft = make_standard(firm, state=State.DRAFT)
    mine = part_named(draft, "Archive")
    shown = standards.version_of(mine)
    save(part_named(draft, "Archive"), firm, note="Theirs.")
    with pytest.raises(EditConflict) as conflict:
        standards.save_part(mine, actor=firm.author, version=shown, fields={"note": "Mine."})
    assert conflict.value.stored.note == "Theirs."
    assert conflict.value.offered["note"] == "Mine."
    assert conflict.value.editor_name == "Author"
    standards.save_part(mine, actor=firm.author, version=shown, fields={"note": "Theirs."})  # the same text is none


def test_saving_what_is_there_already_is_no_save(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Archive")
    before = Revision.objects.get(pk=draft.pk).saved_at
    save(part, firm, name=part.name, note=part.note, data=part.data)
    assert Revision.objects.get(pk=draft.pk).saved_at == before


@pytest.mark.parametrize("who", ["staff", "outsider", "approver", "auditor", "administrator", "superuser"])
def test_only_writers_touch_parts(firm, who):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Chart of accounts")
    person = firm.people[who]
    for act in (
        lambda: standards.add_part(draft, actor=person, kind="codes", name="X"),
        lambda: standards.save_part(part, actor=person, version="", fields={"name": "X"}),
        lambda: standards.move_part(part, actor=person, position=1),
        lambda: standards.remove_part(part, actor=person),
        lambda: standards.save_code(part, actor=person, fields={"code": "1", "name": "X"}),
        lambda: standards.remove_code(part, actor=person, code="6010"),
        lambda: standards.take_over_codes(part, actor=person, version="", codes=[]),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_what_is_submitted_is_frozen(firm):
    revision = make_standard(firm, state=State.IN_REVIEW)
    part = part_named(revision, "Archive")
    with pytest.raises(InvalidTransition):
        save(part, firm, note="Late.")
    with pytest.raises(InvalidTransition):
        standards.remove_part(part, actor=firm.author)


def test_refusals_say_what_is_wrong(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Invoice files")
    with pytest.raises(Refused, match="Row 1: Choose what kind"):
        save(part, firm, data={"parts": [{"type": "x"}]})
    with pytest.raises(Refused, match="too large"):
        save(part, firm, data={**NAMING, "extra": "x" * 4_000_000})
    with pytest.raises(Refused, match="Null"):
        save(part, firm, data={**NAMING, "examples": ["20260131_INV_Ac\x00me.pdf"]})
    with pytest.raises(Refused):
        save(part, firm, name="x" * 121)
    with pytest.raises(Refused):
        standards.add_part(draft, actor=firm.author, kind="regex", name="X")
    procedure = make_draft(firm)
    with pytest.raises(Refused, match="Only a standard"):
        standards.add_part(procedure, actor=firm.author, kind="codes", name="X")


def test_a_standard_has_a_limit_of_parts(firm):
    draft = make_standard(firm, state=State.DRAFT, parts=[])
    for number in range(30):
        standards.add_part(draft, actor=firm.author, kind="storage", name=f"Part {number}")
    with pytest.raises(Refused, match="at most 30"):
        standards.add_part(draft, actor=firm.author, kind="storage", name="One more")


def test_parts_are_moved_and_removed(firm):
    draft = make_standard(firm, state=State.DRAFT)
    names = lambda: list(draft.standardparts.order_by("position").values_list("name", flat=True))  # noqa: E731
    standards.move_part(part_named(draft, "Archive"), actor=firm.author, position=1)
    assert names() == ["Archive", "Invoice files", "Chart of accounts", "Invoice"]
    standards.move_part(part_named(draft, "Archive"), actor=firm.author, position=99)
    assert names()[-1] == "Archive"
    gone = part_named(draft, "Invoice files")
    standards.remove_part(gone, actor=firm.author)
    assert names() == ["Chart of accounts", "Invoice", "Archive"]
    assert list(draft.standardparts.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    with pytest.raises(Missing):
        save(gone, firm, note="x")


# Codes -------------------------------------------------------------------------------------------------------


def codes(part) -> dict[str, dict]:
    part.refresh_from_db()
    return {row["code"]: row for row in part.data["codes"]}


def test_codes_are_added_changed_and_removed_while_unpublished(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Chart of accounts")
    standards.save_code(part, actor=firm.author, fields={"code": "6040", "name": "Travel", "note": ""})
    assert codes(part)["6040"] == {"code": "6040", "name": "Travel"}
    standards.save_code(part, actor=firm.author, was="6040", fields={"code": "6041", "name": "Travel and meals"})
    assert "6040" not in codes(part)
    standards.remove_code(part, actor=firm.author, code="6041")
    assert list(codes(part)) == ["6010", "6020", "6030"]
    with pytest.raises(Refused, match="“6010” is there already"):
        standards.save_code(part, actor=firm.author, fields={"code": "6010", "name": "Again"})
    with pytest.raises(Refused, match="no name"):
        standards.save_code(part, actor=firm.author, fields={"code": "6050", "name": ""})


def test_a_published_code_is_deprecated_and_never_removed_or_renamed(firm):
    draft = next_draft(firm, make_standard(firm))
    part = part_named(draft, "Chart of accounts")
    with pytest.raises(Refused, match="6020: published codes"):
        standards.remove_code(part, actor=firm.author, code="6020")
    with pytest.raises(Refused, match="6020: published codes"):
        standards.save_code(part, actor=firm.author, was="6020", fields={"code": "6021", "name": "Social security"})
    with pytest.raises(Refused, match="published codes"):
        standards.take_over_codes(
            part, actor=firm.author, version=standards.version_of(part), codes=[{"code": "1", "name": "x"}]
        )
    with pytest.raises(Refused, match="published codes"):
        save(part, firm, data={"codes": [{"code": "1", "name": "x"}]})
    fields = {
        "code": "6020",
        "name": "Social security",
        "status": "deprecated",
        "replacement": "6010",
        "since": "2026-01-01",
    }
    standards.save_code(part, actor=firm.author, was="6020", fields=fields)
    assert codes(part)["6020"] == fields
    standards.save_code(part, actor=firm.author, fields={"code": "6070", "name": "New"})
    standards.remove_code(part, actor=firm.author, code="6070")


def test_two_people_who_change_different_codes_never_meet(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Chart of accounts")
    first, second = (dict(row) for row in CODES["codes"][:2])
    standards.save_code(part, actor=firm.author, was="6010", shown=first, fields={**first, "name": "Pay"})
    standards.save_code(part, actor=firm.author, was="6020", shown=second, fields={**second, "name": "Levies"})
    assert (codes(part)["6010"]["name"], codes(part)["6020"]["name"]) == ("Pay", "Levies")
    with pytest.raises(EditConflict) as conflict:
        standards.save_code(part, actor=firm.author, was="6010", shown=first, fields={**first, "name": "Salaries"})
    assert conflict.value.fields == ["name"]
    standards.remove_code(part, actor=firm.author, code="6020")
    with pytest.raises(Missing):
        standards.save_code(part, actor=firm.author, was="6020", shown=second, fields=second)


def test_an_import_over_a_changed_table_is_refused(firm):
    draft = make_standard(firm, state=State.DRAFT)
    part = part_named(draft, "Chart of accounts")
    version = standards.version_of(part)
    standards.save_code(part, actor=firm.author, fields={"code": "6040", "name": "Travel"})
    with pytest.raises(Refused, match="meanwhile"):
        standards.take_over_codes(part, actor=firm.author, version=version, codes=CODES["codes"])


# Life --------------------------------------------------------------------------------------------------------


def test_parts_are_frozen_hashed_and_copied(firm):
    published = make_standard(firm)
    content = revision_content(published)
    assert [part["kind"] for part in content["parts"]] == ["naming", "codes", "form", "storage"]
    assert list(violations()) == []
    draft = next_draft(firm, published)
    assert read_content(draft)["parts"] == content["parts"]
    part = part_named(draft, "Chart of accounts")
    standards.save_code(part, actor=firm.author, fields={"code": "6040", "name": "Travel"})
    standards.save_code(part, actor=firm.author, was="6020", fields={"code": "6020", "name": "Levies"})
    standards.remove_part(part_named(draft, "Archive"), actor=firm.author)
    changes = part_changes(content["parts"], read_content(draft)["parts"])
    assert [(change.kind, change.name) for change in changes] == [
        ("changed", "Chart of accounts"),
        ("removed", "Archive"),
    ]
    assert changes[0].sentence == "added: 6040; changed: 6020"
    approval.submit(draft, actor=firm.author)
    approve(Revision.objects.get(pk=draft.pk), by=firm.approver)
    assert list(violations()) == []


def test_an_unfinished_part_stands_in_the_way_of_submitting(firm):
    draft = make_standard(firm, state=State.DRAFT)
    standards.add_part(draft, actor=firm.author, kind="naming", name="Empty rule")
    check = preflight(draft)
    assert any("Empty rule" in blocker for blocker in check.blockers)


def test_a_standard_of_parts_alone_has_a_text(firm):
    draft = make_standard(firm, state=State.DRAFT, step_titles=[], purpose="")
    draft.steps.all().delete()
    assert preflight(draft).is_clear
