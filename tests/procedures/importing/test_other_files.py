"""HTML files, archives and tables of steps."""

import io
import stat
import zipfile

import pytest

from procedures.importing.csvsteps import parse_csv
from procedures.importing.document import UnreadableDocument
from procedures.importing.files import documents_in, parse_file
from procedures.importing.rich.html import decode_html, parse_html_file
from tests.procedures.importing.reading import titles
from tests.procedures.importing.word import picture

CONFLUENCE = """<html lang="en"><head><title>Close - Wiki</title></head><body>
<div id="breadcrumbs"><ol><li>Space</li></ol></div><h1>Close the month</h1>
<div class="confluence-information-macro confluence-information-macro-warning"><p>Never on Friday.</p></div>
<ol><li><p>Open the <b>ledger</b>.</p><ul class="inline-task-list"><li class="checked">Key</li><li>Code</li></ul></li>
<li>Count it.</li></ol><table><tr><td>Only one cell</td></tr></table><iframe src="https://video.example/1"></iframe>
<script>alert(1)</script></body></html>"""


def archive(members: dict[str, str | bytes], *, link: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, content)
    return out.getvalue()


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

    @pytest.mark.parametrize("text", ["<div>" * 3_000 + "x", "<p>" * 450_000, " <html></html> "])
    def test_what_nobody_writes_is_refused(self, text):
        with pytest.raises(UnreadableDocument):
            parse_html_file(text, filename="x.html")


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
            (b"PK\x03\x04", "damaged"),
        ],
    )
    def test_unsafe_and_empty_ones_are_refused(self, data, message):
        with pytest.raises(UnreadableDocument, match=message):
            documents_in(data, "x.zip")

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
