"""A walk through an emergency issue: from the menu of a text in review to the flag that readers see."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD


def see_an_emergency_issue(visitor: Visitor, world: World) -> None:
    """Sent with a wrong password first; then the flag on page, history and review."""
    page, revision = visitor.page, world.round.revision
    visitor.go(revision.get_absolute_url())
    page.locator("details.menu summary[aria-label='More actions']").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Emergency issue…").click()
    visitor.check()
    form = page.locator("main form[method=post]")
    for password in ("not this one", PASSWORD):
        form.locator("[name=reason]").fill("The bank closes the old interface tonight.")
        form.locator("[type=password]").fill(password)
        with page.expect_navigation():
            form.locator("button[type=submit]").click()
        visitor.check()
    expect(page.get_by_label("State of this text")).to_contain_text("Emergency issue until")
    visitor.visit(f"{revision.procedure.get_absolute_url()}history/")
    visitor.visit(world.round.get_absolute_url())
    expect(page.get_by_text("You issued this revision in an emergency").first).to_be_visible()
