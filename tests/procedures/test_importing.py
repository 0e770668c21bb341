"""Import: the page with its preview, the action, and the command with its report."""

import io
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from audit.trail import entries_for
from procedures.actions.importing import free_code, import_procedure
from procedures.importing.markdown import parse_markdown
from procedures.models import Procedure, Revision
from sopdesk.lib.errors import NotPermitted, Refused
from tests.factories import make_draft

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


class TestPage:
    def test_preview_shows_what_was_recognised_and_saves_nothing(self, author):
        response = author.post("/procedures/import/", {"file": upload()})
        page = response.content.decode()
        assert response.status_code == 200
        for expected in ("Bank the petty cash", "Count the notes and coins", "Keep little cash", "bank.md", "FIN-001"):
            assert expected in page
        assert not Procedure.objects.exists()

    def test_agreeing_makes_a_draft_of_it(self, author, firm):
        shown = author.post("/procedures/import/", {"file": upload()}).context["form"]
        fields = {name: shown[name].value() or "" for name in ("filename", "source", "title", "code")}
        facts = {"kind": "procedure", "department": firm.finance.pk, "owner": firm.owner.pk}
        response = author.post("/procedures/import/", fields | facts)
        assert response.status_code == 302
        revision = Revision.objects.get()
        assert revision.title == "Bank the petty cash"
        assert revision.purpose == "Keep little cash in the office."
        assert [tool.name for tool in revision.tools.all()] == ["Cash book", "Bank card"]
        steps = list(revision.steps.order_by("position"))
        assert [step.title for step in steps][0] == "Count the notes and coins."
        assert len(steps) == 3
        assert "Two people count" in steps[0].body
        assert "Chief accountant" in revision.background

    def test_a_taken_code_loses_nothing(self, author, firm):
        make_draft(firm, code="FIN-001")
        facts = {"kind": "procedure", "department": firm.finance.pk, "owner": firm.owner.pk}
        data = {"filename": "x.md", "source": DOCUMENT, "title": "Mine", "code": "FIN-001"}
        response = author.post("/procedures/import/", data | facts)
        page = response.content.decode()
        assert response.status_code == 422
        assert "never given twice" in page
        assert "Count the notes and coins" in page
        assert Procedure.objects.count() == 1

    @pytest.mark.parametrize(
        ("file", "message"),
        [
            (upload("x", "notes.docx"), "Only Markdown files"),
            (upload(b"\xff\xfe\x00binary", "x.md"), "x.md"),
            (upload(b"", "x.md"), "empty"),
            (upload(b"x" * 2_000_001, "x.md"), "larger than 2 MB"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_beside_the_field(self, author, file, message):
        response = author.post("/procedures/import/", {"file": file})
        assert response.status_code == 422
        assert response.context["form"].errors["file"]
        assert not Procedure.objects.exists()

    def test_no_file_is_said_beside_the_field(self, author):
        response = author.post("/procedures/import/", {})
        assert response.status_code == 422
        assert response.context["form"].errors == {"file": ["Choose a file."]}


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
        (tmp_path / "old.docx").write_bytes(b"PK")
        report = self.run(tmp_path, "--details")
        assert "one.md: FIN-001: “Bank the petty cash” (en), 3 steps" in report
        assert "format .docx is not known yet" in report
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

    def test_every_markdown_file_of_the_corpus_becomes_a_draft(self, firm):
        folder = CORPUS / "open"
        if not folder.exists():
            pytest.skip(f"no corpus at {folder}")
        report = self.run(folder)
        assert "0 failed" in report
        assert Procedure.objects.count() == len(list(folder.rglob("*.md")))
