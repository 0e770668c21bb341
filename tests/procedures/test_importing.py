"""Import: the page with its preview, the action, and the command with its report."""

import base64
import datetime
import io
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from docx import Document
from PIL import Image

from audit.trail import entries_for
from procedures.actions.imported import remove_old_documents
from procedures.actions.importing import free_code, import_procedure
from procedures.importing.markdown import parse_markdown
from procedures.models import ImportedDocument, Procedure, Revision, Step
from sopdesk.lib.errors import NotPermitted, Refused
from tests.factories import make_draft
from tests.procedures.importing.reading import archive
from tests.procedures.importing.word import data_of, rewritten

pytestmark = pytest.mark.django_db

CORPUS = Path(os.environ.get("SOPDESK_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "corpus"))

DOCUMENT = """---
title: Bank the petty cash
owner: Chief accountant
---

# Bank the petty cash

## Purpose

Keep little cash in the office.

## Tools

- Cash book
- Bank card

## Procedure

1. Count the notes and coins.
   - Two people count.
2. Write the total into the cash book.

   > **Warning:** Never round.

3. Take the money to the [bank](bank.md).
"""


@pytest.fixture
def author(firm) -> Client:
    client = Client()
    client.force_login(firm.author)
    return client


def upload(text: str | bytes = DOCUMENT, name: str = "petty-cash.md") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def with_entities() -> bytes:
    """A Word document that would read a file of the server."""

    def hostile(name: str, content: bytes) -> bytes:
        entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document'
        return content.replace(b"<w:document", entity, 1) if name == "word/document.xml" else content

    return rewritten(data_of(Document()), hostile)


def red_square() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def picture_document() -> str:
    address = f"data:image/png;base64,{base64.b64encode(red_square()).decode()}"
    return f"<h1>A</h1><ol><li>Look at it:<p><img src='{address}' alt='red square'></p></ol>"


def uploaded(author: Client, file: SimpleUploadedFile | None = None) -> ImportedDocument:
    response = author.post("/procedures/import/", {"file": file or upload()})
    assert response.status_code == 302, response.content
    return ImportedDocument.objects.latest("pk")


def facts_of(firm, **changes) -> dict[str, object]:
    facts = {"title": "Bank the petty cash", "code": "FIN-001", "kind": "procedure"}
    return facts | {"department": firm.finance.pk, "owner": firm.owner.pk} | changes


class TestPage:
    def test_preview_shows_file_and_result_and_saves_no_procedure(self, author):
        document = uploaded(author)
        page = author.get(f"/procedures/import/{document.pk}/").content.decode()
        for expected in ("Bank the petty cash", "Count the notes and coins", "Keep little cash", "bank.md", "FIN-001"):
            assert expected in page
        assert "<li>Bank card</li>" in document.source_html
        assert not Procedure.objects.exists()

    def test_creating_the_draft_makes_it_and_removes_the_document(self, author, firm):
        document = uploaded(author)
        response = author.post(f"/procedures/import/{document.pk}/", facts_of(firm))
        assert response.status_code == 302
        revision = Revision.objects.get()
        assert revision.title == "Bank the petty cash"
        assert revision.purpose == "Keep little cash in the office."
        assert [tool.name for tool in revision.tools.all()] == ["Cash book", "Bank card"]
        assert [step.title for step in revision.steps.all()][0] == "Count the notes and coins."
        assert revision.steps.get(position=2).warning == "Never round."
        assert not ImportedDocument.objects.exists()

    def test_an_error_changes_nothing_and_loses_nothing(self, author, firm):
        make_draft(firm, code="FIN-007")
        document = uploaded(author)
        response = author.post(f"/procedures/import/{document.pk}/", facts_of(firm, code="FIN-007"))
        assert response.status_code == 422
        assert "never given twice" in response.content.decode()
        assert "Count the notes and coins" in response.content.decode()
        assert Procedure.objects.count() == 1
        assert ImportedDocument.objects.filter(pk=document.pk).exists()

    @pytest.mark.parametrize(
        ("file", "message"),
        [
            (("x", "notes.odt"), "cannot be imported"),
            (("x", "notes.docx"), "not a Word document"),
            ((b"\xff\xfe\x00binary", "x.md"), "not UTF-8"),
            ((b"", "x.md"), "empty"),
            ((b"x" * 2_000_001, "x.md"), "larger than 2 MB"),
            ((b"PK\x03\x04", "x.zip"), "damaged"),
            ((b"\xd0\xcf\x11\xe0", "x.doc"), "old Word file"),
            ((b"<svg onload='alert(1)'/>", "x.svg"), "cannot be imported"),
            ((b"<svg onload='alert(1)'/>", "x.html"), "no text"),
            ((archive({"../up.md": "x"}), "x.zip"), "leads outside"),
            ((archive({"a.md": "/etc/passwd"}, link="a.md"), "x.zip"), "leads outside"),
            ((archive({"a.md": "x", "zeros": b"\0" * 20_000_000}), "x.zip"), "unpacks to far more"),
            ((archive({f"{at}.md": "x" for at in range(31)}), "x.zip"), "31 documents"),
            ((with_entities(), "x.docx"), "declares entities"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_beside_the_field(self, author, file, message):
        response = author.post("/procedures/import/", {"file": upload(*file)})
        assert response.status_code == 422
        (said,) = response.context["form"].errors["file"]
        assert message in said
        page = response.content.decode()
        beside = page[page.index('id="id_file_error"') :].partition("</div>")[0]
        assert escape(said) in beside
        assert 'aria-invalid="true"' in page
        assert not ImportedDocument.objects.exists()

    def test_no_file_is_said_beside_the_field(self, author):
        response = author.post("/procedures/import/", {})
        assert response.status_code == 422
        assert response.context["form"].errors == {"file": ["Choose a file."]}

    def test_a_hostile_page_is_cleaned_and_the_report_says_so(self, author):
        html = (
            "<h1>A</h1><ol><li onclick=alert(1)>Go<iframe src=https://evil.example></iframe></ol><svg onload=alert(2)/>"
        )
        document = uploaded(author, upload(html, "x.html"))
        page = author.get(f"/procedures/import/{document.pk}/").content.decode()
        for hostile in ("alert(", "<iframe", "onload"):
            assert hostile not in page
        for said in (
            "Some parts were left out",
            "SVG drawings can hold programs",
            "neither run nor imported",
            "&lt;iframe",
        ):
            assert said in page

    def test_hostile_text_of_a_file_is_text_on_the_page(self, author):
        html = "<h1>A</h1><p>&lt;script&gt;alert(1)&lt;/script&gt;</p><ol><li>Go <img src=x onerror=alert(2)></ol>"
        document = uploaded(author, upload(html, "x.html"))
        page = author.get(f"/procedures/import/{document.pk}/").content.decode()
        assert "<script>alert" not in page
        assert "onerror" not in page

    def test_documents_of_a_zip_wait_in_the_list(self, author, firm):
        document = uploaded(author, upload(archive({"a.md": "# A\n\n1. x\n", "b/b.md": "# B"}), "all.zip"))
        assert document.filename == "b/b.md"
        page = author.get("/procedures/import/").content.decode()
        assert page.count("Remove<span") == 2
        author.post(f"/procedures/import/{document.pk}/remove/")
        assert ImportedDocument.objects.count() == 1

    def test_nobody_else_reaches_a_document(self, author, firm):
        document = uploaded(author, upload(picture_document(), "x.html"))
        key = next(iter(document.data["pictures"]))
        other = Client()
        other.force_login(firm.administrator)
        for path in ("", f"pictures/{key}/"):
            assert author.get(f"/procedures/import/{document.pk}/{path}").status_code == 200
            assert other.get(f"/procedures/import/{document.pk}/{path}").status_code == 404
        for path in ("", "change/", "remove/"):
            assert other.post(f"/procedures/import/{document.pk}/{path}").status_code == 404
        assert ImportedDocument.objects.filter(pk=document.pk).exists()

    def test_pictures_of_a_file_become_attachments(self, author, firm):
        document = uploaded(author, upload(picture_document(), "x.html"))
        author.post(f"/procedures/import/{document.pk}/", facts_of(firm))
        attachment = Revision.objects.get().attachments.get()
        assert f"![red square](media:{attachment.key})" in Step.objects.get().body

    def test_what_waits_for_a_week_is_removed(self, author):
        document = uploaded(author)
        remove_old_documents()
        assert ImportedDocument.objects.exists()
        ImportedDocument.objects.filter(pk=document.pk).update(created_at=timezone.now() - datetime.timedelta(days=8))
        assert remove_old_documents() == 1
        assert not ImportedDocument.objects.exists()


class TestSettling:
    """Merge, split, demote, promote and undo, on the page."""

    TEXT = "# T\n\n## Procedure\n\n1. Open.\n\n    Slowly.\n\n    - left\n    - right\n\n2. Count.\n3. Close.\n"

    @pytest.fixture
    def document(self, author) -> ImportedDocument:
        return uploaded(author, upload(self.TEXT))

    def change(self, author, document, **fields) -> list[str]:
        document.refresh_from_db()
        data = {"version": document.version} | fields
        response = author.post(f"/procedures/import/{document.pk}/change/", data)
        assert response.status_code == 302, response.context["problem"]
        document.refresh_from_db()
        return [step["title"] for step in document.data["parsed"]["steps"]]

    def body(self, document, step: int) -> str:
        return document.data["parsed"]["steps"][step]["body"]

    def test_merge_with_the_previous(self, author, document):
        assert self.change(author, document, change="merge", step=1) == ["Open.", "Close."]
        assert self.body(document, 0) == "Slowly.\n\n- left\n- right\n\nCount."

    def test_demote_to_text_of_the_step_before_or_background(self, author, document):
        assert self.change(author, document, change="demote", step=2) == ["Open.", "Count."]
        assert self.body(document, 1) == "Close."
        assert self.change(author, document, change="demote", step=0) == ["Count."]
        assert document.data["parsed"]["background"].startswith("Open.\n\nSlowly.")

    def test_split_at_a_paragraph_and_at_an_entry(self, author, document):
        assert self.change(author, document, change="split", step=0, at="1.1") == ["Open.", "right", "Count.", "Close."]
        assert self.body(document, 0) == "Slowly.\n\n- left"
        titles = self.change(author, document, change="split", step=0, at="0")
        assert titles == ["Open.", "Slowly.", "right", "Count.", "Close."]
        assert self.body(document, 1) == "- left"

    def test_entries_of_a_list_become_steps(self, author, document):
        titles = self.change(author, document, change="entries", step=0, at="1")
        assert titles == ["Open.", "left", "right", "Count.", "Close."]

    def test_text_of_the_background_becomes_a_step_at_its_place(self, author, document):
        self.change(author, document, change="demote", step=0)
        titles = self.change(author, document, change="promote", at="0")
        assert titles == ["Open.", "Count.", "Close."]
        titles = self.change(author, document, change="promote", at="1")
        assert sorted(titles) == ["Close.", "Count.", "Open.", "left", "right"]
        assert document.data["parsed"]["background"] == "Slowly."

    def test_undo_takes_back_one_change_after_the_other(self, author, document):
        before = document.data["parsed"]
        self.change(author, document, change="demote", step=0)
        self.change(author, document, change="merge", step=1)
        self.change(author, document, change="undo")
        self.change(author, document, change="undo")
        assert document.data["parsed"] == before

    @pytest.mark.parametrize(
        "fields",
        [
            {"change": "merge", "step": 0},
            {"change": "merge", "step": 9},
            {"change": "split", "step": 0, "at": "7"},
            {"change": "split", "step": 0, "at": "1.9"},
            {"change": "split", "step": 1, "at": "0"},
            {"change": "entries", "step": 0, "at": "0"},
            {"change": "promote", "at": "0"},
            {"change": "undo"},
            {"change": "explode"},
            {"change": "demote", "step": 0, "version": 9},
        ],
    )
    def test_what_is_not_possible_is_said_and_changes_nothing(self, author, document, fields):
        response = author.post(f"/procedures/import/{document.pk}/change/", {"version": 1} | fields)
        assert response.status_code == 422
        assert response.context["problem"]
        assert ImportedDocument.objects.get().data == document.data

    @pytest.mark.parametrize(
        ("change", "place", "place_of_undo"),
        [
            ({"change": "merge", "step": 2}, "step-2", "step-2"),
            ({"change": "split", "step": 0, "at": "1"}, "step-2", "step-1"),
            ({"change": "demote", "step": 0}, "recognised", "step-1"),
        ],
    )
    def test_without_script_the_page_comes_back_where_something_changed(
        self, author, document, change, place, place_of_undo
    ):
        address = f"/procedures/import/{document.pk}/"
        assert author.post(f"{address}change/", {"version": 1} | change).url == f"{address}#{place}"
        undone = author.post(f"{address}change/", {"version": 2, "change": "undo"}).url
        assert undone == f"{address}#{place_of_undo}"

    def test_without_script_the_facts_come_back_as_typed(self, author, document):
        address = f"/procedures/import/{document.pk}/"
        facts = {"title": "Close & lock", "code": "FIN-099", "kind": "policy"}
        query = "version=1&step=1"
        answer = author.post(f"{address}change/?{query}", {"change": "merge", **facts}, follow=True)
        form = answer.context["form"]
        assert {name: form[name].value() for name in facts} == facts
        refused = author.post(f"{address}change/?{query}", {"change": "merge", **facts})
        assert refused.status_code == 422
        assert refused.context["form"]["title"].value() == "Close & lock"

    def test_htmx_gets_the_changed_part_only(self, author, document):
        data = {"version": 1, "change": "merge", "step": 1}
        response = author.post(f"/procedures/import/{document.pk}/change/", data, headers={"HX-Request": "true"})
        page = response.content.decode()
        assert page.lstrip().startswith('<div class="stack" id="recognised"')
        assert "Step 2 is now part of step 1." in page


class TestAction:
    def make(self, firm, text=DOCUMENT, **kwargs):
        parsed = parse_markdown(text, filename="x.md")
        facts = {"actor": firm.author, "department": firm.finance, "owner": firm.owner}
        return import_procedure(parsed, filename="x.md", source_hash="0" * 64, **(facts | kwargs))

    def test_the_trail_names_the_file_and_its_hash(self, firm):
        revision = self.make(firm)
        entry = entries_for(revision).last()
        assert entry.name == "procedures.revision.import"
        assert (entry.data["file"], entry.data["steps"]) == ("x.md", 3)

    def test_a_part_that_is_refused_leaves_nothing_behind(self, firm):
        text = "# Title\n\n## Steps\n\n1. First\n2. Second\n\n" + "   " + "[" * 600 + "\n"
        with pytest.raises(Refused):
            self.make(firm, text)
        assert not Procedure.objects.exists()

    def test_only_authors_of_the_department_import(self, firm):
        with pytest.raises(NotPermitted):
            self.make(firm, actor=firm.staff)
        assert not Procedure.objects.exists()

    @pytest.mark.parametrize(("wanted", "given"), [("HR-7", "HR-7"), ("no code", "FIN-001"), ("", "FIN-001")])
    def test_a_code_that_fits_is_kept(self, firm, wanted, given):
        assert free_code(wanted, firm.finance) == given


class TestCommand:
    def run(self, *args) -> str:
        out = io.StringIO()
        call_command("importprocedures", *map(str, args), stdout=out, stderr=out)
        return out.getvalue()

    def test_reports_each_file_and_the_total(self, firm, tmp_path):
        (tmp_path / "one.md").write_text(DOCUMENT)
        (tmp_path / "two.md").write_text("# Two\n\n1. Do it\n2. Do it again\n")
        (tmp_path / "old.odt").write_bytes(b"PK")
        report = self.run(tmp_path, "--details")
        assert "one.md: FIN-001: “Bank the petty cash” (en), 3 steps" in report
        assert "format .odt is not known yet" in report
        assert "2 lossless, 0 with losses, 0 failed, 1 of a format not known yet; 5 steps" in report
        assert "bank.md" in report
        assert Procedure.objects.count() == 2

    def test_a_file_that_fails_leaves_nothing_and_does_not_stop_the_others(self, firm, tmp_path):
        (tmp_path / "bad.md").write_bytes(b"\xff\xff\xff")
        (tmp_path / "good.md").write_text(DOCUMENT)
        with pytest.raises(CommandError, match="1 files failed"):
            self.run(tmp_path)
        assert Procedure.objects.count() == 1

    def test_a_dry_run_writes_nothing_and_needs_nobody(self, tmp_path):
        (tmp_path / "one.md").write_text(DOCUMENT)
        assert "3 steps" in self.run(tmp_path, "--dry-run")
        assert not Procedure.objects.exists()

    def test_nobody_to_import_for_is_an_error(self, tmp_path):
        with pytest.raises(CommandError, match="--author"):
            self.run(tmp_path)

    def test_every_file_of_the_corpus_becomes_a_draft(self, firm):
        folder = CORPUS / "open"
        if not folder.exists():
            pytest.skip(f"no corpus at {folder}")
        report = self.run(folder)
        assert "0 failed" in report
        assert Procedure.objects.count() == sum(1 for path in folder.rglob("*") if path.is_file())
        assert "0 of a format not known yet" in report
