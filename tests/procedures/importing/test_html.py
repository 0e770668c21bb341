import pytest

from tests.procedures.importing.reading import read

OPENING = "# A\n\nThe first paragraph says enough about it.\n\n"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("a <b>bold</b> and <em>soft</em> word", "a **bold** and *soft* word"),
        ("press <kbd>Esc</kbd>", "press `Esc`"),
        ('<a href="https://x.y/a b">site</a>', "[site](<https://x.y/a b>)"),
        ('<img alt="lamp" src="lamp.png" width=3>', "![lamp](lamp.png)"),
        ("H<sub>2</sub>O and 10<sup>-3</sup>", "H₂O and 10⁻³"),
        ("x<sup>th</sup> row", "x^(th) row"),
        ("one<br>two", "one  \ntwo"),
        ("<span style='color:red'>red</span> text", "red text"),
        ("type <your-name> here", "type <your-name> here"),
        ("<details><summary>More</summary>\n\nHidden text.\n\n</details>", "**More**\n\nHidden text."),
        ("<pre lang='mermaid'>\nA --> B[x<br/>y]\n</pre>", "```mermaid\nA --> B[x<br/>y]\n```"),
        ("<h3>Part</h3>", "### Part"),
        ("<ul><li>one</li><li><b>two</b></li></ul>", "- one\n- **two**"),
        ("<ol><li>one</li></ol>", "1. one"),
        ("<!-- nothing to see -->Text that stays", "Text that stays"),
    ],
)
def test_html_becomes_markdown(html, markdown):
    procedure = read(f"{OPENING}{html}\n")
    kept = procedure.background if not procedure.steps else f"1. {procedure.steps[0].title}"
    assert kept == markdown
    assert procedure.report.lossless


def test_table_of_html_becomes_a_table():
    procedure = read(
        f"{OPENING}<table>\n<tr><th>Name</th><th>Size</th></tr>\n<tr><td>A|B</td><td>1<br>2</td></tr>\n</table>\n"
    )
    assert procedure.background == "| Name | Size |\n| --- | --- |\n| A\\|B | 1 / 2 |"


def test_indented_html_does_not_become_code():
    procedure = read(f"{OPENING}<div>\n     <p>Indented text</p>\n</div>\n")
    assert procedure.background == "Indented text"


def test_scripts_and_styles_are_dropped_and_said_so():
    procedure = read(f"{OPENING}<script>alert(1)</script><style>p {{}}</style>Kept words.\n")
    assert procedure.background == "Kept words."
    assert [note.what for note in procedure.report.dropped] == ["<script>", "<style>"]
    assert not procedure.report.lossless


def test_embedded_media_is_kept_as_a_link():
    procedure = read(f'{OPENING}<iframe src="https://video.example/1"></iframe>\n')
    assert procedure.background == "<https://video.example/1>"
    assert procedure.report.unresolved[0].what == "<iframe> https://video.example/1"


def test_line_break_in_a_table_cell_becomes_a_slash():
    procedure = read(f"{OPENING}| a | b |\n|---|---|\n| one<br>two | x |\n")
    assert "| one / two | x |" in procedure.background


def test_line_break_in_a_list_stays_in_its_entry():
    procedure = read(f"{OPENING}- one<br>1986 was hot\n- two\n")
    assert procedure.report.counts_out["list items"] == 2
    assert "1986 was hot" in procedure.background
