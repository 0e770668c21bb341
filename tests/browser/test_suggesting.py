"""A reader suggests a change at a step; the owner promises it, the author writes it, and the reader sees it come."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from procedures.models import Revision
from runs.models import Remark
from tests.browser.conftest import PHONE
from tests.factories import approve, make_next, make_revision


def test_from_a_suggestion_at_a_step_to_the_revision_that_answers_it(firm, visit_as):
    revision = make_revision(firm, code="FIN-001")
    step = revision.steps.get(position=2)

    # The reader opens the form below the second step, in a dialog, and sends it.
    reader = visit_as(firm.staff, size=PHONE, scheme="dark")
    reader.visit("/procedures/FIN-001/")
    opener = reader.page.get_by_role("link", name="Suggest a change to step 2")
    opener.click()
    dialog = reader.page.get_by_role("dialog", name="Suggest a change")
    expect(dialog).to_contain_text(step.title)
    reader.check()
    reader.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_label("A detail is missing").check()
    dialog.get_by_label("What should be different?").fill("Which report is it?")
    dialog.get_by_role("button", name="Send the suggestion").click()
    expect(reader.page.locator("#step-2")).to_contain_text("Which report is it?")
    expect(reader.page.locator("#step-2")).to_contain_text("Waits for an answer.")
    reader.check()
    remark = Remark.objects.get()
    assert (remark.step, remark.author) == (step.uid, firm.staff)

    # Without script the same link leads to a page, which says what is wrong and keeps the text.
    plain = visit_as(firm.outsider, javascript=False)
    plain.go("/procedures/FIN-001/")
    plain.page.get_by_role("link", name="Suggest a change to step 2").click()
    plain.page.get_by_label("What should be different?").fill("Keep me.")
    plain.page.get_by_role("button", name="Send the suggestion").click()
    expect(plain.page.get_by_role("link", name="Choose what it is about.")).to_be_visible()
    expect(plain.page.get_by_label("What should be different?")).to_have_value("Keep me.")

    # The owner finds it in the work of the day and promises a change.
    owner = visit_as(firm.owner)
    owner.visit("/")
    owner.page.get_by_text("1 open suggestion").wait_for()
    owner.page.get_by_role("link", name="All suggestions").click()
    owner.page.get_by_role("heading", name="Suggestions from readers").wait_for()
    owner.check()
    owner.page.locator(".row a.button", has_text="Answer").click()
    owner.page.get_by_label("I will change it").check()
    owner.check()
    owner.page.get_by_role("button", name="Send the answer").click()
    owner.page.get_by_text("Answered. Who suggested it is told.").wait_for()
    owner.check()

    # The author sees it beside the step, and that the draft answers it; the next one takes it out and in again.
    make_next(firm, revision.procedure, state="draft")
    author = visit_as(firm.author)
    author.go(f"/procedures/FIN-001/draft/?step={step.uid}")
    author.page.get_by_role("tab", name="Suggestions").click()
    panel = author.page.locator("#panel-remarks")
    expect(panel).to_contain_text("Which report is it?")
    author.check()
    panel.get_by_role("button", name="Not in this revision").click()
    panel.get_by_text("Left for a later revision.").wait_for()
    panel.get_by_role("button", name="This revision answers it").click()
    expect(panel).to_contain_text("Answered by this revision")
    author.check()
    author.visit("/procedures/FIN-001/draft/submit/")
    expect(author.page.get_by_label("Which report is it?")).to_be_checked()
    author.page.get_by_role("button", name="Submit for approval").click()
    author.page.get_by_text("Submitted.").wait_for()

    # Who decides sees what it answers; when it is in force, the reader sees it at the step.
    draft = Revision.objects.get(procedure=revision.procedure, number=2)
    approver = visit_as(firm.approver)
    approver.visit(f"/reviews/{draft.rounds.get().pk}/")
    expect(approver.page.get_by_role("link", name="answers 1 suggestion")).to_be_visible()
    approve(draft, by=firm.approver)
    reader.visit("/procedures/FIN-001/")
    expect(reader.page.locator("#step-2")).to_contain_text("Changed in revision 2.")
    reader.visit("/remarks/mine/")
    for visitor in (reader, owner, author, approver):
        assert visitor.noise == []


def test_what_was_typed_stays_until_it_is_sent(firm, visit_as):
    make_revision(firm, code="FIN-001")
    reader = visit_as(firm.staff)
    page = reader.page
    dialog = page.get_by_role("dialog", name="Suggest a change")
    text = page.get_by_label("What should be different?")

    def opened(number: int) -> None:
        page.get_by_role("link", name=f"Suggest a change to step {number}").click()
        dialog.wait_for()

    # A dialog that closes keeps it, for its own step.
    reader.go("/procedures/FIN-001/")
    opened(2)
    expect(page.get_by_label("It is unclear")).to_be_focused()
    page.get_by_label("A detail is missing").check()
    text.fill("Which report is it?")
    page.keyboard.press("Escape")
    opened(1)
    expect(text).to_have_value("")
    page.keyboard.press("Escape")
    opened(2)
    expect(text).to_have_value("Which report is it?")
    expect(page.get_by_label("A detail is missing")).to_be_checked()

    # So does a session that ends: the form comes back with its step, its choice and its text.
    [session] = [cookie for cookie in page.context.cookies() if cookie["name"] == "session"]
    page.context.clear_cookies(name="session")
    dialog.get_by_role("button", name="Send the suggestion").click()
    page.get_by_label("Password").wait_for()
    address = parse_qs(urlsplit(page.url).query)["next"][0]
    page.context.add_cookies([session])
    reader.go(f"{urlsplit(address).path}suggest/?step={Revision.objects.get().steps.get(position=2).uid}")
    expect(text).to_have_value("Which report is it?")
    expect(page.get_by_label("A detail is missing")).to_be_checked()

    # Once it is taken, the form is empty again.
    page.get_by_role("button", name="Send the suggestion").click()
    expect(page.locator("#step-2")).to_contain_text("Which report is it?")
    opened(2)
    expect(text).to_have_value("")
    assert reader.noise == []


def test_a_suggestion_without_its_kind_is_told_so_in_the_language_of_the_page(firm, visit_as):
    make_revision(firm, code="FIN-001")
    reader = visit_as(firm.staff)
    reader.go("/procedures/FIN-001/")
    reader.page.get_by_role("link", name="Suggest a change to step 2").click()
    reader.page.get_by_role("button", name="Send the suggestion").click()
    expect(reader.page.get_by_role("link", name="Choose what it is about.")).to_be_visible()
    reader.check()
