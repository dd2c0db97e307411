"""The live screen at 80 and 44 columns: what comes first, what is left when the link is lost, what the keys do."""

from __future__ import annotations

import asyncio
import html
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from interpreters import LONGEST_S
from pumpctl import defs
from pumpctl.cli.watch import plot
from pumpctl.cli.watch.screen import Reading, Screen
from pumpctl.protocol import answers

OCCLUSION = 104
SIZES = [(80, 24), (44, 30)]
_TEXT = re.compile(r'<text class="[^"]*-r[0-9]+"[^>]* x="([0-9.]+)" y="([0-9.]+)"[^>]*>(.*?)</text>')
_CELL = 12.2  # width of a letter in textual's picture


def shown(screen: Screen) -> list[str]:
    """The lines of the screen, from textual's own picture of it."""
    lines: dict[float, str] = {}
    for x, y, text in _TEXT.findall(screen.export_screenshot(title="")):
        letters = html.unescape(text).replace("\xa0", " ")
        line = lines.get(float(y), "")
        lines[float(y)] = line.ljust(round(float(x) / _CELL)) + letters
    return [lines[y].rstrip() for y in sorted(lines)]


def alarm(number: int, raised_s: int = 280_000, acknowledged: bool = False) -> answers.AlarmRow:
    return answers.AlarmRow(number, stands=True, acknowledged=acknowledged, raised_s=raised_s, times=1)


@pytest.fixture
def reading(device: Any) -> Callable[..., Reading]:
    def make(*alarms: answers.AlarmRow, **fields: Any) -> Reading:
        status = answers.Status.from_answer({**device.answers["status"], **fields})
        return Reading(status, list(alarms), answers.Dose.from_answer(device.answers["dose"]))

    return make


def played(size: tuple[int, int], play: Callable[[Screen, Any], Awaitable[None]]) -> list[str]:
    """Run the screen at a size; returns what the keys asked for."""
    asked: list[str] = []

    async def run() -> None:
        screen = Screen("pump at /dev/ttyACM0 · fake 0.1.0", asked.append)
        async with screen.run_test(size=size) as pilot:
            await play(screen, pilot)

    asyncio.run(run())
    return asked


@pytest.mark.parametrize("size", SIZES)
def test_alarms_come_first_and_no_word_is_cut(size: tuple[int, int], reading: Callable[..., Reading]) -> None:
    async def play(screen: Screen, pilot: Any) -> None:
        screen.show(reading(alarm(OCCLUSION)), [])
        await pilot.pause()
        lines = shown(screen)
        text = " ".join(" ".join(lines).split())
        assert lines[1].split()[:3] == ["occlusion", "high", "priority,"]
        assert defs.ALARMS[OCCLUSION].action in text
        assert "infusing: Delivery by the plan." in text
        assert "z silence" in text
        assert max(map(len, lines)) <= size[0]

    played(size, play)


@pytest.mark.parametrize("size", SIZES)
def test_alarms_that_do_not_fit_are_counted(size: tuple[int, int], reading: Callable[..., Reading]) -> None:
    numbers = sorted(defs.ALARMS)[:9]

    async def play(screen: Screen, pilot: Any) -> None:
        screen.show(reading(*map(alarm, numbers)), [])
        await pilot.pause()
        lines = shown(screen)
        (more,) = [line for line in lines if "more; `pumpctl alarms`" in line]
        heads = [line for line in lines if re.match(r" *\w+ +(high|medium|low) priority", line)]
        assert int(more.split()[0]) + len(heads) == len(numbers)
        assert lines.index(more) < size[1] // 2 + 1

    played(size, play)


def test_a_lost_link_keeps_the_last_values_and_says_so(reading: Callable[..., Reading]) -> None:
    async def play(screen: Screen, pilot: Any) -> None:
        screen.show(reading(), [])
        screen.lose("The link to the pump was lost. Waiting for it up to 60 s.")
        await pilot.pause()
        text = "\n".join(shown(screen))
        assert "Waiting for it up to 60 s." in text
        assert "infusing" in text
        assert "No alarms when the link was lost." in text
        screen.show(reading(), ["The link to the pump was interrupted for 5 s; its port is /dev/x."])
        await pilot.pause()
        text = "\n".join(shown(screen))
        assert "interrupted for 5 s" in text
        assert "Waiting" not in text

    played((80, 24), play)


def test_the_bell_rings_once_for_each_new_alarm(
    reading: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(Screen, "bell", lambda self: rung.append(1))
    seen = []

    async def play(screen: Screen, pilot: Any) -> None:
        for alarms in (
            [],
            [alarm(OCCLUSION)],
            [alarm(OCCLUSION)],
            [alarm(OCCLUSION, acknowledged=True)],
            [alarm(OCCLUSION, raised_s=280_500)],
        ):
            screen.show(reading(*alarms), [])
            seen.append(len(rung))

    played((80, 24), play)
    assert seen == [0, 1, 1, 1, 2]


def test_the_keys_ask_for_what_they_say_and_q_closes(reading: Callable[..., Reading]) -> None:
    async def play(screen: Screen, pilot: Any) -> None:
        screen.show(reading(), [])
        await pilot.press("s", "p", "z", "a")
        screen.tell("Stopped.")
        await pilot.pause()
        assert "Stopped." in "\n".join(shown(screen))
        await pilot.press("q")
        await pilot.pause()
        assert not screen.is_running

    assert played((80, 24), play) == ["stop", "pause", "silence", "ack"]


def test_the_curve_shows_each_peak_and_a_terminal_of_few_lines_has_none(reading: Callable[..., Reading]) -> None:
    async def play(screen: Screen, pilot: Any) -> None:
        for second in range(200):
            screen.show(reading(uptime_s=second, pressure_pa=30_000 if second == 100 else 12_000), [])
        await pilot.pause()
        text = "\n".join(shown(screen))
        assert "30.0 kPa" in text
        assert "12.0 kPa" in text
        assert "line pressure, the last 5 min" in text
        await pilot.resize_terminal(80, 16)
        await pilot.pause()
        assert "line pressure" not in "\n".join(shown(screen))
        assert "infusing" in "\n".join(shown(screen))

    played((80, 24), play)


def test_a_column_of_the_curve_spans_all_its_samples() -> None:
    samples = [(float(second), 10_000 + 1000 * (second % 10)) for second in range(100)]
    lines = plot.lines(samples, 30, 7, 100.0, plain=True)
    assert [line.count("#") for line in lines[:-1]] == [10] * 6  # columns of 10..14 and of 15..19 kPa in turn
    assert lines[0].startswith(" 19.0 kPa ")
    assert lines[5].startswith(" 10.0 kPa ")
    assert plot.lines([], 80, 7, 100.0) == ["No pressure yet."]
    assert all(len(line) <= 44 for line in plot.lines(samples, 44, 7, 100.0))


class Terminal:
    """`pumpctl monitor` in a terminal of 80 columns and 24 lines."""

    def __init__(self, port: str, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        program = [sys.executable, "-m", "pumpctl", "--port", port, "monitor", *words]
        self.process = subprocess.Popen(
            program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self.seen = b""

    def wait_for(self, text: bytes) -> None:
        while text not in self.seen:
            assert select.select([self._ours], [], [], LONGEST_S)[0], self.seen[-2000:]
            self.seen += os.read(self._ours, 65536)

    def press(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def end(self) -> int:
        while select.select([self._ours], [], [], LONGEST_S)[0]:
            try:
                self.seen += os.read(self._ours, 65536)
            except OSError:  # Linux says so at the end of a terminal
                break
        os.close(self._ours)
        return self.process.wait(LONGEST_S)


def test_in_a_terminal_a_key_reaches_the_pump_and_the_screen_closes_cleanly(pty_device: Any) -> None:
    pty_device.answers["alarms"] = {"rows": []}
    pty_device.answers["silence"] = {"silence_s": 120}
    terminal = Terminal(pty_device.port)
    terminal.wait_for(b"infusing")
    terminal.press(b"s")
    terminal.wait_for(b"only after a start")
    terminal.press(b"z")
    terminal.wait_for(b"120 s")
    terminal.press(b"q")
    assert terminal.end() == 0
    assert b"Traceback" not in terminal.seen
    assert [command for command in pty_device.commands if command in ("stop", "silence")] == ["stop", "silence"]
    assert pty_device.asked("telemetry")[-1]["period_s"] == 0


def test_in_a_terminal_a_pump_that_does_not_come_back_ends_the_screen_with_a_sentence(pty_device: Any) -> None:
    pty_device.answers["alarms"] = {"rows": []}
    terminal = Terminal(pty_device.port, "--wait", "0")
    terminal.wait_for(b"infusing")
    pty_device.close()
    assert terminal.end() == 4
    assert b"Nothing came from the pump" in terminal.seen
    assert b"Traceback" not in terminal.seen
