"""The main job, end to end, by four people in a real browser: draft, return, approve, find, read, print."""

import subprocess

from django.test import Client
from playwright.sync_api import expect

from jobs.worker import Worker
from procedures.invariants import violations
from procedures.models import Revision
from procedures.states import State
from tests.browser.conftest import PHONE, Visitor
from tests.factories import PASSWORD

STEPS = [
    ("Collect the time sheets", "Ask every team lead for the signed sheets by noon on the 25th."),
    ("Enter the hours of the employees", "Type the hours of each sheet into the payroll system."),
    ("Check the totals against last month", "Compare each total with last month. Ask about differences over 5 %."),
    ("Pay the salaries", "Release the payment file in the bank portal."),
]


def fill_and_leave(visitor: Visitor, label: str, text: str) -> None:
    """Type into a field of the editor and leave it, which saves; returns when the server has answered."""
    box = visitor.page.get_by_role("textbox", name=label)
    with visitor.page.expect_response(lambda response: response.request.method == "POST") as answer:
        box.fill(text)
        box.blur()
    assert answer.value.ok
    visitor.page.locator("#saved:not(.visually-hidden)").wait_for()


def write_step(author: Visitor, title: str, body: str) -> None:
    page = author.page
    page.get_by_role("button", name="Add step at the end").click()
    page.locator("#id_title:focus").wait_for()
    page.get_by_label("What to do").fill(title)
    page.get_by_label("Who does it").select_option(label="Payroll clerk")
    page.get_by_role("textbox", name="How to do it").fill(body)
    page.get_by_role("button", name="Save step").click()
    page.locator("#outline").get_by_text(title).wait_for()


def test_draft_return_approve_find_read_print(firm, visit_as, tmp_path):
    # The author logs in with the form and drafts a payroll procedure.
    author = visit_as(None)
    page = author.page
    author.visit("/accounts/login/")
    page.get_by_label("Email").fill(firm.author.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My work").wait_for()
    author.check()
    page.get_by_role("link", name="New procedure").first.click()
    author.check()
    page.get_by_role("link", name="A blank page").click()
    author.check()
    page.get_by_label("Title").fill("Process the monthly payroll")
    page.get_by_role("button", name="Start writing").click()
    page.get_by_role("heading", name="Process the monthly payroll").wait_for()
    author.check()
    fill_and_leave(author, "Purpose", "Pay every employee the right amount on the last working day.")
    for title, body in STEPS:
        write_step(author, title, body)
    author.check()
    code = Revision.objects.get().procedure.code

    # She cannot approve her own text, and an outsider does not learn that it exists.
    page.get_by_role("link", name="Submit for approval").click()
    page.get_by_role("heading", name="Submit for approval").wait_for()
    author.check()
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_text("Submitted.").wait_for()
    author.check()
    revision = Revision.objects.get()
    assert revision.state == State.IN_REVIEW
    review = f"/reviews/{revision.rounds.get().pk}/"
    author.go(review)
    expect(page.get_by_role("link", name="Approve")).to_have_count(0)
    expect(page.get_by_text("You wrote this revision; someone else must approve it.")).to_be_visible()
    outsider = visit_as(firm.outsider)
    for path in (f"/procedures/{code}/", f"/procedures/{code}/1/", f"/procedures/{code}/draft/", review):
        outsider.go(path, status=404)
    outsider.noise.clear()

    # The approver asks for a change.
    approver = visit_as(firm.approver)
    approver.visit("/")
    approver.page.get_by_role("link", name="Process the monthly payroll").first.click()
    approver.check()
    approver.page.get_by_role("link", name="Request changes").click()
    approver.check()
    approver.page.get_by_role("button", name="Send back").click()
    expect(approver.page.get_by_role("link", name="Say what must change").first).to_be_visible()
    approver.page.get_by_label("What must change?").fill("Say who checks the totals.")
    approver.page.get_by_role("button", name="Send back").click()
    approver.page.get_by_text("Sent back to the authors.").wait_for()

    # The author reads the reason above the draft, mends the step and submits again.
    author.visit(f"/procedures/{code}/draft/")
    expect(page.get_by_text("Say who checks the totals.").first).to_be_visible()
    page.locator("#outline").get_by_text("Check the totals against last month").click()
    page.get_by_role("heading", name="Step 3 of").wait_for()
    fill_and_leave(author, "How to do it", STEPS[2][1] + " The Payroll clerk signs the list.")
    page.get_by_role("link", name="Submit for approval").click()
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_text("Submitted.").wait_for()

    # The approver signs: first with a wrong password, then with the right one.
    approver.go("/reviews/")
    approver.page.get_by_role("link", name="Process the monthly payroll").click()
    approver.page.get_by_role("link", name="Approve").click()
    approver.page.get_by_label("Password").fill("not this one")
    approver.page.get_by_role("button", name="Sign and approve").click()
    approver.page.get_by_text("This password is not right.").first.wait_for()
    approver.check()
    approver.page.get_by_label("Password").fill(PASSWORD)
    approver.page.get_by_role("button", name="Sign and approve").click()
    approver.page.get_by_text("Approved.").first.wait_for()
    approver.check()
    revision.refresh_from_db()
    assert revision.state == State.PUBLISHED
    Worker(queues=["pdf", "mail", "default"]).run_ready()

    # Staff find it on a phone with a typo, read the step, and take the PDF along.
    staff = visit_as(firm.staff, size=PHONE)
    staff.visit("/library/?q=montly+payrol")
    staff.page.get_by_role("link", name="Process the monthly payroll").first.click()
    staff.page.get_by_role("heading", name="Check the totals against last month").wait_for()
    expect(staff.page.get_by_text("The Payroll clerk signs the list.")).to_be_visible()
    staff.check()
    pdf = staff.page.request.get(f"{staff.base}/procedures/{code}/pdf/")
    assert pdf.status == 200
    assert pdf.headers["content-type"] == "application/pdf"
    file = tmp_path / "procedure.pdf"
    file.write_bytes(pdf.body())
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    for expected in (code, "Process the monthly payroll", "Approver", *(title for title, _body in STEPS)):
        assert expected in text, expected
    again = staff.page.request.get(
        f"{staff.base}/procedures/{code}/pdf/", headers={"If-None-Match": pdf.headers["etag"]}
    )
    assert again.status == 304
    staff.visit(f"/procedures/{code}/history/")
    assert list(violations()) == []


def test_the_same_story_without_javascript(firm, visit_as):
    author = visit_as(firm.author, javascript=False)
    page = author.page
    author.go("/procedures/new/?begin=blank")
    page.get_by_label("Title").fill("Count the petty cash")
    page.get_by_role("button", name="Start writing").click()
    page.get_by_role("button", name="Add step at the end").click()
    page.get_by_label("What to do").fill("Count the notes and coins")
    page.get_by_role("button", name="Save step").click()
    revision = Revision.objects.get()
    assert revision.steps.get().title == "Count the notes and coins"
    author.go(f"/procedures/{revision.procedure.code}/draft/submit/")
    page.get_by_role("button", name="Submit for approval").click()
    approver = visit_as(firm.approver, javascript=False)
    approver.go(f"/reviews/{revision.rounds.get().pk}/")
    approver.page.get_by_role("link", name="Approve").click()
    approver.page.get_by_label("Password").fill("wrong")
    approver.page.get_by_role("button", name="Sign and approve").click()
    expect(approver.page.get_by_text("This password is not right.").first).to_be_visible()
    approver.page.get_by_label("Password").fill(PASSWORD)
    approver.page.get_by_role("button", name="Sign and approve").click()
    revision.refresh_from_db()
    assert revision.state == State.PUBLISHED


def test_anonymous_people_are_asked_to_sign_in(firm, visit_as):
    nobody = visit_as(None)
    nobody.go("/library/")
    assert "/accounts/login/" in nobody.page.url
    assert Client().get("/healthz").status_code == 200
