"""A walk through the making of a revision: how the draft came to be, submitting it, confirming the text in force."""

from playwright.sync_api import expect

from procedures.actions import steps
from procedures.models import SlotKind
from procedures.step_versions import latest_point
from roles.models import Holding
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD, first_step, make_draft, make_route, make_user


def see_the_history_of_a_draft(visitor: Visitor, world: World) -> None:
    """Everything, one step, a step as it was, a field and a removed step that come back; the submit page."""
    firm, page, draft = world.firm, visitor.page, world.draft
    step = first_step(draft)
    point = latest_point(draft, step.uid)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Lock every sheet", "minutes": 5})
    removed = draft.steps.order_by("position").last()
    steps.remove_step(removed, actor=firm.author)
    visitor.visit("/procedures/FIN-100/draft/history/")
    visitor.visit(f"/procedures/FIN-100/draft/history/?step={step.uid}")
    visitor.visit(f"/procedures/FIN-100/draft/history/{point}/")
    with page.expect_navigation():
        page.get_by_role("button", name="Bring back this field").first.click()
    expect(page.get_by_text("An earlier version was brought back.")).to_be_visible()
    visitor.check()
    visitor.visit(f"/procedures/FIN-100/draft/history/{latest_point(draft, removed.uid)}/")
    with page.expect_navigation():
        page.get_by_role("button", name="Bring the step back").click()
    expect(page.get_by_text("A step was brought back.")).to_be_visible()
    people = [make_user(name, department=firm.finance) for name in ("ann", "bob")]
    for person in (*people, firm.author):
        Holding.objects.create(user=person, role=firm.clerk_role, starts="2020-01-01")
    make_route([(SlotKind.ROLE, firm.clerk_role)], risk="high")
    make_draft(firm, code="FIN-720", title="Pay in time", risk="high")
    visitor.visit("/procedures/FIN-720/draft/submit/")
    page.get_by_label("Propose for").select_option(label="Bob")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()


def see_a_review_confirmed(visitor: Visitor, world: World) -> None:
    """The owner signs that the text in force holds: first with a wrong password, then with the right one."""
    page = visitor.page
    visitor.visit("/procedures/FIN-100/confirm/")
    page.get_by_label("What was looked at?").fill("Went through it with two clerks.")
    for password in ("wrong", PASSWORD):
        page.locator("main [type=password]").fill(password)
        with page.expect_navigation():
            page.locator("main form .primary").click()
        visitor.check()
    expect(page.get_by_text("Confirmed. The next review is due on")).to_be_visible()
    visitor.visit("/procedures/FIN-100/history/")
