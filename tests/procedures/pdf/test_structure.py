"""A PDF can be read by whoever does not see it: its tags, its language, its words for pictures, its bookmarks."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.safestring import mark_safe
from pypdf import PdfReader

from procedures.actions import drafts, steps
from procedures.actions.approval import submit
from procedures.content import revision_content
from procedures.models import RenditionKind, Revision
from procedures.pdf import build_html, render_pdf, store_pdf
from procedures.pdf.document import MANY_STEPS, is_long
from procedures.sharing.status import status_url
from procedures.states import State
from roles.firm import change_firm
from sopdesk.lib.files import read_stored
from sopdesk.lib.headings import headings_below
from tests.factories import approve, make_draft, make_next, make_revision
from tests.procedures.pdf.structure import faults
from tests.procedures.pdf.test_renderer import PIXEL
from tests.roles.test_firm import picture

pytestmark = pytest.mark.django_db


def pdf_of(revision: Revision, kind: str = RenditionKind.PDF) -> bytes:
    return read_stored(store_pdf(revision, kind=kind).file.name)


def bookmarks(data: bytes) -> list[str]:
    found: list[str] = []

    def walk(rows, depth=0):
        for row in rows:
            if isinstance(row, list):
                walk(row, depth + 1)
            else:
                found.append("  " * depth + row.title)

    walk(PdfReader(io.BytesIO(data)).outline)
    return found


@pytest.fixture
def rich(firm):
    """A procedure with pictures, tables, lists, decisions, roles and a French text."""
    change_firm(actor=firm.administrator, fields={"name": "Acme", "accent": "#7a1f1f"}, logo=picture())
    draft = make_draft(
        firm, language="fr", title="Payer les salaires", definitions="| Mot | Sens |\n|---|---|\n| a | b |"
    )
    upload = SimpleUploadedFile("lock.png", PIXEL, "image/png")
    key = steps.attach_image(draft, actor=firm.author, upload=upload).key
    draft.refresh_from_db()
    fields = {"scope": f"## Titre\n\n![Le cadenas](media:{key})\n\n- un\n- deux\n\n1. trois\n\nVoir [[FIN-001]]."}
    drafts.save_draft(
        draft, actor=firm.author, version=draft.version, fields=fields,
        tools=[{"name": "Banque", "note": "Portail"}], records=[{"name": "Journal", "place": "Archives", "kept": ""}],
        benchmarks=[{"name": "Délai", "unit": "jours", "target": 2, "direction": "at_most"}],
        responsibilities=[(firm.clerk_role.pk, "A")],
    )  # fmt: skip
    submit(Revision.objects.get(pk=draft.pk), actor=firm.author)
    approve(Revision.objects.get(pk=draft.pk), by=firm.approver)
    return Revision.objects.get(pk=draft.pk)


def test_it_passes_the_checks_of_pdf_ua(rich):
    assert faults(pdf_of(rich), language="fr") == []


def test_an_obsolete_one_passes_them_too(firm):
    first = make_revision(firm)
    make_next(firm, first.procedure)
    assert faults(pdf_of(Revision.objects.get(pk=first.pk), RenditionKind.PDF_OBSOLETE), language="en") == []


def test_the_checks_find_what_is_missing():
    """Else they would prove nothing: the same child makes a document that lacks much."""
    bad = '<html lang="fr"><head></head><body><h2>Two</h2><h4>Four</h4><p>Text <img src="data:image/svg+xml,<svg/>">'
    assert {"metadata: no title", "language fr", "the first heading is H2", "H4 below H2"} <= set(
        faults(render_pdf(bad), language="en")
    )


def test_headings_of_a_text_follow_the_heading_above_them():
    text = mark_safe("<h5>a</h5><h6>b</h6><p>&lt;h5&gt;</p><h4 id='x'>c</h4><h6>d</h6><h6>e</h6>")
    assert headings_below(text, 2) == ("<h3>a</h3><h4>b</h4><p>&lt;h5&gt;</p><h3 id='x'>c</h3><h4>d</h4><h4>e</h4>")


def test_bookmarks_lead_to_sections_and_steps(rich):
    found = bookmarks(pdf_of(rich))
    assert found[0] == "Payer les salaires"
    assert "    1 Lock the time sheets" in found


def test_the_first_page_names_language_hash_and_firm(rich):
    text = PdfReader(io.BytesIO(pdf_of(rich))).pages[0].extract_text()
    html = build_html(rich, kind=RenditionKind.PDF)
    assert "Français" in text
    assert rich.content_hash in text.replace("\n", "")
    assert 'alt="Acme"' in html
    assert "#7a1f1f" in html


def test_every_page_has_the_code_that_leads_to_the_status(firm):
    revision = make_revision(firm, background="Long text. " * 900)
    reader = PdfReader(io.BytesIO(pdf_of(revision)))
    assert len(reader.pages) > 2
    assert all("Scan to see if it is still current." in page.extract_text() for page in reader.pages)
    assert "/v/" in status_url(revision)


def test_the_code_differs_from_revision_to_revision(firm):
    first = make_revision(firm)
    second = make_next(firm, first.procedure)
    assert status_url(first) != status_url(second)


def test_only_long_texts_begin_with_a_list_of_contents(firm):
    short = make_revision(firm)
    many = make_revision(firm, step_titles=[f"Step {number}" for number in range(MANY_STEPS + 1)])
    wordy = make_revision(firm, background="Words. " * 600)
    assert [is_long(revision_content(row)) for row in (short, many, wordy)] == [False, True, True]
    assert ['class="contents"' in build_html(row, kind=RenditionKind.PDF) for row in (short, many)] == [False, True]


def test_the_numbers_in_the_contents_are_those_of_the_pages(firm):
    revision = make_revision(firm, step_titles=[f"Unmistakable {number}" for number in range(30)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(revision))).pages]
    contents = " ".join(pages[0].split() + pages[1].split())
    for number in (0, 14, 29):
        at = next(n for n, text in enumerate(pages, start=1) if f"How to: Unmistakable {number}." in text)
        assert re.search(rf"Unmistakable {number}[ .]+{at}\b", contents), contents


def test_a_stored_pdf_keeps_its_bytes_when_the_firm_changes_its_look(firm):
    revision = make_revision(firm)
    before = pdf_of(revision)
    change_firm(actor=firm.administrator, fields={"accent": "#7a1f1f", "name": "Acme"})
    assert pdf_of(revision) == before


@pytest.mark.parametrize("state", [State.SUPERSEDED, State.WITHDRAWN])
def test_what_is_downloaded_after_its_end_carries_the_mark(firm, client, state):
    revision = make_revision(firm, state=state)
    client.force_login(firm.staff)
    answer = client.get(f"/procedures/{revision.procedure.code}/{revision.number}/pdf/")
    assert all("OBSOLETE" in page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
