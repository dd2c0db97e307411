"""Draws docs/states.svg from the table of transitions: states as boxes, arrows with the bits that decide."""

from __future__ import annotations

from html import escape

from tables import Entry, Tables

WIDTH, HEIGHT = 150, 44  # of a box
PLACES = {  # the centre of each box
    "self_test": (120, 60), "standby": (120, 260), "refilling": (120, 480), "priming": (440, 60),
    "infusing": (700, 260), "paused": (440, 400), "keep_open": (1000, 60),
    "stopped_alarm": (1000, 480), "fault": (700, 60),
}  # fmt: skip
MOTION = {"none": "#eeeeee", "plan": "#cfe8cf", "keep_open": "#e4f0cf", "prime": "#cfe0f0"}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1120 540" font-family="sans-serif" font-size="13">\n'
    '<rect width="1120" height="540" fill="white"/>\n'
    '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
    '<path d="M0,0 L9,4 L0,8 z" fill="#444444"/></marker></defs>'
)


def render(tables: Tables) -> str:
    """The whole drawing; what leads anywhere from any state is written beside its target."""
    arrows: dict[tuple[str, str], list[Entry]] = {}
    for row in tables["transition"]:
        for origin in row["from"]:
            arrows.setdefault((origin, row["to"]), []).append(row)
    out = [HEAD]
    for (origin, target), rows in arrows.items():
        if origin != "any":
            out += arrow(PLACES[origin], PLACES[target], label(rows), (target, origin) in arrows)
    for state in tables["state"]:
        x, y = PLACES[state["name"]]
        out.append(box(x, y, state, label(arrows.get(("any", state["name"]), []))))
    return "\n".join([*out, "</svg>", ""])


def label(rows: list[Entry]) -> str:
    """The bits of the rows; more than two are counted, and stand in the table beside the drawing."""
    bits = [" ".join(row["when"]) or "none of " + ", ".join(row["unless"]) for row in rows]
    return " | ".join(bits) if len(bits) <= 2 else f"{len(bits)} stops"


def box(x: int, y: int, state: Entry, from_any: str) -> str:
    fill = MOTION[state["motion"]]
    note = f'<text x="{x}" y="{y + 38}" text-anchor="middle">from any: {from_any}</text>' if from_any else ""
    return (
        f'<rect x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{fill}" '
        f'stroke="#444444"/><text x="{x}" y="{y + 5}" text-anchor="middle">{escape(state["name"])}</text>{note}'
    )


def arrow(start: tuple[int, int], end: tuple[int, int], text: str, paired: bool) -> list[str]:
    """A straight line between the edges of two boxes, set aside where another leads back."""
    (x1, y1), (x2, y2) = start, end
    length = max(1, round(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5))
    aside = 9 if paired else 0
    dx, dy = -(y2 - y1) * aside // length, (x2 - x1) * aside // length
    ax, ay = edge(x1, y1, x2, y2)
    bx, by = edge(x2, y2, x1, y1)
    tx, ty = ax + (bx - ax) * 2 // 5 + dx * 2, ay + (by - ay) * 2 // 5 + dy * 2
    return [
        f'<line x1="{ax + dx}" y1="{ay + dy}" x2="{bx + dx}" y2="{by + dy}" stroke="#444444" marker-end="url(#tip)"/>',
        f'<text x="{tx}" y="{ty + 4}" text-anchor="middle" font-size="11" stroke="white" stroke-width="4" '
        f'paint-order="stroke">{escape(text)}</text>',
    ]


def edge(x: int, y: int, to_x: int, to_y: int) -> tuple[int, int]:
    """Where the line between two centres leaves the first one's box."""
    dx, dy = to_x - x, to_y - y
    if abs(dx) * HEIGHT > abs(dy) * WIDTH:
        half = WIDTH // 2 if dx > 0 else -WIDTH // 2
        return x + half, y + dy * half // dx
    half = HEIGHT // 2 if dy > 0 else -HEIGHT // 2
    return x + (dx * half // dy), y + half
