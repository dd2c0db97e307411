"""The drawing of the states is complete and readable: no line crosses a box, and labels overlap nothing."""

import xml.etree.ElementTree as xml
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import render_states
import render_states_page
import tables

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "{http://www.w3.org/2000/svg}"
LETTER = 0.62  # mean width of a letter relative to the font size, for wide sans-serif fonts
Corners = tuple[float, float, float, float]  # left, top, right, bottom


@pytest.fixture
def drawing() -> xml.Element:
    return xml.fromstring((ROOT / "docs/states.svg").read_text())


def shapes(drawing: xml.Element, kind: str, of_class: str) -> list[xml.Element]:
    return [shape for shape in drawing.iter(NAMESPACE + kind) if shape.get("class") == of_class]


def number(shape: xml.Element, name: str) -> float:
    return float(shape.get(name) or 0)


def corners(rectangle: xml.Element) -> Corners:
    left, top = number(rectangle, "x"), number(rectangle, "y")
    return left, top, left + number(rectangle, "width"), top + number(rectangle, "height")


def extent(label: xml.Element) -> Corners:
    """The rectangle of a label, from the base line up."""
    size = number(label, "font-size")
    half = len(label.text or "") * size * LETTER / 2
    x, y = number(label, "x"), number(label, "y")
    return x - half, y - size * 0.75, x + half, y + 2


def strokes(drawing: xml.Element) -> list[Corners]:
    """The segments of all lines, as thin rectangles."""
    found = []
    for line in drawing.iter(NAMESPACE + "polyline"):
        points = [tuple(map(float, point.split(","))) for point in (line.get("points") or "").split()]
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y, "a line is neither horizontal nor vertical"
            found.append((min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)))
    return found


def sides(frame: Corners) -> list[Corners]:
    left, top, right, bottom = frame
    across, down = ((left, y, right, y) for y in (top, bottom)), ((x, top, x, bottom) for x in (left, right))
    return [*across, *down]


def overlap(one: Corners, other: Corners) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_every_state_and_every_way_is_drawn_once(drawing: xml.Element) -> None:
    definitions = tables.load()
    assert set(render_states.PLACES) == {state["name"] for state in definitions["state"]}
    assert len(shapes(drawing, "rect", "state")) == len(definitions["state"])
    ways = render_states.ways(definitions)
    assert set(ways) == set(render_states.WAYS)
    assert len(list(drawing.iter(NAMESPACE + "polyline"))) == len(ways)


def test_a_group_stands_for_all_of_its_members_and_for_nothing_else() -> None:
    definitions = tables.load()
    members = {name: names for name, (names, _, _) in render_states.GROUPS.items()}
    drawn = {
        (origin, row["to"])
        for (name, _), rows in render_states.ways(definitions).items()
        for row in rows
        for origin in members.get(name, (name,))
    }
    assert drawn == {(origin, row["to"]) for row in definitions["transition"] for origin in row["from"]}


def test_a_way_without_a_label_joins_one_that_says_the_same() -> None:
    ways = render_states.ways(tables.load())
    silent = [key for key, (_, middle) in render_states.WAYS.items() if middle is None]
    assert silent
    for key in silent:
        x, y = render_states.WAYS[key][0][-1]
        joined = [
            other
            for other, (points, middle) in render_states.WAYS.items()
            if middle and other[1] == key[1] and ways[other] == ways[key]
            for (x1, y1), (x2, y2) in pairwise(points)
            if min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
        ]
        assert joined, key


def test_each_way_leads_from_its_box_or_frame_to_its_box() -> None:
    for (origin, target), (points, middle) in render_states.WAYS.items():
        assert render_states.inside(points[-1], target) == (middle is not None), (origin, target)
        if origin in render_states.PLACES:
            assert render_states.inside(points[0], origin), (origin, target)
        elif origin in render_states.GROUPS:
            x, y = points[0]
            left, top, right, bottom = render_states.GROUPS[origin][1]
            assert (x in (left, right) and top <= y <= bottom) or (y in (top, bottom) and left <= x <= right)


def test_no_line_crosses_a_box_or_a_label(drawing: xml.Element) -> None:
    boxes = [corners(box) for box in shapes(drawing, "rect", "state")]
    labels = [extent(label) for label in shapes(drawing, "text", "label")]
    for stroke in strokes(drawing):
        assert not any(overlap(stroke, box) for box in boxes), stroke
        assert not any(overlap(stroke, label) for label in labels), stroke


def test_labels_touch_neither_a_box_nor_a_frame_nor_each_other_and_are_on_the_page(drawing: xml.Element) -> None:
    boxes = [corners(box) for box in shapes(drawing, "rect", "state")]
    labels = [extent(label) for label in shapes(drawing, "text", "label")]
    frames = [side for frame in shapes(drawing, "rect", "frame") for side in sides(corners(frame))]
    assert len(frames) == 4 * len(render_states.GROUPS)
    for label in labels:
        assert not any(overlap(label, other) for other in boxes + frames), label
        assert label[0] > 0 and label[1] > 0 and label[2] < 1340 and label[3] < 610, label
    assert not [pair for pair in combinations(labels, 2) if overlap(*pair)]


def test_frames_hold_their_members_and_no_other_state() -> None:
    for members, (left, top, right, bottom), _ in render_states.GROUPS.values():
        held = {name for name, (x, y) in render_states.PLACES.items() if left < x < right and top < y < bottom}
        assert held == set(members)


def test_a_way_without_a_place_is_an_error() -> None:
    definitions = tables.load()
    definitions["transition"].append({"from": ["fault"], "when": ["tested"], "to": "standby"})
    with pytest.raises(tables.DefinitionError, match="fault to standby"):
        render_states.render(definitions)


def test_the_page_has_every_state_and_every_row_in_its_order() -> None:
    definitions = tables.load()
    page = render_states_page.render(definitions)
    for state in definitions["state"]:
        assert f"| `{state['name']}` | {state['motion']} |" in page
        assert state["text"] in page
    rows = page.partition("## Transitions")[2].splitlines()
    told = [[cell.strip() for cell in row.split("|")[1:6]] for row in rows if row.startswith("| ")][2:]
    lists = ("when", "unless")
    assert told == [
        [", ".join(row["from"]), row.get("request", ""), *(", ".join(row.get(key, [])) for key in lists), row["to"]]
        for row in definitions["transition"]
    ]
