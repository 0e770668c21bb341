"""Two texts compared: the value, and the pages of the round and of two revisions."""

import pytest
from django.urls import reverse

from procedures.actions import approval, comments, drafts, steps
from procedures.comparing import Fold, compare, mine_first
from procedures.content import revision_content
from procedures.models import Revision, Step
from procedures.queries import open_round
from procedures.redline.fields import said_in
from procedures.redline.words import redline
from procedures.states import State
from tests.factories import make_next, make_revision
from tests.procedures.contents import make_content, make_step


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def change_everything(firm, draft: Revision) -> Revision:
    """Of "Lock, Check, Release": release goes first, check is reworded, one is new, lock is removed."""
    lock, check, release = draft.steps.order_by("position")
    body = "How to: Check the whole difference report."
    steps.save_step(check, actor=firm.author, version=check.version, fields={"body": body})
    steps.add_step(draft, actor=firm.author, fields={"title": "Note the reasons", "role": firm.clerk_role})
    steps.move_step(Step.objects.get(pk=release.pk), actor=firm.author, position=1)
    steps.remove_step(Step.objects.get(pk=lock.pk), actor=firm.author)
    draft = Revision.objects.get(pk=draft.pk)
    return drafts.save_draft(
        draft,
        actor=firm.author,
        version=draft.version,
        fields={"scope": "France"},
        responsibilities=[(firm.clerk_role.pk, "A")],
    )


@pytest.fixture
def changed(firm) -> Revision:
    """Revision 2 of FIN-014, in review."""
    published = make_revision(firm, code="FIN-014")
    draft = change_everything(firm, make_next(firm, published.procedure, state=State.DRAFT))
    approval.submit(draft, actor=firm.author)
    return Revision.objects.get(pk=draft.pk)


# The value ---------------------------------------------------------------------------------------------------


def test_steps_are_added_removed_changed_moved_and_folded(firm, changed):
    old = Revision.objects.get(procedure=changed.procedure, number=1)
    comparison = compare(revision_content(old), revision_content(changed))
    found = [(row.kind, row.step["title"], row.was) for row in comparison.changes]
    assert found == [
        ("removed", "Lock the time sheets", 1), ("moved", "Release the payment", 3),
        ("changed", "Check the difference report", 2), ("added", "Note the reasons", None),
    ]  # fmt: skip
    assert [part.name for part in comparison.changes[2].parts] == ["body"]
    assert [(part.name, said_in(part)) for part in comparison.facts] == [("scope", "France")]
    assert [(row.number, row.role, row.before) for row in comparison.letters] == [(None, "Payroll clerk", "")]


def test_the_same_text_differs_in_nothing():
    content = make_content(make_step(1), make_step(2))
    comparison = compare(content, content)
    assert comparison.is_empty
    assert [type(row) for row in comparison.rows] == [Fold]


def test_a_step_under_discussion_is_not_folded():
    content = make_content(make_step(1), make_step(2))
    uid = content["steps"][0]["uid"]
    assert compare(content, content, shown={uid}).rows[0].kind == "same"


def test_steps_of_my_roles_stand_first(changed, firm):
    old = revision_content(Revision.objects.get(procedure=changed.procedure, number=1))
    new = revision_content(changed)
    new["steps"][2] = {**new["steps"][2], "role": {"id": 999, "name": "Treasurer"}}
    first = mine_first(compare(old, new), {999}).rows[0]
    assert first.step["title"] == "Note the reasons"


def test_a_picture_that_was_replaced_is_shown_before_and_after():
    old, new = (make_content(make_step(1), make_step(2)) for _ in range(2))
    picture = {"key": "a1", "sha256": "0" * 64, "title": "The screen", "content_type": "image/png"}
    old["attachments"], new["attachments"] = [picture], [{**picture, "sha256": "1" * 64}]
    for content in (old, new):
        content["steps"][0] = {**content["steps"][0], "body": "![x](media:a1)"}
    comparison = compare(old, new)
    assert [change.kind for change in comparison.files] == ["changed"]
    assert [change.key for change in comparison.changes[0].files] == ["a1"]


@pytest.mark.parametrize(
    "old, new", [("a " * 3000, "a b " * 2000), ("a\n" * 3000, "b\na\n" * 2000), ("", "x"), ("x", "")]
)
def test_the_redline_of_any_two_texts_is_made_of_both(old, new):
    runs = redline(old, new)
    assert "".join(run.words for run in runs if run.kind != "added") == old
    assert "".join(run.words for run in runs if run.kind != "removed") == new


# The page of a round -----------------------------------------------------------------------------------------


@pytest.fixture
def approver(client, firm):
    client.force_login(firm.approver)
    return client


def test_the_round_shows_what_changed_in_three_views(approver, changed):
    address = open_round(changed).get_absolute_url()
    page = text_of(approver.get(address))
    assert 'aria-label="Change 3 of 4, step 2"' in page
    assert "<ins>" in page and "Revision 1, in force" in page
    assert 'class="half"' in text_of(approver.get(address, {"view": "side"}))
    assert "Check the whole difference report." in text_of(approver.get(address, {"view": "clean"}))


def test_comments_stand_at_their_steps_and_lead_back_to_them(approver, firm, changed):
    round, step = open_round(changed), changed.steps.get(title="Note the reasons")
    response = approver.post(
        reverse("comments", args=["FIN-014", 2]),
        {"step": step.uid, "body": "Which reasons?", "seen_as": "view=side&next=https://example.org"},
    )
    assert response.headers["Location"] == f"{round.get_absolute_url()}?view=side#on-{step.uid}"
    comments.add_comment(changed, actor=firm.author, body="On all of it.")
    page = text_of(approver.get(round.get_absolute_url()))
    assert page.index(f'id="on-{step.uid}"') < page.index("Which reasons?") < page.index('id="comments"')
    assert page.index('id="comments"') < page.index("On all of it.")


def test_the_next_round_is_compared_with_what_one_saw(approver, firm, changed):
    round = open_round(changed)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Name the region.")
    draft = Revision.objects.get(pk=changed.pk)
    draft = drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"scope": "France, Paris"})
    approval.submit(draft, actor=firm.author)
    second = open_round(draft).get_absolute_url()
    page = text_of(approver.get(second))
    assert "My last look, round 1" in page and "Name the region." in page and "no longer counts" in page
    page = text_of(approver.get(second, {"base": "look"}))
    assert "The steps are the same." in page and "added: </span>, Paris" in page


def test_who_decides_is_led_to_the_next_text_that_waits(approver, firm, changed):
    other = open_round(make_revision(firm, state=State.IN_REVIEW))
    round = open_round(changed)
    response = approver.post(
        reverse("review-return", args=[round.pk]), {"content_hash": round.content_hash, "reason": "Name the region."}
    )
    assert response.headers["Location"] == other.get_absolute_url()


def test_a_guest_is_invited_on_the_page_and_finds_the_text(approver, client, firm, changed):
    address = open_round(changed).get_absolute_url()
    approver.post(f"{address}guests/", {"person": firm.outsider.pk})
    assert "Outsider" in text_of(approver.get(address))
    client.force_login(firm.outsider)
    page = text_of(client.get(address))
    assert "You are asked for comments; others decide." in page
    assert "Invite somebody" not in page
    assert client.post(f"{address}guests/", {"person": firm.staff.pk}).status_code == 403


def test_the_page_of_a_round_costs_the_same_whatever_its_length(approver, firm, django_assert_max_num_queries):
    """56 were counted with ten steps and one thread, most of them for the checks and the impact."""
    published = make_revision(firm, step_titles=[f"Step {number}" for number in range(30)])
    revision = make_next(firm, published.procedure, state=State.IN_REVIEW)
    for step in revision.steps.all()[:9]:
        comments.add_comment(revision, actor=firm.author, body="Look here.", step_uid=step.uid)
    address = open_round(revision).get_absolute_url()
    approver.get(address)
    with django_assert_max_num_queries(60):
        assert approver.get(address).status_code == 200


# The compare page --------------------------------------------------------------------------------------------


def test_readers_compare_what_they_may_see(client, firm, changed):
    client.force_login(firm.staff)
    assert client.get("/procedures/FIN-014/compare/1/2/").status_code == 404
    approval.approve_revision(
        open_round(changed), actor=firm.approver, content_hash=changed.content_hash, password="correct-horse-battery"
    )
    page = text_of(client.get("/procedures/FIN-014/compare/1/2/"))
    assert 'aria-label="Change 1 of 4, step 1"' in page and "The limit goes down to 3 %." in page
    assert "/procedures/FIN-014/compare/1/2/" in text_of(client.get("/procedures/FIN-014/1/"))
    client.force_login(firm.outsider)
    changed.procedure.audience = "departments"
    changed.procedure.save(update_fields=["audience"])
    assert client.get("/procedures/FIN-014/compare/1/2/").status_code == 404


def test_the_history_page_leads_to_two_revisions_in_their_order(client, firm):
    revision = make_revision(firm, code="FIN-014")
    make_next(firm, revision.procedure)
    client.force_login(firm.staff)
    assert "Show what changed" in text_of(client.get("/procedures/FIN-014/history/"))
    address = "/procedures/FIN-014/compare/"
    assert client.get(address, {"from": "2", "to": "1"}).headers["Location"] == f"{address}1/2/"
    assert client.get(address, {"from": "x"}).headers["Location"] == "/procedures/FIN-014/history/"


def test_an_unchanged_comparison_is_not_made_again(client, firm, settings):
    settings.DEBUG = False
    revision = make_revision(firm, code="FIN-014")
    make_next(firm, revision.procedure)
    client.force_login(firm.staff)
    address = "/procedures/FIN-014/compare/1/2/"
    client.get(address)  # brings the cookie of the forms
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address, {"view": "side"}, headers={"If-None-Match": tag}).status_code == 200
