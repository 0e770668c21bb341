"""A walk through the trail as an auditor: read, filter, sign a review, take a pack."""

from playwright.sync_api import expect

from reports import actions
from reports.verification import Verification
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD


def see_the_trail(visitor: Visitor, world: World) -> None:
    """The page with a check that was clean and one that was not, its filters, a review, the pack of a procedure."""
    page = visitor.page
    actions.note_verification(Verification(entries=7))
    visitor.go("/audit/")
    expect(page.get_by_text("All is as it was written.")).to_be_visible()
    page.locator("tbody details summary").first.click()
    visitor.check()
    visitor.visit("/audit/?text=zebra")
    visitor.visit("/audit/access/")
    visitor.go("/audit/review/")
    page.locator('[name="note"]').fill("All in order.")
    if page.locator('[name="accepts"]').count():
        page.locator('[name="accepts"]').check()
    page.locator('[name="password"]').fill("not this one")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.locator(".error-summary:focus")).to_have_count(1)
    visitor.check()
    if page.locator('[name="accepts"]').count():
        page.locator('[name="accepts"]').check()
    page.locator('[name="password"]').fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.get_by_text("Signed: the trail is reviewed up to entry")).to_be_visible()
    failed = Verification(outcome="tampered", faults=1, first="I4 trail entry 3: has been changed")
    actions.note_verification(failed)
    visitor.visit("/audit/")
    visitor.go("/procedures/FIN-100/history/")
    page.get_by_text("Auditor’s pack").click()
    page.wait_for_url("**/pack/")
    visitor.check()
    with page.expect_download() as download:
        page.locator("main form .primary").click()
    assert download.value.suggested_filename == "FIN-100-pack.zip"
