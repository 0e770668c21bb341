"""A walk through the pages of approval routes, as an administrator who sets one up."""

from playwright.sync_api import expect

from procedures.actions import routes
from procedures.models import Route, SlotKind
from procedures.routes.specs import SlotSpec, StageSpec
from tests.browser.conftest import Visitor
from tests.browser.world import World


def see_the_routes(visitor: Visitor, world: World) -> None:
    """List, one route with the names, the form with its buttons and keys, refused, saved, and in conflict."""
    firm, page = world.firm, visitor.page
    stages = [
        StageSpec(name="Head", slots=(SlotSpec(SlotKind.HEAD),), needs_second_factor=True),
        StageSpec(
            name="Clerks and owner", rule="n_of", needed=2, days=9,
            slots=(SlotSpec(SlotKind.ROLE, role_id=firm.clerk_role.pk), SlotSpec(SlotKind.OWNER)),
        ),
    ]  # fmt: skip
    route = routes.add_route(actor=firm.administrator, name="High risk", risk="high", stages=stages)
    visitor.visit("/routes/")
    visitor.visit(f"{route.get_absolute_url()}?department={firm.finance.pk}&author={firm.approver.pk}")
    for action in ("deactivate", "delete"):
        visitor.go(f"{route.get_absolute_url()}{action}/")
    rearrange(visitor, f"{route.get_absolute_url()}change/")
    page.locator("main form .primary").click()
    expect(page.locator(".error-summary:focus")).to_have_count(1)
    visitor.check()
    page.locator('[name="stages-1-rule"]').select_option("all")
    page.locator('[name="stages-2-name"]').fill("Compliance")
    page.locator('[name="stages-2-slots-0-who"]').select_option(f"person:{firm.auditor.pk}")
    mine = Route.objects.get(pk=route.pk)
    routes.change_route(mine, actor=firm.administrator, version=1, fields={"name": "Theirs"}, stages=stages)
    page.locator("main form .primary").click()
    expect(page.get_by_role("heading", name="Two versions of this route")).to_be_focused()
    visitor.check()
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.locator(".page-head").get_by_text("version 3")).to_be_visible()


def rearrange(visitor: Visitor, address: str) -> None:
    """Buttons and keys change the places without leaving the page; focus stays with what was moved."""
    page = visitor.page
    visitor.visit(address)
    page.get_by_role("button", name="Move Stage 2 up").click()
    name = page.locator('[name="stages-0-name"]')
    expect(name).to_have_value("Clerks and owner")
    expect(page.get_by_role("button", name="Move Stage 1 down")).to_be_focused()
    name.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(name).to_have_value("Head")
    page.get_by_role("button", name="Remove place 1 of Stage 2").click()
    expect(page.locator('[name="stages-1-slots-1-who"]')).to_have_count(0)
    page.get_by_role("button", name="Add a stage").click()
    expect(page.locator('[name="stages-2-name"]')).to_be_focused()
    assert page.url.endswith(address)
