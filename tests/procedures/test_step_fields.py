"""The fields of a step beside its text: kind and what goes with it, deadline, tool, record, proof."""

import re

import pytest
from django.urls import reverse

from procedures.actions import steps
from procedures.content import read_content
from procedures.models import Revision, Step
from procedures.subprocedures import way_back
from sopdesk.lib.errors import Refused
from tests.factories import first_step, make_draft, make_next, make_revision

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-014")


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def save(client, step: Step, **data: object):
    fields = {"version": step.version, "title": step.title, "kind": step.kind, "body": step.body, **data}
    return client.post(reverse("step", args=["FIN-014", step.uid]), fields)


def test_every_new_field_is_saved_and_shown_again(author, draft):
    step = first_step(draft)
    sent = {
        "kind": "checklist", "items": "- [ ] Period closed\r\n• List printed\r\n\r\n-5 °C on the display", "hold": "on",
        "due_after": "3", "due_unit": "working_days", "tool": "Ledger", "record": "Closing list", "evidence": "file",
        "evidence_name": "year-month_closing.pdf",
    }  # fmt: skip
    assert save(author, step, **sent).status_code == 302
    found = read_content(draft)["steps"][0]
    assert found["items"] == ["Period closed", "List printed", "-5 °C on the display"]
    assert found["due"] == {"after": 3, "unit": "working_days"}
    assert (found["hold"], found["tool"], found["record"]) == (True, "Ledger", "Closing list")
    assert (found["evidence"], found["evidence_name"]) == ("file", "year-month_closing.pdf")
    page = author.get(reverse("step", args=["FIN-014", step.uid])).content.decode()
    for shown in ("Period closed\nList printed", 'value="Ledger"', "year-month_closing.pdf"):
        assert shown in page, shown
    assert re.search(r'<input type="checkbox" name="hold"[^>]* checked', page)


def test_the_lists_of_the_draft_are_offered_for_tool_and_record(author, firm, draft):
    from procedures.actions import drafts

    drafts.save_draft(
        draft, actor=firm.author, version=draft.version, fields={},
        tools=[{"name": "Bank portal", "note": ""}], records=[{"name": "Pay slip", "place": "", "kept": ""}],
    )  # fmt: skip
    page = author.get(reverse("step", args=["FIN-014", first_step(draft).uid])).content.decode()
    assert '<option value="Bank portal">' in page
    assert '<option value="Pay slip">' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("due_after", "0", "greater than or equal to 1"),
        ("due_after", "soon", "whole number"),
        ("items", "x" * 301, "300"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(author, draft, field, value, words):
    response = save(author, first_step(draft), kind="checklist", **{field: value})
    assert response.status_code == 422
    assert words in response.content.decode()


# Another procedure -------------------------------------------------------------------------------------------


def test_another_procedure_is_chosen_by_its_code(author, firm, draft):
    other = make_revision(firm, code="FIN-020", title="Close the month")
    step = first_step(draft)
    assert save(author, step, kind="subprocedure", subprocedure=" fin-020  Close the month").status_code == 302
    assert Step.objects.get(pk=step.pk).subprocedure == other.procedure
    assert read_content(draft)["steps"][0]["subprocedure"] == "FIN-020"
    page = author.get(reverse("draft-preview", args=["FIN-014"])).content.decode()
    assert "Show the steps of FIN-020 here" in page


def test_a_procedure_that_one_may_not_see_is_not_there(author, firm, draft):
    make_draft(firm, code="OPS-001", author=firm.coauthor, department=firm.operations)
    response = save(author, first_step(draft), kind="subprocedure", subprocedure="OPS-001")
    unknown = save(author, first_step(draft), kind="subprocedure", subprocedure="OPS-002")
    assert (response.status_code, unknown.status_code) == (422, 422)
    assert response.content.decode().replace("OPS-001", "OPS-002").count("or none that you may see") >= 1


def test_a_chosen_procedure_stays_for_a_coauthor_who_may_not_see_it(client, firm, draft):
    hidden = make_draft(firm, code="FIN-030")
    step = first_step(draft)
    steps.save_step(
        step, actor=firm.author, version=1, fields={"kind": "subprocedure", "subprocedure": hidden.procedure}
    )
    draft.procedure.coauthors.add(firm.coauthor)
    client.force_login(firm.coauthor)
    stored = Step.objects.get(pk=step.pk)
    assert save(client, stored, title="Theirs", subprocedure="FIN-030").status_code == 302
    assert Step.objects.get(pk=step.pk).subprocedure == hidden.procedure


def test_the_procedure_goes_with_its_kind(author, firm, draft):
    make_revision(firm, code="FIN-020")
    step = first_step(draft)
    save(author, step, kind="subprocedure", subprocedure="FIN-020")
    assert save(author, Step.objects.get(pk=step.pk), kind="action", subprocedure="FIN-020").status_code == 302
    assert Step.objects.get(pk=step.pk).subprocedure is None


def link(firm, revision: Revision, other: Revision) -> None:
    step = first_step(revision)
    fields = {"kind": "subprocedure", "subprocedure": other.procedure}
    steps.save_step(step, actor=firm.author, version=step.version, fields=fields)


def test_a_procedure_is_no_step_of_itself(firm, draft):
    with pytest.raises(Refused, match="itself"):
        link(firm, draft, draft)


def test_a_circle_is_refused_and_named(firm, author):
    one, two = make_draft(firm, code="FIN-014"), make_draft(firm, code="FIN-015")
    three = make_revision(firm, code="FIN-016")
    from procedures.actions import approval
    from tests.factories import approve

    link(firm, two, three)
    approval.submit(two, actor=firm.author)
    approve(two, by=firm.approver)
    next_three = make_next(firm, three.procedure, state="draft")
    assert way_back(two.procedure, three.procedure) == ["FIN-015", "FIN-016"]
    with pytest.raises(Refused, match="FIN-016 → FIN-015 → FIN-016"):
        link(firm, next_three, two)
    response = save(author, first_step(one), kind="subprocedure", subprocedure="FIN-015")
    assert response.status_code == 302, "a chain without a circle is fine"


def test_steps_of_another_procedure_are_shown_to_its_readers_only(client, firm):
    make_revision(firm, code="FIN-020", audience="departments", audience_departments=[firm.finance])
    address = reverse("procedure-steps", args=["FIN-020"])
    client.force_login(firm.staff)
    page = client.get(address, headers=HTMX)
    assert page.status_code == 200
    assert "Lock the time sheets" in page.content.decode()
    assert client.get(address).url == "/procedures/FIN-020/"
    client.force_login(firm.outsider)
    hidden = client.get(address, headers=HTMX)
    assert (hidden.status_code, hidden["HX-Retarget"]) == (404, "this")
    assert "Lock the time sheets" not in hidden.content.decode()
