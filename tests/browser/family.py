"""The pages of variants and translations, with something on each of them."""

from playwright.sync_api import expect

from procedures.actions import approval, relatives, steps
from procedures.models import Revision
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import approve


def see_the_family(visitor: Visitor, world: World) -> None:
    """FIN-110 is a variant of FIN-100 in force, FIN-120 its translation on the way; then FIN-100 moves on."""
    firm, page = world.firm, visitor.page
    start(world)
    for path in ("/procedures/FIN-110/", "/procedures/FIN-110/differences/", "/procedures/FIN-100/2/", "/"):
        visitor.visit(path)
    visitor.visit("/procedures/FIN-110/changes/")
    page.get_by_role("button", name="Leave it out").first.click()
    page.get_by_text("Settled.").wait_for()
    visitor.check()
    visitor.visit("/procedures/FIN-110/differences/?draft=1")
    visitor.visit("/procedures/FIN-120/changes/")
    visitor.visit("/procedures/FIN-120/draft/translate/")
    side = page.locator(".side").nth(1)
    identity = side.get_attribute("id")
    side.get_by_label("What to do").fill("Verrouiller les relevés")
    side.get_by_label("How to do it").fill("Avant midi.")
    expect(page.locator(f"#{identity} .chip")).to_have_attribute("data-state", "done")
    expect(page.locator("#progress-words")).to_contain_text("1 of")
    expect(page.locator("#saved")).to_contain_text("Saved at")
    expect(page.locator("#saving")).to_be_hidden()
    expect(side.get_by_label("How to do it")).to_be_focused()
    side.get_by_role("button", name="Save step").click()
    expect(page.locator("#saved")).to_contain_text("Saved at")
    assert page.evaluate("document.activeElement.closest('.side')?.id") == identity, "the keyboard keeps its place"
    visitor.check()
    step = Revision.objects.get(procedure__code="FIN-120").steps.order_by("position")[1]
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Autrement"})
    other = page.locator(f"#t-{step.uid}")
    other.get_by_label("What to do").fill("Mes mots")
    expect(other).to_contain_text("saved this while you were writing.")
    expect(other.get_by_label("What to do")).to_be_focused()
    expect(page.locator("#saving")).to_have_text("Not saved yet")
    assert page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))"), "leaving is asked about"
    visitor.check()
    other.get_by_role("button", name="Compare the two texts").click()
    expect(other).to_contain_text("Somebody else saved this while you were writing.")
    expect(other).to_contain_text("Autrement")
    expect(other.get_by_label("What to do")).to_have_value("Mes mots")
    visitor.check()
    other.get_by_role("button", name="Save step").click()
    expect(other).not_to_contain_text("Autrement")
    expect(page.locator("#saving")).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("Saved at")
    expect(other.get_by_label("What to do")).to_have_value("Mes mots")
    expect(page.locator("#problems")).to_be_empty()
    for kind in ("variant", "translation"):
        visitor.go(f"/procedures/FIN-100/{kind}/")
        page.locator('[name="title"]').fill("")
        page.locator("main form .primary").click()
        page.locator(".error-summary:focus").wait_for()
        visitor.check()


def start(world: World) -> None:
    firm = world.firm
    source = world.in_force.revisions.get(number=1)
    common = {"actor": firm.author, "department": firm.finance, "owner": firm.author}
    variant = relatives.make_variant(source, code="FIN-110", title="Run the payroll of the depot", **common)
    first, second = variant.steps.order_by("position")[:2]
    steps.save_step(first, actor=firm.author, version=first.version, fields={"title": "Lock the sheets of the depot"})
    steps.remove_step(second, actor=firm.author)
    relatives.explain_left_out(variant, actor=firm.author, uid=str(second.uid), reason="Finance does it.")
    steps.add_step(variant, actor=firm.author, fields={"title": "Call the depot", "role": firm.clerk_role})
    approval.submit(variant, actor=firm.author)
    approve(variant, by=firm.approver)
    relatives.start_translation(source, code="FIN-120", title="Faire la paie", language="fr", **common)
    third = world.draft.steps.order_by("position")[2]
    steps.save_step(third, actor=firm.author, version=third.version, fields={"body": "Release it by noon."})
    steps.add_step(world.draft, actor=firm.author, after=third, fields={"title": "Print the list"})
    approval.submit(world.draft, actor=firm.author)
    approve(world.draft, by=firm.approver)
