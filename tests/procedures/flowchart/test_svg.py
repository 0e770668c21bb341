"""The drawing: well-formed, harmless whatever people write, and saying the same as the text."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given, settings

from procedures.flowchart import chart_of, pages_of, standalone_svg, thumbnail_of
from tests.procedures.flowchart.flows import content, contents, long_content, step

HARMLESS = {"svg", "title", "desc", "g", "rect", "path", "a", "text", "tspan"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</text></svg><img src=x onerror=alert(1)>",
    "]]><!--",
    "&lt;script&gt; &amp; &#x3C;",
    "javascript:alert(1)",
    "\x00\x01\x1b\ud800\ufffe text \u202e turned",
    "{{ 7*7 }}{% debug %}",
]
UPRIGHT, ACROSS = (655.0, 880.0), (980.0, 545.0)


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())


def tag(element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def words_of(svg: str) -> str:
    return " ".join("".join(element.itertext()) for element in elements(svg) if tag(element) == "text")


def assert_harmless(svg: str) -> None:
    for element in elements(svg):
        assert tag(element) in HARMLESS
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on") and name not in ("style", "src")
            if name == "href":
                assert re.fullmatch(r"(/procedures/[\w/-]+)?#step-\d+", value)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    steps = [
        step(1, text, role=text, section=text),
        step(2, text, kind="decision", branches=[(text, "s1"), (text, "end")], section="Other"),
        step(3, text, kind="subprocedure", subprocedure=text),
    ]
    found = content(*steps, code=text)
    svg = standalone_svg(found, steps_at="/procedures/FIN-001/1/")
    assert_harmless(svg)
    visible = re.sub(r"[^\w]", "", words_of(svg))
    assert re.sub(r"[^\w]", "", text.encode("utf-8", "ignore").decode()) in visible


@settings(max_examples=25, deadline=None)
@given(contents())
def test_any_chart_is_harmless_xml_with_every_step_linked(content):
    svg = standalone_svg(content, steps_at="/procedures/FIN-001/1/")
    assert_harmless(svg)
    links = [element.get("href") for element in elements(svg) if tag(element) == "a"]
    assert links == [f"/procedures/FIN-001/1/#step-{step['number']}" for step in content["steps"]]


def test_ids_begin_with_code_and_number():
    one, other = (chart_of(content(step(1), step(2), step(3), code="FIN-001", number=number)) for number in (1, 2))
    ids = [set(re.findall(r'\bid="([^"]*)"', str(chart.svg))) for chart in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    assert all(name.startswith("flow-fin-001-1-") for name in ids[0])


def test_it_has_a_name_and_a_description_that_count():
    svg = str(chart_of(content(step(1), step(2, kind="decision", role="B"), step(3))).svg)
    names = {tag(element): element.text for element in elements(svg) if tag(element) in ("title", "desc")}
    assert names == {"title": "Flowchart of FIN-001", "desc": "3 steps, 1 decision, 2 roles"}


def test_kinds_of_steps_are_told_apart_by_shape_and_word():
    svg = str(
        chart_of(
            content(
                step(1, kind="notice"),
                step(2, kind="checklist", items=["a", "b"]),
                step(3, kind="subprocedure", subprocedure="FIN-002"),
                step(4, hold=True),
                step(5, kind="decision", branches=[("Yes", ""), ("No", "s1")]),
            )
        ).svg
    )
    words = words_of(svg)
    assert all(word in words for word in ("Notice", "2 to tick", "FIN-002", "Hold point", "Yes", "No", "Start", "End"))
    classes = {element.get("class") for element in elements(svg)}
    assert {"node notice", "node checklist", "node subprocedure", "double", "node action hold", "node decision"} <= (
        classes
    )


def test_the_lane_of_nobody_is_named_unless_it_is_the_only_one():
    with_role = chart_of(content(step(1), step(2, role=None), step(3)))
    without = chart_of(content(*(step(number, role=None) for number in (1, 2, 3))))
    assert "Nobody named" in words_of(str(with_role.svg))
    assert "Nobody named" not in words_of(str(without.svg))
    assert with_role.lines[1].role == ""


def test_fewer_than_three_steps_are_not_drawn():
    few = content(step(1), step(2))
    assert chart_of(few) is None and thumbnail_of(few) is None
    assert standalone_svg(few, steps_at="/") == "" and pages_of(few, upright=UPRIGHT, across=ACROSS) == []


def test_the_text_beside_it_says_where_every_step_leads():
    chart = chart_of(
        content(step(1), step(2, kind="decision", branches=[("Yes", ""), ("No", "s1"), ("Never", "end")]), step(3))
    )
    assert [[(way.label, way.words) for way in line.ways] for line in chart.lines] == [
        [("", "go to step 2")],
        [("Yes", "go to step 3"), ("No", "go back to step 1"), ("Never", "the procedure ends here")],
        [("", "the procedure ends here")],
    ]


def test_words_are_in_the_language_that_is_active():
    with translation.override("fr"):
        chart = chart_of(content(step(1), step(2), step(3)))
    assert chart.lines[-1].ways[0].words == "la procédure se termine ici"


def test_on_paper_a_long_chart_is_cut_between_steps_and_loses_none():
    found = long_content()
    pages = pages_of(found, upright=UPRIGHT, across=ACROSS)
    assert len(pages) > 2
    links = [element.get("href") for page in pages for element in elements(str(page.svg)) if tag(element) == "a"]
    assert links == [f"#step-{number}" for number in range(1, 61)]
    assert all(role in words_of(str(page.svg)) for page in pages for role in ("Buyer", "Store"))
    whole, cut = words_of(str(chart_of(found).svg)), " ".join(words_of(str(page.svg)) for page in pages)
    assert {word: whole.count(word) for word in LABELS} == {word: cut.count(word) for word in LABELS}


LABELS = ("Oui", "Non –", "Tolérance", "Arrêt")


def test_nothing_of_a_page_stands_outside_of_it():
    for page in pages_of(long_content(), upright=UPRIGHT, across=ACROSS):
        root = ElementTree.fromstring(str(page.svg))
        _x, _y, width, height = map(float, root.get("viewBox").split())
        drawing = next(group for group in root if tag(group) == "g")[-1]
        shift = float(re.fullmatch(r"translate\(0 (.*)\)", drawing.get("transform", "translate(0 0)"))[1])
        for element in drawing.iter():
            if tag(element) in ("text", "rect"):
                assert -0.1 <= float(element.get("y")) + shift <= height
                assert 0 <= float(element.get("x")) <= width


def test_a_short_chart_takes_one_page():
    assert len(pages_of(content(*map(step, range(1, 7))), upright=UPRIGHT, across=ACROSS)) == 1


def test_the_thumbnail_names_the_drawing_and_its_size():
    found = content(*map(step, range(1, 7)))
    thumbnail = thumbnail_of(found)
    svg = str(chart_of(found).svg)
    assert f'id="{thumbnail.drawing}"' in svg
    assert f'width="{thumbnail.width}"' in svg
