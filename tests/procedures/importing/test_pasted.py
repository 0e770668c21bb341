"""Pasting into the editor: lists of every make become steps, hostile markup becomes nothing."""

import pytest

from procedures.importing.document import ParsedStep, UnreadableDocument
from procedures.importing.pasted import steps_from_paste

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p {} --></style></head><body>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Ouvrir le
<b>coffre</b>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><!--[if !supportLists]--><span
style='mso-list:Ignore'>&middot;<span>&nbsp; </span></span><!--[endif]-->Prendre la clé</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span
style='mso-list:Ignore'>2.<span>&nbsp; </span></span>Compter</p></body></html>"""


def pasted(text: str) -> list[tuple[str, str]]:
    return [(step.title, step.body) for step in steps_from_paste(text)]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "1. Open the safe\n2. Count\n   a) coins\n   b) notes",
            [("Open the safe", ""), ("Count", "- coins\n- notes")],
        ),
        ("- One\n- Two\n\t- Below\n\t\t- Deeper", [("One", ""), ("Two", "- Below\n    - Deeper")]),
        ("• One\r\n• Two\r\nafter", [("One", ""), ("Two", "after")]),
        ("Open the safe\n\tonly the clerk\nCount", [("Open the safe", "only the clerk"), ("Count", "")]),
        ("1\tOpen\tClerk\n2\tClose\tBoss", [("Open", "Clerk"), ("Close", "Boss")]),
        ("Step 1: go\nÉtape 2 - stop", [("go", ""), ("stop", "")]),
        ("☐ Ask\n☑ Answer", [("Ask", ""), ("Answer", "")]),
        ("Use *both* keys", [("Use *both* keys", "")]),
        ("   \n\t", []),
    ],
)
def test_plain_text_becomes_steps(text, steps):
    assert pasted(text) == steps


@pytest.mark.parametrize(
    ("html", "steps"),
    [
        (
            "<p>Intro</p><ul><li>One<ul><li>x</li></ul></li><li>Two</li></ul><p>More</p>",
            [("Intro", ""), ("One", "- x"), ("Two", "More")],
        ),
        ("<p>First</p><p>Second</p>", [("First", ""), ("Second", "")]),
        ("<div><b style='font-weight:normal'><ol><li><p>Go</p></li></ol></b></div>", [("Go", "")]),
        ("<table><tr><td>1</td><td>Open</td><td>slowly</td></tr></table>", [("Open", "slowly")]),
        (WORD, [("Ouvrir le coffre.", "- Prendre la clé"), ("Compter", "")]),
    ],
)
def test_html_becomes_steps(html, steps):
    assert pasted(html) == steps


def test_table_with_known_columns_gives_roles():
    html = "<table><tr><th>Step<th>Who<tr><td>Open<td>Clerk<tr><td>Close<td>Chief accountant</table>"
    steps = steps_from_paste(html)
    assert [(step.title, step.role) for step in steps] == [("Open", "Clerk"), ("Close", "Chief accountant")]


def test_heading_names_the_section_of_what_follows():
    steps = steps_from_paste("<h2>2. Before noon</h2><ol><li>Open</li></ol><h2>After noon</h2><p>Close</p>")
    assert [(step.section, step.title) for step in steps] == [("Before noon", "Open"), ("After noon", "Close")]


def test_hostile_markup_is_harmless():
    html = (
        "<p>Go<script>alert(1)</script><style>p{}</style> <a href='javascript:alert(2)'>there</a>"
        "<img src=x onerror=alert(3) alt='map'><iframe src='http://evil.example'></iframe></p>"
    )
    step: ParsedStep = steps_from_paste(html)[0]
    text = step.title + step.body
    assert "alert" not in text
    assert "evil" not in text
    assert "map" in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 8_000_001, id="too large"),
        pytest.param("- a\n" * 501, id="too many steps"),
        pytest.param("<li>" * 500_000, id="too many elements"),
        pytest.param("<div>" * 5_000 + "x", id="too deep"),
        pytest.param("<p>" + "[" * 600, id="brackets"),
        pytest.param("*" * 100_000, id="one endless line"),
        pytest.param("<p>" + "[a](" * 10_000, id="links that never end"),
    ],
)
def test_what_nobody_writes_is_refused_with_a_sentence(text):
    with pytest.raises(UnreadableDocument, match=r"\.$"):
        steps_from_paste(text)


def test_five_megabytes_of_word_are_read():
    junk = "mso-fareast-font-family:Calibri;" * 300
    html = "".join(
        f"<p class=MsoNormal style='{junk}'><span lang=EN>Do <b>thing {at}</b>.</span></p>" for at in range(480)
    )
    assert len(html) > 4_600_000
    assert len(steps_from_paste(html)) == 480
