"""The plots: extremes of any range are exact, peaks reach the canvas, live reports agree with recorded ones."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from browser.chromium import Page
from pumpctl import defs
from service_process import Service

INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")


def test_the_extremes_of_any_range_are_those_of_all_its_values(modules: Page) -> None:
    wrong = modules.run("""(async () => {
        const { Series } = await import('/series.js');
        const [series, values] = [new Series(), []];
        let seed = 1;
        const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
        for (let at = 0; at < 70000; at++) {
            values.push(random() < 0.1 ? NaN : random() * 100);
            series.push(values[at]);
        }
        const wrong = [];
        for (let go = 0; go < 2000; go++) {
            const from = Math.floor(random() * values.length);
            const to = Math.min(values.length, from + 1 + Math.floor(random() ** 4 * values.length));
            const known = values.slice(from, to).filter((value) => !Number.isNaN(value));
            const limits = (pick) => known.length ? known.reduce((a, b) => pick(a, b)) : NaN;
            const wanted = [limits(Math.min), limits(Math.max)];
            const found = series.extremes(from, to);
            if (!found.every((value, at) => Object.is(value, wanted[at]))) wrong.push([from, to, found, wanted]);
        }
        return wrong;
    })()""")
    assert wrong == []


def test_the_times_at_the_axis_are_told_apart(modules: Page) -> None:
    found = modules.run("""(async () => {
        const { timeTicks } = await import('/plot.js');
        const lengths = [10, 60, 600, 3600, 21600, 86400, 300000, 604800, 1209600, 8640000];
        return lengths.map((length) => timeTicks(1000, 1000 + length, 8).map(([, text]) => text));
    })()""")
    for texts in found:
        assert 2 <= len(texts) <= 10
        assert all(one != next_one for one, next_one in pairwise(texts))


def _status(seconds: int, **other: Any) -> dict[str, Any]:
    made = {
        "boot": 1, "uptime_s": seconds, "uptime_ms": 0, "state": INFUSING, "rate_ul_day": 86_400,
        "book_ul": seconds, "book_pl": 0, "strokes": seconds, "stroke_in_ms": 500, "log_next": 5,
        "ledger_nl": 10**7, "level_nl": None, "pressure_pa": 8000,
    }  # fmt: skip
    return made | other


def _history(modules: Page, statuses: list[dict[str, Any]], wanted: str) -> Any:
    return modules.run(f"""(async () => {{
        const {{ History }} = await import('/history.js');
        const history = new History();
        for (const status of {json.dumps(statuses)}) history.add(status);
        const value = (series, at) => Number.isNaN(series.at(at)) ? null : series.at(at);
        const all = (series) => Array.from({{ length: history.length }}, (_, at) => value(series, at));
        return {wanted};
    }})()""")


def test_programmed_and_delivered_count_only_what_is_known_of_a_step(modules: Page) -> None:
    rows = [_status(0), _status(60), _status(120, rate_ul_day=43_200), _status(180, rate_ul_day=43_200)]
    wanted = "[all(history.programmed), all(history.delivered)]"
    programmed, delivered = _history(modules, rows, wanted)
    assert programmed == pytest.approx([0, 0.06, 0.06, 0.09])
    assert delivered == pytest.approx([0, 0.06, 0.06, 0.12])
    programmed, _ = _history(modules, [_status(0), _status(61), _status(200, log_next=6)], wanted)
    assert programmed == pytest.approx([0, 0.061, 0.061])


def test_a_stroke_is_marked_at_the_time_that_was_announced(modules: Page) -> None:
    rows = [_status(10, strokes=7, stroke_in_ms=4000), _status(20, strokes=8)]
    assert _history(modules, rows, "Array.from(history.strokes.values.slice(0, history.strokes.length))") == [4]


def test_a_reset_and_a_silence_interrupt_the_curves_and_another_log_begins_them_again(modules: Page) -> None:
    rows = [_status(0), _status(1), _status(100), _status(3, boot=2)]
    assert _history(modules, rows, "all(history.pressure)") == [8, 8, None, 8, None, 8]
    assert _history(modules, [*rows, _status(1)], "[history.length, history.endS]") == [1, 0]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_single_peak_in_two_weeks_reaches_the_canvas(page: Page, width: int) -> None:
    page.resize(width, 800)
    found = page.run("""(async () => {
        const { Series, Column } = await import('/series.js');
        const { Plot } = await import('/plot.js');
        const [times, series] = [new Column(), new Series()];
        for (let at = 0; at < 1209600; at += 10) {
            times.push(at);
            series.push(at === 777770 ? 100 : 8);
        }
        const plot = new Plot('t', 'kPa', times, [{ name: 'c', series }]);
        document.querySelector('#plots').append(plot.element);
        plot.draw({ fromS: 0, toS: 1209600 });
        const { canvas } = plot;
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const [red, green, blue] = [0xb4, 0x56, 0x0b];
        let highest = Infinity;
        let place = 0;
        for (let at = 0; at < data.length; at += 4) {
            const off = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
            if (data[at + 3] > 100 && off < 60) {
                const row = Math.floor(at / 4 / canvas.width);
                if (row < highest) [highest, place] = [row, (at / 4) % canvas.width];
            }
        }
        return [highest / canvas.height, plot.timeAt(place, { fromS: 0, toS: 1209600 })];
    })()""")
    assert found[0] < 0.15
    assert abs(found[1] - 777_770) < 1_209_600 / (width / 4)


def test_what_was_recorded_before_the_page_was_opened_is_drawn(
    service: Service, infusing: Page, open_page: Callable[..., Page]
) -> None:
    while service.get(f"sessions/{service.session.stem}/curves")[1]["rows"][-1:] == [] or _strokes(service) < 10:
        time.sleep(0.1)
    later = open_page(service.url)
    later.until(
        "/pressure from [\\d.]+ kPa to [\\d.]+ kPa/.test(document.querySelector('#plots canvas')?.ariaLabel ?? '')"
    )
    shown = "Number(document.querySelectorAll('#plots figcaption')[1].innerText.match(/delivered ([\\d.]+)/)[1])"
    assert later.until(f"{shown} > 0.001 && {shown}") >= 0.002


def _strokes(service: Service) -> int:
    strokes: int = service.command("status")[1]["strokes"]
    return strokes


def test_the_keys_move_and_zoom_the_range(page: Page) -> None:
    page.until("document.querySelector('#plots canvas').ariaLabel")
    page.run("document.querySelector('#plots canvas').focus()")
    page.click("#plots [value='Infinity']")
    page.until("document.querySelector('#plots [value=Infinity]').ariaPressed === 'true'")
    page.run("document.querySelector('#plots canvas').focus()")
    page.press("+", key_code=187)
    page.until("document.querySelector('#plots [value=Infinity]').ariaPressed === 'false'")
    page.press("Home", key_code=36)
    page.until("[...document.querySelectorAll('#plots button')].at(-1).ariaPressed === 'true'")
