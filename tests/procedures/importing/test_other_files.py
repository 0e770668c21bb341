"""HTML files, archives and tables of steps."""

import struct

import pytest

from procedures.importing.csvsteps import parse_csv
from procedures.importing.document import UnreadableDocument
from procedures.importing.files import documents_in, parse_file
from procedures.importing.rich.html import decode_html, parse_html_file
from tests.procedures.importing.reading import archive, titles
from tests.procedures.importing.word import picture

CONFLUENCE = """<html lang="en"><head><title>Close - Wiki</title></head><body>
<div id="breadcrumbs"><ol><li>Space</li></ol></div><h1>Close the month</h1>
<div class="confluence-information-macro confluence-information-macro-warning"><p>Never on Friday.</p></div>
<ol><li><p>Open the <b>ledger</b>.</p><ul class="inline-task-list"><li class="checked">Key</li><li>Code</li></ul></li>
<li>Count it.</li></ol><table><tr><td>Only one cell</td></tr></table><iframe src="https://video.example/1"></iframe>
<script>alert(1)</script></body></html>"""


def locked(data: bytes) -> bytes:
    """The archive with the mark that its first member is encrypted."""
    changed = bytearray(data)
    changed[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


class TestHtml:
    def test_a_page_of_a_wiki(self):
        procedure = parse_html_file(CONFLUENCE, filename="x.html")
        assert procedure.title == "Close the month"
        assert titles(procedure) == ["Open the ledger.", "Count it."]
        assert procedure.steps[0].body == "- [x] Key\n- [ ] Code"
        assert "> **Warning:** Never on Friday." in procedure.source
        assert "alert" not in procedure.source
        assert procedure.report.lossless
        assert procedure.report.counts_dropped["list items"] == 1
        assert any("video.example" in note.what for note in procedure.report.unresolved)

    def test_only_the_main_part_of_a_page_is_the_document(self):
        words = "one two three four five six seven eight nine ten " * 3
        page = f"<body><div>Menu of the site</div><main><h1>T</h1><p>{words}</p></main><div>Imprint</div></body>"
        procedure = parse_html_file(page, filename="x.html")
        assert "Menu" not in procedure.source
        assert len(procedure.report.dropped) == 2
        assert not procedure.report.missing_words

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            ("é".encode(), "é"),
            ("é".encode("cp1252"), "é"),
            ("<meta charset=iso-8859-15>€".encode("iso-8859-15"), "<meta charset=iso-8859-15>€"),
            ("é".encode("utf-16"), "é"),
        ],
    )
    def test_encodings(self, data, text):
        assert decode_html(data).lstrip("\ufeff") == text

    @pytest.mark.parametrize(
        "text", ["<div>" * 3_000 + "x", "<p>" * 450_000, " <html></html> ", "<svg><script>alert(1)</script></svg>"]
    )
    def test_what_nobody_writes_is_refused(self, text):
        with pytest.raises(UnreadableDocument):
            parse_html_file(text, filename="x.html")

    def test_programs_and_drawings_are_left_out_and_named(self):
        page = (
            "<h1>T</h1><ol><li onclick=alert(1)><a href='javascript:alert(2)'>Go</a></ol><form action=https://evil.example>"
            "<svg onload=alert(3)><title>Plan</title><script>alert(4)</script></svg></form>"
            "<a href=x><svg><path d='M0 0'/></svg></a><img src='data:image/svg+xml,<svg onload=alert(5)>'>"
        )
        procedure = parse_html_file(page, filename="x.html")
        assert "alert" not in procedure.source
        assert titles(procedure) == ["Go"]
        assert [note.what for note in procedure.report.notes] == ["programs"]
        assert [note.what for note in procedure.report.dropped] == ["drawing Plan", "picture in the page"]
        assert not procedure.report.lossless

    def test_data_in_scripts_is_no_program(self):
        page = '<h1>T</h1><p>x</p><script type="application/ld+json">{}</script>'
        assert parse_html_file(page, filename="x.html").report.notes == ()

    def test_what_is_no_text_is_refused(self):
        with pytest.raises(UnreadableDocument, match="null bytes"):
            decode_html(b"\x89PNG\r\n\0\0")


class TestKinds:
    """What a file is counts, not what its name says."""

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("x.doc", b"\xd0\xcf\x11\xe0 old", "old Word file"),
            ("x.docx", b"\xd0\xcf\x11\xe0 with a password", "with a password"),
            ("x.md", b"\xd0\xcf\x11\xe0 old", "old Word file"),
            ("x.pdf", b"%PDF-1.7", "PDF"),
            ("x.docx", b"%PDF-1.7", "PDF"),
            ("x.html", archive({"word/document.xml": "x"}), "Word document or an archive, although .* .html"),
            ("x.csv", archive({"a.md": "x"}), "although .* .csv"),
            ("x.docx", b"# T", "not a Word document"),
            ("x.docx", archive({"a.md": "x"}), "not a Word document"),
            ("x.svg", b"<svg onload='alert(1)'/>", "cannot be imported"),
            ("x", b"# T", "cannot be imported"),
            ("x.md", b"", "empty"),
            ("x.csv", b"", "empty"),
            ("x.html", b"", "empty"),
            ("x.docx", b"", "not a Word document"),
            ("x.zip", b"", "damaged"),
        ],
    )
    def test_other_kinds_are_refused_with_what_they_are(self, name, data, message):
        with pytest.raises(UnreadableDocument, match=message):
            for member in documents_in(data, name):
                parse_file(data, filename=name, member=member)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_markdown_with_a_byte_order_mark(self, encoding):
        assert titles(parse_file("# Été\n\n1. Vérifier\n".encode(encoding), filename="x.md")) == ["Vérifier"]


class TestArchive:
    def test_pictures_are_found_beside_the_document(self):
        text = "# T\n\n1. Look ![red](../img/a%20b.png) and ![gone](no.png)\n2. `![code](../img/a b.png)`\n"
        data = archive({"docs/t.md": text, "img/a b.png": picture().read(), "__MACOSX/docs/t.md": "x"})
        assert documents_in(data, "all.zip") == ["docs/t.md"]
        procedure = parse_file(data, filename="all.zip", member="docs/t.md")
        key = next(iter(procedure.pictures))
        assert f"![red](media:{key})" in procedure.source
        assert "`![code](../img/a b.png)`" in procedure.source
        assert [note.what for note in procedure.report.unresolved] == ["no.png"]

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (archive({"../up.md": "x"}), "leads outside"),
            (archive({"a\\..\\..\\up.md": "x"}), "leads outside"),
            (archive({"/etc/x.md": "x"}), "leads outside"),
            (archive({"a.md": "/etc/passwd"}, link="a.md"), "leads outside"),
            (archive({"a.txt": "x"}), "no document"),
            (archive({"a.md": "x", "zeros.png": b"\0" * 20_000_000}), "unpacks"),
            (archive({f"{at}.md": "x" for at in range(201)}), "201 documents"),
            (archive({f"{at}": "" for at in range(5001)}), "more than 5000 files"),
            (archive({"a.md": "![p](p.png)", "p.png": "/etc/passwd"}, link="p.png"), "leads outside"),
            (locked(archive({"a.md": "x"})), "password"),
            (b"PK\x03\x04", "damaged"),
        ],
    )
    def test_unsafe_and_empty_ones_are_refused(self, data, message):
        with pytest.raises(UnreadableDocument, match=message):
            documents_in(data, "x.zip")

    def test_a_picture_that_is_not_taken_is_listed_with_the_reason(self):
        data = archive(
            {"a/t.md": "# T\n\n1. Look ![plan](my%20plan.svg)\n", "a/my plan.svg": "<svg onload='alert(1)'/>"}
        )
        report = parse_file(data, filename="all.zip", member="a/t.md").report
        assert [note.what for note in report.unresolved] == ["my%20plan.svg"]
        assert "not a PNG" in report.unresolved[0].why

    def test_a_document_that_says_it_is_small_and_is_not_is_refused(self):
        data = bytearray(archive({"a.md": b"x " * 3_000_000}))
        struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, 100)
        with pytest.raises(UnreadableDocument, match="damaged|larger"):
            parse_file(bytes(data), filename="x.zip", member="a.md")

    def test_a_document_that_is_not_in_it_is_refused(self):
        with pytest.raises(UnreadableDocument, match="no such document"):
            parse_file(archive({"a.md": "x"}), filename="x.zip", member="b.md")


class TestTable:
    def test_english_with_commas(self):
        data = b'title,role,body,minutes,expected,Place\n"Open, slowly",Clerk,Use both keys,5,It is open,Safe\n'
        step = parse_csv(data, filename="open-safe.csv").steps[0]
        assert (step.title, step.role, step.minutes, step.expected) == ("Open, slowly", "Clerk", 5, "It is open")
        assert step.body == "Use both keys\n\n**Place:** Safe"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_french_with_semicolons_in_any_encoding(self, encoding):
        text = (
            "N°;Étape;Rôle;Durée;Résultat attendu\r\n1;Vérifier le relevé;Comptable;10 min;Relevé vérifié\r\n;;;;\r\n"
        )
        procedure = parse_csv(text.encode(encoding), filename="releve.csv")
        step = procedure.steps[0]
        assert procedure.title == "Releve"
        assert (step.title, step.role, step.minutes) == ("Vérifier le relevé", "Comptable", 10)
        assert step.expected == "Relevé vérifié"
        assert procedure.report.lossless

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("name,age\nx,1\n", "“title”"),
            ("title,minutes\nx,1\n,5\ny,long\n", "Line 3: .*Line 4: “long”"),
            ('title,role\n"x,1\n', "Line 2"),
            ("title\n" + "x\n" * 501, "more than 500"),
            ("title,role\n", "nothing below"),
            ("", "empty"),
            ("title\0\nx", "null"),
        ],
    )
    def test_errors_name_the_line(self, text, message):
        with pytest.raises(UnreadableDocument, match=message):
            parse_csv(text.encode(), filename="x.csv")

    def test_tabs(self):
        assert titles(parse_file(b"Step\tWho\nOpen\tClerk\n", filename="x.tsv")) == ["Open"]
