"""A temporary deviation in the browser: asked for by who wrote the text, signed by who decides, read at the step."""

from playwright.sync_api import expect

from procedures.actions import deviations
from procedures.models import Deviation, Revision
from procedures.states import State
from roles.queries import today
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD, first_step


def ask_for_a_deviation(visitor: Visitor, world: World) -> None:
    page, code = visitor.page, world.in_force.code
    visitor.visit(f"/procedures/{code}/deviations/new/")
    page.locator("[name=step]").select_option(index=1)
    page.locator("[name=department]").select_option(str(world.firm.operations.pk))
    page.locator("[name=reason]").fill("The scanner is broken.")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.locator(".error-summary:focus")).to_have_count(1)
    expect(page.locator("[name=reason]")).to_have_value("The scanner is broken.")
    page.locator("[name=instead]").fill("Write the numbers down by hand.")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.get_by_text("Write the numbers down by hand.").first).to_be_visible()
    visitor.check()


def sign_a_deviation(visitor: Visitor, world: World) -> None:
    page, firm = visitor.page, world.firm
    revision = Revision.objects.get(procedure=world.in_force, state=State.PUBLISHED)
    deviation = deviations.ask_deviation(
        revision, actor=firm.author, step=first_step(revision).uid, department=firm.finance,
        reason="The scanner is broken.", instead="Write the numbers down by hand.", starts=today(), ends=today(),
    )  # fmt: skip
    visitor.visit(deviation.get_absolute_url())
    page.locator('[data-opens="sign-dialog"]').click()
    page.locator("#sign-dialog [type=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("#sign-dialog .primary").click()
    expect(page.locator("[data-opens]")).to_have_count(0)
    assert Deviation.objects.get(pk=deviation.pk).state == "granted"
    visitor.visit(revision.procedure.get_absolute_url())
    expect(page.locator("#step-1")).to_contain_text("Write the numbers down by hand.")
