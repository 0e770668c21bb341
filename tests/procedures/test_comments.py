"""Comments on a revision on its way: who may, threads, resolving, taking back, notices, marks in the editor."""

import pytest
from django.urls import reverse

from audit.models import Entry
from notifications.models import Notification
from procedures.actions import approval
from procedures.actions import comments as actions
from procedures.comments import open_counts, threads_of
from procedures.invariants import violations
from procedures.models import Comment, Revision
from procedures.permissions import can_comment, revisions_commentable_by
from procedures.queries import open_round
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import first_step, make_draft, make_revision

HTMX = {"HX-Request": "true"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-014")


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def say(draft: Revision, who, body: str = "Is this every month?", **where) -> Comment:
    return actions.add_comment(draft, actor=who, body=body, **where)


# Who may -----------------------------------------------------------------------------------------------------

MAY = {State.DRAFT: {"author", "owner"}, State.IN_REVIEW: {"author", "owner", "approver"}}


@pytest.mark.parametrize("state", MAY)
def test_who_writes_or_decides_comments_and_both_shapes_agree(firm, state):
    revision = make_revision(firm, state=state)
    found = {name for name, user in firm.people.items() if can_comment(user, revision)}
    assert found == MAY[state]
    assert found == {name for name, user in firm.people.items() if revision in revisions_commentable_by(user)}
    for name, user in firm.people.items():
        if name in found:
            assert say(revision, user).pk
        else:
            with pytest.raises(NotPermitted):
                say(revision, user)


@pytest.mark.parametrize("state", [State.APPROVED, State.PUBLISHED, State.DISCARDED, State.SUPERSEDED])
def test_what_is_settled_is_not_talked_about(firm, state):
    revision = make_revision(firm, state=state)
    with pytest.raises(InvalidTransition):
        say(revision, firm.author)


def test_a_comment_outlives_the_return_of_the_draft(firm, draft):
    approval.submit(draft, actor=firm.author)
    say(Revision.objects.get(pk=draft.pk), firm.approver, "Say who counts.")
    round = open_round(draft)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="See the comment.")
    assert [thread.first.body for thread in threads_of(draft)] == ["Say who counts."]


@pytest.mark.parametrize("name", ["comment-answer", "comment-resolve", "comment-reopen", "comment-delete"])
@pytest.mark.parametrize("who", ["outsider", "staff", "auditor", "administrator"])
def test_others_find_no_comment(client, firm, draft, name, who):
    comment = say(draft, firm.author)
    client.force_login(firm.people[who])
    assert client.post(reverse(name, args=[comment.pk]), {"body": "x"}).status_code == 404
    assert list(draft.comments.values_list("body", "resolved_at")) == [(comment.body, None)]


# Threads -----------------------------------------------------------------------------------------------------


def test_threads_stand_together_by_step(firm, draft, django_assert_num_queries):
    step = first_step(draft)
    first = say(draft, firm.author, "One", step_uid=step.uid)
    actions.answer_comment(first, actor=firm.owner, body="Two")
    say(draft, firm.owner, "On the whole")
    with django_assert_num_queries(1):
        threads = threads_of(draft)
        names = [str(thread.first.author) for thread in threads]
    assert names == ["Author", "Owner"]
    assert [[answer.body for answer in thread.answers] for thread in threads] == [["Two"], []]
    assert open_counts(threads) == {str(step.uid): 1, "": 1}


def test_an_answer_opens_a_resolved_thread_again(firm, draft):
    first = say(draft, firm.author)
    actions.resolve_thread(first, actor=firm.owner)
    assert threads_of(draft)[0].is_resolved
    actions.answer_comment(first, actor=firm.owner, body="Not quite.")
    assert not threads_of(draft)[0].is_resolved


def test_resolving_twice_is_one_event(firm, draft):
    first = say(draft, firm.author)
    for _time in range(2):
        actions.resolve_thread(first, actor=firm.owner)
    assert Entry.objects.filter(name="procedures.comment.resolve").count() == 1
    actions.reopen_thread(first, actor=firm.author)
    assert Comment.objects.get(pk=first.pk).resolved_by is None
    assert list(violations()) == []


def test_only_ones_own_unanswered_comment_is_taken_back(firm, draft):
    first = say(draft, firm.author)
    with pytest.raises(NotPermitted):
        actions.delete_comment(first, actor=firm.owner)
    answer = actions.answer_comment(first, actor=firm.owner, body="Yes.")
    with pytest.raises(Refused):
        actions.delete_comment(first, actor=firm.author)
    actions.delete_comment(answer, actor=firm.owner)
    actions.delete_comment(first, actor=firm.author)
    assert not draft.comments.exists()
    assert "Is this every month?" not in str(list(Entry.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("body", ["", "   ", "x" * 4_001])
def test_an_empty_or_endless_comment_is_refused(firm, draft, body):
    with pytest.raises(Refused):
        say(draft, firm.author, body)
    assert not draft.comments.exists()


def test_a_comment_on_a_step_that_is_not_there_is_refused(firm, draft):
    other = make_draft(firm)
    with pytest.raises(Missing):
        say(draft, firm.author, step_uid=first_step(other).uid)


# Notices -----------------------------------------------------------------------------------------------------


def told() -> set[str]:
    return set(Notification.objects.filter(kind="comment-added").values_list("recipient__full_name", flat=True))


def test_writers_and_who_spoke_are_told_but_not_the_one_who_speaks(client, firm, draft):
    first = say(draft, firm.owner, step_uid=first_step(draft).uid)
    assert told() == {"Author"}
    actions.answer_comment(first, actor=firm.author, body="No.")
    assert told() == {"Author", "Owner"}
    notice = Notification.objects.filter(recipient=firm.author).latest("pk")
    client.force_login(firm.author)
    answer = client.get(notice.url)
    assert answer.url == f"/procedures/FIN-014/draft/?step={first_step(draft).uid}#panel-comments"
    client.force_login(firm.owner)
    assert client.get(notice.url).url == "/procedures/FIN-014/1/"
    client.force_login(firm.outsider)
    assert client.get(notice.url).status_code == 404
    assert list(violations()) == []


def test_who_may_no_longer_see_it_is_not_told(firm, draft):
    draft.procedure.coauthors.add(firm.coauthor)
    draft.contributors.add(firm.coauthor)
    draft.procedure.coauthors.remove(firm.coauthor)
    say(draft, firm.author)
    assert told() == set()


# In the editor -----------------------------------------------------------------------------------------------


def test_the_panel_shows_threads_of_the_open_step_first_and_the_outline_marks_them(author, firm, draft):
    one, two = draft.steps.order_by("position")[:2]
    say(draft, firm.owner, "About the second", step_uid=two.uid)
    say(draft, firm.owner, "About the first", step_uid=one.uid)
    page = author.get(f"/procedures/FIN-014/draft/?step={one.uid}").content.decode()
    panel = page[page.index('id="panel-comments"') :]
    assert panel.index("About the first") < panel.index("Comment on step 1") < panel.index("About the second")
    assert page.count('aria-label="1 open comment"') == 2
    assert '<span class="count" id="comment-count">2</span>' in page


def test_commenting_answers_with_panel_outline_and_count(author, draft):
    step = first_step(draft)
    data = {"body": "Why?", "step": step.uid, "open": step.uid}
    page = author.post(reverse("comments", args=["FIN-014", 1]), data, headers=HTMX).content.decode()
    assert "Why?" in page
    assert 'id="comment-count" hx-swap-oob="innerHTML">1<' in page
    comment = draft.comments.get()
    page = author.post(reverse("comment-resolve", args=[comment.pk]), {"open": step.uid}, headers=HTMX).content.decode()
    assert 'id="comment-count" hx-swap-oob="innerHTML">0<' in page
    assert "1 resolved here" in page


def test_commenting_works_as_a_plain_form(author, draft):
    step = first_step(draft)
    response = author.post(reverse("comments", args=["FIN-014", 1]), {"body": "Why?", "step": step.uid}, follow=True)
    assert response.status_code == 200
    assert "Your comment is sent." in response.content.decode()
    comment = draft.comments.get()
    author.post(reverse("comment-answer", args=[comment.pk]), {"body": "Because."})
    author.post(reverse("comment-resolve", args=[comment.pk]))
    assert threads_of(draft)[0].is_resolved
    author.post(reverse("comment-reopen", args=[comment.pk]))
    author.post(reverse("comment-delete", args=[draft.comments.get(body="Because.").pk]))
    assert [(thread.is_resolved, thread.answers) for thread in threads_of(draft)] == [(False, [])]


def test_hostile_comments_are_text(author, firm, draft):
    firm.owner.full_name = HOSTILE[:100]
    firm.owner.save(update_fields=["full_name"])
    say(draft, firm.owner, HOSTILE)
    page = author.get("/procedures/FIN-014/draft/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
