"""Every page that each person of the cast can open, filled, empty, refused and unfolded, goes through axe.

At 1280 px in the light colours and at 360 px in the dark ones. The author's pages in French as well, on a phone, where
longer words matter; axe has seen the same elements in English.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from procedures.actions import approval, drafts, inventory, steps
from procedures.models import Audience, Procedure, Step
from roles import actions as people
from tests.browser.absences import see_what_is_stuck
from tests.browser.auditing import see_the_trail
from tests.browser.changesets import see_a_change_set, see_drafts_submitted_together
from tests.browser.comparing import see_what_changed
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.deviating import ask_for_a_deviation, sign_a_deviation
from tests.browser.emergency import see_an_emergency_issue
from tests.browser.family import see_the_family
from tests.browser.making import see_a_review_confirmed, see_the_history_of_a_draft
from tests.browser.routes import see_the_routes
from tests.browser.shelving import arrange_the_shelves, mark_and_watch, see_the_synonyms
from tests.browser.signing import see_the_signing
from tests.browser.standards import see_the_standards
from tests.browser.world import World

MARKDOWN = b"# Close the month\n\n## Purpose\n\nOrder.\n\n## Steps\n\n1. Count\n2. Sign\n\n<div>left out</div>\n"
LOOKS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


def visit_all(visitor: Visitor, *paths: str, status: int = 200) -> None:
    for path in paths:
        visitor.go(path, status=status)
        visitor.check()


def unfold(visitor: Visitor, *selectors: str) -> None:
    """Open menus, dialogs, tabs and folds of the page that is there, and look at it."""
    for selector in selectors:
        visitor.page.locator(selector).first.click()
    visitor.check()


def send_refused(visitor: Visitor, path: str, **values: str) -> None:
    """Send the form at `path` with `values`, which do not fit: it comes back with what is wrong, focused."""
    visitor.go(path)
    form = visitor.page.locator('main form[method="post"]').last
    for name, value in values.items():
        control = form.locator(f'[name="{name}"]').first
        if control.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif control.evaluate("(element) => element.localName") == "select":
            control.select_option(value)
        else:
            control.fill(value)
    with visitor.page.expect_navigation():
        form.locator("button:not([type=button])").first.click()
    expect(visitor.page.locator(".error-summary:focus"), f"{path} was not refused").to_have_count(1)
    visitor.check()


def send_without_script(visitor: Visitor, form: str) -> None:
    """Send a form as a browser does in which no script runs."""
    with visitor.page.expect_navigation():
        visitor.page.locator(form).evaluate("(form) => form.submit()")
    visitor.check()


def see_as_nobody(visitor: Visitor, world: World) -> None:
    visit_all(visitor, "/accounts/login/", "/help/", "/accounts/password/reset/done/", "/accounts/inactive/")
    visit_all(visitor, "/accounts/password/reset/key/1-set-password/", "/accounts/signup/")
    send_refused(visitor, "/accounts/login/", login="nobody@firm.test", password="wrong")
    send_refused(visitor, "/accounts/password/reset/", email="nobody@firm")
    visitor.page.context.clear_cookies(name="csrf")
    send_without_script(visitor, "main form")


def see_as_staff(visitor: Visitor, world: World) -> None:
    visit_all(visitor, "/", "/library/", "/library/?q=payrol+file", "/library/?q=zebra", "/library/?kind=policy")
    visit_all(visitor, "/reviews/", "/notices/", "/settings/", "/accounts/logout/", "/accounts/2fa/")
    visitor.visit("/procedures/FIN-100/")
    see_reading_confirmed(visitor)
    mark_and_watch(visitor, world)
    visitor.go("/procedures/FIN-100/")
    unfold(visitor, ".page-head details.menu summary")
    visitor.go("/library/")
    unfold(visitor, ".topbar details.menu summary")
    visit_all(visitor, "/procedures/FIN-400/", "/procedures/FIN-500/1/", "/procedures/FIN-500/history/")
    visit_all(visitor, "/learn/", "/procedures/FIN-500/compare/since-mine/")
    send_refused(visitor, "/accounts/password/change/", oldpassword="wrong", password1="short", password2="other")


def see_reading_confirmed(visitor: Visitor) -> None:
    """The button at the end of the text that is open, and what stands there afterwards."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="I have read and understood").click()
    expect(visitor.page.locator("#confirm")).to_contain_text("You confirmed revision 1")
    visitor.check()


def see_as_outsider(visitor: Visitor, world: World) -> None:
    """Everything is empty, closed or not there."""
    Procedure.objects.update(audience=Audience.DEPARTMENTS)
    visit_all(visitor, "/", "/library/", "/library/?q=payroll", "/reviews/", "/notices/")
    visit_all(visitor, "/procedures/FIN-100/", "/people/", status=404)
    visit_all(visitor, "/procedures/new/", status=403)


def see_as_author(visitor: Visitor, world: World) -> None:
    visit_all(visitor, "/", "/notices/", "/procedures/FIN-100/2/", "/procedures/FIN-100/history/")
    visit_all(visitor, "/procedures/FIN-500/acknowledgements/")
    visit_all(visitor, "/procedures/FIN-200/2/", "/procedures/FIN-600/draft/", "/procedures/FIN-100/draft/preview/")
    visit_all(visitor, world.round.get_absolute_url(), world.returned_round.get_absolute_url())
    visitor.visit("/procedures/FIN-100/")
    visitor.visit("/procedures/FIN-100/draft/")
    unfold(visitor, ".page-head details.menu summary")
    see_the_inventory(visitor, world)
    ask_for_a_deviation(visitor, world)
    send_refused(visitor, "/procedures/new/?begin=blank", code="FIN-100", audience="departments")
    send_refused(visitor, "/procedures/FIN-100/settings/", audience="roles")
    send_refused(visitor, "/procedures/FIN-100/draft/submit/", change_summary="")
    send_refused(visitor, "/procedures/FIN-700/draft/submit/")
    send_refused(visitor, "/procedures/FIN-600/draft/discard/")
    send_refused(visitor, "/procedures/FIN-200/recall/")
    send_refused(visitor, "/procedures/import/")
    file = {"name": "close.md", "mimeType": "text/markdown", "buffer": MARKDOWN}
    visitor.page.locator('[type="file"]').set_input_files(file)
    with visitor.page.expect_navigation():
        visitor.page.locator("main form .primary").click()
    visitor.page.locator('[value="merge"]').first.wait_for()
    visitor.check()


def see_the_inventory(visitor: Visitor, world: World) -> None:
    """The list with tasks of every status, one task, and a table that does not fit and one that does."""
    firm = world.firm
    titles = ["Pay suppliers", "Close the books", "Order plants"]
    tasks = [inventory.add_task(actor=firm.author, department=firm.finance, title=title) for title in titles]
    inventory.link_task(tasks[0], actor=firm.author, procedure=world.in_force)
    inventory.rule_out_task(tasks[2], actor=firm.author, reason="One person does it once a year.")
    visit_all(visitor, "/inventory/?q=zebra", *(f"/inventory/{task.pk}/" for task in tasks))
    visitor.go("/inventory/")
    unfold(visitor, "details:not(.filters, .menu) > summary")
    visit_all(visitor, f"/inventory/{tasks[1].pk}/delete/", "/inventory/import/")
    send_refused(visitor, "/inventory/new/?words=petty+cash", title="Close the books")
    for table in (b"Task,Impact\nPay,9\n", b"Task,Impact\nClose the books,5\nCount the cash,4\n"):
        visitor.go("/inventory/import/")
        file = {"name": "tasks.csv", "mimeType": "text/csv", "buffer": table}
        visitor.page.locator('[type="file"]').set_input_files(file)
        with visitor.page.expect_navigation():
            visitor.page.locator("main form .primary").click()
        visitor.check()


def see_the_editor(visitor: Visitor, world: World) -> None:
    page, draft = visitor.page, "/procedures/FIN-100/draft/"
    visitor.visit("/procedures/FIN-700/draft/")
    visitor.visit(draft)
    folds = page.locator("#draft-form details:not([open]) > summary")
    while folds.count():
        folds.first.click()
    unfold(visitor, '[aria-controls="panel-pictures"]', "#panel-pictures [data-opens]")
    send_without_script(visitor, "[data-picture-form]")
    visitor.go(draft)
    page.locator('[aria-controls="panel-preview"]').click()
    page.locator("#panel-preview .step").first.wait_for()
    visitor.check()
    step = world.draft.steps.get(kind="decision")
    visitor.visit(f"{draft}?step={step.uid}")
    unfold(visitor, "#step-menu summary")
    page.keyboard.press("Escape")
    save_elsewhere(world, step)
    page.locator("#id_title").fill("Is the difference above 3 %?")
    page.locator('#draft-form .actions button[type="submit"]').first.click()
    page.locator("form.conflict").wait_for()
    visitor.check()
    visitor.go(f"{draft}?step={step.uid}")
    save_elsewhere(world, step)
    page.locator("#id_title").fill("Is it above 3 %?")
    send_without_script(visitor, "#draft-form")
    expect(page.locator("form.conflict")).to_be_visible()
    visitor.go(f"{draft}?step={step.uid}")
    approval.submit(world.draft, actor=world.firm.author)
    page.locator("#id_title").fill("Written too late")
    send_without_script(visitor, "#draft-form")
    expect(page.get_by_text("Written too late"), "the text that was sent is given back").to_be_visible()


def save_elsewhere(world: World, step: Step) -> None:
    step.refresh_from_db()
    fields = {"title": f"{step.title} Really?", "body": "Theirs."}
    steps.save_step(step, actor=world.firm.author, version=step.version, fields=fields)


def see_as_approver(visitor: Visitor, world: World) -> None:
    visit_all(visitor, "/", "/reviews/", "/notices/", "/procedures/FIN-200/2/")
    review = world.round.get_absolute_url()
    visitor.visit(review)
    unfold(visitor, '[data-opens="sign-dialog"]')
    visitor.page.locator("#sign-dialog [type=password]").fill("not this one")
    visitor.page.locator("#sign-dialog .primary").click()
    visitor.page.locator("#sign-dialog [type=password]:focus").wait_for()
    visitor.check()
    visitor.go(review)
    visitor.page.locator('[data-opens="return-dialog"]').click()
    visitor.page.locator("#return-dialog .primary").click()
    visitor.page.locator("#return-dialog textarea:focus").wait_for()
    visitor.check()
    sign_a_deviation(visitor, world)


def see_as_auditor(visitor: Visitor, world: World) -> None:
    firm = world.firm
    visit_all(visitor, "/", "/library/", "/procedures/FIN-100/2/", "/procedures/FIN-100/history/", "/people/")
    visit_all(visitor, world.round.get_absolute_url(), "/people/?q=zebra", f"/people/{firm.staff.pk}/")
    visit_all(visitor, "/departments/", f"/departments/{firm.finance.pk}/", "/roles/", f"/roles/{firm.clerk_role.pk}/")
    visit_all(visitor, "/people/new/", "/procedures/FIN-100/draft/", status=403)


def see_as_administrator(visitor: Visitor, world: World) -> None:
    firm = world.firm
    staff = f"/people/{firm.staff.pk}/"
    people.deactivate_person(firm.coauthor, actor=firm.administrator, reason="Left the firm.")
    visit_all(visitor, "/people/", "/people/?active=all", staff, f"/people/{firm.coauthor.pk}/", "/departments/")
    visit_all(visitor, f"/departments/{firm.finance.pk}/", "/roles/", f"/roles/{firm.clerk_role.pk}/", "/roles/new/")
    visit_all(
        visitor, f"/people/{firm.approver.pk}/deactivate/", f"{staff}holdings/{firm.staff.holdings.get().pk}/end/"
    )
    send_refused(visitor, "/people/new/", email=firm.staff.email, full_name="Somebody else")
    send_refused(visitor, "/departments/new/", code="FIN", name="Finance again")
    role = str(firm.clerk_role.pk)
    send_refused(visitor, f"{staff}holdings/new/", role=role, starts="2026-05-01", ends="2026-01-01")
    send_refused(visitor, "/procedures/FIN-100/withdraw/")
    send_refused(visitor, "/procedures/FIN-300/publish/")
    arrange_the_shelves(visitor, world)
    see_the_synonyms(visitor, world)
    save_after_somebody_else(visitor, world)


def save_after_somebody_else(visitor: Visitor, world: World) -> None:
    """The page was out of date: it comes back with what somebody else saved, to be taken or not."""
    firm, page = world.firm, visitor.page
    visitor.go("/procedures/FIN-100/settings/")
    procedure = Procedure.objects.get(code="FIN-100")
    drafts.change_procedure(
        procedure, actor=firm.owner, fields={"risk": "high"}, coauthors=[firm.outsider], reason="Costs more."
    )
    page.get_by_label("Risk").select_option("low")
    page.get_by_label("Why is it changed?").fill("Costs less.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".error-summary:focus")).to_contain_text(f"{firm.owner} saved something else here")
    visitor.check()
    page.get_by_label("Take this instead of mine: High").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Risk")).to_have_value("high")
    expect(page.get_by_label(str(firm.outsider))).to_be_checked()


WALKS: dict[str, tuple[str | None, Callable[[Visitor, World], None]]] = {
    "nobody": (None, see_as_nobody),
    "staff": ("staff", see_as_staff),
    "outsider": ("outsider", see_as_outsider),
    "author": ("author", see_as_author),
    "editor": ("author", see_the_editor),
    "family": ("author", see_the_family),
    "standards": ("author", see_the_standards),
    "making": ("author", see_the_history_of_a_draft),
    "confirming": ("owner", see_a_review_confirmed),
    "emergency": ("owner", see_an_emergency_issue),
    "approver": ("approver", see_as_approver),
    "comparing": ("approver", see_what_changed),
    "change_set": ("approver", see_a_change_set),
    "change_sets": ("author", see_drafts_submitted_together),
    "signing": ("approver", see_the_signing),
    "auditor": ("auditor", see_as_auditor),
    "trail": ("auditor", see_the_trail),
    "administrator": ("administrator", see_as_administrator),
    "routes": ("administrator", see_the_routes),
    "absences": ("administrator", see_what_is_stuck),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("walk", WALKS)
def test_every_page_is_in_order(world, visit_as, walk, look):
    who, see = WALKS[walk]
    size, scheme = LOOKS[look]
    see(visit_as(world.firm.people[who] if who else None, size=size, scheme=scheme), world)


@pytest.mark.parametrize("walk", ["author", "editor"])
def test_every_page_of_the_author_is_in_order_in_french(world, visit_as, walk):
    author = people.change_own_settings(world.firm.author, language="fr", theme="", keys_enabled=True)
    visitor = visit_as(author, size=PHONE)
    visitor.asks_axe = False
    WALKS[walk][1](visitor, world)
    assert visitor.page.locator("html").get_attribute("lang") == "fr"
