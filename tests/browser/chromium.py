"""A headless Chromium for tests, driven over its DevTools protocol by the WebSocket that Python's `websockets` speaks.

Playwright would need Node.js and two packages on every computer that runs these tests, for what these few methods do.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import connect

LONGEST_S = 180
_POLL_S = 0.02
# Scrolls to an element and returns the middle of it, or says what covers it. From then on mouse events elsewhere are
# withheld from the page, until `aim` is called, which returns whether the element was clicked.
_AIM = """(selector) => {
    const element = document.querySelector(selector);
    element.scrollIntoView({ block: 'center' });
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const top = document.elementFromPoint(x, y);
    if (!element.contains(top) && !top?.contains(element)) return `covered by ${top?.outerHTML.slice(0, 80)}`;
    const expected = element.contains(top) ? element : top;
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
    let clicked = false;
    const see = (event) => {
        if (clicked) return;
        if (!expected.contains(event.target)) {
            event.stopImmediatePropagation();
            event.preventDefault();
        } else if (event.type === 'click') clicked = true;
    };
    for (const kind of kinds) addEventListener(kind, see, true);
    globalThis.aim = () => {
        for (const kind of kinds) removeEventListener(kind, see, true);
        delete globalThis.aim;
        return clicked;
    };
    return [x, y];
}"""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """The path of an installed Chromium, None without one."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


class PageError(AssertionError):
    """A script of the page failed."""


class Browser:
    """The process; `page` opens a tab."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="browser-test-", ignore_cleanup_errors=True)
        words = [
            str(program()), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update",
            "--force-color-profile=srgb",
            "--enable-precise-memory-info", "--js-flags=--expose-gc", "--remote-debugging-port=0",
            f"--user-data-dir={self._profile.name}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = Path(self._profile.name) / "DevToolsActivePort"
        until = time.monotonic() + LONGEST_S
        while not (told.exists() and told.read_text().count("\n")):
            assert self._process.poll() is None, "Chromium has ended"
            assert time.monotonic() < until, "Chromium did not start"
            time.sleep(_POLL_S)
        self._port = int(told.read_text().split()[0])

    def page(self, url: str, width: int = 1280, height: int = 800) -> Page:
        """Open a tab of this size."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
            page = Page(json.loads(answer.read())["webSocketDebuggerUrl"])
        page.call("Page.bringToFront")  # a tab in the background draws no frames
        page.resize(width, height)
        page.open(url)
        return page

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(LONGEST_S)
        self._profile.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Page:
    """A tab. `errors` has what its scripts reported."""

    def __init__(self, address: str) -> None:
        self._ending = ExitStack()
        self._socket = self._ending.enter_context(connect(address, max_size=None, compression=None, ping_interval=None))
        self._next_id = 0
        self.errors: list[str] = []
        for name in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{name}.enable")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def close(self) -> None:
        self.call("Page.close")
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Run a command of the DevTools protocol; return its result."""
        self._next_id += 1
        self._socket.send(json.dumps({"id": self._next_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=LONGEST_S))
            self._note(message)
            if message.get("id") == self._next_id:
                assert "error" not in message, (method, message["error"])
                result: dict[str, Any] = message["result"]
                return result

    def _note(self, message: dict[str, Any]) -> None:
        fields = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = fields["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif message.get("method") == "Log.entryAdded":
            entry = fields["entry"]
            if entry["level"] == "error" and entry["source"] != "network":  # the page itself tells of those
                self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, of a promise when it is resolved; raises PageError."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise PageError(found["exceptionDetails"].get("exception", {}).get("description", found))
        return found["result"].get("value")

    def until(self, condition: str) -> Any:
        """Wait until a JavaScript expression is true; return its value."""
        until = time.monotonic() + LONGEST_S
        while not (value := self.run(condition)):
            assert time.monotonic() < until, f"{condition} did not come true; {self.errors}\n{self.text('body')[:3000]}"
            time.sleep(_POLL_S)
        return value

    def text(self, selector: str) -> str:
        """The text of an element as it is shown, empty without it."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def until_text(self, selector: str, text: str) -> None:
        """Wait until an element shows a text."""
        self.until(f"(document.querySelector({json.dumps(selector)})?.innerText ?? '').includes({json.dumps(text)})")

    def click(self, selector: str) -> None:
        """Click in the middle of an element when it is visible and enabled; it must not be covered.

        A page may move between the reading of a place and the press of the mouse. A press that would meet something
        else is kept from it, and the element is looked up again.
        """
        until = time.monotonic() + LONGEST_S
        while not self._clicked(selector):
            assert time.monotonic() < until, f"{selector} does not hold still"

    def _clicked(self, selector: str) -> bool:
        """Press the mouse once on the element; False when the element was no longer there."""
        self._ready(selector)
        place = self.run(f"({_AIM})({json.dumps(selector)})")
        assert isinstance(place, list), f"{selector} is {place}"
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        return bool(self.run("globalThis.aim?.() ?? true"))  # a click may have opened another page

    def _ready(self, selector: str) -> None:
        """Wait until an element is visible and enabled."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.until(f"{element}?.checkVisibility() && !{element}.disabled")

    def press(self, key: str, code: str = "", key_code: int = 0, text: str = "") -> None:
        """Press and release a key."""
        fields = {"key": key, "code": code or key, "windowsVirtualKeyCode": key_code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **fields, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **fields)

    def type(self, selector: str, text: str) -> None:
        """Replace the text of an input, as a user would."""
        self._ready(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option."""
        self.run(f"""(() => {{
            const it = document.querySelector({json.dumps(selector)});
            it.value = {json.dumps(value)};
            it.dispatchEvent(new Event('input', {{ bubbles: true }}));
            it.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()""")

    def resize(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.until(f"innerWidth === {width}")

    def emulate(self, media: str = "", **features: str) -> None:
        """Emulate a medium (print), or features of it as prefers_color_scheme="dark"."""
        rows = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=rows)

    def screenshot(self, path: Path, whole: bool = True) -> None:
        """Write a PNG, of the whole page or of what is visible."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))
