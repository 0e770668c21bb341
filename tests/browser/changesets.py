"""A walk through a change set: the list, its page, the redline of one, and one signature for all."""

from playwright.sync_api import expect

from procedures.actions import changesets
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD, make_draft


def see_a_change_set(visitor: Visitor, world: World) -> None:
    """As the approver: from one of its revisions to the set, and all in force with one password."""
    firm, page = world.firm, visitor.page
    pair = [make_draft(firm, code=code, title=f"Do {code}") for code in ("FIN-801", "FIN-802")]
    change_set = changesets.submit_change_set(pair, actor=firm.author, name="New limits")
    visitor.visit("/change-sets/")
    visitor.visit(change_set.get_absolute_url())
    page.get_by_role("link", name="See the changes FIN-801").click()
    page.get_by_role("link", name="Go to the change set").click()
    page.locator('[data-opens="sign-dialog"]').click()
    dialog = page.locator("#sign-dialog")
    expect(dialog.get_by_text("Manifest (SHA-256)")).to_be_visible()
    visitor.check()
    dialog.locator("[type=password]").fill(PASSWORD)
    dialog.locator("footer .primary").click()
    expect(page.get_by_text("Approved, all of them.")).to_be_visible()
    visitor.check()


def see_drafts_submitted_together(visitor: Visitor, world: World) -> None:
    """As the author: choose, check, submit."""
    page = visitor.page
    for code in ("FIN-801", "FIN-802"):
        make_draft(world.firm, code=code, title=f"Do {code}")
    visitor.visit("/change-sets/new/")
    page.locator('[name="name"]').fill("New limits")
    for code in ("FIN-801", "FIN-802"):
        page.get_by_label(code).check()
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_role("heading", name="FIN-801")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Submit all for approval").click()
    expect(page.get_by_text("Submitted together.")).to_be_visible()
    visitor.check()
