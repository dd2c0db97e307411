"""Draws docs/states.svg from the tables: states as boxes, those that deliver in frames, one arrow for each transition.

Transitions and labels come from the tables, positions from the constants below; a transition without a position is an
error. tests/repo/test_drawing.py checks that no line crosses a box and no label touches anything.
"""

from __future__ import annotations

from html import escape

from tables import DefinitionError, Entry, Tables

WIDTH, HEIGHT = 150, 50  # of a box
FONT, LEADING = 12, 15  # of the labels
PLACES = {  # the centre of each box
    "self_test": (140, 100), "standby": (140, 290), "refilling": (140, 560),
    "priming": (530, 120), "infusing": (530, 290), "keep_open": (830, 290), "paused": (530, 450),
    "stopped_alarm": (1180, 290), "fault": (1240, 450),
}  # fmt: skip
GROUPS = {  # members, frame (left, top, right, bottom) and title; the larger first
    "moving": (("infusing", "keep_open", "priming"), (430, 65, 935, 370), "delivery"),
    "therapy": (("infusing", "keep_open"), (442, 230, 923, 355), "plan"),
}
# Corners of each arrow, and the middle of its label's first line; an arrow without a label joins the one it ends on.
WAYS: dict[tuple[str, str], tuple[list[tuple[int, int]], tuple[int, int] | None]] = {
    ("any", "fault"): ([(1240, 380), (1240, 425)], (1240, 493)),
    ("self_test", "standby"): ([(140, 125), (140, 265)], (172, 200)),
    ("standby", "priming"): ([(215, 275), (245, 275), (245, 108), (455, 108)], (340, 86)),
    ("priming", "standby"): ([(455, 132), (275, 132), (275, 289), (215, 289)], (345, 149)),
    ("standby", "infusing"): ([(215, 305), (455, 305)], (355, 246)),
    ("infusing", "keep_open"): ([(605, 282), (755, 282)], (680, 260)),
    ("keep_open", "infusing"): ([(755, 300), (605, 300)], (680, 318)),
    ("therapy", "paused"): ([(515, 355), (515, 425)], (476, 408)),
    ("paused", "infusing"): ([(560, 425), (560, 315)], (617, 395)),
    ("moving", "standby"): ([(445, 370), (445, 388), (200, 388), (200, 315)], (310, 380)),
    ("paused", "standby"): ([(455, 450), (310, 450), (310, 388)], None),
    ("standby", "refilling"): ([(100, 315), (100, 535)], (62, 430)),
    ("refilling", "standby"): ([(130, 535), (130, 315)], (186, 480)),
    ("stopped_alarm", "refilling"): ([(1125, 315), (1125, 560), (215, 560)], (330, 552)),
    ("therapy", "refilling"): ([(700, 355), (700, 560)], None),
    ("paused", "refilling"): ([(530, 475), (530, 560)], None),
    ("moving", "stopped_alarm"): ([(935, 290), (1105, 290)], (1020, 308)),
    ("stopped_alarm", "infusing"): ([(1150, 265), (1150, 200), (530, 200), (530, 265)], (1030, 148)),
    ("stopped_alarm", "standby"): ([(1210, 265), (1210, 22), (35, 22), (35, 290), (65, 290)], (620, 38)),
}
FILL = {"none": "#eeeeee", "plan": "#cfe8cf", "keep_open": "#e8f2d0", "prime": "#cfe0f0"}  # by the motion
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1340 610" font-family="sans-serif">\n'
    '<rect width="1340" height="610" fill="white"/>\n'
    '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="9" refY="4" orient="auto">'
    '<path d="M0,0 L9,4 L0,8 z" fill="#333333"/></marker></defs>'
)


def render(tables: Tables) -> str:
    """The whole drawing; frames first, so that lines and boxes are above them."""
    out = [HEAD, *(frame(name) for name in GROUPS)]
    for (origin, target), rows in ways(tables).items():
        if (origin, target) not in WAYS:
            raise DefinitionError(f"states.svg has no place for the transition from {origin} to {target}")
        points, middle = WAYS[origin, target]
        out.append(line(points, ends_on_box=inside(points[-1], target)))
        if middle:
            out += words(*middle, [text for row in rows for text in label(row)])
    out += words(1240, 373, ["from every state"])
    for state in tables["state"]:
        out += box(state)
    return "\n".join([*out, "</svg>", ""])


def ways(tables: Tables) -> dict[tuple[str, str], list[Entry]]:
    """The rows by origin and target; a group stands for its members where a row names them all."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for row in tables["transition"]:
        for origin in origins(row["from"]):
            found.setdefault((origin, row["to"]), []).append(row)
    return found


def origins(names: list[str]) -> list[str]:
    for group, (members, _, _) in GROUPS.items():
        if set(members) <= set(names):
            return [group, *(name for name in names if name not in members)]
    return names


def label(row: Entry) -> list[str]:
    """The request, then the bits of `when` and `unless`.

    More than two of `unless` are only counted; docs/states.md lists them.
    """
    unless = row.get("unless", [])
    held = len(unless) > 2
    asked = [row["request"]] if "request" in row else []
    first, *others = asked + row["when"] + ([] if held else [f"no {name}" for name in unless])
    return [first, *(f"and {other}" for other in others), *([f"held by {len(unless)} bits"] if held else [])]


def inside(point: tuple[int, int], name: str) -> bool:
    """Whether a point lies in a box or on its edge."""
    (x, y), (middle_x, middle_y) = point, PLACES[name]
    return abs(x - middle_x) <= WIDTH // 2 and abs(y - middle_y) <= HEIGHT // 2


def frame(name: str) -> str:
    _, (left, top, right, bottom), title = GROUPS[name]
    return (
        f'<rect class="frame" x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="12" fill="none" '
        f'stroke="#888888" stroke-dasharray="6 4"/>\n'
        f'<text x="{right - 10}" y="{top + 18}" font-size="{FONT}" font-style="italic" text-anchor="end">{title}</text>'
    )


def line(points: list[tuple[int, int]], ends_on_box: bool) -> str:
    """A line with corners, with an arrow head at a box and a dot where it joins another line."""
    corners = " ".join(f"{x},{y}" for x, y in points)
    drawn = f'<polyline points="{corners}" fill="none" stroke="#333333"'
    if ends_on_box:
        return f'{drawn} marker-end="url(#tip)"/>'
    x, y = points[-1]
    return f'{drawn}/>\n<circle cx="{x}" cy="{y}" r="3" fill="#333333"/>'


def words(x: int, y: int, lines: list[str]) -> list[str]:
    place = f'class="label" x="{x}" font-size="{FONT}" text-anchor="middle"'
    return [f'<text {place} y="{y + LEADING * number}">{escape(text)}</text>' for number, text in enumerate(lines)]


def box(state: Entry) -> list[str]:
    x, y = PLACES[state["name"]]
    motion = "at rest" if state["motion"] == "none" else f"motion: {state['motion']}"
    return [
        f'<rect class="state" x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}" rx="8" '
        f'fill="{FILL[state["motion"]]}" stroke="#333333"/>',
        f'<text x="{x}" y="{y - 2}" font-size="15" font-weight="bold" text-anchor="middle">{state["name"]}</text>',
        f'<text x="{x}" y="{y + 16}" font-size="11" text-anchor="middle">{motion}</text>',
    ]
