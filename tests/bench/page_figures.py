"""The bench in the browser: what it loads, its first paint, and two weeks of reports drawn, in headless Chromium.

The baseline of the frames is a loop that draws nothing.
"""

from __future__ import annotations

import base64
import gzip
import json
import statistics
import tempfile
import time
from pathlib import Path

import turns_run
from browser import static_host
from browser.chromium import Browser, Page, program
from figures import Figure, Group, span
from service_process import Service

_PAINTS = span(10, 1)
_DRAWN_S = span(10, 1)
_REPORTS = span(14 * 86_400, 10_000)  # one a second
_MB = 1_000_000
_PARTS = span(36, 6)  # of ten minutes

_LOADED_BYTES = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !name.includes('/api/')).reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)"""
_FILL = """(async () => {
    const { History } = await import('/history.js');
    const { Plot } = await import('/plot.js');
    const history = window.history_ = new History();
    const begin = performance.now();
    for (let at = 0; at < %d; at++) {
        history.add({
            boot: 1, uptime_s: at, uptime_ms: 0, state: 2, rate_ul_day: 1000, log_next: 5,
            strokes: Math.floor(at / 21.6), stroke_in_ms: 500,
            book_ul: Math.floor(at / 86.4), book_pl: 0, ledger_nl: 16000000 - at * 11, level_nl: 16000000 - at * 11,
            pressure_pa: 8000 + (at * 7919) %% 3000,
        });
    }
    const series = (name) => ({ name, series: history[name] });
    window.plots_ = [['pressure'], ['delivered', 'programmed'], ['level', 'ledger']].map((names) => {
        const plot = new Plot(names[0], '', history.times, names.map(series), history.strokes);
        document.querySelector('#plots').append(plot.element);
        return plot;
    });
})()"""
# Each frame draws all plots, over a range that moves, so that nothing is the same as in the frame before.
_DRAW = """new Promise((done) => {
    const begin = performance.now();
    const plots = %s;
    let frames = 0;
    const draw = (now) => {
        const range = { fromS: frames, toS: %d + frames };
        for (const plot of plots) plot.draw(range);
        for (const plot of plots) plot.tell(range);
        frames++;
        if (now - begin < %d) requestAnimationFrame(draw);
        else done(frames * 1000 / (performance.now() - begin));
    };
    requestAnimationFrame(draw);
})"""


def page() -> list[Figure]:
    with Service("--port", "sim:", "--no-record") as service, Browser() as browser:
        paints = [_first_paint_ms(browser, service.url) for _ in range(_PAINTS)]
        opened = browser.page(service.url)
        opened.until_text("#alarms .state", "standby")
        loaded_kb = opened.run(_LOADED_BYTES) / 1000
        before_mb = _memory_mb(opened)
        opened.run(_FILL % _REPORTS)
        frames_per_s = opened.run(_DRAW % ("plots_", _REPORTS, _DRAWN_S * 1000))
        empty_per_s = opened.run(_DRAW % ("[]", _REPORTS, _DRAWN_S * 1000))
        after_mb = _memory_mb(opened)
    return [
        Figure("page.load_kb", round(loaded_kb, 1), "kB", None, 300),
        Figure("page.first_paint_ms", round(statistics.median(paints), 1), f"ms, median of {_PAINTS}", None, None),
        Figure(
            "page.frames_per_s",
            round(frames_per_s, 1),
            "1/s, 14 days at one report a second",
            round(empty_per_s, 1),
            None,
            "least",
        ),
        Figure("page.memory_mb", round(after_mb, 1), "MB, after 14 days were drawn", round(before_mb, 1), None),
    ]


def _first_paint_ms(browser: Browser, url: str) -> float:
    with browser.page(url) as opened:
        opened.until("performance.getEntriesByName('first-contentful-paint').length")
        return float(opened.run("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def _memory_mb(opened: Page) -> float:
    opened.call("HeapProfiler.collectGarbage")
    used = opened.call("Runtime.getHeapUsage")
    return float(used["usedSize"] + used.get("embedderHeapUsedSize", 0) + used.get("backingStorageSize", 0)) / _MB


# Sends lines to a worker of its own, one after another's answer; resolves to the seconds that the last ones took.
_TAKE = """(async () => {
    const worker = new Worker('./simulation/worker.js', { type: 'module' });
    const next = () => new Promise((resolve) => {
        worker.onmessage = ({ data }) => 'received' in data || resolve(data);
    });
    const began = performance.now();
    await next();
    const upMs = performance.now() - began;
    const [before, timed] = %s;
    const send = async (line) => {
        worker.postMessage(line.startsWith('rx ') ? { write: atob(line.slice(3)) } : { id: 1, line });
        if (!line.startsWith('rx ')) await next();
    };
    for (const line of before) await send(line);
    const start = performance.now();
    for (const line of timed) await send(line);
    return [upMs, (performance.now() - start) / 1000];
})()"""


def worker() -> list[Figure]:
    """The page without a service: what it loads, and its pump's speed; the baseline is the Pico-sized build."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "web"
        if not static_host.build(folder):
            raise SystemExit("bench: MicroPython for the browser is not installed: run make web")
        packed_kb = {at: _packed_kb(path) for at, path in ((path.name, path) for path in folder.rglob("*.*"))}
        recorder = turns_run.Recorder()
        turns_run.prepare(recorder, 16_000_000, 1000)
        before = [line for line, _ in recorder.lines]
        timed = ["run 600000"] * _PARTS
        began = time.monotonic()
        for line in timed:
            recorder.send(line)
        unix_s = time.monotonic() - began
        recorder.end()
        with static_host.serving(folder) as url, Browser() as browser, browser.page(url) as opened:
            opened.until_text("#start", "Which pump?")
            lines = [_as_base64(line) for line in before]
            up_ms, worker_s = opened.run(_TAKE % json.dumps([lines, timed]))
            paints = [_first_paint_ms(browser, url) for _ in range(_PAINTS)]
    days = _PARTS * 600 / 86_400
    return [
        Figure("page.worker_days_per_s", round(days / worker_s, 4), "days/s", round(days / unix_s, 4), None, "least"),
        Figure("page.worker_up_ms", round(up_ms), "ms from the start of the worker until the pump runs", None, None),
        Figure(
            "page.static_first_paint_ms", round(statistics.median(paints), 1), f"ms, median of {_PAINTS}", None, None
        ),
        Figure(
            "page.static_load_kb",
            round(sum(kb for name, kb in packed_kb.items() if not name.endswith(".wasm")), 1),
            "kB, compressed, without MicroPython's wasm",
            None,
            300,
        ),
        Figure("page.wasm_load_kb", round(packed_kb["micropython.wasm"], 1), "kB, compressed", None, None),
    ]


def _packed_kb(path: Path) -> float:
    return len(gzip.compress(path.read_bytes())) / 1000


def _as_base64(line: str) -> str:
    """A line `rx HEX` with its bytes in base64."""
    word, _, rest = line.partition(" ")
    return f"rx {base64.b64encode(bytes.fromhex(rest)).decode()}" if word == "rx" else line


_NAMES = ("page.load_kb", "page.first_paint_ms", "page.frames_per_s", "page.memory_mb")
_WORKER_NAMES = (
    "page.worker_days_per_s",
    "page.worker_up_ms",
    "page.static_first_paint_ms",
    "page.static_load_kb",
    "page.wasm_load_kb",
)
GROUPS = [
    Group(_NAMES, "the page of the service in Chromium", page),
    Group(_WORKER_NAMES, "the page without a service in Chromium", worker),
]
GROUPS = GROUPS if program() else []
