"""Writing advice in the editor, as a person meets it while typing."""

import pytest
from playwright.sync_api import expect

from procedures.actions import steps
from tests.browser.conftest import PHONE, Visitor
from tests.factories import first_step, make_draft


@pytest.fixture
def author(firm, visit_as) -> Visitor:
    revision = make_draft(firm, code="FIN-100", step_titles=["The list is checked by the payroll clerk."])
    step = first_step(revision)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Take the list."})
    visitor = visit_as(firm.author)
    visitor.go(f"/procedures/FIN-100/draft/?step={step.uid}")
    return visitor


def advice(visitor: Visitor, words: str):
    """The advice that says `words`, among what is given now."""
    return visitor.page.locator(".advice-panel > .advice-list > li", has_text=words)


def test_advice_follows_the_text_and_suggestions_lose_nothing_typed(author):
    page = author.page
    expect(advice(author, "Passive voice").locator("mark")).to_have_text("is checked")
    page.get_by_role("textbox", name="How to do it").fill("Take the list prior to noon.")  # not saved yet
    advice(author, "Passive voice").locator("button", has_text="Use this").click()
    expect(page.get_by_label("What to do")).to_have_value("Check the list.")
    expect(page.get_by_role("textbox", name="How to do it")).to_have_value("Take the list prior to noon.")
    expect(advice(author, "Plainer words exist").locator("mark")).to_have_text("prior to")
    expect(advice(author, "Passive voice")).to_have_count(0)
    author.check()


def test_a_suggestion_is_undone_by_the_keyboard_after_typing_elsewhere(author):
    page = author.page
    page.set_viewport_size(PHONE)
    advice(author, "Passive voice").locator("button", has_text="Use this").press("Enter")
    expect(page.locator("#saved")).to_contain_text("The suggestion is in the text.")
    expect(page.locator("#advice-title")).to_be_focused()
    author.check()
    body = page.get_by_role("textbox", name="How to do it")
    body.fill("Take the list prior to noon.")
    page.locator("#advice-title").focus()
    page.keyboard.press("Tab")
    expect(advice(author, "Plainer words exist")).to_have_count(1)  # saved, and the checks are drawn anew
    expect(page.locator("#undo-suggestion")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What to do")).to_have_value("The list is checked by the payroll clerk.")
    expect(page.locator("#saved")).to_contain_text("The suggestion is undone")
    expect(body).to_have_value("Take the list prior to noon.")
    expect(page.locator(".advice-undo")).to_have_count(0)


def test_what_is_kept_is_silent_until_it_is_asked_for_again(author):
    page = author.page
    page.set_viewport_size(PHONE)
    advice(author, "Passive voice").locator("button", has_text="Keep").click()
    expect(advice(author, "Passive voice")).to_have_count(0)
    expect(page.locator("#advice-title")).to_be_focused()
    page.locator(".advice-panel button", has_text="Advise again").click()
    expect(advice(author, "Passive voice")).to_have_count(1)
    author.check()
