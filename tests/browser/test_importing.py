"""A Word document becomes a draft: chosen, settled by the buttons of the preview, created."""

from docx import Document
from playwright.sync_api import Locator, expect

from procedures.models import Revision
from tests.browser.conftest import PHONE, Visitor
from tests.procedures.importing.word import data_of

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_document() -> bytes:
    document = Document()
    document.add_heading("Close the shop", 1)
    document.add_heading("Purpose", 2)
    document.add_paragraph("The cash is safe at night.")
    document.add_heading("Procedure", 2)
    for title in ("Count the cash", "Write the total down"):
        document.add_paragraph(title, style="List Number")
    document.add_paragraph("Use the red book.")
    document.add_paragraph("Lock the safe.")
    document.add_paragraph("Switch the light off", style="List Number")
    return data_of(document)


def choose(visitor: Visitor, name: str, data: bytes) -> None:
    visitor.go("/procedures/import/")
    visitor.page.set_input_files("#id_file", {"name": name, "mimeType": WORD, "buffer": data})
    visitor.page.get_by_role("button", name="Show what is recognised").click()


def step(visitor: Visitor, number: int) -> Locator:
    return visitor.page.locator(f"#step-{number}")


def expect_steps(visitor: Visitor, titles: list[str]) -> None:
    expect(visitor.page.locator(".import-steps h3")).to_have_text(
        [f"{number}. {title}" for number, title in enumerate(titles, start=1)]
    )


def test_a_document_is_settled_and_becomes_a_draft(firm, visit_as):
    author = visit_as(firm.author, size=PHONE)
    page = author.page
    choose(author, "close.docx", word_document())
    expect_steps(author, ["Count the cash", "Write the total down", "Switch the light off"])
    author.check()
    told, focused = page.locator("#told"), page.locator(":focus")

    page.locator("#merge-2").press("Enter")
    expect(told).to_have_text("Step 2 is now part of step 1.")
    expect_steps(author, ["Count the cash", "Switch the light off"])
    expect(page.locator("#merge-2")).to_be_focused()

    step(author, 1).get_by_text("Split this step").click()
    step(author, 1).get_by_role("button").filter(has_text="New step from here: Lock the safe.").press("Enter")
    expect_steps(author, ["Count the cash", "Lock the safe.", "Switch the light off"])
    expect(focused).to_have_text("2. Lock the safe.")

    page.locator("#demote-1").click()
    expect(told).to_have_text("The first step is now text under “Background”.")
    expect_steps(author, ["Lock the safe.", "Switch the light off"])
    page.get_by_text("Background", exact=True).click()
    page.get_by_text("Make steps of this text").click()
    author.check()
    page.get_by_role("button").filter(has_text="As a step: Use the red book.").press("Enter")
    expect_steps(author, ["Use the red book.", "Lock the safe.", "Switch the light off"])
    expect(page.locator(".htmx-settling")).to_have_count(0)  # a button that htmx has not taken yet sends the page
    page.locator("#undo").press("Enter")
    expect(told).to_have_text("The last change is undone.")
    expect_steps(author, ["Lock the safe.", "Switch the light off"])
    expect(page.locator("#undo")).to_be_focused()

    page.get_by_label("Title").fill("Close the shop at night")
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_text("Imported as the draft of FIN-001.")).to_be_visible()
    revision = Revision.objects.get()
    assert revision.title == "Close the shop at night"
    assert [row.title for row in revision.steps.order_by("position")] == ["Lock the safe.", "Switch the light off"]
    assert "Count the cash" in revision.background
    author.check()
