"""Writing a whole procedure in the editor: by keyboard alone, by touch, out of a pasted list, with others around."""

import re

import pytest
from playwright.sync_api import expect

from procedures.actions import drafts, steps
from procedures.models import Revision
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_editor import bar, body, expect_outline, expect_saved, how, open_step, titles
from tests.browser.world import picture_bytes
from tests.factories import make_draft

TITLES = ["Lock the time sheets", "Check the difference report", "Release the payment"]
TEN = [
    "Open the month", "Collect the time sheets", "Enter the changes", "Run the trial", "Is the difference above 3 %?",
    "Record the reasons", "Create the file", "Release the file", "Send the slips", "Close the month",
]  # fmt: skip


@pytest.fixture
def empty(firm) -> Revision:
    return drafts.create_procedure(
        actor=firm.author, code="FIN-100", kind="procedure", department=firm.finance, owner=firm.owner, title="Payroll"
    )


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-100", step_titles=TITLES)


@pytest.fixture
def author(firm, visit_as) -> Visitor:
    return visit_as(firm.author)


def tab_to(visitor: Visitor, name: str, *, back: bool = False) -> None:
    """Press Tab until the control with this id or these words has focus."""
    current = """() => { const at = document.activeElement;
      return [at.id, at.getAttribute("aria-label") ?? "", at.textContent.trim()]; }"""
    for _press in range(120):
        if name in visitor.page.evaluate(current):
            return
        visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab never comes to {name}")


def heading(visitor: Visitor, words: str) -> None:
    # Ten steps typed ahead are twenty requests one after the other.
    expect(visitor.page.get_by_role("heading", name=words, exact=True)).to_be_visible(timeout=90_000)


def written(draft: Revision) -> None:
    """The ten steps with the decision and the picture are there."""
    assert titles(draft) == TEN
    decision = draft.steps.get(position=5)
    assert decision.kind == "decision"
    assert [branch["label"] for branch in decision.branches] == ["Yes", "No"]
    assert decision.branches[0]["target"] == str(draft.steps.get(position=6).uid)
    assert decision.branches[1]["target"] == "end"
    assert f"media:{draft.attachments.get().key}" in body(draft, 8)


def test_ten_steps_with_a_decision_and_a_picture_by_keyboard_alone(author, empty):
    page, keyboard = author.page, author.page.keyboard
    page.on("filechooser", lambda chooser: None)  # from now on none opens by itself, however slow the machine is
    author.go("/procedures/FIN-100/draft/")
    tab_to(author, "Add step at the end")
    keyboard.press("Enter")
    expect(page.get_by_label("What to do")).to_be_focused()
    keyboard.type("\n".join(TEN))
    heading(author, "Step 10 of 10")
    expect(page.get_by_label("What to do")).to_have_value(TEN[-1])
    entry = f"outline-{empty.steps.get(position=5).uid}"
    tab_to(author, entry, back=True)
    keyboard.press("Enter")
    heading(author, "Step 5 of 10")
    tab_to(author, "id_kind_0")
    keyboard.press("ArrowRight")
    expect(page.get_by_label("Decision")).to_be_checked()
    tab_to(author, "id_branches-0-label")
    for row, (label, target) in enumerate([("Yes", "6"), ("No", "The pro")]):
        tab_to(author, f"id_branches-{row}-label")
        keyboard.type(label)
        keyboard.press("Tab")
        keyboard.type(target)  # a select takes the letters with which a choice begins
    tab_to(author, f"outline-{empty.steps.get(position=8).uid}", back=True)
    keyboard.press("Enter")
    heading(author, "Step 8 of 10")
    tab_to(author, "id_title")
    keyboard.press("Shift+Enter")
    expect(how(author)).to_be_focused()
    keyboard.press("Shift+Tab")
    for _button in range(3):
        keyboard.press("ArrowRight")
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add a picture")
    expect(dialog.get_by_label("Picture")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        keyboard.press("Space")
    chooser.value.set_files({"name": "bank.png", "mimeType": "image/png", "buffer": picture_bytes()})
    keyboard.press("Tab")
    keyboard.type("The release button")
    keyboard.press("Enter")
    expect(how(author)).to_have_value(re.compile(r"!\[The release button\]\(media:\w+\)"))
    tab_to(author, "Save step")
    keyboard.press("Enter")
    expect_saved(author)
    expect_outline(author, TEN)
    written(empty)
    author.check()


def test_ten_steps_with_a_decision_and_a_picture_on_a_phone(firm, visit_as, empty):
    visitor = visit_as(firm.author, size=PHONE)
    page = visitor.page
    visitor.go("/procedures/FIN-100/draft/")
    steps_fold = page.locator("summary", has=page.get_by_role("heading", name="Steps"))
    page.get_by_role("button", name="Add step at the end").tap()
    expect(page.get_by_label("What to do")).to_be_focused()
    page.keyboard.type("\n".join(TEN))
    heading(visitor, "Step 10 of 10")

    def open_from_outline(number: int) -> None:
        if not page.locator("#outline").is_visible():
            steps_fold.tap()
        page.locator("#outline").get_by_role("link", name=TEN[number - 1]).tap()
        heading(visitor, f"Step {number} of 10")

    open_from_outline(5)
    page.get_by_label("Decision").tap()
    branches = page.get_by_role("group", name="Branches")
    branches.get_by_label("If").nth(0).fill("Yes")
    branches.get_by_label("Then").nth(0).select_option(label=f"6. {TEN[5]}")
    branches.get_by_label("If").nth(1).fill("No")
    branches.get_by_label("Then").nth(1).select_option(label="The procedure ends")
    visitor.check()
    open_from_outline(8)
    page.get_by_role("toolbar", name="Format: How to do it").get_by_role("button", name="Picture").tap()
    dialog = page.get_by_role("dialog", name="Add a picture")
    dialog.get_by_label("Picture").set_input_files(
        {"name": "bank.png", "mimeType": "image/png", "buffer": picture_bytes()}
    )
    dialog.get_by_label("What does it show?").fill("The release button")
    dialog.get_by_role("button", name="Put it into the text").tap()
    expect(how(visitor)).to_have_value(re.compile("media:"))
    page.get_by_role("button", name="Save step").tap()
    expect_saved(visitor)
    written(empty)
    visitor.check()


# Enter -------------------------------------------------------------------------------------------------------


def test_enter_in_an_empty_first_line_makes_no_pile_of_steps(author, draft):
    open_step(author, draft, 1)
    title = author.page.get_by_label("What to do")
    title.fill("")
    title.press("Enter")
    title.fill("Lock the sheets")
    title.press("Enter")
    heading(author, "Step 2 of 4")
    assert titles(draft) == ["Lock the sheets", "", *TITLES[1:]]


def test_what_is_typed_while_the_next_step_cannot_come_stays(author, draft):
    open_step(author, draft, 1)
    title = author.page.get_by_label("What to do")
    held = []
    author.page.route("**/draft/steps/", lambda route: held.append(route))
    with author.page.expect_request("**/draft/steps/"):
        title.press("End")
        title.press("Enter")
    author.page.keyboard.type(" and more")
    expect(title).to_have_value(TITLES[0])
    held[0].abort()
    expect(title).to_have_value(f"{TITLES[0]} and more")
    author.noise.clear()  # the connection that was cut for this test


# Pasting a list ----------------------------------------------------------------------------------------------

PASTE = """(element, [html, text]) => {
  const transfer = new DataTransfer();
  transfer.setData("text/html", html);
  transfer.setData("text/plain", text);
  element.focus();
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""
LIST = "<ul><li>Open the ledger</li><li>Post the entries</li></ul>"


def test_a_pasted_list_becomes_steps_and_one_undo_takes_them_back(author, draft):
    open_step(author, draft, 1)
    title = author.page.get_by_label("What to do")
    title.fill("Lock the sheets")
    title.evaluate(PASTE, [LIST, "Open the ledger\nPost the entries"])
    expect(author.page.locator("#saved")).to_contain_text("2 steps added.")
    expect_outline(author, ["Lock the sheets", "Open the ledger", "Post the entries", *TITLES[1:]])
    author.check()
    author.page.get_by_role("button", name="Undo").click()
    expect(author.page.locator("#saved")).to_contain_text("2 steps removed.")
    assert titles(draft) == ["Lock the sheets", *TITLES[1:]], "what was typed before is saved"


def test_a_line_is_pasted_as_ever_and_the_outline_takes_lists_too(author, draft):
    open_step(author, draft, 1)
    prevented = PASTE.replace("element.dispatchEvent", "return !element.dispatchEvent")
    assert author.page.get_by_label("What to do").evaluate(prevented, ["<b>one</b>", "one"]) is False
    author.page.locator("#outline a").last.evaluate(PASTE, ["", "1. Open the ledger\n2. Post the entries"])
    expect_outline(author, [*TITLES, "Open the ledger", "Post the entries"])


def test_five_megabytes_out_of_a_word_processor_do_not_hang_the_page(author, draft):
    open_step(author, draft, 3)
    head = "<html><head><style>" + "p.MsoNormal {mso-style-parent:''}\n" * 80_000 + "</style></head><body>"
    rows = "".join(f"<li><p class=MsoListParagraph style='mso-list:l0'>Do thing {n}</p></li>" for n in range(40))
    picture = "<p>" + "<!--[if gte vml 1]><v:shape/><![endif]-->" * 65_000 + "</p>"
    html = f"{head}<!--StartFragment--><ol>{rows}</ol>{picture}<!--EndFragment--></body></html>"
    assert len(html) > 5_000_000
    text = "\n".join(f"Do thing {n}" for n in range(40))
    author.page.get_by_label("What to do").evaluate(PASTE, [html, text])
    assert author.page.evaluate("1 + 1") == 2, "the page answers while the server reads"
    expect(author.page.locator("#saved")).to_contain_text("40 steps added.", timeout=20_000)
    assert titles(draft)[3:5] == ["Do thing 0", "Do thing 1"]


def test_far_too_much_is_refused_in_words(author, draft):
    open_step(author, draft, 1)
    author.page.get_by_label("What to do").evaluate(
        PASTE.replace("([html, text])", "([html, text])").replace("html);", "html.repeat(900_000));"),
        ["<p>line</p>", "x\n" * 600_000],
    )  # fmt: skip
    expect(author.page.locator("#problems")).to_contain_text("import it instead")
    assert titles(draft) == TITLES


# The outline -------------------------------------------------------------------------------------------------


def test_a_step_is_dragged_and_put_back(author, draft):
    open_step(author, draft, 3)
    page = author.page
    rows = page.locator("#outline [data-outline-step]")
    rows.nth(0).hover()
    grip, target = rows.nth(0).locator("[data-grip]").bounding_box(), rows.nth(2).bounding_box()
    page.mouse.move(grip["x"] + 4, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + target["height"] - 3, steps=5)
    expect(rows.nth(2)).to_have_attribute("data-drop", "after")
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text="Step 1 moved to 3.")).to_be_visible()
    expect_outline(author, [*TITLES[1:], TITLES[0]])
    heading(author, "Step 2 of 3")
    page.get_by_role("button", name="Undo").click()
    expect_outline(author, TITLES)


def test_sections_fold_and_stay_folded(author, firm, draft):
    for step in draft.steps.exclude(position=1):
        steps.save_step(step, actor=firm.author, version=1, fields={"section": "Payment"})
    open_step(author, draft, 1)
    fold = author.page.locator("#outline summary", has_text="Payment")
    last = author.page.locator("#outline").get_by_role("link", name=TITLES[2])
    expect(last).to_be_visible()
    fold.click()
    expect(last).to_be_hidden()
    with author.page.expect_response(lambda answer: "part=checks" in answer.url):
        how(author).fill("Ask by noon.")
        how(author).blur()
    expect(last).to_be_hidden()
    fold.press("Enter")
    expect(last).to_be_visible()


# With others -------------------------------------------------------------------------------------------------


@pytest.fixture
def second(firm, draft, visit_as) -> Visitor:
    drafts.change_procedure(draft.procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
    return visit_as(firm.coauthor)


def test_two_writers_see_each_other_and_keep_what_both_write_in_one_step(author, second, draft):
    open_step(second, draft, 1)
    open_step(author, draft, 1)
    expect(bar(author)).to_contain_text("Coauthor is editing step 1 now")
    expect(author.page.locator("#outline .here")).to_have_text("Coauthor")
    with author.page.expect_response(lambda answer: answer.request.method == "POST" and "/steps/" in answer.url):
        author.page.get_by_label("What to do").fill("Lock all time sheets")
        author.page.get_by_label("What to do").blur()
    how(second).fill("Ask by noon.")
    how(second).blur()
    expect(second.page.locator("#saved")).to_contain_text("What somebody else changed meanwhile is kept.")
    expect(second.page.get_by_label("What to do")).to_have_value("Lock all time sheets")
    expect(how(second)).to_have_value("Ask by noon.")
    assert (titles(draft)[0], body(draft, 1)) == ("Lock all time sheets", "Ask by noon.")
    author.check()


def test_a_save_without_an_answer_is_no_conflict_with_oneself(author, draft):
    open_step(author, draft, 1)
    lost = []

    def lose_the_answer(route):
        lost.append(route.fetch().status)
        route.abort()

    author.page.route("**/draft/steps/*/", lose_the_answer)
    how(author).fill("Half a sen")
    how(author).blur()
    expect(author.page.get_by_role("alert").filter(has_text="the server does not answer")).to_be_visible()
    assert lost == [200]
    author.page.unroute("**/draft/steps/*/")
    how(author).fill("Half a sentence.")
    how(author).blur()
    expect_saved(author)
    expect(author.page.locator("#not-saved")).to_be_empty()
    assert body(draft, 1) == "Half a sentence."
    author.noise.clear()


def test_a_step_opens_although_the_outline_was_drawn_anew_while_the_save_was_under_way(author, draft):
    open_step(author, draft, 1)
    page = author.page
    held = []
    page.route("**/draft/steps/*/", lambda route: held.append(route))
    how(author).fill("Ask by noon.")
    with page.expect_request("**/draft/steps/*/"):
        page.locator("#outline").get_by_role("link", name=TITLES[1]).click()
    page.locator("#outline").evaluate("(outline) => outline.setAttribute('data-old', '')")
    page.locator("#panel-checks").evaluate("(panel) => htmx.trigger(panel, 'refresh')")
    expect(page.locator("#outline[data-old]")).to_have_count(0)
    held[0].continue_()
    heading(author, "Step 2 of 3")
    assert body(draft, 1) == "Ask by noon."


def test_nothing_is_drawn_anew_under_a_finger(author, draft):
    open_step(author, draft, 1)
    page = author.page
    page.locator("#outline").evaluate("(outline) => outline.setAttribute('data-old', '')")
    page.locator("#outline").get_by_role("link", name=TITLES[1]).hover()
    page.mouse.down()
    with page.expect_response("**/draft/?part=checks**"):
        page.locator("#panel-checks").evaluate("(panel) => htmx.trigger(panel, 'refresh')")
    page.mouse.up()
    heading(author, "Step 2 of 3")
    expect(page.locator("#outline[data-old]")).to_have_count(0)


def test_a_comment_is_written_beside_the_step_and_outlives_opening_another(author, draft):
    open_step(author, draft, 1)
    page = author.page
    page.get_by_role("tab", name="Comments").click()
    page.get_by_label("Comment on step 1").fill("Is this every month?")
    page.locator("#outline").get_by_role("link", name=TITLES[1]).click()
    heading(author, "Step 2 of 3")
    expect(page.get_by_label("Comment on step 1")).to_have_value("Is this every month?")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator("#comment-count")).to_have_text("1")
    expect(page.get_by_label("Comment on step 2")).to_be_empty()
    assert draft.comments.get().step_uid == draft.steps.get(position=1).uid
    expect(page.locator("#outline").get_by_role("link", name=TITLES[0]).get_by_label("1 open comment")).to_be_visible()
    author.check()
    page.get_by_text("Answer", exact=True).click()
    page.get_by_label("Your answer").fill("It is.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("It is.")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("#comment-count")).to_have_text("0")


def test_fields_of_another_kind_hide_unless_they_hold_text(author, draft):
    open_step(author, draft, 1)
    page = author.page
    items = page.get_by_label("What is ticked")
    expect(items).to_be_hidden()
    page.get_by_label("Checklist").check()
    items.fill("One\nTwo")
    page.get_by_label("Action", exact=True).check()
    expect(items).to_be_visible()
    expect(page.get_by_text("this kind of step has no items to tick")).to_be_visible()
    author.check()
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/steps/" in answer.url):
        items.fill("")
        page.get_by_label("Decision").check()
        page.locator("h1").click()
    expect(items).to_be_hidden()
