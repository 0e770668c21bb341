"""Finding and reading in a browser: the search field, filters, keys, print."""

import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from procedures.actions import approval
from procedures.models import Procedure
from roles import actions as people
from roles.models import Role
from tests.browser.conftest import PHONE, Visitor
from tests.factories import approve, make_draft, make_next, make_revision

PAYROLL_STEPS = ["Lock the time sheets", "Compare the totals with last month", "Release the payment file"]


@pytest.fixture
def payroll(firm) -> Procedure:
    """One of three procedures in force, in two departments and of two kinds."""
    make_revision(firm, code="FIN-200", title="Close the books", kind="policy", step_titles=["Count the cash"])
    make_revision(firm, code="FIN-300", title="Pay the suppliers", kind="policy", step_titles=["Match the invoices"])
    return make_revision(firm, code="FIN-100", title="Run the monthly payroll", step_titles=PAYROLL_STEPS).procedure


@pytest.fixture
def staff(firm, payroll, visit_as) -> Visitor:
    return visit_as(firm.staff)


def words(visitor: Visitor):
    return visitor.page.get_by_role("searchbox", name="Search the library")


def results(visitor: Visitor):
    return visitor.page.locator("[data-results] h3 a")


def status(visitor: Visitor):
    return visitor.page.locator("#library-status")


# Searching ---------------------------------------------------------------------------------------------------


def test_results_follow_the_typing_in_spite_of_typos(staff):
    staff.go("/library/")
    expect(results(staff)).to_have_count(3)
    words(staff).press_sequentially("supliers invoces")
    expect(results(staff)).to_have_text(["Pay the suppliers"])
    expect(words(staff)).to_be_focused()
    expect(status(staff)).to_have_role("status")
    expect(status(staff)).to_have_text("1 procedure")
    expect(staff.page).to_have_url(re.compile(r"[?&]q=supliers(\+|%20)invoces"))
    staff.check()
    words(staff).fill("zebra")
    expect(staff.page.get_by_role("heading", name="Nothing found for “zebra”")).to_be_visible()
    expect(status(staff)).to_have_text("0 procedures")
    staff.check()


def test_a_step_that_fits_is_quoted_and_led_to(staff):
    staff.go("/library/?q=compare+totals")
    staff.page.get_by_role("link", name=re.compile("Step 2")).click()
    expect(staff.page).to_have_url(re.compile("/procedures/FIN-100/#step-2$"))
    heading = staff.page.get_by_role("heading", name="Step 2: Compare the totals with last month")
    expect(heading).to_be_in_viewport()


def test_filters_are_chosen_shown_and_taken_away(staff):
    staff.go("/library/")
    staff.page.get_by_role("checkbox", name="Policy").check()
    expect(results(staff)).to_have_count(2)
    chips = staff.page.get_by_role("group", name="Filters in use")
    expect(chips).to_contain_text("Policy")
    expect(status(staff)).to_have_text("2 procedures")
    words(staff).fill("suppliers")
    expect(results(staff)).to_have_text(["Pay the suppliers"])
    expect(staff.page.get_by_role("checkbox", name="Policy")).to_be_checked()
    chips.get_by_role("link", name="Remove filter: Policy").click()
    expect(chips).to_be_hidden()
    expect(words(staff)).to_have_value("suppliers")
    staff.page.reload()
    expect(results(staff)).to_have_text(["Pay the suppliers"])


def test_the_way_back_leads_to_the_same_results(staff):
    staff.go("/library/")
    staff.page.get_by_role("checkbox", name="Policy").check()
    expect(results(staff)).to_have_count(2)
    words(staff).fill("suppliers")
    expect(results(staff)).to_have_count(1)
    results(staff).first.click()
    staff.page.get_by_role("heading", level=1, name="Pay the suppliers").wait_for()
    staff.page.go_back()
    expect(results(staff)).to_have_text(["Pay the suppliers"])
    expect(words(staff)).to_have_value("suppliers")
    expect(staff.page.get_by_role("checkbox", name="Policy")).to_be_checked()


def test_the_way_back_undoes_a_filter(staff):
    staff.go("/library/")
    policy = staff.page.get_by_role("checkbox", name="Policy")
    policy.check()
    expect(staff.page).to_have_url(re.compile("kind=policy"))
    expect(results(staff)).to_have_count(2)
    staff.page.go_back()
    expect(staff.page).to_have_url(re.compile("/library/$"))
    expect(policy).not_to_be_checked()
    expect(results(staff)).not_to_have_count(2)
    assert staff.noise == []


def test_a_star_leaves_the_address_of_the_library_alone(staff):
    staff.go("/library/?q=suppliers")
    star = staff.page.get_by_role("button", name="Favourite").first
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    staff.page.reload()
    expect(results(staff)).to_have_text(["Pay the suppliers"])
    expect(star).to_have_attribute("aria-pressed", "true")


def test_what_a_role_has_to_do_with_a_step_fits_on_a_phone(firm, visit_as):
    draft = make_draft(firm, language="en")
    archivist = Role.objects.create(name="Archivist", department=firm.finance)
    draft.responsibilities.create(step=draft.steps.get(position=2), role=archivist, letter="C")
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    firm.staff.language = "fr"  # the longer words
    firm.staff.save(update_fields=["language"])
    reader = visit_as(firm.staff, size=PHONE)
    reader.visit(f"/library/roles/{archivist.pk}/")
    tag = reader.page.locator(".part-steps .tag").first
    assert tag.evaluate("(tag) => tag.getBoundingClientRect().right <= tag.closest('li').getBoundingClientRect().right")


# Keys --------------------------------------------------------------------------------------------------------


def test_keys_of_the_library(staff):
    staff.go("/library/")
    staff.page.keyboard.press("/")
    expect(words(staff)).to_be_focused()
    staff.page.keyboard.press("ArrowDown")
    expect(results(staff).nth(0)).to_be_focused()
    staff.page.keyboard.press("ArrowDown")
    expect(results(staff).nth(1)).to_be_focused()
    staff.page.keyboard.press("ArrowUp")
    staff.page.keyboard.press("ArrowUp")
    expect(words(staff)).to_be_focused()
    staff.page.keyboard.type("f")
    expect(words(staff)).to_have_value("f")
    results(staff).first.focus()
    staff.page.keyboard.press("f")
    expect(staff.page.locator("#filters input").first).to_be_focused()


def test_the_search_opens_anywhere_suggests_and_remembers(staff):
    page = staff.page
    dialog = page.get_by_role("dialog", name="Search the library")
    option = dialog.get_by_role("option").first
    staff.go("/")
    page.keyboard.press("Control+k")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("fin-1")
    expect(option).to_contain_text("FIN-100")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    staff.check()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/procedures/FIN-100/$"))
    page.wait_for_load_state()  # keys are heard once the scripts of the new page have run
    page.keyboard.press("/")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("payroll")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/library/\?q=payroll$"))
    staff.go("/")
    page.keyboard.press("/")
    expect(option).to_have_text("payroll")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_search_that_suggests_nothing_leads_to_all_texts(staff):
    page = staff.page
    dialog = page.get_by_role("dialog", name="Search the library")
    staff.go("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("qqqq")
    option = dialog.get_by_role("option", name="Search all texts for “qqqq”")
    expect(option).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text("No suggestions. Enter searches all texts.")
    staff.check()
    option.click()
    expect(page).to_have_url(re.compile(r"/library/\?q=qqqq$"))
    staff.go("/")
    page.keyboard.press("Control+k")
    expect(dialog.get_by_role("option").first).to_have_text("qqqq")
    page.keyboard.type("fin-1")
    last = dialog.get_by_role("option").last
    expect(last).to_have_text("Search all texts for “fin-1”")
    page.keyboard.press("ArrowUp")
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/library/\?q=fin-1$"))


def test_keys_of_the_reader(firm, payroll, visit_as):
    author = visit_as(firm.author)
    page = author.page
    author.go("/procedures/FIN-100/")
    for key, step in (("j", 1), ("j", 2), ("j", 3), ("k", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(f"#step-{step}$"))
        expect(page.locator(f"#step-{step}")).to_be_in_viewport()
    page.keyboard.press("h")
    expect(page).to_have_url(re.compile("/history/$"))
    make_next(firm, payroll, state="draft")
    author.go("/procedures/FIN-100/")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/draft/"))
    author.go("/procedures/FIN-100/")
    page.keyboard.press("?")
    expect(page).to_have_url(re.compile("/help/#keys$"))


def test_keys_that_follow_each_other_fast_are_all_counted(payroll, staff):
    """The window is still on its way when the next one comes."""
    staff.go("/procedures/FIN-100/")
    for key in "jjjk":
        staff.page.keyboard.press(key)
    expect(staff.page).to_have_url(re.compile("#step-2$"))
    expect(staff.page.locator("#step-2")).to_be_in_viewport(ratio=1)


def test_keys_can_be_switched_off(firm, payroll, visit_as):
    author = people.change_own_settings(firm.author, language="en", theme="", keys_enabled=False)
    visitor = visit_as(author)
    page = visitor.page
    visitor.go("/library/")
    results(visitor).first.focus()
    for key in ("/", "f", "?", "ArrowDown"):
        page.keyboard.press(key)
        expect(results(visitor).first).to_be_focused()
    visitor.go("/procedures/FIN-100/")
    address = page.url
    for key in ("j", "k", "e", "h"):
        page.keyboard.press(key)
    assert page.url == address


# Paper -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_print_shows_the_document_and_nothing_of_the_program(firm, payroll, visit_as, size):
    staff = visit_as(firm.staff, **({"size": size} if size else {}), scheme="dark")
    staff.go("/procedures/FIN-100/")
    staff.page.emulate_media(media="print", color_scheme="dark")
    for chrome in (".topbar", ".rail", ".foot", ".page-head .actions", ".skip", ".step-tools"):
        expect(staff.page.locator(chrome).first).to_be_hidden()
    for title in PAYROLL_STEPS:
        expect(staff.page.get_by_role("heading", name=title)).to_be_visible()
    expect(staff.page.locator(".print-frame")).to_contain_text("FIN-100")
    paper = staff.page.evaluate("getComputedStyle(document.querySelector('.document')).backgroundColor")
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert staff.page.evaluate("getComputedStyle(document.body).color").startswith("rgb(")


def printed(visitor, path):
    visitor.go(path)
    return PdfReader(io.BytesIO(visitor.page.pdf(prefer_css_page_size=True)))


def test_the_foot_of_each_printed_page_is_true_and_in_the_language_of_the_reader(firm, payroll, visit_as):
    staff = visit_as(firm.staff)
    for path, has_address in (
        ("/procedures/FIN-100/", True),
        ("/procedures/FIN-100/checklist/", True),
        ("/library/list/", False),
    ):
        sheet = printed(staff, path)
        for number, page in enumerate(sheet.pages, 1):
            words = " ".join(page.extract_text().split())
            assert f"Page {number} of {len(sheet.pages)}" in words, path
            assert ("The address on page 1" in words) == has_address, path
        first = sheet.pages[0].extract_text()
        assert ("/procedures/FIN-100/1/" in first) == has_address
        assert "History" not in first
    firm.staff.language = "fr"
    firm.staff.save(update_fields=["language"])
    words = " ".join(printed(staff, "/procedures/FIN-100/").pages[0].extract_text().split())
    assert "Non maîtrisé une fois imprimé. L’adresse en page 1" in words
    assert "Page 1 sur" in words


def test_the_master_list_is_printed_across_with_all_its_columns(firm, payroll, visit_as):
    [page] = printed(visit_as(firm.staff), "/library/list/").pages
    assert page.mediabox.width > page.mediabox.height
    words = page.extract_text()
    assert "FIN-100" in words
    assert "Signed by" in words
