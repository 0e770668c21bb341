"""Word documents: structure, pictures, tracked changes, and files that mean harm."""

import re

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.shared import Inches

from procedures.importing.document import UnreadableDocument
from procedures.importing.docx.reading import parse_docx
from tests.procedures.importing.reading import titles
from tests.procedures.importing.word import NAMESPACES, data_of, picture, read_word, rewritten, with_xml


def test_numbered_paragraphs_are_steps_and_deeper_ones_their_text():
    document = Document()
    document.add_heading("Bank the cash", 0)
    document.add_heading("Procedure", 1)
    document.add_paragraph("Open the safe.", style="List Number")
    document.add_paragraph("Use both keys", style="List Bullet 2")
    document.add_paragraph("Count the cash.", style="List Number")
    procedure = read_word(document)
    assert procedure.title == "Bank the cash"
    assert titles(procedure) == ["Open the safe.", "Count the cash."]
    assert procedure.steps[0].body == "- Use both keys"
    assert procedure.report.lossless


def test_a_list_goes_on_behind_a_picture():
    document = Document()
    document.add_paragraph("Open the safe.", style="List Number")
    document.add_picture(picture(), width=Inches(1))
    document.add_paragraph("Count the cash.", style="List Number")
    procedure = read_word(document)
    assert titles(procedure) == ["Open the safe.", "Count the cash."]
    key = next(iter(procedure.pictures))
    assert f"media:{key}" in procedure.steps[0].body
    assert procedure.pictures[key].content_type == "image/png"


@pytest.mark.parametrize("name", ["Titre 1", "Überschrift 1", "Kop 1", "heading 1"])
def test_headings_are_found_by_the_name_of_their_style_in_any_language(name):
    document = Document()
    style = document.styles.add_style(name if name != "heading 1" else "Own", 1)
    if name == "heading 1":
        style.base_style = document.styles["Heading 1"]
    document.add_paragraph("But", style=style)
    document.add_paragraph("Garder peu d'argent au bureau.")
    document.add_paragraph("Étapes", style=style)
    document.add_paragraph("Ouvrir le coffre.", style="List Number")
    document.add_paragraph("Compter.", style="List Number")
    procedure = read_word(document)
    assert procedure.report.counts_in["headings"] == 2
    assert procedure.purpose == "Garder peu d'argent au bureau."
    assert titles(procedure) == ["Ouvrir le coffre.", "Compter."]


def test_a_heading_is_one_by_its_outline_level_alone():
    procedure = with_xml(
        '<w:p ><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Scope</w:t></w:r></w:p>', paragraph("x y")
    )
    assert procedure.report.counts_in["headings"] == 1


def paragraph(text: str) -> str:
    return f"<w:p ><w:r><w:t>{text}</w:t></w:r></w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_bold_italic_links_and_raised_numbers_become_markdown():
    document = Document()
    relation = document.part.relate_to("https://bank.example/a", HYPERLINK, is_external=True)
    body = document.add_paragraph()
    body.add_run("Pay ")
    body.add_run("now.").bold = True
    body.add_run("At ")
    body.add_run("once").italic = True
    body.add_run(" 10")
    body.add_run("3").font.superscript = True
    body._p.append(_link(relation))
    assert read_word(document).source == "Pay **now**.At *once* 10³[the bank](https://bank.example/a)"


HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def _link(relation: str):
    return parse_xml(f'<w:hyperlink {NAMESPACES} r:id="{relation}"><w:r><w:t>the bank</w:t></w:r></w:hyperlink>')


def test_tracked_changes_are_accepted_and_told():
    change = 'w:id="1" w:author="A" w:date="2026-01-01T00:00:00Z"'
    procedure = with_xml(
        f"<w:p >{run('Pay ')}<w:ins {change}>{run('today')}</w:ins><w:del {change}><w:r><w:delText>tomorrow</w:delText>"
        f"</w:r></w:del><w:moveFrom {change}>{run('gone')}</w:moveFrom></w:p>",
        f"<w:p ><w:pPr><w:rPr><w:del {change}/></w:rPr></w:pPr>{run('One ')}</w:p>",
        paragraph("line."),
    )
    assert procedure.source == "Pay today\n\nOne line."
    assert "1 insertions, 1 deletions" in procedure.report.notes[0].what
    assert not procedure.report.missing_words


def test_comments_are_listed_and_stay_out_of_the_text():
    document = Document()
    body = document.add_paragraph("Pay the bill.")
    document.add_comment(body.runs, text="Which bill?", author="Ann")
    procedure = read_word(document)
    assert procedure.source == "Pay the bill."
    assert [note.what for note in procedure.report.notes] == ["comment of Ann: Which bill?"]


def test_tables_keep_their_cells_merged_ones_in_the_first_place():
    document = Document()
    table = document.add_table(2, 3)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "abcdef", strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    procedure = read_word(document)
    assert procedure.report.counts_in["tables"] == procedure.report.counts_out["tables"] == 1
    assert procedure.source == "| a / b |  | c |\n| --- | --- | --- |\n| d | e | f |"


def test_a_table_of_steps_becomes_steps_with_roles():
    document = Document()
    table = document.add_table(3, 3)
    rows = ("N°", "Action", "Responsable"), ("1", "Ouvrir", "Comptable"), ("2", "Fermer", "Caissier")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    procedure = read_word(document)
    assert [(step.title, step.role) for step in procedure.steps] == [("Ouvrir", "Comptable"), ("Fermer", "Caissier")]


def test_text_boxes_content_controls_and_hidden_text():
    box = "<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
    procedure = with_xml(
        "<w:p ><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><a:graphic><a:graphicData>"
        f"<wps:txbx>{box}</wps:txbx></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        f"{run('Text')}</w:p>",
        f"<w:sdt ><w:sdtContent><w:p>{run('In the control')}"
        f"{run('unseen', '<w:vanish/>')}</w:p></w:sdtContent></w:sdt>",
    )
    assert procedure.source == "Text\n\nIn the box\n\nIn the control"
    assert procedure.report.lossless
    assert "unseen" in procedure.report.dropped[0].what


def test_alternative_text_is_kept_and_a_picture_of_a_strange_kind_is_named():
    document = Document()
    document.add_picture(picture())
    document.element.body.xpath(".//wp:docPr")[0].set("descr", "A [red] square")
    document.add_picture(picture("blue", "TIFF"))
    procedure = read_word(document)
    assert re.search(r"!\[A \(red\) square\]\(media:\w{16}\)", procedure.source)
    assert len(procedure.pictures) == 1
    assert procedure.report.counts_dropped["images"] == 1
    assert not procedure.report.lossless


def test_pictures_elsewhere_are_not_fetched_and_macros_not_run():
    document = Document()
    document.add_picture(picture())
    data = rewritten(
        data_of(document),
        lambda name, content: (
            re.sub(rb'Target="media/image1.png"', rb'Target="http://evil.example/x.png" TargetMode="External"', content)
            if name == "word/_rels/document.xml.rels"
            else content
        ),
        {"word/vbaProject.bin": b"macro"},
    )
    procedure = read_word(data)
    assert [note.what for note in procedure.report.unresolved] == ["http://evil.example/x.png"]
    assert "macros" in [note.what for note in procedure.report.notes]
    assert not procedure.pictures


def test_headers_give_fields_and_are_listed():
    document = Document()
    document.add_paragraph("Text of the procedure.")
    document.sections[0].header.paragraphs[0].text = "Version: 2.1"
    document.sections[0].footer.paragraphs[0].text = "Confidential"
    procedure = read_word(document)
    assert procedure.metadata["version"] == "2.1"
    assert [note.what for note in procedure.report.dropped] == ["page header or footer: Confidential"]
    assert procedure.report.lossless


def _entity(name: str, content: bytes) -> bytes:
    if name != "word/document.xml":
        return content
    head, _, rest = content.partition(b"?>")
    return head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + rest


def _nested(name: str, content: bytes) -> bytes:
    return content.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 5_000) if name == "word/document.xml" else content


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"not a zip", "not a Word document"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "password"),
        (b"PK\x03\x04broken", "damaged"),
        (rewritten(data_of(Document()), _entity), "entities"),
        (rewritten(data_of(Document()), _nested), "damaged"),
        (rewritten(data_of(Document()), lambda name, content: content, {"bomb": b"0" * 30_000_000}), "unpacks"),
        (
            rewritten(data_of(Document()), lambda name, content: content, {f"{at}": b"" for at in range(5_001)}),
            "more than 5000 files",
        ),
        (
            rewritten(data_of(Document()), lambda name, content: None if name == "word/document.xml" else content),
            "Word",
        ),
    ],
)
def test_files_that_mean_harm_are_refused_with_a_sentence(data, message):
    with pytest.raises(UnreadableDocument, match=message):
        parse_docx(data, filename="x.docx")
