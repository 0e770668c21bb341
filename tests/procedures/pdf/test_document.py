"""What a PDF says about itself on its first page and on every page, in any script, before and after it is obsolete."""

import datetime
import re
import subprocess

import pytest
import time_machine
from django.utils import timezone

from procedures.actions import drafts, steps
from procedures.models import Rendition, RenditionKind, Revision
from procedures.pdf import build_html, store_pdf
from procedures.states import State
from procedures.tasks import make_pdf
from roles.models import User
from sopdesk.lib.files import read_stored
from tests.factories import make_draft, make_next, make_revision
from tests.procedures.pdf.test_renderer import PIXEL

pytestmark = pytest.mark.django_db

LONG = "Compare every line with the signed sheet. " * 120


@pytest.fixture
def show(tmp_path):
    """The PDF of a revision as a file, and its text page by page."""

    def make(revision: Revision, kind: str = RenditionKind.PDF):
        path = tmp_path / f"{revision}-{kind}.pdf"
        path.write_bytes(read_stored(store_pdf(revision, kind=kind).file.name))
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
        return path, text.removesuffix("\f").split("\f")

    return make


def line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_every_page_carries_code_revision_date_and_page_number(firm, show):
    revision = make_revision(firm, background=LONG, definitions=LONG)
    _path, pages = show(revision)
    assert len(pages) > 1
    day = f"{revision.effective_on.day} {revision.effective_on:%b %Y}"
    for number, text in enumerate(pages, start=1):
        assert f"{revision.procedure.code} · revision 1 · {day} · {number}/{len(pages)}" in text
        assert "Uncontrolled when printed." in text
        assert f"http://localhost:8000/procedures/{revision.procedure.code}/1/" in text


def test_page_one_carries_title_number_unit_dates_and_signatures(firm, show):
    revision = make_revision(firm, title="Pay the supplier")
    _path, pages = show(revision)
    decision = revision.rounds.get().decisions.get()
    signed_at = timezone.localtime(decision.decided_at).isoformat(" ", "seconds").replace("+", " +")
    for words in (
        "Pay the supplier", revision.procedure.code, "Published", "Finance", "Owner", "Approver", "Approved",
        "with password", decision.capacity, signed_at, decision.seal[:12],
    ):  # fmt: skip
        assert words in line(pages[0])


def test_a_signature_keeps_the_name_under_which_it_was_given(firm, show):
    revision = make_revision(firm)
    User.objects.filter(pk=firm.approver.pk).update(full_name="Somebody Else")
    _path, pages = show(revision)
    assert "Somebody Else" not in pages[0]


def test_warnings_come_before_the_text_of_their_step(firm, show):
    """And after its title, so that nobody takes them for the end of the step before."""
    revision = make_draft(firm)
    step = list(revision.steps.all())[1]
    fields = {"warning": "Call back first.", "hold": True}
    steps.save_step(step, actor=firm.author, version=step.version, fields=fields)
    html = build_html(revision, kind=RenditionKind.PDF)
    words = (f"{step.title}</h3>", "Hold point.", "Call back first.", step.body)
    places = [html.index(word, html.index('id="step-2"')) for word in words]
    assert places == sorted(places)
    assert "Call back first." not in html[: places[0]]


def test_the_history_of_revisions_tells_why_each_was_made(firm, show):
    first = make_revision(firm, change_summary="First edition.")
    second = make_next(firm, first.procedure, change_summary="The limit goes down.")
    _path, pages = show(second)
    assert pages[0].index("The limit goes down.") < pages[0].index("First edition.")
    _path, pages = show(first, RenditionKind.PDF_OBSOLETE)
    assert "The limit goes down." not in pages[0]


def test_the_obsolete_mark_is_on_every_page_with_what_replaced_it(firm, show):
    first = make_revision(firm, background=LONG)
    make_next(firm, first.procedure)
    _path, pages = show(Revision.objects.get(pk=first.pk), RenditionKind.PDF_OBSOLETE)
    assert len(pages) > 1
    assert all("OBSOLETE" in text and "Replaced by revision 2." in text for text in pages)
    assert "Superseded" in pages[0]


def test_the_obsolete_mark_lies_under_every_page_as_a_picture(firm):
    revision = make_revision(firm, state=State.WITHDRAWN)
    assert "background: url(data:image/svg+xml;base64," in build_html(revision, kind=RenditionKind.PDF_OBSOLETE)
    assert "background: url(" not in build_html(revision, kind=RenditionKind.PDF)


def test_a_withdrawn_procedure_says_why(firm, show):
    _path, pages = show(make_revision(firm, state=State.WITHDRAWN), RenditionKind.PDF_OBSOLETE)
    assert "No longer done." in pages[0]
    assert "Withdrawn" in pages[0]


def test_every_script_comes_out_with_embedded_fonts(firm, show):
    words = "Paye à l’été, œuvre, Größe, 漢字 日本語 한국어, Ελλάδα, мир"
    revision = make_revision(firm, purpose=words)
    path, pages = show(revision)
    assert words in line(" ".join(pages))
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert any("DejaVuSans" in font.replace("-", "") for font in fonts), fonts
    assert all(font.split()[-5] == "yes" for font in fonts)  # the column emb
    assert not any("Type 3" in font for font in fonts)


def test_labels_are_in_the_language_of_the_document(firm):
    html = build_html(make_revision(firm, language="fr"), kind=RenditionKind.PDF)
    assert '<html lang="fr">' in html


def test_it_is_tagged_and_has_a_title(firm, show):
    path, _pages = show(make_revision(firm, title="Pay the supplier"))
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged:\s+yes", info)
    assert re.search(r"Title:\s+FIN-\d+ Pay the supplier", info)


def test_pictures_of_the_text_are_printed(firm, show, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    revision = make_draft(firm)
    upload = SimpleUploadedFile("lock.png", PIXEL, "image/png")
    picture = steps.attach_image(revision, actor=firm.author, upload=upload)
    revision.refresh_from_db()
    drafts.save_draft(
        revision, actor=firm.author, version=revision.version, fields={"scope": f"![The lock](media:{picture.key})"}
    )
    path, _pages = show(Revision.objects.get(pk=revision.pk))
    listing = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout
    assert len(listing.splitlines()) == 2 + 1


class TestStoring:
    def test_the_text_does_not_depend_on_the_moment(self, firm):
        revision = make_revision(firm)
        now = build_html(revision, kind=RenditionKind.PDF)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=400)):
            assert build_html(revision, kind=RenditionKind.PDF) == now

    def test_made_twice_it_is_stored_once(self, firm):
        revision = make_revision(firm)
        first = store_pdf(revision, kind=RenditionKind.PDF)
        assert store_pdf(revision, kind=RenditionKind.PDF) == first
        assert Rendition.objects.count() == 1

    def test_of_two_at_once_both_get_the_one_stored_first(self, firm, monkeypatch):
        from procedures.pdf import storing

        revision = make_revision(firm)
        first = store_pdf(revision, kind=RenditionKind.PDF)
        monkeypatch.setattr(storing, "stored_pdf", lambda revision, *, kind: None)  # it looked a moment too early
        assert store_pdf(revision, kind=RenditionKind.PDF) == first

    def test_the_task_makes_the_pdf_and_may_run_again(self, firm):
        revision = make_revision(firm)
        make_pdf.call(revision.pk, "pdf")
        make_pdf.call(revision.pk, "pdf")
        assert Rendition.objects.get().revision == revision
