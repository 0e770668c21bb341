"""What becomes of suggestions when revisions are submitted, come into force, are given up or withdrawn."""

import datetime

import pytest
from django.urls import reverse

from audit.models import Entry
from notifications.models import Notification
from procedures.actions import approval, changesets, drafts, emergency, publishing
from procedures.models import Revision
from procedures.preflight import preflight
from procedures.queries import open_round
from procedures.states import State
from roles.queries import today
from runs import invariants
from runs.actions import remarks
from runs.models import Answer, Remark
from tests.factories import PASSWORD, approve, make_next

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(firm, revision) -> Revision:
    return make_next(firm, revision.procedure, state=State.DRAFT)


@pytest.fixture
def promised(revision, draft, suggest, promise) -> Remark:
    return promise(suggest(revision))


def stored(remark) -> tuple[str, int | None]:
    row = Remark.objects.select_related("solved_by").get(pk=remark.pk)
    return row.answer, row.solved_by.number if row.solved_by else None


@pytest.fixture(autouse=True)
def sound(db):
    yield
    assert list(invariants.violations()) == []


def test_a_publication_solves_what_was_promised_and_says_so(firm, draft, promised, suggest, revision):
    other = suggest(revision, text="Open")
    approval.submit(draft, actor=firm.author)
    assert stored(promised) == (Answer.PROMISED, 2)
    approve(draft, by=firm.approver)
    assert stored(promised) == (Answer.CHANGED, 2)
    assert stored(other) == ("", None)
    [notice] = Notification.objects.filter(kind="remark-solved")
    assert (notice.recipient, notice.url) == (firm.staff, "/procedures/FIN-700/#step-1")
    entry = Entry.objects.get(name="runs.remark.solve")
    assert (entry.actor_id, entry.data["solved_by"], notice.event_seq) == (None, 2, entry.seq)


def test_a_revision_that_waits_for_its_day_solves_on_it(firm, draft, promised):
    later = today() + datetime.timedelta(days=3)
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"effective_on": later})
    approval.submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    approve(draft, by=firm.approver)
    assert stored(promised) == (Answer.PROMISED, 2)
    publishing.publish_due(later)
    assert stored(promised) == (Answer.CHANGED, 2)


def test_a_change_set_solves_too(firm, draft, promised):
    from tests.factories import make_draft

    found = changesets.submit_change_set([draft, make_draft(firm)], actor=firm.author, name="New limits")
    changesets.approve_change_set(found, actor=firm.approver, manifest_hash=found.manifest_hash, password=PASSWORD)
    assert stored(promised) == (Answer.CHANGED, 2)


def issue(firm, draft):
    approval.submit(draft, actor=firm.author)
    round = open_round(draft)
    emergency.issue_emergency(
        Revision.objects.get(pk=draft.pk), actor=firm.owner, content_hash=round.content_hash, reason="Now.", days=3,
        password=PASSWORD,
    )  # fmt: skip
    return round


def test_an_emergency_issue_solves_and_its_return_takes_that_back(firm, draft, promised):
    round = issue(firm, draft)
    assert stored(promised) == (Answer.CHANGED, 2)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Not so.")
    assert stored(promised) == (Answer.PROMISED, 2)
    assert Entry.objects.filter(name="runs.remark.unsolve").count() == 1


def test_an_emergency_issue_that_runs_out_takes_that_back(firm, draft, promised):
    issue(firm, draft)
    emergency.end_expired(today() + datetime.timedelta(days=10))
    assert stored(promised) == (Answer.PROMISED, 2)


def test_an_emergency_issue_that_is_approved_tells_once(firm, draft, promised):
    issue(firm, draft)
    approve(draft, by=firm.approver)
    assert stored(promised) == (Answer.CHANGED, 2)
    assert Notification.objects.filter(kind="remark-solved").count() == 1


def test_a_draft_that_is_given_up_leaves_them_open_again(firm, draft, promised):
    drafts.discard(draft, actor=firm.author, reason="Not now.")
    row = Remark.objects.get()
    assert (row.answer, row.answered_by, row.answered_at, row.solved_by) == ("", None, None, None)
    assert Entry.objects.filter(name="runs.remark.reopen").count() == 1


def test_a_returned_revision_keeps_what_it_is_to_answer(firm, draft, promised):
    approval.submit(draft, actor=firm.author)
    round = open_round(draft)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Not so.")
    assert stored(promised) == (Answer.PROMISED, 2)


def test_withdrawing_closes_what_waits_with_its_reason(firm, revision, suggest, promise):
    waiting, later = suggest(revision), promise(suggest(revision, text="Later"))
    declined = suggest(revision, text="No")
    remarks.answer_remark(declined, actor=firm.owner, version=1, answer=Answer.DECLINED, text="No.")
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert [stored(row) for row in (waiting, later, declined)] == [
        ("closed", None),
        ("closed", None),
        ("declined", None),
    ]
    assert Remark.objects.get(pk=waiting.pk).answer_text == "No longer done."
    assert {notice.recipient for notice in Notification.objects.filter(kind="remark-closed")} == {firm.staff}


# Submitting --------------------------------------------------------------------------------------------------


@pytest.fixture
def submit(client, firm, draft):
    """Send the page on which the draft is submitted."""

    def post(**data):
        client.force_login(firm.author)
        version = Revision.objects.get(pk=draft.pk).version
        sent = {"change_summary": "Wages.", "significance": "minor", "effective_on": "", "version": version, **data}
        return client.post(reverse("submit", args=["FIN-700"]), sent)

    return post


def test_the_page_proposes_what_was_promised(firm, draft, promised, suggest, revision, page):
    other = suggest(revision, text="Open")
    html = page(firm.author, "submit", "FIN-700")
    box = '<input type="checkbox" name="remarks" value="%d"'
    assert f"{box % promised.pk} id=" in html
    ticked = [line for line in html.splitlines() if 'name="remarks"' in line and "checked" in line]
    assert len(ticked) == 1
    assert f'value="{promised.pk}"' in ticked[0]
    assert f'value="{other.pk}"' not in ticked[0]
    assert "1 suggestion from readers is unanswered." in html


def test_what_is_ticked_is_answered_and_what_is_not_is_left(firm, draft, promised, suggest, revision, submit):
    other = suggest(revision, text="Open")
    response = submit(shown=[promised.pk, other.pk], remarks=[other.pk])
    assert response.status_code == 302
    assert stored(promised) == (Answer.PROMISED, None)
    assert stored(other) == (Answer.PROMISED, 2)
    approve(draft, by=firm.approver)
    assert stored(promised) == (Answer.PROMISED, None)
    assert stored(other) == (Answer.CHANGED, 2)


def test_what_the_page_did_not_show_stays_as_it_is(firm, draft, promised, submit):
    submit()
    assert stored(promised) == (Answer.PROMISED, 2)


def test_what_was_answered_otherwise_meanwhile_is_left_alone(firm, draft, suggest, revision, submit):
    other = suggest(revision, text="Open")
    remarks.answer_remark(other, actor=firm.owner, version=1, answer=Answer.DECLINED, text="No.")
    submit(shown=[other.pk, "x", "9" * 30], remarks=[other.pk])
    submit(shown=[other.pk], remarks=[other.pk])
    assert stored(other) == (Answer.DECLINED, None)


def test_a_rejected_form_keeps_what_was_ticked(firm, draft, promised, suggest, revision, submit):
    other = suggest(revision, text="Open")
    html = submit(change_summary="", shown=[promised.pk, other.pk], remarks=[other.pk]).content.decode()
    ticked = [line for line in html.splitlines() if 'name="remarks"' in line and "checked" in line]
    assert len(ticked) == 1
    assert f'value="{other.pk}"' in ticked[0]
    assert stored(other) == ("", None)


def test_the_check_warns_and_does_not_block(firm, draft, suggest, revision, promise):
    promise(suggest(revision, text="Promised"))
    assert not [row for row in preflight(draft).findings if row.subject == "readers"]
    suggest(revision)
    check = preflight(draft)
    assert "1 suggestion from readers is unanswered." in check.warnings
    assert check.is_clear


def test_approvers_see_what_the_revision_answers(firm, draft, promised, suggest, revision, page):
    suggest(revision, text="Unanswered secret")
    approval.submit(draft, actor=firm.author)
    html = page(firm.approver, "review", open_round(draft).pk)
    assert "answers 1 suggestion" in html
    assert "Which day?" in html
    assert "1 suggestion from readers is unanswered." in html
    assert "Unanswered secret" not in html
    page(firm.approver, "remark", promised.pk)
