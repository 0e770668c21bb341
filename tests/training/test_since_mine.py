"""What changed for me: against the text that this person confirmed last, wherever it has gone since."""

import pytest
from django.urls import reverse

from procedures.actions import approval, drafts, emergency, publishing, steps
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from tests.factories import PASSWORD, approve, first_step, make_next, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def since_mine(page):
    def get(person, revision, query="", status=200):
        return page(person, "compare-since-mine", revision.procedure.code, query=query, status=status)

    return get


def next_with_step(firm, procedure, body, **fields) -> Revision:
    """The next revision in force, in which the first step says `body`."""
    draft = make_next(firm, procedure, state=State.DRAFT, **fields)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": body})
    draft.refresh_from_db()
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    return Revision.objects.get(pk=draft.pk)


def test_it_compares_with_the_revision_that_i_confirmed_not_with_the_one_before(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    next_with_step(firm, first.procedure, "Lock them on Monday.")
    third = make_next(firm, first.procedure)
    html = since_mine(firm.staff, third)
    assert "You confirmed revision 1 on" in html
    assert "Monday" in html
    assert "I have read and understood revision 3" in html


def test_every_reason_since_then_is_told_and_whether_readers_are_asked_again(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure, change_summary="A new limit.")
    third = make_next(firm, first.procedure, change_summary="A typing mistake.", significance="minor")
    html = since_mine(firm.staff, third)
    assert html.index("A new limit.") < html.index("A typing mistake.")
    assert "Minor: nobody needs to read it again" in html


def test_what_was_never_in_force_is_no_reason(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    given_up = make_next(firm, first.procedure, state=State.DRAFT, change_summary="Given up.")
    drafts.discard(given_up, actor=firm.author)
    third = make_next(firm, first.procedure)
    assert "Given up." not in since_mine(firm.staff, third)


def test_steps_of_my_roles_come_first_unless_i_want_the_order_of_the_text(firm, confirm, since_mine):
    from roles.models import Role

    first = make_revision(firm)
    confirm(first, firm.staff)
    cashier = Role.objects.create(name="Cashier", department=firm.finance)
    draft = make_next(firm, first.procedure, state=State.DRAFT)
    rows = list(draft.steps.order_by("position"))
    for step, role in ((rows[0], cashier), (rows[2], firm.clerk_role)):
        steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Changed.", "role": role})
    draft.refresh_from_db()
    # The first step is no longer one of the clerk's, before or now, once its role has been another for two revisions.
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    confirm(Revision.objects.get(pk=draft.pk), firm.staff)
    draft = make_next(firm, first.procedure, state=State.DRAFT)
    for step in draft.steps.order_by("position"):
        steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Changed again."})
    draft.refresh_from_db()
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    html = since_mine(firm.staff, draft)
    assert html.index("2. Check the difference report") < html.index("1. Lock the time sheets")
    html = since_mine(firm.staff, draft, "?order=text")
    assert html.index("1. Lock the time sheets") < html.index("2. Check the difference report")


def test_nothing_has_changed_since(firm, confirm, since_mine):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    html = since_mine(firm.staff, revision)
    assert "Nothing has changed since." in html
    assert "I have read and understood" not in html


def test_minor_changes_are_shown_and_leave_the_confirmation_as_it_is(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    second = next_with_step(firm, first.procedure, "Lock them, then wait.", significance="minor")
    html = since_mine(firm.staff, second)
    assert "Minor changes only: your confirmation still counts." in html
    assert "wait" in html
    assert "I have read and understood revision 2" in html


def test_a_minor_change_after_a_major_one_does_not_hide_it(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure, significance="major")
    third = make_next(firm, first.procedure, significance="minor")
    assert "Changed since you confirmed it." in since_mine(firm.staff, third)


def test_who_has_confirmed_nothing_sees_the_change_from_the_revision_before(firm, since_mine):
    first = make_revision(firm)
    second = next_with_step(firm, first.procedure, "Lock them on Monday.")
    html = since_mine(firm.staff, second)
    assert "You have not confirmed any revision of this procedure yet." in html
    assert "what changed since revision 1, the one followed before" in html
    assert "Monday" in html
    assert "I have read and understood" not in html, "who has not read the whole text does not confirm a part"


def test_a_first_revision_that_i_have_not_confirmed_sends_me_to_the_text(firm, since_mine):
    assert "This is its first revision: read the whole text." in since_mine(firm.staff, make_revision(firm))


def test_an_auditor_is_offered_no_button(firm, since_mine):
    first = make_revision(firm)
    second = next_with_step(firm, first.procedure, "Lock them on Monday.")
    assert "I have read and understood" not in since_mine(firm.auditor, second)


def test_what_was_withdrawn_is_compared_but_not_confirmed(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    second = next_with_step(firm, first.procedure, "Lock them on Monday.")
    publishing.withdraw(first.procedure, actor=firm.owner, reason="No longer done.")
    html = since_mine(firm.staff, second)
    assert "Monday" in html
    assert "I have read and understood" not in html


def test_it_does_not_exist_for_who_may_not_read_it(firm, since_mine):
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    since_mine(firm.outsider, revision, status=404)


def test_an_emergency_issue_that_became_another_text_is_compared_with_the_words_that_i_confirmed(
    firm, confirm, since_mine
):
    first = make_revision(firm)
    draft = make_next(firm, first.procedure, state=State.DRAFT)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Stop the press."})
    draft.refresh_from_db()
    approval.submit(draft, actor=firm.author)
    draft.refresh_from_db()
    emergency.issue_emergency(
        draft, actor=firm.owner, content_hash=draft.content_hash, reason="It cannot wait.", days=2,
        password=PASSWORD, accepts=1,
    )  # fmt: skip
    confirm(Revision.objects.get(pk=draft.pk), firm.staff)
    round = open_round(draft)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Too much.")
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Slow the press."})
    draft.refresh_from_db()
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    html = since_mine(firm.staff, draft)
    assert "Changed since you confirmed it." in html
    assert "Stop" in html
    assert "Slow" in html


def test_hostile_words_stay_words(firm, confirm, since_mine):
    first = make_revision(firm)
    confirm(first, firm.staff)
    second = next_with_step(
        firm, first.procedure, "<script>alert(1)</script>", change_summary="<img src=x onerror=alert(2)>"
    )
    html = since_mine(firm.staff, second)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(2)&gt;" in html


def test_its_cost_does_not_grow_with_the_revisions_between(firm, confirm, client, django_assert_max_num_queries):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure)
    client.force_login(firm.staff)
    address = reverse("compare-since-mine", args=[first.procedure.code])
    client.get(address)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for _number in range(3):
        make_next(firm, first.procedure)
    with django_assert_max_num_queries(len(few)):
        client.get(address)
    assert len(few) <= 11


# The button --------------------------------------------------------------------------------------------------


def test_the_button_confirms_and_leads_back_to_the_text(firm, send, page):
    revision = make_revision(firm)
    response = send(firm.staff, revision)
    assert response.url == revision.procedure.get_absolute_url()
    assert "Confirmed. Thank you." in page(firm.staff, "procedure", revision.procedure.code)
    assert firm.staff.acknowledgements.get().revision == revision


def test_a_page_that_is_out_of_date_stays_on_what_is_current(firm, send):
    """FM-18: published between GET and POST."""
    first = make_revision(firm)
    second = next_with_step(firm, first.procedure, "Lock them on Monday.")
    response = send(firm.staff, first)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Revision 2 is in force by now. Nothing was confirmed." in html
    assert "Monday" in html
    assert "I have read and understood revision 2" in html
    assert second.content_hash in html
    assert not firm.staff.acknowledgements.exists()


def test_a_foreign_hash_is_refused_with_the_text_that_is_current(firm, send):
    revision = make_revision(firm)
    response = send(firm.staff, revision, content_hash="0" * 64)
    assert response.status_code == 409
    assert not firm.staff.acknowledgements.exists()


def test_an_emergency_issue_that_ran_out_meanwhile_is_not_confirmed(firm, send):
    first = make_revision(firm)
    second = make_next(firm, first.procedure, state=State.IN_REVIEW)
    response = send(firm.staff, second)
    assert response.status_code == 409
    assert not firm.staff.acknowledgements.exists()


@pytest.mark.parametrize("changes", [{"content_hash": "x"}, {"number": ""}, {"number": "9" * 40}])
def test_nonsense_is_refused(firm, send, changes):
    response = send(firm.staff, make_revision(firm), **changes)
    assert response.status_code == 302
    assert not firm.staff.acknowledgements.exists()


def test_what_was_withdrawn_meanwhile_is_said(firm, send, page):
    revision = make_revision(firm)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert send(firm.staff, revision).status_code == 302
    html = page(firm.staff, "procedure", revision.procedure.code)
    assert "This procedure is no longer in force. Nothing was confirmed." in html


def test_the_history_leads_there_only_who_has_confirmed(firm, confirm, page):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure)
    address = reverse("compare-since-mine", args=[first.procedure.code])
    shown = {person: address in page(person, "history", first.procedure.code) for person in (firm.staff, firm.outsider)}
    assert shown == {firm.staff: True, firm.outsider: False}
