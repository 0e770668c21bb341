"""The editor in a browser: what becomes of the text, the steps in order, pictures, two writers, keyboard and touch."""

import re

import pytest
from playwright.sync_api import expect

from procedures.actions import approval, drafts, steps
from procedures.models import Revision, Step
from tests.browser.conftest import PHONE, Visitor
from tests.browser.world import picture_bytes
from tests.factories import make_draft

TITLES = ["Lock the time sheets", "Check the difference report", "Release the payment"]


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-100", step_titles=TITLES)


@pytest.fixture
def author(firm, visit_as) -> Visitor:
    return visit_as(firm.author)


def open_step(visitor: Visitor, draft: Revision, number: int) -> None:
    visitor.go(f"/procedures/FIN-100/draft/?step={draft.steps.get(position=number).uid}")


def how(visitor: Visitor):
    """The field of the step's text."""
    return visitor.page.get_by_role("textbox", name="How to do it")


def write(visitor: Visitor, text: str) -> None:
    """Write the text of the open step and leave the field, which saves it."""
    how(visitor).fill(text)
    how(visitor).blur()


def bar(visitor: Visitor):
    return visitor.page.locator("#editor-bar")


def expect_saved(visitor: Visitor) -> None:
    expect(visitor.page.locator("#saving")).to_be_hidden()
    expect(visitor.page.locator("#saved")).to_contain_text("Saved at")


def titles(draft: Revision) -> list[str]:
    return list(draft.steps.order_by("position").values_list("title", flat=True))


def body(draft: Revision, number: int) -> str:
    return draft.steps.get(position=number).body


def expect_outline(visitor: Visitor, expected: list[str]) -> None:
    expect(visitor.page.locator("#outline [data-position] > span:last-of-type")).to_have_text(
        [re.compile(f"^{re.escape(title)}") for title in expected]
    )


# What becomes of the text ------------------------------------------------------------------------------------


def test_the_bar_says_what_becomes_of_the_text(author, draft):
    open_step(author, draft, 1)
    held = []
    author.page.route("**/draft/steps/*/", lambda route: held.append(route))
    how(author).fill("Ask by noon.")
    expect(bar(author)).to_contain_text("Not saved yet")
    with author.page.expect_request("**/draft/steps/*/"):
        how(author).blur()
    expect(bar(author)).to_contain_text("Saving…")
    held[0].continue_()
    expect(author.page.get_by_role("status").filter(has_text=re.compile(r"Saved at \d\d:\d\d"))).to_be_visible()
    expect(author.page.locator("#saving")).to_be_hidden()
    assert body(draft, 1) == "Ask by noon."


def test_who_stops_typing_is_saved_and_may_go_on(author, draft):
    open_step(author, draft, 1)
    with author.page.expect_response(lambda answer: answer.request.method == "POST"):
        how(author).fill("Ask by noon.")
    with author.page.expect_response(lambda answer: "later." in (answer.request.post_data or "")):
        how(author).press_sequentially(" Or later.")
        expect(how(author)).to_be_focused()
        author.page.get_by_label("What to do").focus()
        author.page.locator("h1").click()
    assert body(draft, 1) == "Ask by noon. Or later."


def test_text_outlives_a_server_that_is_away(author, draft):
    open_step(author, draft, 1)
    author.page.route("**/draft/steps/**", lambda route: route.abort())
    write(author, "Written in the tunnel.")
    expect(author.page.get_by_role("alert").filter(has_text="the server does not answer")).to_be_visible()
    expect(bar(author)).to_contain_text("Not saved yet")
    author.page.unroute("**/draft/steps/**")
    how(author).focus()
    how(author).blur()
    expect_saved(author)
    expect(author.page.locator("#not-saved")).to_be_empty()
    assert body(draft, 1) == "Written in the tunnel."


def let_the_server_fail(visitor: Visitor) -> None:
    page = "<!doctype html><title>Error</title>"
    visitor.page.route("**/draft/steps/**", lambda route: route.fulfill(status=500, body=page))


def let_the_server_work(visitor: Visitor) -> None:
    visitor.page.unroute("**/draft/steps/**")


def test_text_outlives_a_mistake_of_the_server(author, draft):
    open_step(author, draft, 1)
    let_the_server_fail(author)
    write(author, "Twice is better.")
    expect(author.page.get_by_role("alert").filter(has_text="the server made a mistake")).to_be_visible()
    expect(how(author)).to_have_value("Twice is better.")
    let_the_server_work(author)
    write(author, "Twice is better!")
    expect_saved(author)
    expect(author.page.locator("#not-saved")).to_be_empty()
    assert body(draft, 1) == "Twice is better!"


def test_text_that_was_not_saved_is_offered_after_a_reload(author, draft):
    open_step(author, draft, 1)
    before = how(author).input_value()
    let_the_server_fail(author)
    write(author, "Twice is better.")
    expect(bar(author)).to_contain_text("the server made a mistake")
    let_the_server_work(author)
    author.page.reload()
    expect(author.page.get_by_text("This browser holds a text that was not saved.")).to_be_visible()
    expect(how(author)).to_have_value(before)
    author.noise.clear()  # the mistake that was made for this test
    author.check()
    author.page.get_by_role("button", name="Put it back").click()
    expect(how(author)).to_have_value("Twice is better.")
    author.page.get_by_role("button", name="Save step").click()
    expect_saved(author)
    assert body(draft, 1) == "Twice is better."
    author.page.reload()
    expect(author.page.get_by_role("button", name="Put it back")).to_be_hidden()


def test_text_that_was_not_saved_can_be_thrown_away(author, draft):
    open_step(author, draft, 1)
    before = how(author).input_value()
    let_the_server_fail(author)
    write(author, "Not worth keeping.")
    expect(bar(author)).to_contain_text("the server made a mistake")
    let_the_server_work(author)
    author.page.reload()
    author.page.get_by_role("button", name="Throw it away").click()
    author.page.reload()
    expect(author.page.get_by_role("button", name="Put it back")).to_be_hidden()
    expect(how(author)).to_have_value(before)
    assert body(draft, 1) == before


def test_who_was_signed_out_finds_the_text_again(author, draft):
    open_step(author, draft, 1)
    cookies = author.page.context.cookies()
    author.page.context.clear_cookies()
    write(author, "Written for nobody.")
    expect(author.page.get_by_role("alert").filter(has_text="you are signed out")).to_be_visible()
    author.page.context.add_cookies(cookies)
    author.page.reload()
    author.page.get_by_role("button", name="Put it back").click()
    expect(how(author)).to_have_value("Written for nobody.")


def test_what_does_not_fit_is_said_while_the_text_stays(author, draft):
    open_step(author, draft, 1)
    author.page.get_by_label("Minutes").fill("a while")
    author.page.locator("h1").click()
    expect(author.page.get_by_role("alert").filter(has_text="Not saved.")).to_be_visible()
    author.page.get_by_role("button", name="Save step").click()
    expect(author.page.locator(".error-summary")).to_be_focused()
    expect(author.page.get_by_label("Minutes")).to_have_value("a while")
    author.check()


# Steps in order ----------------------------------------------------------------------------------------------


def test_steps_move_by_buttons_and_focus_stays(author, draft):
    open_step(author, draft, 1)
    down = author.page.locator("#move-down")
    down.click()
    expect(author.page.get_by_role("status").filter(has_text="Step 1 moved to 2.")).to_be_visible()
    expect_outline(author, [TITLES[1], TITLES[0], TITLES[2]])
    expect(down).to_be_focused()
    down.press("Enter")
    expect(author.page.locator("#saved")).to_contain_text("Step 2 moved to 3.")
    expect(author.page.get_by_role("heading", name="Step 3 of 3")).to_be_visible()
    expect(down).to_have_attribute("aria-disabled", "true")
    expect(down).to_be_focused()
    assert titles(draft) == [TITLES[1], TITLES[2], TITLES[0]]


def test_steps_move_by_keys_while_one_writes_and_from_the_outline(author, draft):
    open_step(author, draft, 3)
    how(author).fill("Half a sen")
    how(author).press("Alt+ArrowUp")
    expect(author.page.locator("#saved")).to_contain_text("Step 3 moved to 2.")
    expect(how(author)).to_be_focused()
    expect(how(author)).to_have_value("Half a sen")
    entry = author.page.locator("#outline").get_by_role("link", name=TITLES[0])
    entry.focus()
    entry.press("Alt+ArrowDown")
    expect(author.page.locator("#saved")).to_contain_text("Step 1 moved to 2.")
    expect(entry).to_be_focused()
    expect(author.page.get_by_role("heading", name="Step 1 of 3")).to_be_visible()
    assert titles(draft) == [TITLES[2], TITLES[0], TITLES[1]]


def test_a_step_moves_to_a_position(author, draft):
    open_step(author, draft, 1)
    author.page.get_by_label("More for step 1").click()
    author.page.get_by_label("Move to position").select_option("3")
    author.page.get_by_role("button", name="Move", exact=True).click()
    expect(author.page.locator("#saved")).to_contain_text("Step 1 moved to 3.")
    expect(author.page.get_by_role("heading", name="Step 3 of 3")).to_be_visible()
    expect(author.page.locator("#step-menu > summary")).to_be_focused()
    assert titles(draft) == [TITLES[1], TITLES[2], TITLES[0]]


def test_a_removed_step_comes_back(author, draft):
    open_step(author, draft, 2)
    author.page.get_by_label("More for step 2").click()
    author.page.get_by_role("button", name="Remove step 2").click()
    expect(author.page.locator("#saved")).to_contain_text("Step 2 removed.")
    expect_outline(author, [TITLES[0], TITLES[2]])
    author.check()
    author.page.get_by_role("button", name="Undo").click()
    expect(author.page.locator("#saved")).to_contain_text("Step 2 is back.")
    expect_outline(author, TITLES)
    expect(author.page.get_by_label("What to do")).to_have_value(TITLES[1])
    assert titles(draft) == TITLES


def test_control_and_enter_save_the_step_and_add_one_below(author, draft):
    open_step(author, draft, 1)
    how(author).fill("Ask by noon.")
    how(author).press("Control+Enter")
    expect(author.page.get_by_role("heading", name="Step 2 of 4")).to_be_visible()
    expect(author.page.get_by_label("What to do")).to_be_focused()
    assert body(draft, 1) == "Ask by noon."
    assert titles(draft) == [TITLES[0], "", *TITLES[1:]]


def test_a_decision_gets_its_branches(author, draft):
    open_step(author, draft, 2)
    page = author.page
    expect(page.get_by_role("group", name="Branches")).to_be_hidden()
    page.get_by_label("Decision").check()
    branches = page.get_by_role("group", name="Branches")
    branches.get_by_label("If").nth(0).fill("Above 5 %")
    branches.get_by_label("Then").nth(0).select_option(label=f"1. {TITLES[0]}")
    if branches.get_by_label("If").count() < 2:
        page.get_by_role("button", name="Add a branch").click()
    branches.get_by_label("If").nth(1).fill("Otherwise")
    branches.get_by_label("Then").nth(1).select_option(label="The procedure ends")
    page.get_by_role("button", name="Save step").click()
    expect_saved(author)
    first, second = draft.steps.get(position=1), draft.steps.get(position=2)
    assert second.kind == "decision"
    assert second.branches == [
        {"label": "Above 5 %", "target": str(first.uid)}, {"label": "Otherwise", "target": "end"},
    ]  # fmt: skip
    author.check()


# Pictures ----------------------------------------------------------------------------------------------------


def test_a_picture_is_chosen_described_and_put_into_the_text(author, draft):
    open_step(author, draft, 1)
    page = author.page
    how(author).fill("Look: ")
    toolbar = page.get_by_role("toolbar", name="Format: How to do it")
    toolbar.get_by_role("button", name="Picture").click()
    dialog = page.get_by_role("dialog", name="Add a picture")
    dialog.get_by_role("button", name="Put it into the text").click()
    expect(dialog.get_by_label("Picture")).to_be_focused()
    expect(dialog.get_by_label("Picture")).to_have_accessible_description(re.compile("This is needed"))
    with page.expect_file_chooser() as chooser:
        dialog.get_by_label("Picture").click()
    chooser.value.set_files({"name": "note.png", "mimeType": "image/png", "buffer": b"no picture"})
    dialog.get_by_label("What does it show?").fill("The Export button")
    dialog.get_by_role("button", name="Put it into the text").click()
    expect(dialog.locator("#picture-image-error")).not_to_be_empty()
    expect(dialog.get_by_label("Picture")).to_have_attribute("aria-invalid", "true")
    author.check()
    file = {"name": "export.png", "mimeType": "image/png", "buffer": picture_bytes()}
    dialog.get_by_label("Picture").set_input_files(file)
    dialog.get_by_role("button", name="Put it into the text").click()
    expect(dialog).to_be_hidden()
    expect(how(author)).to_be_focused()
    expect(how(author)).to_have_value(re.compile(r"^Look: !\[The Export button\]\(media:\w+\)$"))
    page.get_by_role("tab", name="Pictures").click()
    expect(page.get_by_role("tabpanel", name="Pictures").get_by_text("export.png")).to_be_visible()
    page.get_by_role("button", name="Save step").click()
    expect_saved(author)
    assert draft.attachments.get().key in body(draft, 1)


PASTE = """([element, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


def test_a_picture_is_pasted(author, draft):
    open_step(author, draft, 1)
    how(author).fill("")
    author.page.evaluate(PASTE, [how(author).element_handle(), list(picture_bytes(width=60, height=20))])
    dialog = author.page.get_by_role("dialog", name="Add a picture")
    expect(dialog.get_by_text("pasted.png")).to_be_visible()
    expect(dialog.get_by_label("What does it show?")).to_be_focused()
    dialog.get_by_label("What does it show?").fill("The table [old]")
    author.page.keyboard.press("Enter")
    expect(how(author)).to_have_value(re.compile(r"^!\[The table old\]\(media:\w+\)$"))
    assert draft.attachments.get().title == "pasted.png"


# Two writers -------------------------------------------------------------------------------------------------


@pytest.fixture
def second(firm, draft, visit_as) -> Visitor:
    """A co-author at another browser."""
    drafts.change_procedure(draft.procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
    return visit_as(firm.coauthor)


def write_against_each_other(author: Visitor, second: Visitor, draft: Revision) -> None:
    open_step(author, draft, 1)
    open_step(second, draft, 1)
    write(second, "Theirs.")
    expect_saved(second)
    write(author, "Mine.")
    expect(
        author.page.get_by_role("alert").filter(has_text="Coauthor saved this while you were writing.")
    ).to_be_visible()
    expect(how(author)).to_have_value("Mine.")
    author.page.get_by_role("button", name="Compare the two texts").click()
    author.page.get_by_role("heading", name="Two texts of one thing").wait_for()


@pytest.mark.parametrize(
    ("choice", "result"), [("Keep mine", "Mine."), ("Take theirs", "Theirs."), ("Write one text out of both", "Both.")]
)
def test_of_two_texts_none_is_lost(author, second, draft, choice, result):
    write_against_each_other(author, second, draft)
    page = author.page
    expect(page.get_by_text("Mine.", exact=True).first).to_be_visible()
    expect(page.get_by_text("Theirs.", exact=True)).to_be_visible()
    assert body(draft, 1) == "Theirs.", "nothing is overwritten before somebody has chosen"
    page.get_by_label(choice).check()
    if choice.startswith("Write"):
        author.check()
        page.get_by_label("The one text").fill(result)
    page.get_by_role("button", name="Save the result").click()
    expect(page.locator("#saved")).to_contain_text("Both texts are merged.")
    expect(how(author)).to_have_value(result)
    assert body(draft, 1) == result
    page.reload()
    expect(page.get_by_role("button", name="Put it back")).to_be_hidden()
    history = list(Step.history.filter(uid=draft.steps.get(position=1).uid).values_list("body", flat=True))
    assert "Theirs." in history


def test_ones_own_text_can_be_given_up(author, second, draft):
    write_against_each_other(author, second, draft)
    author.page.get_by_role("link", name="Leave it as it was saved, drop mine").click()
    expect(how(author)).to_have_value("Theirs.")
    expect(author.page.get_by_role("button", name="Put it back")).to_be_hidden()
    assert body(draft, 1) == "Theirs."


def test_writers_of_different_steps_never_meet(author, second, draft):
    open_step(author, draft, 1)
    open_step(second, draft, 2)
    for visitor, text in ((second, "Theirs."), (author, "Mine."), (second, "Theirs again.")):
        write(visitor, text)
        expect_saved(visitor)
        expect(visitor.page.locator("#not-saved")).to_be_empty()
    assert (body(draft, 1), body(draft, 2)) == ("Mine.", "Theirs again.")


def test_who_writes_on_after_the_submission_is_told_and_keeps_the_text(firm, author, draft):
    open_step(author, draft, 1)
    approval.submit(draft, actor=firm.author)
    write(author, "Too late.")
    expect(author.page.get_by_role("alert").filter(has_text="Not saved.")).to_be_visible()
    expect(how(author)).to_have_value("Too late.")
    assert body(draft, 1) != "Too late."
    author.check()
    author.page.get_by_role("link", name="Show it as it stands now").click()
    expect(author.page).to_have_url(re.compile("/procedures/FIN-100/1/$"))


def test_who_writes_on_in_a_removed_step_is_told_and_keeps_the_text(firm, author, draft):
    open_step(author, draft, 2)
    steps.remove_step(draft.steps.get(position=2), actor=firm.author)
    write(author, "For nothing?")
    expect(author.page.get_by_role("alert").filter(has_text="Not saved.")).to_be_visible()
    expect(how(author)).to_have_value("For nothing?")


# Keyboard and touch ------------------------------------------------------------------------------------------

FOCUS = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const box = element.getBoundingClientRect();
  const visible = { top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight) };
  const hit = document.elementFromPoint(box.left + box.width / 2, (visible.top + visible.bottom) / 2);
  return {
    name: element.id || element.getAttribute("aria-label") || element.textContent.trim().slice(0, 40) || element.name,
    is_seen: Boolean(hit) && (element.contains(hit) || hit.contains(element)),
  };
}"""


def walk_by_tab(visitor: Visitor) -> list[str]:
    """The names of the stops of the tab key from the top of the page to its end, each of them in sight."""
    stops = []
    visitor.page.emulate_media(reduced_motion="reduce")  # no waiting for what scrolls smoothly
    visitor.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    while len(stops) < 200:
        visitor.page.keyboard.press("Tab")
        stop = visitor.page.evaluate(FOCUS)
        if stop is None:
            return stops
        assert stop["is_seen"], f"{stop['name']} is covered while it has focus"
        stops.append(stop["name"])
    raise AssertionError(f"the tab key never leaves the page: {stops[-8:]}")


def test_the_tab_key_reaches_everything_and_nothing_covers_it(author, draft):
    open_step(author, draft, 2)
    stops = walk_by_tab(author)
    for expected in ("Skip to content", "outline-details", "move-up", "id_title", "id_body", "id_warning", "Help"):
        assert expected in stops, expected
    wanted = author.page.evaluate(
        """() => [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0
            && element.type !== "hidden" && element.type !== "radio" && !element.disabled).length"""
    )
    inside = stops.index("Keyboard keys") - stops.index("Account: Author") - 1
    assert inside >= wanted, f"{wanted} controls, {inside} stops"


def test_a_text_field_is_no_trap(author, draft):
    open_step(author, draft, 2)
    how(author).focus()
    author.page.keyboard.press("Tab")
    expect(how(author)).not_to_be_focused()
    author.page.keyboard.press("Shift+Tab")
    expect(how(author)).to_be_focused()
    author.page.keyboard.press("Escape")
    author.page.keyboard.press("Shift+Tab")
    expect(author.page.get_by_role("toolbar", name="Format: How to do it").get_by_role("button").first).to_be_focused()


def test_a_step_is_written_on_a_phone(firm, visit_as, draft):
    visitor = visit_as(firm.author, size=PHONE)
    page = visitor.page
    visitor.go("/procedures/FIN-100/draft/")
    page.locator("#centre ~ aside, nav:has(#outline)").first.wait_for()
    page.locator("summary", has=page.get_by_role("heading", name="Steps")).tap()
    page.locator("#outline").get_by_role("link", name=TITLES[2]).tap()
    page.get_by_role("heading", name="Step 3 of 3").wait_for()
    page.get_by_role("button", name="Add step below").tap()
    page.get_by_role("heading", name="Step 4 of 4").wait_for()
    page.get_by_label("What to do").tap()
    page.keyboard.type("File the list")
    expect_saved(visitor)  # what the answer puts into the page moves nothing away under the finger
    how(visitor).tap()
    expect(how(visitor)).to_be_focused()
    with page.expect_response(lambda answer: "folder." in (answer.request.post_data or "")):
        page.keyboard.type("In the green folder.")  # may be saved before the button is
        page.get_by_role("button", name="Save step").tap()
    expect_saved(visitor)
    assert titles(draft) == [*TITLES, "File the list"]
    assert body(draft, 4) == "In the green folder."
    walk_by_tab(visitor)
    visitor.check()
