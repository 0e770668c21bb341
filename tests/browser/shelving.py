"""What stands around texts: one's own marks, the tree of categories, words that mean the same."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.world import World


def mark_and_watch(visitor: Visitor, world: World) -> None:
    """On the page that is open; a press tells, and both lists hold it afterwards."""
    page, code = visitor.page, world.in_force.code
    for name in ("Favourite", "Watch"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-pressed", "false")
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
    visitor.check()
    for address in ("/library/mine/", "/settings/watching/"):
        visitor.visit(address)
        expect(page.get_by_role("main")).to_contain_text(code)
    page.get_by_role("button", name="Stop watching").click()
    expect(page.get_by_text("You watch nothing yet")).to_be_visible()


def arrange_the_shelves(visitor: Visitor, world: World) -> None:
    """A category is added and moved with the keyboard alone."""
    page = visitor.page
    visitor.visit("/categories/new/")
    page.locator("[name=name]").fill("Closing")
    page.keyboard.press("Enter")
    names = page.locator(".tree h3")
    expect(names).to_have_text(["Payroll", "Closing"])
    up = page.get_by_role("button", name="Move Closing up")
    up.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(names).to_have_text(["Closing", "Payroll"])
    visitor.check()


def see_the_synonyms(visitor: Visitor, world: World) -> None:
    page = visitor.page
    visitor.visit("/search/synonyms/new/")
    page.locator("[name=phrases]").fill("pay slip\nwage sheet")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    visitor.visit("/search/synonyms/?q=wage+sheet")
    expect(page.locator("main [role=status].tight")).to_contain_text("pay slip")
    expect(page.get_by_role("row", name="pay slip, wage sheet")).to_be_visible()
