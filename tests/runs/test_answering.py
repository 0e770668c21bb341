"""Answering: who may, which answers there are, and what the second of two people gets."""

import pytest

from audit.models import Entry
from notifications.models import Notification
from procedures.states import State
from runs import invariants
from runs.actions import remarks
from runs.models import MAX_LENGTH, Answer, Remark
from sopdesk.lib.errors import Conflict, InvalidTransition, NotPermitted, Refused
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db


def answer(remark, actor, answer, *, version=1, text=""):
    return remarks.answer_remark(remark, actor=actor, version=version, answer=answer, text=text)


def test_a_refusal_says_why_and_reaches_who_suggested_it(firm, revision, suggest):
    remark = answer(suggest(revision), firm.owner, Answer.DECLINED, text="The bank wants it so.")
    assert (remark.answer, remark.answer_text, remark.answered_by) == ("declined", "The bank wants it so.", firm.owner)
    assert (remark.version, remark.solved_by) == (2, None)
    [notice] = Notification.objects.filter(kind="remark-answered")
    assert (notice.recipient, notice.url) == (firm.staff, "/procedures/FIN-700/#step-1")
    entry = Entry.objects.get(name="runs.remark.answer")
    assert (entry.reason, entry.data["answer"]) == ("The bank wants it so.", "declined")
    assert Notification.objects.get(kind="remark-added").read_at, "nothing waits for the owner any more"


def test_a_refusal_without_a_reason_is_refused(firm, revision, suggest):
    with pytest.raises(Refused, match="Say why"):
        answer(suggest(revision), firm.owner, Answer.DECLINED, text=" ")


def test_a_promise_is_tied_to_the_draft_that_is_being_written(firm, revision, suggest, promise):
    remark = suggest(revision)
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    assert promise(remark).solved_by == draft


@pytest.mark.parametrize("state", [None, State.IN_REVIEW])
def test_a_promise_without_a_draft_waits_for_the_next_one(firm, revision, suggest, promise, state):
    remark = suggest(revision)
    if state:
        make_next(firm, revision.procedure, state=state)
    assert promise(remark).solved_by is None


def test_a_draft_that_is_begun_takes_up_what_was_promised(firm, revision, suggest, promise):
    remark, other = promise(suggest(revision)), suggest(revision, text="Open")
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    assert Remark.objects.get(pk=remark.pk).solved_by == draft
    assert Remark.objects.get(pk=other.pk).solved_by is None


def test_what_the_text_in_force_says_already_is_changed_at_once(firm, revision, suggest):
    remark = suggest(revision)
    second = make_next(firm, revision.procedure)
    changed = answer(remark, firm.author, Answer.CHANGED)
    assert (changed.answer, changed.solved_by) == (Answer.CHANGED, second)
    assert changed.solved_at
    with pytest.raises(InvalidTransition):
        answer(changed, firm.author, Answer.DECLINED, version=2, text="No.")


@pytest.mark.parametrize("who", ["staff", "outsider", "approver", "auditor", "administrator", "superuser"])
def test_only_those_who_look_after_the_procedure_answer(firm, revision, suggest, who):
    with pytest.raises(NotPermitted):
        answer(suggest(revision), firm.people[who], Answer.PROMISED)


def test_the_second_of_two_answers_is_told_of_the_first(firm, revision, suggest):
    remark = suggest(revision)
    answer(remark, firm.owner, Answer.DECLINED, text="No.")
    with pytest.raises(Conflict, match=r"Owner has answered it since .*Stays as it is"):
        answer(remark, firm.author, Answer.PROMISED)
    assert Remark.objects.get().answer == Answer.DECLINED


def test_a_later_answer_takes_the_place_of_one_that_is_not_final(firm, revision, suggest, promise):
    remark = answer(suggest(revision), firm.owner, Answer.DECLINED, text="No.")
    promise(remark, version=2, text="After all.")
    stored = Remark.objects.get()
    assert (stored.answer, stored.answer_text, stored.version) == (Answer.PROMISED, "After all.", 3)
    told = Entry.objects.filter(name="runs.remark.answer").order_by("seq")
    assert [entry.data["answer"] for entry in told] == ["declined", "promised"]
    assert Notification.objects.filter(kind="remark-answered").count() == 2


def test_who_answers_their_own_suggestion_is_not_told(firm, revision, suggest, promise):
    promise(suggest(revision, actor=firm.owner))
    assert not Notification.objects.filter(kind="remark-answered").exists()


def test_who_may_no_longer_read_the_procedure_is_not_told(firm, revision, suggest, promise):
    remark = suggest(revision, actor=firm.outsider)
    type(revision.procedure).objects.filter(pk=revision.procedure_id).update(audience="roles")
    promise(remark)
    assert not Notification.objects.filter(kind="remark-answered").exists()


@pytest.mark.parametrize(("given", "text"), [("", ""), ("closed", "x"), ("promised", "x" * (MAX_LENGTH + 1))])
def test_strange_and_long_answers_are_refused(firm, revision, suggest, given, text):
    with pytest.raises(Refused):
        answer(suggest(revision), firm.owner, given, text=text)


def test_a_promise_can_be_left_for_a_later_revision(firm, revision, suggest, promise):
    remark = suggest(revision)
    make_next(firm, revision.procedure, state=State.DRAFT)
    promise(remark)
    remarks.postpone_remark(remark, actor=firm.author, version=2)
    stored = Remark.objects.get()
    assert (stored.answer, stored.solved_by) == (Answer.PROMISED, None)
    with pytest.raises(InvalidTransition):
        remarks.postpone_remark(remark, actor=firm.author, version=3)


# Pages -------------------------------------------------------------------------------------------------------


def test_every_page_names_the_procedure_and_ones_own_only_that(firm, suggest, page):
    remark = suggest(make_revision(firm, code="FIN-701", title="Close the month"))
    named = '<span class="code">FIN-701</span> <span lang="en">Close the month</span>'
    assert named in page(firm.owner, "remarks")
    assert named in page(firm.owner, "remark", remark.pk)
    assert f"<span>{firm.staff.full_name}</span>" in page(firm.owner, "remark", remark.pk)
    mine = page(firm.staff, "remarks-mine")
    assert named in mine
    assert f"<span>{firm.staff.full_name}</span>" not in mine.partition("<main")[2]


def test_the_panel_of_the_editor_in_the_address_bar_leads_to_the_editor(firm, revision, suggest, page, client):
    remark = suggest(revision)
    make_next(firm, revision.procedure, state=State.DRAFT)
    step, script = f"?step={remark.step}", {"HX-Request": "true"}
    assert "Which day?" in page(firm.author, "draft-remarks", "FIN-700", query=step, **script)
    response = client.get(f"/procedures/FIN-700/draft/remarks/{step}")
    assert (response.status_code, response.url) == (302, f"/procedures/FIN-700/draft/{step}")


def test_the_list_shows_what_waits_first_and_takes_the_same_queries_however_long(
    firm, revision, suggest, page, client, django_assert_max_num_queries
):
    answer(suggest(revision, text="First"), firm.owner, Answer.DECLINED, text="No.")
    suggest(revision, text="Second", step=None)
    html = page(firm.owner, "remarks")
    assert html.index("Second") < html.index("First")
    for number in range(12):
        suggest(revision, text=f"More {number}")
    with django_assert_max_num_queries(9):
        assert b"More 11" in client.get("/remarks/").content


def test_the_list_is_narrowed_down(firm, revision, suggest, page):
    answer(suggest(revision, text="Answered"), firm.owner, Answer.DECLINED, text="No.")
    suggest(revision, text="Waiting", kind="wrong")
    other = make_revision(firm, code="FIN-701")
    suggest(other, text="Elsewhere")
    shown = {
        query: [
            word for word in ("Answered", "Waiting", "Elsewhere") if word in page(firm.owner, "remarks", query=query)
        ]
        for query in ("", "?state=open", "?state=declined", "?kind=wrong", "?procedure=FIN-701", "?state=nonsense")
    }
    assert shown == {
        "": ["Answered", "Waiting", "Elsewhere"],
        "?state=open": ["Waiting", "Elsewhere"],
        "?state=declined": ["Answered"],
        "?kind=wrong": ["Waiting"],
        "?procedure=FIN-701": ["Elsewhere"],
        "?state=nonsense": ["Answered", "Waiting", "Elsewhere"],
    }


def test_the_page_of_one_takes_an_answer(firm, revision, suggest, send, page):
    remark = suggest(revision)
    send(firm.owner, "remark-answer", remark.pk, version=1, answer="declined", text="Because.")
    assert "Because." in page(firm.staff, "remark", remark.pk)
    assert '<form method="post" action="/remarks/' not in page(firm.staff, "remark", remark.pk)


def test_a_refusal_without_a_reason_is_said_beside_the_field(firm, revision, suggest, send):
    html = send(firm.owner, "remark-answer", suggest(revision).pk, status=422, version=1, answer="declined").content
    assert b"who suggested it gets the reason." in html


def test_a_stale_answer_keeps_the_text_and_shows_what_stands_there(firm, revision, suggest, promise, send):
    remark = suggest(revision)
    promise(remark)
    response = send(firm.author, "remark-answer", remark.pk, status=409, version=1, answer="declined", text="Keep me.")
    html = response.content.decode()
    assert "has answered it since you opened the page" in html
    assert "Keep me." in html
    assert 'name="version" value="2"' in html


def test_the_editor_marks_what_the_draft_answers(firm, revision, suggest, send, page):
    here, elsewhere = suggest(revision, text="Here"), suggest(revision, text="Whole", step=None)
    make_next(firm, revision.procedure, state=State.DRAFT)
    html = page(firm.author, "draft", "FIN-700", query=f"?step={here.step}")
    assert html.index("Here") < html.index("1 elsewhere in this draft") < html.index("Whole")
    sent = {"version": 1, "answer": "promised", "step": here.step}
    panel = send(firm.author, "remark-answer", here.pk, status=200, hx=True, **sent).content.decode()
    assert "Answered by this revision" in panel
    assert "Whole" in panel
    sent = {"version": 2, "step": here.step}
    panel = send(firm.author, "remark-postpone", here.pk, status=200, hx=True, **sent).content.decode()
    assert "Answered by this revision" not in panel
    back = send(firm.author, "remark-answer", elsewhere.pk, version=1, answer="promised", open="")
    assert back["Location"] == "/procedures/FIN-700/draft/"


def test_my_work_counts_what_waits_by_procedure(firm, revision, suggest, page, promise):
    suggest(revision)
    suggest(revision, text="More")
    html = page(firm.owner, "home")
    assert "2 open suggestions" in html
    assert "/remarks/?procedure=FIN-700" in html
    assert "open suggestions" not in page(firm.staff, "home")


def test_everything_is_sound(firm, revision, suggest, promise):
    promise(suggest(revision))
    suggest(revision, text="Open")
    assert list(invariants.violations()) == []
    Remark.objects.filter(answer="").update(author=firm.outsider)
    Remark.objects.filter(answer="promised").update(solved_by=revision)
    found = list(invariants.violations())
    assert len(found) == 2
    assert "promised in a revision that is not on its way" in found[0]
    assert "the trail does not tell of it" in found[1]
