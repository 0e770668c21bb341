"""A walk through the pages of standards, as an author who also uses them."""

from playwright.sync_api import expect

from procedures.actions import standards, steps
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import first_step, make_draft
from tests.procedures.standards.making import make_standard, next_draft, part_named

CODES_FILE = b"code,name,status\n6010,Pay,\n6040,Travel,\n"


def see_the_standards(visitor: Visitor, world: World) -> None:
    """The list, every kind of part with and without script, the card of a link, and the editor of parts."""
    firm, page = world.firm, visitor.page
    published = make_standard(firm, scope="See [[FIN-100]] and [[FIN-S99]].")
    draft = next_draft(firm, published)
    for path in ("/standards/", "/standards/links/", "/procedures/FIN-S01/links/", "/standards/FIN-S01/archive/"):
        visitor.visit(path)
    visitor.visit("/standards/FIN-S01/invoice/blank/")
    visitor.visit("/standards/FIN-S01/chart-of-accounts/?q=wages")
    page.locator('main [name="q"]').fill("zebra")
    page.get_by_text("No code matches").wait_for()
    visitor.check()
    visitor.visit("/standards/FIN-S01/invoice-files/?name=2026-01-31_inv_Acme.pdf")
    page.locator('[name="name"]').fill("20260131_INV_Acme.pdf")
    page.get_by_text("This name is right.").wait_for()
    visitor.check()
    see_the_reader_page(visitor)
    parts = "/procedures/FIN-S01/draft/parts/"
    visitor.visit(parts)
    for key in ("invoice", "archive", "chart-of-accounts"):
        visitor.visit(f"{parts}{key}/")
    visitor.visit(f"{parts}chart-of-accounts/codes/?code=6020")
    visitor.go(f"{parts}chart-of-accounts/codes/import/")
    file = {"name": "codes.csv", "mimeType": "text/csv", "buffer": CODES_FILE}
    page.locator('[type="file"]').set_input_files(file)
    with page.expect_navigation():
        page.locator("main form .primary").click()
    visitor.check()
    save_at_once(visitor, world, f"{parts}invoice-files/", part_named(draft, "Invoice files"))
    other = make_draft(firm, code="FIN-710", title="File invoices")
    step = first_step(other)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "[[FIN-S99]]"})
    visitor.visit("/procedures/FIN-710/draft/submit/")
    expect(page.get_by_text("FIN-S99 does not exist.").first).to_be_visible()


def see_the_reader_page(visitor: Visitor) -> None:
    """A name is tried where the rule stands; a link shows its card on focus until Esc, and none for a dead link."""
    page = visitor.page
    visitor.go("/procedures/FIN-S01/")
    box = page.locator(".try-name input").first
    box.fill("wrong")
    page.get_by_text("This name does not follow the rule.").wait_for()
    page.locator('a.code-link[href="/procedures/FIN-100/"]').focus()
    page.locator(".code-card").wait_for()
    assert "FIN-100" in page.locator(".code-card").inner_text()
    visitor.check()
    page.keyboard.press("Escape")
    page.locator(".code-card").wait_for(state="detached")


def save_at_once(visitor: Visitor, world: World, path: str, part) -> None:
    """A part that does not work comes back with the reason; one that was saved meanwhile with both texts."""
    page = visitor.page
    visitor.go(path)
    page.locator("[data-rows-add] button").first.click()
    page.locator('[name="parts-0-detail"]').fill("D.M.Y")
    with page.expect_navigation():
        page.locator(".part-form .primary").click()
    expect(page.locator(".error-summary:focus")).to_have_count(1)
    visitor.check()
    visitor.go(path)
    standards.save_part(
        part, actor=world.firm.author, version=standards.version_of(part), fields={"name": "Names of invoices"}
    )
    page.locator('[name="name"]').fill("Mine")
    with page.expect_navigation():
        page.locator(".part-form .primary").click()
    expect(page.get_by_text("saved this while you were writing")).to_be_visible()
    visitor.check()
