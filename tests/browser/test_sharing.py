"""A text outside of the office: by a link without an account, and without a network."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from procedures.actions import sharing
from procedures.models import ShareLink
from tests.browser.conftest import PHONE
from tests.factories import make_revision

KEPT = "async () => (await (await caches.open('sopdesk-pages')).keys()).map((key) => new URL(key.url).pathname)"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
CACHES = "() => caches.keys()"


def until(page, script, wanted):
    """Ask `script` again and again until its answer is `wanted`; the CSP forbids Playwright to do it in the page."""
    for _ in range(300):
        if (answer := page.evaluate(script)) == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(answer)


@pytest.fixture
def payroll(firm):
    return make_revision(firm, code="FIN-100", title="Run the monthly payroll")


def test_a_link_is_made_copied_opened_with_its_password_and_revoked(firm, payroll, visit_as):
    owner = visit_as(firm.owner)
    owner.visit("/procedures/FIN-100/sharing/")
    owner.page.get_by_label("For whom").fill("Auditors of Dupont")
    owner.page.get_by_label("Password").fill("correct horse")
    owner.page.get_by_role("button", name="Make the link").click()
    expect(owner.page.get_by_role("heading", name="The link is ready")).to_be_visible()
    owner.check()
    path = urlsplit(owner.page.get_by_label("Link", exact=True).input_value()).path

    guest = visit_as(None, size=PHONE)
    guest.visit(path)
    guest.page.get_by_label("Password").fill("correct horse")
    guest.page.get_by_role("button", name="Open the copy").click()
    expect(guest.page.get_by_role("heading", name="Run the monthly payroll")).to_be_visible()
    guest.check()

    sharing.revoke_link(ShareLink.objects.get(), actor=firm.owner, reason="Done.")
    guest.go(path, status=404)
    expect(guest.page.get_by_role("heading", name="This link has ended")).to_be_visible()
    guest.check()


def test_what_was_opened_is_read_without_a_network_until_one_signs_out(firm, payroll, visit_as):
    make_revision(firm, code="FIN-200", title="Close the books")
    staff = visit_as(firm.staff)
    page = staff.page
    staff.go("/procedures/FIN-100/")
    until(page, CONTROLLED, True)
    until(page, KEPT, ["/procedures/FIN-100/"])

    page.context.set_offline(True)
    page.goto(staff.base + "/procedures/FIN-100/")
    note = page.locator("[data-offline-note]")
    expect(note).to_have_text(re.compile(r"You are offline\. This is the text as you read it last, on \d"))
    expect(page.get_by_role("heading", name="Lock the time sheets")).to_be_visible()
    assert page.locator("main").evaluate("main => getComputedStyle(main).display") == "block"
    page.goto(staff.base + "/procedures/FIN-200/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_text([re.compile("FIN-100 Run the monthly payroll")])
    expect(page.get_by_text("These texts you can read as you read them last:")).to_be_visible()
    expect(page.get_by_text("Nothing was kept in this browser yet")).to_be_hidden()
    expect(page.get_by_role("link", name="Try again")).to_have_attribute("href", "/procedures/FIN-200/")

    page.context.set_offline(False)
    staff.go("/procedures/FIN-100/")
    expect(note).to_be_hidden()
    staff.go("/")
    page.locator("summary[aria-label^='Account']").click()
    page.get_by_role("button", name="Sign out").click()
    until(page, CACHES, ["sopdesk-assets"])

    # Without a network there is a page of ours even then, with nothing on it.
    page.context.set_offline(True)
    page.goto(staff.base + "/procedures/FIN-100/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_text("Nothing was kept in this browser yet")).to_be_visible()


def test_a_form_sent_without_a_network_is_said_not_to_be_saved_and_keeps_its_text(firm, payroll, visit_as):
    staff = visit_as(firm.staff)
    page = staff.page
    staff.go("/procedures/FIN-100/")
    until(page, KEPT, ["/procedures/FIN-100/"])
    page.get_by_role("link", name="Suggest a change to step 1").click()
    page.get_by_label("It is unclear").check()
    page.get_by_label("What should be different?").fill("Which sheets?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send the suggestion").click()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_text("What you sent was not saved.")).to_be_visible()

    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("link", name="Suggest a change to step 1").click()
    expect(page.get_by_label("What should be different?")).to_have_value("Which sheets?")
    page.get_by_role("button", name="Send the suggestion").click()
    expect(page.locator("#step-1")).to_contain_text("Which sheets?")

    # A page that was only asked for was not sent.
    page.context.set_offline(True)
    page.goto(staff.base + "/library/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_text("What you sent was not saved.")).to_be_hidden()


def test_a_text_that_is_not_there_for_this_person_any_more_is_forgotten(firm, payroll, visit_as):
    staff = visit_as(firm.staff)
    page = staff.page
    staff.go("/procedures/FIN-100/")
    until(page, KEPT, ["/procedures/FIN-100/"])
    payroll.procedure.audience = "roles"
    payroll.procedure.save(update_fields=["audience"])
    staff.go("/procedures/FIN-100/", status=404)
    until(page, KEPT, [])
