"""What the exported files say, and to whom they are given."""

import csv
import io
import re
import zipfile

import pytest
import tinyhtml5
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from docx.enum.section import WD_ORIENT
from PIL import Image

from procedures.actions import drafts, steps
from procedures.exporting.files import Format, export
from procedures.exporting.frame import frame_of
from procedures.exporting.word import word_of
from procedures.importing.files import parse_file
from procedures.models import RenditionKind, Revision, Step
from procedures.pdf import store_pdf
from procedures.states import State
from sopdesk.lib.canonical import sha256_hex
from tests.factories import first_step, make_draft, make_next, make_revision
from tests.procedures.exporting.wordfiles import R, W, assert_sound
from tests.procedures.pdf.test_renderer import PIXEL

pytestmark = pytest.mark.django_db

HOSTILE = 'Bell \x07, tab\x0b, {PAGE} =cmd|"/c calc"!A1 <script>alert(1)</script> & ]]> <w:fldSimple w:instr="DDE"/>'
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
SVG = "{http://schemas.microsoft.com/office/drawing/2016/SVG/main}"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_picture(revision: Revision, firm, *, alt: str = "The lock") -> str:
    """Put a picture into the first step, and return its key."""
    upload = SimpleUploadedFile("lock.png", PIXEL, "image/png")
    picture = steps.attach_image(revision, actor=firm.author, upload=upload)
    step = first_step(revision)
    text = f"Look:\n\n![{alt}](media:{picture.key})"
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": text})
    return picture.key


def word_text(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    parts = [document.element, document.sections[0].header._element, document.sections[0].footer._element]
    return "\n".join("".join(node.text or "" for node in part.iter(f"{W}t")) for part in parts)


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


class TestWord:
    def test_it_holds_title_block_steps_roles_and_tables(self, firm):
        revision = make_revision(firm, title="Pay the supplier", outcome="Paid.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |")
        data = export(revision, Format.WORD).data
        assert_sound(data)
        document = Document(io.BytesIO(data))
        titles = [row.text for row in document.paragraphs if row.style.name == "Heading 2"]
        assert titles == ["Lock the time sheets", "Check the difference report", "Release the payment"]
        assert all(row._p.pPr.numPr is not None for row in document.paragraphs if row.style.name == "Heading 2"), (
            "the numbers are Word's own"
        )
        text = word_text(data)
        for words in (
            "Pay the supplier",
            revision.procedure.code,
            "Payroll clerk",
            "Approver",
            "revision 1",
            "Finance",
        ):
            assert words in text
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        assert {"a", "b", "1", "2"} <= set(cells)

    def test_every_page_has_code_revision_and_page_number(self, firm):
        revision = make_revision(firm)
        section = Document(io.BytesIO(export(revision, Format.WORD).data)).sections[0]
        assert f"{revision.procedure.code} · revision 1 ·" in section.header.paragraphs[0].text
        fields = [node.get(f"{W}instr") for node in section.footer._element.iter(f"{W}fldSimple")]
        assert fields == ["PAGE", "NUMPAGES"]
        assert "Uncontrolled when printed." in section.footer.paragraphs[0].text

    @pytest.mark.parametrize(
        ("state", "mark"),
        [(State.DRAFT, "DRAFT"), (State.IN_REVIEW, "IN REVIEW"), (State.WITHDRAWN, "OBSOLETE"), (State.PUBLISHED, "")],
    )
    def test_what_is_not_in_force_says_so_on_every_page(self, firm, state, mark):
        file = export(make_revision(firm, state=state), Format.WORD)
        header = Document(io.BytesIO(file.data)).sections[0].header._element
        text = "".join(node.text or "" for node in header.iter(f"{W}t"))
        assert (mark in text) if mark else not re.search("DRAFT|OBSOLETE|REVIEW", text)
        across = [node.get("string") for node in header.iter("{urn:schemas-microsoft-com:vml}textpath")]
        assert across[-1] == (mark or "UNCONTROLLED WHEN PRINTED"), "the watermark"

    def test_pictures_carry_their_words(self, firm):
        revision = make_draft(firm)
        with_picture(revision, firm)
        data = export(Revision.objects.get(pk=revision.pk), Format.WORD).data
        assert_sound(data)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert "word/media/image1.png" in package.namelist()
            assert 'descr="The lock"' in package.read("word/document.xml").decode()

    def test_the_flowchart_is_a_picture_that_says_the_same_as_text(self, firm):
        data = export(make_draft(firm), Format.WORD).data
        assert_sound(data)
        document = Document(io.BytesIO(data))
        properties = next(document.element.iter(f"{WP}docPr"))
        assert properties.get("descr").splitlines() == [
            "Flowchart – 3 steps, 1 role",
            "1. Lock the time sheets (Payroll clerk) – go to step 2",
            "2. Check the difference report (Payroll clerk) – go to step 3",
            "3. Release the payment (Payroll clerk) – the procedure ends here",
        ]
        blip = next(document.element.iter(f"{A}blip"))
        vectors = next(blip.iter(f"{SVG}svgBlip"))
        parts = [document.part.related_parts[node.get(f"{R}embed")] for node in (blip, vectors)]
        assert [part.content_type for part in parts] == ["image/png", "image/svg+xml"]
        with Image.open(io.BytesIO(parts[0].blob)) as bitmap:
            assert len(bitmap.getcolors(bitmap.width * bitmap.height)) > 10, "lines and letters"
        assert b"<a " not in parts[1].blob, "links lead nowhere in a picture"
        back = parse_file(data, filename="steps.docx")
        assert (len(back.steps), back.pictures) == (3, {}), "the import draws it from the steps"

    def test_a_wide_flowchart_lies_across_and_what_follows_stands_upright(self, firm):
        draft = make_draft(firm, step_titles=[f"Step of role {number}" for number in range(8)], contact="Desk 4")
        frame = frame_of(draft)
        for number, step in enumerate(frame.content["steps"]):
            step["role"] = {"id": number, "name": f"Role {number}"}
        data = word_of(frame, pictures={}, drawings={})
        assert_sound(data)
        document = Document(io.BytesIO(data))
        assert [section.orientation for section in document.sections] == [
            WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT
        ]  # fmt: skip

    def test_authors_diagrams_are_pictures(self, firm):
        revision = make_draft(firm, purpose="```mermaid\nflowchart LR\n  A --> B\n```")
        data = export(revision, Format.WORD).data
        assert_sound(data)
        names = [node.get("descr") for node in Document(io.BytesIO(data)).element.iter(f"{WP}docPr")]
        assert names[0] == "Diagram; its source follows as text."
        assert b'src="data:image/svg+xml;base64,' in export(revision, Format.HTML).data

    def test_hostile_text_breaks_nothing_and_makes_no_field(self, firm):
        revision = make_draft(firm, title=HOSTILE[:150], purpose=HOSTILE, step_titles=[HOSTILE[:150]], contact=HOSTILE)
        drafts.save_draft(
            revision, actor=firm.author, version=revision.version,
            fields={"references": "[a](http://[bad) [b](https://x.example/ä b) [c](javascript:alert(1)) <https://x.example>"},
            tools=[{"name": HOSTILE[:100], "note": HOSTILE}],
        )  # fmt: skip
        data = export(Revision.objects.get(pk=revision.pk), Format.WORD).data
        assert_sound(data)
        document = Document(io.BytesIO(data)).element
        assert not list(document.iter(f"{W}fldSimple", f"{W}instrText", f"{W}fldChar"))
        assert "\x07" not in word_text(data)
        assert "<script>" in word_text(data), "it stands there as text"

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_the_import_finds_the_steps_again(self, firm, language):
        titles = ["Lock the time sheets", "Check the difference report", "Release the payment"]
        if language == "fr":
            titles = ["Verrouiller les feuilles de temps", "Contrôler les écarts", "Libérer le paiement"]
        revision = make_draft(firm, language=language, step_titles=titles, title="Pay everybody")
        step = first_step(revision)
        fields = {"warning": "Never twice.", "body": "1. One\n2. Two\n\n| a | b |\n| - | - |\n| c | d |", "minutes": 20}
        steps.save_step(step, actor=firm.author, version=step.version, fields=fields)
        file = export(Revision.objects.get(pk=revision.pk), Format.WORD)
        parsed = parse_file(file.data, filename=file.name)
        assert [row.title for row in parsed.steps] == titles
        assert {row.role for row in parsed.steps} == {"Payroll clerk"}
        assert (parsed.title, parsed.language) == ("Pay everybody", language)
        assert "Never twice." in parsed.steps[0].warning + parsed.steps[0].body

    def test_the_same_text_gives_the_same_bytes(self, firm):
        revision = make_revision(firm)
        assert export(revision, Format.WORD).data == export(revision, Format.WORD).data

    def test_labels_are_in_the_language_of_the_document(self, firm):
        data = export(make_revision(firm, language="fr"), Format.WORD).data
        assert "Approbations" in word_text(data)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert 'w:val="fr-FR"' in package.read("word/styles.xml").decode()


class TestWebPage:
    def test_it_needs_nothing_from_elsewhere(self, firm):
        revision = make_draft(firm)
        with_picture(revision, firm)
        Step.objects.filter(revision=revision).update(minutes=20)
        file = export(Revision.objects.get(pk=revision.pk), Format.HTML)
        tree = tinyhtml5.parse(file.data.decode())
        for node in tree.iter():
            tag = str(node.tag).rsplit("}", 1)[-1]
            assert tag not in ("script", "form", "link", "iframe", "object", "embed"), tag
            assert not any(str(name).startswith("on") for name in node.attrib)
            if tag == "img":
                assert node.get("src", "").startswith("data:image/")
            if tag == "use":
                assert node.get("href", "").startswith("#")
        text = file.data.decode()
        assert "20&nbsp;min" in text or "20\xa0min" in text, "how long a step takes stays, the links beside it do not"
        assert 'step-tools"><a' not in text
        assert "default-src &#x27;none&#x27;" in text
        assert "DRAFT" in text

    def test_hostile_text_stays_text(self, firm):
        revision = make_revision(firm, title=HOSTILE[:150], purpose=HOSTILE, step_titles=[HOSTILE[:150]])
        text = export(revision, Format.HTML).data.decode()
        assert "<script" not in text
        assert "&lt;script&gt;" in text


class TestMarkdown:
    def test_pictures_come_along_and_are_shown_where_they_stand(self, firm):
        revision = make_draft(firm)
        key = with_picture(revision, firm)
        file = export(Revision.objects.get(pk=revision.pk), Format.MARKDOWN)
        with zipfile.ZipFile(io.BytesIO(file.data)) as package:
            name = f"{revision.procedure.code}-r1-draft"
            assert package.namelist() == [f"{name}.md", f"files/{key}.png"]
            text = package.read(f"{name}.md").decode()
            assert sha256_hex(package.read(f"files/{key}.png"))[:16] == key
        assert f"![The lock](files/{key}.png)" in text

    def test_it_says_its_state(self, firm):
        first = make_revision(firm)
        make_next(firm, first.procedure)
        text = export(Revision.objects.get(pk=first.pk), Format.MARKDOWN).data.decode()
        assert "**OBSOLETE.** Replaced by revision 2." in text


class TestAnswers:
    @pytest.mark.parametrize("path", ["docx", "markdown", "html"])
    def test_who_has_it_already_gets_no_copy(self, firm, path):
        revision = make_revision(firm)
        client = client_of(firm.staff)
        first = client.get(f"/procedures/{revision.procedure.code}/{path}/")
        assert first.status_code == 200
        assert first["Content-Disposition"].startswith(f'attachment; filename="{revision.procedure.code}-r1.')
        again = client.get(f"/procedures/{revision.procedure.code}/{path}/", headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        make_next(firm, revision.procedure)
        old = client.get(f"/procedures/{revision.procedure.code}/1/{path}/", headers={"If-None-Match": first["ETag"]})
        assert old.status_code == 200, "it says now that it is obsolete"

    def test_a_tag_follows_a_draft(self, firm):
        draft = make_draft(firm)
        before = frame_of(draft).fingerprint
        drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"scope": "Everything."})
        assert frame_of(Revision.objects.get(pk=draft.pk)).fingerprint != before


class TestArchive:
    def test_it_packs_what_the_library_lists(self, firm):
        paid = make_revision(firm, title="Pay the supplier")
        make_revision(firm, title="Count the stock", language="fr")
        hidden = make_revision(firm, audience="departments", audience_departments=[firm.operations])
        store_pdf(paid, kind=RenditionKind.PDF)
        response = client_of(firm.staff).get("/library/export/?language=en&format=docx&format=markdown&format=pdf")
        with zipfile.ZipFile(io.BytesIO(body(response))) as package:
            code = paid.procedure.code
            assert package.testzip() is None
            assert set(package.namelist()) == {
                f"{code}/{code}-r1.docx", f"{code}/{code}-r1.md", f"{code}/{code}-r1.pdf", "manifest.csv"
            }  # fmt: skip
            rows = list(csv.DictReader(io.StringIO(package.read("manifest.csv").decode("utf-8-sig"))))
            assert {row["SHA-256"] for row in rows} == {
                sha256_hex(package.read(name)) for name in package.namelist() if name != "manifest.csv"
            }
        assert hidden.procedure.code not in str(rows)

    def test_a_search_selects_as_in_the_library(self, firm):
        wanted = make_revision(firm, title="Reconcile the petty cash")
        make_revision(firm, title="Count the stock")
        response = client_of(firm.staff).get("/library/export/?q=petty+cash&format=html")
        with zipfile.ZipFile(io.BytesIO(body(response))) as package:
            code = wanted.procedure.code
            assert package.namelist() == [f"{code}/{code}-r1.html", "manifest.csv"]

    def test_a_pdf_that_is_not_made_yet_is_named_and_not_made_now(self, firm):
        make_revision(firm)
        response = client_of(firm.staff).get("/library/export/?format=pdf")
        with zipfile.ZipFile(io.BytesIO(body(response))) as package:
            assert package.namelist() == ["manifest.csv"]
            assert "has not been made yet" in package.read("manifest.csv").decode("utf-8-sig")

    def test_one_that_fails_does_not_cost_the_others(self, firm, monkeypatch):
        from procedures.exporting import archive

        good, bad = make_revision(firm, title="Good"), make_revision(firm, title="Bad")
        real = archive.export

        def export_or_fail(revision, wanted):
            if revision == bad:
                raise ValueError("broken")
            return real(revision, wanted)

        monkeypatch.setattr(archive, "export", export_or_fail)
        response = client_of(firm.staff).get("/library/export/?format=markdown")
        with zipfile.ZipFile(io.BytesIO(body(response))) as package:
            code = good.procedure.code
            assert package.namelist() == [f"{code}/{code}-r1.md", "manifest.csv"]
            assert "This file could not be made." in package.read("manifest.csv").decode("utf-8-sig")

    def test_the_page_asks_for_formats_and_refuses_none(self, firm):
        make_revision(firm)
        client = client_of(firm.staff)
        assert client.get("/library/export/").status_code == 200
        page = client.get("/library/export/?go=1")
        assert page.status_code == 422
        assert "Choose at least one format." in page.content.decode()

    def test_too_many_are_refused(self, firm, monkeypatch):
        from procedures.views import exporting

        monkeypatch.setattr(exporting, "MAX_PROCEDURES", 1)
        make_revision(firm)
        make_revision(firm)
        page = client_of(firm.staff).get("/library/export/?format=markdown")
        assert "Too many at once." in page.content.decode()
