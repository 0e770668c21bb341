"""A walk through the page of a round and the page that compares revisions, as somebody who decides."""

from playwright.sync_api import expect

from procedures.actions import approval, comments, drafts, reviewing, steps
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import first_step, make_next, make_revision


def see_what_changed(visitor: Visitor, world: World) -> None:
    """The second round of a revision in every view, its keys, a comment, guests; two revisions compared."""
    firm, page = world.firm, visitor.page
    page.set_viewport_size({**(page.viewport_size or {}), "height": 2_400})  # so that the bar covers no link
    address = _second_round(world)
    visitor.visit(address)
    expect(page.get_by_text("My last look, round 1")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#change-2")).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("c")
    expect(page.locator("#change-1 textarea").last).to_be_focused()
    page.keyboard.type("Which report?")
    with page.expect_navigation():
        page.locator("#change-1 form:visible button").last.click()
    expect(page.locator("#change-1 .thread").last).to_contain_text("Which report?")
    page.locator('[data-comment-here] summary:has-text("any step")').click()
    page.locator("summary:has-text('Invite somebody')").click()
    visitor.check()
    page.get_by_label("Who", exact=True).select_option(str(firm.staff.pk))
    with page.expect_navigation():
        page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.locator(".guests li")).to_have_count(2)
    visitor.visit(f"{address}?view=side&base=look")
    visitor.visit("/procedures/FIN-500/compare/1/2/?view=side")
    visitor.go("/procedures/FIN-500/history/")
    with page.expect_navigation():
        page.get_by_role("button", name="Show what changed").click()
    expect(page.locator("h1")).to_have_text("What changed")


def _second_round(world: World) -> str:
    """The address of a round on a revision that was sent back once, with comments and a guest."""
    firm = world.firm
    published = make_revision(firm, code="FIN-720", title="Pay the suppliers")
    revision = make_next(firm, published.procedure, state=State.IN_REVIEW)
    round = open_round(revision)
    comments.add_comment(revision, actor=firm.approver, body="Lock what?", step_uid=first_step(revision).uid)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Say what is locked.")
    draft = Revision.objects.get(pk=revision.pk)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "Lock the time sheets at noon."})
    steps.add_step(draft, actor=firm.author, fields={"title": "Note the reasons", "role": firm.clerk_role})
    draft = Revision.objects.get(pk=draft.pk)
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"scope": "France"})
    approval.submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    reviewing.invite_guest(open_round(draft), actor=firm.author, person=firm.outsider)
    return open_round(draft).get_absolute_url()
