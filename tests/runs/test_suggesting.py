"""Suggesting a change of a step: who may, of which text, and what is kept and told."""

import uuid

import pytest

from audit.models import Entry
from notifications.models import Notification
from procedures.actions import approval, publishing, steps
from procedures.errors import StaleContent
from procedures.models import Revision
from procedures.states import State
from runs.actions import remarks
from runs.models import MAX_LENGTH, Remark
from sopdesk.lib.errors import Missing, NotPermitted, Refused
from tests.factories import approve, first_step, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


def test_a_suggestion_keeps_step_text_and_name_of_its_moment(firm, revision, suggest):
    remark = suggest(revision, kind="missing")
    step = first_step(revision)
    assert (remark.procedure, remark.revision, remark.step) == (revision.procedure, revision, step.uid)
    assert (remark.step_number, remark.step_title) == (1, step.title)
    assert (remark.kind, remark.text, remark.author_name) == ("missing", "Which day?", firm.staff.full_name)
    assert remark.is_open
    entry = Entry.objects.get(name="runs.remark.add")
    assert (entry.actor_id, entry.procedure_code) == (firm.staff.pk, "FIN-700")
    assert entry.data == {"number": 1, "remark": remark.pk, "step": 1, "kind": "missing"}
    assert "Which day" not in str(vars(entry)), "what was said stays off the trail"


def test_the_whole_text_has_no_step(revision, suggest):
    remark = suggest(revision, step=None)
    assert (remark.step, remark.step_number, remark.step_title) == (None, None, "")


def test_the_owner_is_told_where_to_answer(firm, revision, suggest):
    remark = suggest(revision)
    [notice] = Notification.objects.filter(kind="remark-added")
    assert (notice.recipient, notice.url) == (firm.owner, remark.get_absolute_url())


def test_an_owner_is_not_told_of_their_own(firm, revision, suggest):
    suggest(revision, actor=firm.owner)
    assert not Notification.objects.filter(kind="remark-added").exists()


def test_auditors_suggest_nothing(firm, revision, suggest):
    with pytest.raises(NotPermitted):
        suggest(revision, actor=firm.auditor)


def test_who_may_not_read_the_text_gets_missing(firm, suggest):
    hidden = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    with pytest.raises(Missing):
        suggest(hidden, actor=firm.outsider)
    assert not Remark.objects.exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED])
def test_nothing_is_suggested_to_a_text_that_is_not_in_force(firm, suggest, state):
    with pytest.raises(StaleContent):
        suggest(make_revision(firm, state=state), actor=firm.author)


def test_nothing_is_suggested_to_a_withdrawn_procedure(firm, suggest):
    with pytest.raises(StaleContent, match="no longer in force"):
        suggest(make_revision(firm, state=State.WITHDRAWN))


def test_a_page_that_is_out_of_date_is_taken_when_the_step_is_still_there(firm, revision, suggest):
    make_next(firm, revision.procedure)
    remark = suggest(revision)
    assert remark.revision == revision, "what was read"


def test_a_step_that_is_gone_is_said_so(firm, revision, suggest):
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    gone = first_step(draft)
    uid = gone.uid
    steps.remove_step(gone, actor=firm.author)
    approval.submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    approve(draft, by=firm.approver)
    with pytest.raises(StaleContent, match="revision 2, does not have this step"):
        suggest(revision, step=uid)
    assert not Remark.objects.exists()


def test_a_step_of_a_draft_only_is_none_of_the_text_in_force(firm, revision, suggest):
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    new = steps.add_step(draft, actor=firm.author, fields={"title": "New"})
    with pytest.raises(StaleContent):
        suggest(draft, actor=firm.author, step=new.uid)


@pytest.mark.parametrize(
    ("kind", "text"), [("unclear", "  "), ("unclear", "x" * (MAX_LENGTH + 1)), ("nonsense", "x"), ("", "x")]
)
def test_an_empty_long_or_strange_one_is_refused(revision, suggest, kind, text):
    with pytest.raises(Refused):
        suggest(revision, kind=kind, text=text)


def test_the_same_sent_twice_counts_once(revision, suggest):
    assert suggest(revision) == suggest(revision)
    assert Entry.objects.filter(name="runs.remark.add").count() == 1
    assert suggest(revision, text="Another one") != suggest(revision)


def test_not_more_than_so_many_wait_for_one_person(monkeypatch, firm, revision, suggest):
    monkeypatch.setattr(remarks, "MAX_WAITING", 2)
    suggest(revision, text="One")
    suggest(revision, text="Two")
    with pytest.raises(Refused, match="2 suggestions of yours wait"):
        suggest(revision, text="Three")
    suggest(revision, actor=firm.outsider, text="Three")


# The form ----------------------------------------------------------------------------------------------------


def test_the_form_names_the_step_and_stands_alone_or_in_a_dialog(firm, revision, page):
    query = f"?step={first_step(revision).uid}"
    html = page(firm.staff, "remark-new", "FIN-700", query=query)
    assert "To step 1:" in html
    assert html.count('type="radio"') == 5
    part = page(firm.staff, "remark-new", "FIN-700", query=query, hx_request="true")
    assert "<html" not in part
    assert 'id="suggest-title"' in part


def test_the_form_asks_for_a_step_that_exists(firm, revision, page):
    assert "does not have this step" in page(
        firm.staff, "remark-new", "FIN-700", query=f"?step={uuid.uuid4()}", status=409
    )


def test_sending_leads_back_to_the_step(firm, revision, send):
    step = revision.steps.get(position=2)
    response = send(firm.staff, "remark-new", "FIN-700", number=1, step=step.uid, kind="wrong", text="No.")
    assert response["Location"] == "/procedures/FIN-700/#step-2"
    assert Remark.objects.get().step_number == 2


def test_what_is_wrong_is_said_beside_its_field_and_the_text_is_kept(firm, revision, send):
    long = "y" * (MAX_LENGTH + 1)
    html = send(firm.staff, "remark-new", "FIN-700", status=422, number=1, text=long).content.decode()
    assert "Choose what it is about." in html
    assert f"At most {MAX_LENGTH} characters; these are {MAX_LENGTH + 1}." in html
    assert long in html


def test_a_stale_form_says_that_it_was_taken(firm, revision, client, send):
    make_next(firm, revision.procedure)
    step = first_step(revision)
    send(firm.staff, "remark-new", "FIN-700", number=1, step=step.uid, kind="wrong", text="No.")
    html = client.get("/procedures/FIN-700/").content.decode()
    assert "Revision 2 has come into force meanwhile: your suggestion, made on revision 1, was taken" in html


def test_a_form_on_a_step_that_is_gone_keeps_the_text(firm, revision, send):
    html = send(
        firm.staff, "remark-new", "FIN-700", status=409, number=1, step=uuid.uuid4(), kind="wrong", text="Keep me."
    ).content.decode()
    assert "does not have this step any more" in html
    assert "Keep me." in html


def test_a_form_on_a_withdrawn_procedure_keeps_the_text(firm, revision, send, page):
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    html = send(firm.staff, "remark-new", "FIN-700", status=409, number=1, kind="wrong", text="Keep me.")
    assert "Keep me." in html.content.decode()
    page(firm.staff, "remark-new", "FIN-700", status=409)


def test_auditors_get_no_form(firm, revision, page):
    page(firm.auditor, "remark-new", "FIN-700", status=403)


def test_a_draft_that_nobody_reads_has_no_form(firm, page):
    page(firm.author, "remark-new", make_draft(firm).procedure.code, status=404)
