"""The screen of `monitor`: alarms first, then the pressure as a curve, and the state; no key can raise the dose.

It only shows: values come by `show`, `lose` and `tell`, and a key calls `ask` with its name. textual is imported here
and nowhere else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rich.text import Text
from textual import app, containers, events, widgets

from pumpctl.cli.screen import describe, layout
from pumpctl.cli.watch import plot
from pumpctl.frozen import frozen
from pumpctl.protocol import answers

SPAN_S = 300.0  # of the curve
_MOST_SAMPLES = 4000
_STYLES = {
    "high": "bold white on red",
    "medium": "black on yellow",
    "low": "black on cyan",
    "name": "dim",
    "action": "bold",
    "good": "green",
    "lost": "bold yellow",
}
_SHORT_HEIGHT = 18  # lines below which there is no curve


@frozen
class Reading:
    """What the pump answered at one time."""

    status: answers.Status
    alarms: list[answers.AlarmRow]
    dose: answers.Dose


@dataclass
class _Shown:
    """What is on the screen; it stays when the link is lost."""

    reading: Reading | None = None
    lost: str = ""
    note: str = ""
    raised: set[tuple[int, int]] = field(default_factory=set)


class Screen(app.App[Exception]):
    """Shows a pump; `ask(name)` is called for the keys stop, pause, silence and ack."""

    CSS = """
    Screen { layout: vertical; overflow: hidden; }
    #title { height: 1; text-style: reverse; }
    #alarms { height: auto; max-height: 50%; padding: 0 1; }
    #curve { height: 7; padding: 0 1; }
    #values { height: 1fr; padding: 0 0 0 1; scrollbar-size-vertical: 1; }
    #note { height: auto; max-height: 3; padding: 0 1; }
    #keys { height: auto; padding: 0 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [
        ("s", "ask('stop')", "stop"),
        ("p", "ask('pause')", "pause"),
        ("z", "ask('silence')", "silence"),
        ("a", "ask('ack')", "acknowledge"),
        ("q", "quit", "quit"),
        ("ctrl+c", "quit", "quit"),
    ]
    KEYS = "s stop  p pause  z silence  a acknowledge  q quit"

    def __init__(self, title: str, ask: Callable[[str], None], plain: bool = False) -> None:
        """`title` is the first line; `plain` draws the curve in ASCII."""
        super().__init__()
        self._title_text = title
        self._ask = ask
        self._plain = plain
        self._shown = _Shown()
        self._samples: deque[tuple[float, int]] = deque(maxlen=_MOST_SAMPLES)
        self._begun = False
        self.on_begin: Callable[[], None] = lambda: None

    def compose(self) -> app.ComposeResult:
        """Make the parts of the screen, from the top."""
        yield widgets.Static(Text(self._title_text, no_wrap=True, overflow="ellipsis"), id="title")
        yield widgets.Static(id="alarms")
        yield widgets.Static(id="curve")
        with containers.VerticalScroll(id="values", can_focus=False):
            yield widgets.Static(id="pairs")
        yield widgets.Static(id="note")
        yield widgets.Static(Text(self.KEYS), id="keys")

    def on_mount(self) -> None:
        """Begin to listen once there is a screen to show it on."""
        self._begun = True
        self._draw()
        self.on_begin()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay everything out for the new size."""
        self.call_after_refresh(self._draw)

    def action_ask(self, name: str) -> None:
        """Hand on what a key asks for."""
        self._shown.note = f"{name} ..."
        self._draw()
        self._ask(name)

    def show(self, reading: Reading, gaps: list[str]) -> None:
        """Show what the pump answered, and what interrupted it before; a new alarm rings the bell."""
        status = reading.status
        raised = {(row.alarm, row.raised_s) for row in reading.alarms if not row.acknowledged}
        if raised - self._shown.raised:
            self.bell()
        self._shown.raised = raised
        if gaps:
            self._samples.clear()  # the uptime of a reset pump begins again
            self._shown.note = gaps[-1]
        if status.pressure_pa is not None:
            self._samples.append((status.total_uptime_ms / 1000, status.pressure_pa))
        self._shown.reading, self._shown.lost = reading, ""
        self._draw()

    def lose(self, text: str) -> None:
        """Tell that the link is lost; the last values stay."""
        self._shown.lost = text
        self._draw()

    def tell(self, text: str) -> None:
        """Show the result of a key."""
        self._shown.note = text
        self._draw()

    def _draw(self) -> None:
        if not self._begun:
            return
        width, height = self.size.width - 2, self.size.height
        reading, note = self._shown.reading, self._shown.note
        parts: dict[str, Text] = {"note": _lines(layout.wrapped(self._shown.lost or note, width), "lost")}
        if reading is None:
            parts["alarms"] = Text("Waiting for the pump.")
        else:
            parts["alarms"] = _alarms(reading, width, height // 2, self._shown.lost != "")
            shown = [pair for pair in describe.status_pairs(reading.status, reading.dose) if pair[0] != "alarm"]
            parts["pairs"] = _lines(layout.pairs(shown, width - 1), "")
        curve = self.query_one("#curve", widgets.Static)
        curve.display = reading is not None and height >= _SHORT_HEIGHT
        if curve.display:
            parts["curve"] = _lines(plot.lines(list(self._samples), width, 7, SPAN_S, self._plain), "")
        for name, text in parts.items():
            self.query_one(f"#{name}", widgets.Static).update(text)
        self.query_one("#note").display = bool(parts["note"].plain)


def _lines(lines: list[str], style: str) -> Text:
    return Text("\n".join(lines), _STYLES.get(style, ""))


def _alarms(reading: Reading, width: int, most: int, lost: bool) -> Text:
    """Return as many alarms as fit, the highest priority first, and the number of the others."""
    if not reading.alarms:
        return Text("No alarms." if not lost else "No alarms when the link was lost.", _STYLES["good"])
    text = Text()
    used = 0
    for at, alarm in enumerate(reading.alarms):
        head, *rest = _alarm_lines(alarm, reading.status.uptime_s, width)
        if at and used + 1 + len(rest) > most - 1:
            text.append(f"\n{len(reading.alarms) - at} more; `pumpctl alarms` lists them.", "bold")
            break
        used += 1 + len(rest)
        text.append("\n" if at else "")
        text.append(head, _STYLES.get(describe.priority(alarm), "bold"))
        for line in rest:
            text.append(f"\n{line}")
    if reading.status.silenced:
        text.append("\nThe alarm sound is silenced.", "dim")
    return text


def _alarm_lines(alarm: answers.AlarmRow, uptime_s: int, width: int) -> list[str]:
    lines = layout.wrapped(describe.alarm_head(alarm, uptime_s), width)
    lines += layout.wrapped(alarm.text, width) if alarm.definition else []
    return [*lines, *layout.wrapped(alarm.action, width)]
