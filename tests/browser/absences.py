"""A walk through absences and what is stuck, as an administrator: somebody leaves, and somebody else is put in."""

import datetime

from playwright.sync_api import expect

from procedures.actions.absences import add_absence
from procedures.models import Round
from roles import actions as people
from roles.queries import today
from tests.browser.conftest import Visitor
from tests.browser.world import World


def see_what_is_stuck(visitor: Visitor, world: World) -> None:
    """One's own absences, those of somebody else, the report of what is stuck, and the way out."""
    firm, page = world.firm, visitor.page
    week = datetime.timedelta(days=7)
    mine = add_absence(firm.administrator, actor=firm.administrator, starts=today(), ends=today() + week)
    add_absence(firm.owner, actor=firm.owner, starts=today(), ends=today() + week, deputy=firm.administrator)
    visitor.visit("/settings/absence/")
    visitor.visit(f"/settings/absence/{mine.pk}/end/")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.get_by_text("The absence is over.")).to_be_visible()
    visitor.check()
    visitor.go(f"/people/{firm.approver.pk}/absence/")
    page.locator('[name="ends"]').fill((today() - week).isoformat())
    page.locator('[name="reason"]').fill("Ill.")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.locator(".error-summary:focus")).to_have_count(1)
    visitor.check()
    people.deactivate_person(firm.approver, actor=firm.administrator)
    visitor.visit(world.round.get_absolute_url())
    visitor.visit("/reviews/stuck/")
    page.get_by_role("link", name="Replace").first.click()
    expect(page.locator('[name="person"]')).to_be_visible()
    visitor.check()
    page.locator('[name="person"]').select_option(str(firm.outsider.pk))
    page.locator('[name="reason"]').fill("The head has left.")
    with page.expect_navigation():
        page.locator("main form .primary").click()
    expect(page.get_by_text("Every open round can be completed")).to_be_visible()
    visitor.check()
    assert Round.objects.get(pk=world.round.pk).stages.get().slots.get().person == firm.outsider
