"""The page without a service: the simulated pump in a worker, and a pump at a serial port that the browser opens.

Its folder is built as `make web` does. At the other end of the serial port is the same simulated pump.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import turns_run
from browser import static_host
from browser.chromium import Page

Open = Callable[..., Page]

# Replays lines of the bench channel (JSON on standard input) and prints what each gives, as JSON.
REPLAY = """
import { readFileSync } from 'node:fs';
import { hex, started } from './simulation/pump.js';
const { options, lines } = JSON.parse(readFileSync(0, 'utf8'));
const files = JSON.parse(readFileSync('simulation/firmware.json', 'utf8'));
let came = [];
const take = await started(files, options, 'simulation/micropython.wasm', {
  sent: (text) => came.push(`tx ${hex(text)}`), logged: (line) => came.push(line) });
console.log(JSON.stringify(lines.map((line) => {
  came = [];
  const answer = take(line);
  return answer === null ? came : [...came, `= ${answer}`];
})));
"""
# A Web Serial whose only port is the link of a simulated pump in a worker; `unplug` and `plug` are the cable.
SERIAL = """
const device = Object.assign(new EventTarget(), {
  getInfo: () => ({ usbVendorId: 0x2e8a }),
  async open({ baudRate }) {
    if (!baudRate || this.readable) throw new DOMException('The port is already open.', 'InvalidStateError');
    const { SimulatedPort } = await import('./link/simulated.js');
    const pump = window.pump ??= new SimulatedPort();
    this.readable = new ReadableStream({ start: (controller) => { this.controller = controller; } });
    this.isPlugged = true;
    this.writable = new WritableStream({ write: (bytes) => pump.write(String.fromCharCode(...bytes)) });
    const took = (text) => {
      if (this.isPlugged) this.controller.enqueue(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    };
    window.opened = new Promise((resolve) => pump.open({ opened: resolve, took, lost: console.error }));
    if (!window.wasOpen) await window.opened;
    window.wasOpen = true;
  },
  async close() { this.readable = this.writable = null; },
});
const serial = Object.assign(new EventTarget(), { async requestPort({ filters }) {
  if (window.noneChosen) throw new DOMException('No port selected by the user.', 'NotFoundError');
  if (filters[0].usbVendorId !== 0x2e8a) throw new Error('other ports are shown too');
  return device;
} });
Object.defineProperty(navigator, 'serial', { value: serial });
window.unplug = () => {
  device.isPlugged = false;
  device.controller.error(new DOMException('The device has been lost.', 'NetworkError'));
};
window.plug = () => {
  const event = new Event('connect');
  Object.defineProperty(event, 'target', { value: device });
  serial.dispatchEvent(event);
};
"""

# The keys that the browser keeps: name, role, and whether a script can read it.
KEPT = """
new Promise((resolve) => {
  const opening = indexedDB.open('pump keys');
  opening.onsuccess = () => {
    const asking = opening.result.transaction('keys').objectStore('keys').getAll();
    asking.onsuccess = () => resolve(asking.result.map(({ name, role, base }) => [name, role, base.extractable]));
  };
})
"""

FORGET = """
new Promise((resolve) => {
  const opening = indexedDB.open('pump keys');
  opening.onsuccess = () => {
    const clearing = opening.result.transaction('keys', 'readwrite').objectStore('keys').clear();
    clearing.onsuccess = () => resolve(true);
  };
})
"""


@pytest.fixture(scope="session")
def web_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make web` builds, from these sources."""
    folder = tmp_path_factory.mktemp("static") / "web"
    if not static_host.build(folder):
        pytest.skip("MicroPython for the browser is not installed here: run `make web`")
    return folder


@pytest.fixture(scope="session")
def static(web_folder: Path) -> Iterator[str]:
    """The address of the folder at a static host."""
    with static_host.serving(web_folder) as url:
        yield url


def test_firmware_and_world_in_webassembly_do_to_the_byte_what_they_do_on_the_unix_port(web_folder: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("There is no Node.js here: `apt-get install nodejs`")
    lines = turns_run.recorded()
    script = web_folder / "replay.mjs"
    script.write_text(REPLAY)
    given = {"options": turns_run.OPTIONS, "lines": [line for line, _ in lines]}
    done = subprocess.run(
        ["node", script.name], input=json.dumps(given), capture_output=True, text=True, cwd=web_folder, check=False
    )
    script.unlink()
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    for (line, wanted), came in zip(lines, found, strict=True):
        assert turns_run.of_world(came) == turns_run.of_world(wanted), line


def test_the_simulated_pump_in_a_worker(static: str, open_page: Open) -> None:
    page = open_page(static)
    page.until_text("#start", "Which pump?")
    page.click("#stop")
    page.until_text("#stopped", "NOT STOPPED. No pump is connected to this page.")
    page.click("button[name=simulated]")
    page.until_text("#alarms .state", "standby")
    page.until_text("#title", "a simulated pump in this browser")
    page.click("#delivery button[value=start]")
    page.until_text("#delivery", "start refused: plan_missing, contents_unknown prevent it.")
    page.until_text("#log", "power_on")
    page.type("input[name=speed]", "1000")
    page.click("#world button[value=speed]")
    page.until_text("#world", "speed 1000 done.")
    page.click("#world button[value=block]")
    page.until_text("#world", "block done.")
    page.click("#world summary")
    page.until("[...document.querySelectorAll('#world dt')].some((name) => name.innerText === 'line_blocked')")
    page.type("input[name=other]", "nonsense")
    page.run("document.querySelector('input[name=other]').form.requestSubmit()")
    page.until_text("#world", "unknown action: nonsense")
    page.click("#stop")
    page.until_text("#stopped", "Pump 1 is stopped.")


def test_a_simulated_pump_that_is_filled_and_running(static: str, open_page: Open) -> None:
    page = open_page(static)
    page.click("button[name=ready]")
    page.until_text("#alarms .state", "infusing")
    page.until_text("#delivery", "1.000 mL/day")
    assert page.text("#service") == ""
    page.type("input[name=speed]", "1000")
    page.click("#world button[value=speed]")
    page.until("Number(/in (\\d+) strokes/.exec(document.querySelector('#delivery').innerText)[1]) > 20")
    page.until_text("#log", "profile: intrahepatic")
    page.resize(390, 800)
    names = "[...document.querySelectorAll('#log td:nth-child(3)')].map((cell) => cell.offsetHeight)"
    assert len({*page.run(names)}) == 1  # no name is broken into lines


def test_a_pump_at_a_serial_port_that_is_unplugged_and_plugged_in(static: str, open_page: Open) -> None:
    page = open_page("about:blank")
    page.call("Page.addScriptToEvaluateOnNewDocument", source=SERIAL)
    page.open(static)
    page.until_text("#start", "Which pump?")
    page.run("window.noneChosen = true")
    page.click("button[name=serial]")
    page.until_text("#start", "No port was chosen.")
    page.run("window.noneChosen = false")
    page.click("button[name=serial]")
    page.until_text("#alarms .state", "standby")
    page.until_text("#title", "the serial port")
    assert not page.run("document.querySelector('#world').checkVisibility()")
    page.run("unplug()")
    page.until_text("#service", "The pump was unplugged; plug it in again.")
    page.click("#stop")
    page.until_text("#stopped", "NOT STOPPED. There is no link to the pump.")
    page.run("plug()")
    page.until("document.querySelector('#service').innerText === ''")
    page.click("#stop")
    page.until_text("#stopped", "Pump 1 is stopped.")


def test_a_page_with_a_pump_at_a_serial_port_is_paired_and_keeps_its_key(static: str, open_page: Open) -> None:
    page = open_page("about:blank")
    page.call("Page.addScriptToEvaluateOnNewDocument", source=SERIAL)
    page.open(static)
    page.click("button[name=serial]")
    page.until_text("#alarms .state", "standby")
    page.until_text("#keys", "This pump takes commands from anybody.")
    page.until_text("#log", "power_on")  # then the page's parts have their places
    page.choose("#keys select", "operate")
    page.click("#keys button")
    page.until_text("#keys [role=status]", "Press the pump's button")
    page.until_text("#alarms", "pairing")
    page.run("pump.act('press')")
    page.until_text("#keys [role=status]", "Paired as page with the role operate; the key is in this browser.")
    page.until_text("#keys ul", "page: operate")
    page.until_text("#role", "Role of this page: operate. Its key is for that role; for more, pair it again.")
    assert page.run(KEPT) == [["page", "operate", False]]
    page.click("#plan summary")
    page.click("#plan [value=therapy_set]")
    page.click("#plan .agreement .confirm")
    page.until_text("#plan", "The plan is set.")
    page.run("unplug()")
    page.until_text("#service", "The pump was unplugged")
    page.run("plug()")
    page.until("document.querySelector('#service').innerText === ''")
    page.click("#delivery button[value=start]")
    page.until_text("#delivery", "start refused: contents_unknown")
    page.run("pump.act('reset')")
    page.until_text("#log", "boot: 2")
    page.click("#delivery button[value=start]")
    page.until_text("#delivery", "start refused: contents_unknown")
    assert page.run(FORGET)
    page.run("unplug()")
    page.until_text("#service", "The pump was unplugged")
    page.run("plug()")
    page.until_text("#role", "Role of this page: view. It has no key of this pump, so it reads and stops; pair it")
    page.until_text("#keys", "This pump takes commands from paired hosts only.")
    assert page.run("document.querySelector('#delivery button[value=start]').disabled")
    page.click("#stop")
    page.until_text("#stopped", "Pump 1 is stopped.")
