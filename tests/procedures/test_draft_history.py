"""How a draft came to be: who changed what when, a step as it was, and bringing that back as a save like any other."""

import json

import pytest
from django.urls import reverse

from procedures.actions import approval, drafts, steps
from procedures.draft_history import Filters, What, history_page
from procedures.forms.history import base_for
from procedures.models import Revision, Step
from procedures.permissions import revisions_recounted_to, sees_draft_history
from procedures.states import State
from procedures.step_versions import get_version, latest_point
from sopdesk.lib.errors import Missing
from tests.factories import first_step, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(firm):
    """A draft whose first step was written anew by a co-author, and then lost its text."""
    draft = make_draft(firm)
    draft.procedure.coauthors.add(firm.coauthor)
    save(draft, firm.coauthor, title="Lock all time sheets", minutes=5)
    save(draft, firm.author, body="")
    return draft


def save(draft, person, letters=None, **fields) -> Step:
    step = first_step(draft)
    return steps.save_step(step, actor=person, version=step.version, fields=fields, responsibilities=letters)


def changes_in(draft, **filters):
    return [change for sitting in history_page(draft, Filters(**filters)).sittings for change in sitting.changes]


def words(part) -> dict[str, str]:
    return {run.kind: run.words for run in part.runs if run.kind != "same"}


def test_it_tells_who_changed_which_field_and_how(firm, draft):
    first, second = changes_in(draft, uid=first_step(draft).uid)[:2]
    assert (first.person, first.what, [part.name for part in first.parts]) == (firm.author, What.CHANGED, ["body"])
    assert (second.person, [part.name for part in second.parts]) == (firm.coauthor, ["title", "minutes"])
    assert words(second.parts[0]) == {"removed": "the", "added": "all"}


def test_saves_of_one_person_that_follow_one_another_are_told_as_one(firm, draft):
    for title in ("Lock", "Lock every", "Lock every sheet"):
        save(draft, firm.coauthor, title=title)
    change = changes_in(draft, uid=first_step(draft).uid)[0]
    assert change.saves == 3
    assert "".join(run.words for run in change.parts[0].runs if run.kind != "added") == "Lock all time sheets"


def test_moves_removals_letters_and_facts_are_told(firm, draft):
    steps.move_step(first_step(draft), actor=firm.author, position=3)
    steps.remove_step(first_step(draft), actor=firm.author)
    save(draft, firm.coauthor, letters=[(firm.clerk_role.pk, "C")])
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"scope": "All of Finance."})
    facts, letters, removed, moved = changes_in(draft)[:4]
    assert (facts.uid, facts.parts[0].name) == (None, "scope")
    assert (letters.person, letters.parts[0].name) == (firm.coauthor, "responsibilities")
    assert "Payroll clerk" in words(letters.parts[0])["added"]
    assert (removed.what, removed.title) == (What.REMOVED, "Check the difference report")
    assert (moved.what, moved.title) == (What.MOVED, "Lock all time sheets")


def test_it_is_filtered_by_step_by_facts_and_by_person(firm, draft):
    uid = first_step(draft).uid
    assert {change.uid for change in changes_in(draft, uid=uid)} == {uid}
    assert {change.uid for change in changes_in(draft, only_facts=True)} == {None}
    assert {change.person for change in changes_in(draft, person=firm.coauthor.pk)} == {firm.coauthor}


def test_pages_follow_one_another_without_gap_and_without_growing(firm, draft, django_assert_max_num_queries):
    for number in range(45):
        save(draft, firm.author if number % 2 else firm.coauthor, title=f"Title {number}")
    with django_assert_max_num_queries(10):
        page = history_page(draft, Filters(uid=first_step(draft).uid))
    rest = history_page(draft, Filters(uid=first_step(draft).uid), before=page.rest)
    told = [change.newer for part in (page, rest) for sitting in part.sittings for change in sitting.changes]
    versions = [row.version for row in told if row is not None]
    assert versions == sorted(versions, reverse=True)
    assert len(set(versions)) == 47
    assert rest.rest is None


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.PUBLISHED])
def test_only_who_sees_the_draft_may_follow_it(firm, state):
    revision = make_revision(firm, state=state)
    expected = {
        State.DRAFT: {"author", "owner", "auditor", "administrator"},
        State.IN_REVIEW: {"author", "owner", "auditor", "administrator", "approver"},
        State.APPROVED: {"author", "owner", "auditor", "administrator"},
        State.PUBLISHED: set(),
    }[state]
    assert {name for name, person in firm.people.items() if sees_draft_history(person, revision)} == expected
    for name, person in firm.people.items():
        assert revisions_recounted_to(person).filter(pk=revision.pk).exists() == (name in expected)


# As it was ---------------------------------------------------------------------------------------------------


def point_of(draft, uid, number) -> int:
    """The row of the history of a step with its `number`th version."""
    return Step.history.get(revision_id=draft.pk, uid=uid, version=number, history_type__in=["+", "~"]).history_id


def test_a_step_is_shown_as_it_was_with_its_letters(firm, draft):
    uid = first_step(draft).uid
    save(draft, firm.author, letters=[(firm.clerk_role.pk, "C")])
    with_letters = latest_point(draft, uid)
    save(draft, firm.author, letters=[], title="Now")
    version = get_version(draft, with_letters)
    assert (version.content["title"], version.letters) == ("Lock all time sheets", [(firm.clerk_role.pk, "C")])
    assert get_version(draft, point_of(draft, uid, 1)).letters == []
    with pytest.raises(Missing):
        get_version(make_draft(firm), with_letters)


def restore(client, draft, point, **sent):
    address = reverse("draft-restore", args=[draft.procedure.code, point])
    return client.post(address, sent)


def shown(draft) -> dict[str, str]:
    """What the page of an earlier version sends along: the version and the values that it showed."""
    step = first_step(draft)
    return {"version": str(step.version), "base": base_for(step)}


def test_a_whole_step_comes_back_as_a_save_that_can_be_undone(firm, draft, client):
    client.force_login(firm.author)
    step = first_step(draft)
    answer = restore(client, draft, point_of(draft, step.uid, 1), **shown(draft))
    assert answer.status_code == 302
    step.refresh_from_db()
    assert (step.title, step.body, step.minutes) == ("Lock the time sheets", "How to: Lock the time sheets.", None)
    assert step.version == 4
    assert changes_in(draft, uid=step.uid)[0].person == firm.author
    page = client.get(answer["Location"]).content.decode()
    assert "An earlier version was brought back." in page
    before = int(answer["Location"].split("back=")[1])
    assert restore(client, draft, before, **shown(draft)).status_code == 302
    step.refresh_from_db()
    assert (step.title, step.body) == ("Lock all time sheets", "")


def test_one_field_comes_back_and_the_others_stay(firm, draft, client):
    client.force_login(firm.author)
    step = first_step(draft)
    assert restore(client, draft, point_of(draft, step.uid, 1), field="body", **shown(draft)).status_code == 302
    step.refresh_from_db()
    assert (step.title, step.body) == ("Lock all time sheets", "How to: Lock the time sheets.")


def test_what_somebody_else_saved_meanwhile_leads_to_the_page_with_both_texts(firm, draft, client):
    client.force_login(firm.author)
    step, page = first_step(draft), shown(draft)
    save(draft, firm.coauthor, title="Somebody else's title")
    answer = restore(client, draft, point_of(draft, step.uid, 1), **page)
    assert answer.status_code == 409
    assert "Somebody else&#x27;s title" in answer.content.decode()
    step.refresh_from_db()
    assert step.title == "Somebody else's title"


def test_a_removed_step_comes_back_as_it_was_at_any_point(firm, draft, client):
    uid = first_step(draft).uid
    steps.remove_step(first_step(draft), actor=firm.author)
    client.force_login(firm.author)
    answer = restore(client, draft, point_of(draft, uid, 2))
    restored = draft.steps.get(uid=uid)
    assert (restored.title, restored.body, restored.position) == (
        "Lock all time sheets",
        "How to: Lock the time sheets.",
        1,
    )
    assert "A step was brought back." in client.get(answer["Location"]).content.decode()


def test_nobody_else_and_nothing_frozen_is_changed(firm, draft, client):
    point, page = latest_point(draft, first_step(draft).uid), shown(draft)
    for name, status in (("auditor", 403), ("staff", 404), ("owner", 403)):
        client.force_login(firm.people[name])
        assert restore(client, draft, point, **page).status_code == status
    before = Revision.objects.get(pk=draft.pk).saved_at
    approval.submit(draft, actor=firm.author)
    client.force_login(firm.author)
    assert restore(client, draft, point, **page).status_code == 409
    assert Revision.objects.get(pk=draft.pk).saved_at == before


def test_a_base_that_is_none_is_no_reason_to_overwrite(firm, draft, client):
    client.force_login(firm.author)
    step = first_step(draft)
    sent = {"version": str(step.version - 1), "base": json.dumps({})}
    assert restore(client, draft, point_of(draft, step.uid, 1), **sent).status_code == 409


def test_the_pages_show_it_and_cost_the_same_however_long(firm, draft, client, django_assert_max_num_queries):
    client.force_login(firm.author)
    history = reverse("draft-history", args=[draft.procedure.code])
    page = client.get(history).content.decode()
    assert "<ins>" in page
    assert "Coauthor" in page
    for number in range(30):
        save(draft, firm.author if number % 2 else firm.coauthor, title=f"Title {number}")
    with django_assert_max_num_queries(24):
        client.get(history)
    version = reverse("draft-version", args=[draft.procedure.code, latest_point(draft, first_step(draft).uid)])
    assert "The step says the same now." in client.get(version).content.decode()


def test_what_was_taken_over_from_the_revision_before_is_nobodys_change(firm):
    draft = make_next(firm, make_revision(firm).procedure, state=State.DRAFT)
    added = [change for change in changes_in(draft) if change.what == What.ADDED and change.uid]
    assert {change.person for change in added} == {None}
