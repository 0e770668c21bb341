"""The reader page: a link at every step, what became of one's own, and what that costs."""

import pytest
from django.urls import reverse

from procedures.actions import approval
from procedures.states import State
from runs.actions import remarks
from runs.models import Answer
from tests.factories import approve, first_step, make_next, make_revision

pytestmark = pytest.mark.django_db

QUERIES = 5


def test_each_step_and_the_head_have_a_link_that_says_what_it_is_for(firm, revision, page):
    html = page(firm.staff, "procedure", "FIN-700")
    for step in revision.steps.all():
        link = f'<a href="/procedures/FIN-700/suggest/?step={step.uid}"'
        assert html.count(link) == 1
        assert f"a change to step {step.position}</span>" in html
    assert html.count('data-in-dialog="suggest-dialog"') == 4
    assert "[[uid]]" not in html
    assert "each-step" not in html


def test_auditors_obsolete_texts_and_drafts_have_none(firm, revision, page):
    make_next(firm, revision.procedure)
    make_next(firm, revision.procedure, state=State.DRAFT)
    assert "/FIN-700/suggest/" not in page(firm.auditor, "procedure", "FIN-700")
    assert "/FIN-700/suggest/" not in page(firm.staff, "revision", "FIN-700", 1)
    assert "/FIN-700/suggest/" not in page(firm.author, "revision", "FIN-700", 3)
    assert "/FIN-700/suggest/" in page(firm.staff, "revision", "FIN-700", 2)


def test_ones_own_stands_at_its_step_until_the_answer_is_old(firm, revision, suggest, promise, page):
    remark = suggest(revision, text="Which day, <b>please</b>?")
    html = page(firm.staff, "procedure", "FIN-700")
    own = html.index("Which day, &lt;b&gt;please&lt;/b&gt;?")
    assert html.index('id="step-1"') < own < html.index('id="step-2"')
    assert "Waits for an answer." in html
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    promise(remark, text="Thank you.")
    html = page(firm.staff, "procedure", "FIN-700")
    assert "Owner will change it, in revision 2." in html
    assert "Thank you." in html
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    assert "Changed in revision 2." in page(firm.staff, "procedure", "FIN-700")
    make_next(firm, revision.procedure)
    assert "Which day" not in page(firm.staff, "procedure", "FIN-700")


def test_a_refusal_is_shown_as_long_as_its_text_is_in_force(firm, revision, suggest, page):
    remark = suggest(revision, step=None)
    remarks.answer_remark(remark, actor=firm.owner, version=1, answer=Answer.DECLINED, text="The bank wants it.")
    html = page(firm.staff, "procedure", "FIN-700")
    assert "Owner answered: it stays as it is." in html
    assert html.index("The bank wants it.") < html.index('id="step-1"')
    make_next(firm, revision.procedure)
    assert "The bank wants it." not in page(firm.staff, "procedure", "FIN-700")


def test_a_strange_text_spoils_only_itself(firm, revision, suggest, page):
    suggest(revision, text="one\x1ftwo\x1fthree")
    assert "Waits for an answer." in page(firm.staff, "procedure", "FIN-700")


def test_who_looks_after_it_finds_the_list_with_its_count(firm, revision, suggest, page):
    assert "Suggestions</a>" in page(firm.owner, "procedure", "FIN-700")
    suggest(revision)
    assert "Suggestions (1 without an answer)" in page(firm.owner, "procedure", "FIN-700")
    assert "Suggestions (1" in page(firm.auditor, "procedure", "FIN-700")
    assert "Suggestions (1" not in page(firm.staff, "procedure", "FIN-700")


def test_the_page_takes_no_query_more_with_suggestions_on_it(firm, suggest, client, django_assert_num_queries):
    revision = make_revision(firm, step_titles=[f"Do thing {number}" for number in range(20)])
    for step in revision.steps.all()[:5]:
        suggest(revision, step=step.uid)
    address = revision.procedure.get_absolute_url()
    client.force_login(firm.staff)
    with django_assert_num_queries(QUERIES):
        assert client.get(address).content.count(b"You suggested on") == 5


def test_an_unchanged_page_is_not_sent_again_and_an_answer_changes_it(firm, revision, suggest, promise, client):
    client.force_login(firm.staff)
    address = reverse("procedure", args=["FIN-700"])
    remark = suggest(revision)
    client.get(address)
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    promise(remark)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_step_of_a_suggestion_may_be_gone(firm, revision, suggest, page):
    remark = suggest(revision)
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    from procedures.actions import steps

    steps.remove_step(first_step(draft), actor=firm.author)
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    html = page(firm.staff, "procedure", "FIN-700")
    assert html.index("Which day?") < html.index('id="step-1"')
    assert "without this step" in page(firm.staff, "remark", remark.pk)
