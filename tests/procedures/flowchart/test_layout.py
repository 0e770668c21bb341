"""Where boxes and lines stand: whatever the flow, nothing hides or touches what it has nothing to do with."""

from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.flowchart.graph import graph_of
from procedures.flowchart.layout import BOLD, SMALL, SMALL_LINE, TEXT, Layout, layout_of
from procedures.flowchart.metrics import plain, width
from procedures.flowchart.svg import NUMBER_SPACE
from tests.procedures.flowchart.flows import content, contents, long_content, step

CLOSE = 0.11
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def laid_out(content: dict) -> Layout:
    return layout_of(graph_of(content), end_word="End", nobody_word="Nobody")


def rectangles(layout: Layout) -> dict[str, tuple[float, float, float, float]]:
    """What may not be covered: boxes, small ends and labels, as left, top, right, bottom."""
    found = {f"box {box.node.row}": (box.x, box.y, box.x + box.width, box.bottom) for box in layout.boxes}
    for place, end in enumerate(layout.terminals):
        found[f"end {place}"] = (end.x, end.y, end.x + end.width, end.y + end.height)
    for place, line in enumerate(layout.lines):
        if line.label:
            found[f"label {place}"] = line.label.box
    return found


def overlap(one, other) -> bool:
    return (
        one[0] < other[2] - CLOSE
        and other[0] < one[2] - CLOSE
        and one[1] < other[3] - CLOSE
        and other[1] < one[3] - CLOSE
    )


def pieces(line) -> list[tuple[float, float, float, float]]:
    return [
        (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False)
        if abs(x1 - x2) + abs(y1 - y2) > CLOSE
    ]


@MANY
@given(contents())
def test_nothing_covers_anything(content):
    found = rectangles(laid_out(content))
    covered = [(one, other) for one, other in combinations(found, 2) if overlap(found[one], found[other])]
    assert covered == []


@MANY
@given(contents())
def test_no_line_runs_through_a_box_or_a_word(content):
    layout = laid_out(content)
    found = rectangles(layout)
    for line in layout.lines:
        for piece in pieces(line):
            thick = (piece[0] - 0.3, piece[1] - 0.3, piece[2] + 0.3, piece[3] + 0.3)
            inside = {
                name: (left + 0.5, top + 0.5, right - 0.5, bottom - 0.5)
                for name, (left, top, right, bottom) in found.items()
            }
            # The border of these two is not that of their rectangle, see on_border.
            own = {
                f"box {row}"
                for row in (line.edge.source, line.edge.target)
                if row is not None and layout.boxes[row].node.kind in ("decision", "notice")
            }
            assert [name for name in inside if name not in own and overlap(inside[name], thick)] == []


@MANY
@given(contents())
def test_lines_run_level_or_upright_and_never_on_each_other(content):
    layout = laid_out(content)
    upright, level = [], []
    for number, line in enumerate(layout.lines):
        for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False):
            assert abs(x1 - x2) < CLOSE or abs(y1 - y2) < CLOSE
            if abs(x1 - x2) < CLOSE and abs(y1 - y2) > CLOSE:
                upright.append((number, x1, min(y1, y2), max(y1, y2)))
            elif abs(x1 - x2) > CLOSE:
                level.append((number, y1, min(x1, x2), max(x1, x2)))
    for lines in (upright, level):
        for one, other in combinations(lines, 2):
            if one[0] != other[0] and abs(one[1] - other[1]) < 4:
                assert one[3] < other[2] + CLOSE or other[3] < one[2] + CLOSE


@MANY
@given(contents())
def test_every_way_is_drawn_from_border_to_border(content):
    layout = laid_out(content)
    assert sorted(map(repr, layout.graph.edges)) == sorted(repr(line.edge) for line in layout.lines)
    for line in layout.lines:
        source = layout.boxes[line.edge.source]
        assert on_border(source, line.points[0])
        if line.edge.target is None:
            x, y = line.points[-1]
            ends = [end for end in layout.terminals if end.y < y < end.y + end.height]
            assert any(abs(x - end.x) < CLOSE or abs(x - end.x - end.width) < CLOSE for end in ends)
        else:
            assert on_border(layout.boxes[line.edge.target], line.points[-1])


def on_border(box, point) -> bool:
    x, y = point
    if abs(y - box.y) < CLOSE or abs(y - box.bottom) < CLOSE:
        return box.x - CLOSE < x < box.x + box.width + CLOSE
    return box.y < y < box.bottom and any(abs(x - box.border(side, y)) < CLOSE for side in (-1, 1))


@MANY
@given(contents())
def test_every_branch_of_the_text_is_a_way_in_the_chart(content):
    graph = graph_of(content)
    rows = {step["uid"]: step["number"] for step in content["steps"]}
    last = len(content["steps"])
    for here in content["steps"]:
        ways = {edge.target: edge.label for edge in graph.edges if edge.source == here["number"]}
        assert ways, "no step leads nowhere"
        for branch in here["branches"]:
            is_end = branch["target"] == "end" and here["number"] < last
            target = None if is_end else rows.get(branch["target"], here["number"] + 1)
            assert plain(branch["label"]) in ways[target]


@MANY
@given(contents())
def test_words_fit_into_their_boxes(content):
    layout = laid_out(content)
    for box in layout.boxes:
        if box.node.number is None:
            continue
        inset = box.text_x - box.x
        for place, line in enumerate(box.lines):
            number = width(str(box.node.number), TEXT) * BOLD + width(NUMBER_SPACE, TEXT)
            used = width(line, TEXT) + (number if place == 0 else 0)
            assert used <= box.width - 2 * inset + CLOSE or len(line) == 1
        assert box.height >= (len(box.lines) + len(box.node.details)) * TEXT
    for line in layout.lines:
        if line.label:
            assert max(width(words, SMALL) for words in line.label.lines) <= line.label.width
            assert line.label.box[3] - line.label.box[1] >= len(line.label.lines) * SMALL_LINE - 3


@MANY
@given(contents())
def test_everything_stands_in_its_lane_and_in_the_picture(content):
    layout = laid_out(content)
    for box in layout.boxes:
        lane = layout.lanes[box.node.lane]
        assert lane.x < box.x and box.x + box.width < lane.x + lane.width
    for left, top, right, bottom in rectangles(layout).values():
        assert left >= 0 and top >= 0 and right <= layout.width and bottom <= layout.height
    for line in layout.lines:
        assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in line.points)


@given(st.data())
@settings(max_examples=5, deadline=None)
def test_the_same_content_gives_the_same_chart(data):
    found = data.draw(contents())
    assert laid_out(found) == laid_out(found)


def test_rows_stand_in_the_order_of_the_text():
    layout = laid_out(long_content())
    tops = [box.y for box in layout.boxes]
    assert tops == sorted(tops) and len(tops) == 62


def test_lanes_stand_in_the_order_in_which_roles_come_and_nobody_comes_first():
    graph = graph_of(content(step(1, role="B"), step(2, role="A"), step(3, role=None), step(4, role="B")))
    assert graph.lanes == ["", "B", "A"]
    assert [node.lane for node in graph.nodes] == [1, 1, 2, 0, 1, 1]


def test_a_notice_without_a_role_stands_where_the_reader_goes_next():
    graph = graph_of(content(step(1, role="A"), step(2, role=None, kind="notice"), step(3, role="B")))
    assert graph.lanes == ["A", "B"]
    assert [node.lane for node in graph.nodes[1:4]] == [0, 1, 1]


def test_ways_to_one_place_are_one_line_with_both_labels():
    graph = graph_of(
        content(step(1), step(2, kind="decision", branches=[("Yes", "s1"), ("Maybe", "s1"), ("No", "")]), step(3))
    )
    assert [(edge.target, edge.label) for edge in graph.edges if edge.source == 2] == [(1, "Yes / Maybe"), (3, "No")]


def test_a_procedure_that_always_goes_back_has_no_end_below():
    graph = graph_of(content(step(1), step(2), step(3, kind="decision", branches=[("Again", "s1")])))
    assert [node.kind for node in graph.nodes] == ["start", "action", "action", "decision"]
