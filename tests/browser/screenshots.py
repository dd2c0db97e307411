"""Makes the pictures of the page: `make screenshots`. A simulated pump delivers, then its line is blocked."""

from __future__ import annotations

import sys
import tempfile

from browser import chromium
from browser.conftest import done, prepare
from interpreters import ROOT
from service_process import Service

FOLDER = ROOT / "docs/images"
# Name: width, height, scheme, the selector of what is shown (empty: from the top).
PICTURES = (
    ("page-1280-light", 1280, 1000, "light", ""),
    ("page-390-dark", 390, 1300, "dark", ""),
    ("page-plan-1280", 1280, 900, "light", "#plan"),
)
_HOURS = 6


def main() -> int:
    if chromium.program() is None:
        print("There is no Chromium here; `apt-get install chromium`.", file=sys.stderr)
        return 3
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium.Browser() as browser,
        Service("--port", "sim:speed=1000", "--every", "60", "--session", f"{folder}/pictures.session") as service,
    ):
        prepare(service)
        page = browser.page(service.url)
        page.until_text("#delivery dl", "mL of saline")
        _wait(service, page, _HOURS * 3600)
        done(service, "rate", ul_day=1500)
        _wait(service, page, 2 * _HOURS * 3600)
        assert service.get("pumps/1/world", {"action": "block"})[0] == 200
        page.until_text("#alarms .alarms", "occlusion")
        page.click("#plots [value='86400']")
        for name, width, height, scheme, selector in PICTURES:
            page.resize(width, height)
            page.emulate(prefers_color_scheme=scheme)
            page.run("document.querySelectorAll('#plan details').forEach((each) => { each.open = true; })")
            page.run(f"document.querySelector({selector or 'body'!r}).scrollIntoView()")
            page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            page.screenshot(FOLDER / f"{name}.png", whole=False)
            print(f"docs/images/{name}.png")
    return 0


def _wait(service: Service, page: chromium.Page, uptime_s: int) -> None:
    """Wait until the pump has been on for so long."""
    while service.command("status")[1]["uptime_s"] < uptime_s:
        page.run("new Promise(requestAnimationFrame)")


if __name__ == "__main__":
    sys.exit(main())
