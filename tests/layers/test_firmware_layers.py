"""Who may import whom, and other rules about the syntax of every file; a test shows that each finds an offender."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import generate
import pytest

from layers.import_graph import all_imports, circles, run_time_imports

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("firmware", "boards", "hil", "host/src")
_NOT_CODE_OF_THE_PUMP = r"firmware/definitions/|boards/[^/]+/toolchain/|.*manifest\w*\.py$"


def _root(name: str) -> str:
    return name.split(".")[0]


# ---- the layers of firmware/pump -------------------------------------------------------------------------------------

# What each package or module of firmware/pump may import of the others, also in typing blocks. Lowest layer first.
_CORE = {"defs", "hal"}
_LOW = _CORE | {"core"}
_MIDDLE = _LOW | {"journal"}
LAYERS = {
    "__init__": set(),
    "defs": set(),
    "version": set(),
    "hal": {"defs"},
    "core": _CORE,
    "journal": _LOW,
    "reservoir": _MIDDLE,
    "therapy": _MIDDLE,
    "safety": _MIDDLE,
    "alarms": _MIDDLE,
    "flow": _MIDDLE,
    "dose": _MIDDLE | {"reservoir", "therapy", "safety"},
    "link": _MIDDLE | {"alarms"},
    "occlusion": _MIDDLE | {"dose", "alarms"},
    "persistence": _MIDDLE | {"safety"},
    "controller": _MIDDLE
    | {"reservoir", "therapy", "safety", "alarms", "flow", "dose", "occlusion", "persistence"},
    "commands": _MIDDLE
    | {"controller", "version", *(f"link.{name}" for name in ("wire", "access", "key_store", "session", "x25519"))},
    "app": _MIDDLE | {"safety", "controller", "commands", "link"},
}


def _package(path: str) -> str:
    """The package, or the module at the top, that a file of firmware/pump belongs to."""
    return Path(path).relative_to("firmware/pump").parts[0].removesuffix(".py")


def layers(path: str, tree: ast.Module) -> Iterator[str]:
    own = _package(path)
    allowed = LAYERS.get(own)
    if allowed is None:
        yield f"is in {own}, which LAYERS does not name"
        return
    for name in all_imports(tree):
        if _root(name) == "pump":
            inner = name.removeprefix("pump.")
            if inner.split(".")[0] != own and not {inner.split(".")[0], inner} & allowed:
                yield f"imports {name}"


# ---- the rules: each yields the offences of a file -------------------------------------------------------------------


def pump_imports(path: str, tree: ast.Module) -> Iterator[str]:
    allowed = {"pump", "micropython", "struct"}
    allowed |= {"wire": {"binascii"}, "mac": {"hashlib"}}.get(Path(path).stem, set())
    yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) not in allowed)


def whole_numbers(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"line {node.lineno}: the number {node.value}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"line {node.lineno}: a true division"
        elif isinstance(node, ast.Name) and node.id in ("float", "complex", "round"):
            yield f"line {node.lineno}: {node.id}"


def driver_imports(path: str, tree: ast.Module) -> Iterator[str]:
    roots = {"machine", "rp2", "micropython", "array"}
    logic = {"pump.core.ticks", "pump.core.fixed_point", "pump.defs", "pump.hal"}
    # Drivers must not import each other; modules that the drivers of a folder share begin with an underscore.
    helpers = f"drivers.{Path(path).parent.name}._"
    for name in run_time_imports(tree):
        if _root(name) not in roots and name not in logic and not name.startswith(helpers):
            yield f"imports {name}"


def plant_imports(path: str, tree: ast.Module) -> Iterator[str]:
    yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) != "plant")


def no_special_case_for_simulation(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        name = getattr(node, "id", getattr(node, "attr", getattr(node, "arg", getattr(node, "name", None))))
        if isinstance(name, str) and re.search(r"simulat|emulat|^sim_|_sim$|platform", name):
            yield f"knows of {name}"


def no_pin_numbers(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("Pin", "ADC", "PWM") and isinstance(node.args[0].value, int | str):
                yield f"line {node.lineno}: names pin {node.args[0].value}"


def only_boards_pick_parts(path: str, tree: ast.Module) -> Iterator[str]:
    if not re.fullmatch(r"boards/[^/]+/(demo/)?board\.py", path):
        yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) == "drivers")


def only_main_knows_the_board(path: str, tree: ast.Module) -> Iterator[str]:
    if Path(path).name != "main.py":
        yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) == "board")


def host_knows_no_firmware(path: str, tree: ast.Module) -> Iterator[str]:
    foreign = {"pump", "drivers", "board", "plant", "micropython", "machine", "rp2", "firmware", "boards"}
    yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) in foreign)


def benches_speak_through_pumpctl(path: str, tree: ast.Module) -> Iterator[str]:
    foreign = {"pump", "drivers", "board", "serial"}
    yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) in foreign)


def only_clocks_read_time(path: str, tree: ast.Module) -> Iterator[str]:
    if "clock" not in Path(path).stem:
        times = {"time", "utime", "datetime"}
        yield from (f"imports {name}" for name in run_time_imports(tree) if _root(name) in times)


# The main loop, what it does after an error, and queries, whose errors end there.
_CATCHERS = {"firmware/pump/app.py": {"turn", "_attempt"}, "firmware/pump/core/containment.py": {"run"}}


def only_the_main_loop_catches_everything(path: str, tree: ast.Module) -> Iterator[str]:
    names = _CATCHERS.get(path, set())
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    allowed = {inner for loop in loops for inner in ast.walk(loop)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node not in allowed:
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in caught):
                yield f"line {node.lineno}: catches everything"


@dataclass(frozen=True)
class Rule:
    """A rule for the files whose paths match `where` and not `but`."""

    check: Callable[[str, ast.Module], Iterator[str]]
    where: str
    but: str = "$^"

    def offences(self, path: str, source: str) -> list[str]:
        if not re.match(self.where, path) or re.match(self.but, path):
            return []
        return [f"{path} {what}" for what in self.check(path, ast.parse(source))]


RULES = (
    Rule(pump_imports, "firmware/pump/"),
    Rule(layers, "firmware/pump/"),
    Rule(whole_numbers, "firmware/pump/"),
    Rule(driver_imports, "firmware/drivers/"),
    Rule(plant_imports, "hil/plant/"),
    Rule(no_special_case_for_simulation, "firmware/", _NOT_CODE_OF_THE_PUMP),
    Rule(no_pin_numbers, "firmware/"),
    Rule(only_boards_pick_parts, "firmware/|boards/|hil/|host/", "firmware/drivers/"),
    Rule(only_main_knows_the_board, "firmware/|boards/|hil/|host/"),
    Rule(host_knows_no_firmware, "host/src/"),
    Rule(benches_speak_through_pumpctl, "hil/", "hil/plant/"),
    Rule(only_clocks_read_time, "firmware/|boards/unix/", _NOT_CODE_OF_THE_PUMP),
    Rule(only_the_main_loop_catches_everything, "firmware/|boards/unix/|hil/plant/", _NOT_CODE_OF_THE_PUMP),
)


def _files() -> list[Path]:
    found = [path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "node_modules" not in path.parts]


def test_the_order_of_the_layers_has_no_circle() -> None:
    assert circles({name: {inner.split(".")[0] for inner in allowed} for name, allowed in LAYERS.items()}) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.check.__name__)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    offences = []
    for path in _files():
        offences += rule.offences(path.relative_to(ROOT).as_posix(), path.read_text())
    assert not offences, "\n".join(offences)


def test_each_rule_holds_for_files_that_are_there() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in _files()]
    for rule in RULES:
        assert any(re.match(rule.where, path) for path in paths), rule.check.__name__


def test_generated_files_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


_CATCH_ALL = "def {}():\n    try:\n        f()\n    except{}:\n        pass"

_OFFENDERS = (
    (pump_imports, "firmware/pump/dose/delivery.py", "import time"),
    (pump_imports, "firmware/pump/dose/delivery.py", "import machine"),
    (pump_imports, "firmware/pump/dose/delivery.py", "import json"),
    (pump_imports, "firmware/pump/link/wire.py", "import hashlib"),
    (pump_imports, "firmware/pump/app.py", "def f():\n    from rp2 import PIO"),
    (layers, "firmware/pump/core/ticks.py", "from pump.journal import journal"),
    (layers, "firmware/pump/dose/delivery.py", "if TYPE_CHECKING:\n    from pump.occlusion import monitor"),
    (layers, "firmware/pump/commands/queries.py", "from pump import app"),
    (layers, "firmware/pump/commands/queries.py", "from pump.link import port"),
    (layers, "firmware/pump/news/feed.py", "a = 1"),
    (whole_numbers, "firmware/pump/dose/delivery.py", "a = 0.5"),
    (whole_numbers, "firmware/pump/dose/delivery.py", "a = 6 / 2"),
    (whole_numbers, "firmware/pump/dose/delivery.py", "a = 6\na /= 2"),
    (whole_numbers, "firmware/pump/dose/delivery.py", "a = float('1')"),
    (driver_imports, "firmware/drivers/stepper.py", "from pump import app"),
    (driver_imports, "firmware/drivers/stepper.py", "import pump"),
    (driver_imports, "firmware/drivers/stepper.py", "from drivers import valves"),
    (driver_imports, "firmware/drivers/stepper.py", "from . import valves"),
    (driver_imports, "firmware/drivers/motion/stepper.py", "from drivers.motion import valves"),
    (driver_imports, "firmware/drivers/motion/stepper.py", "from drivers.sensors import _i2c"),
    (driver_imports, "firmware/drivers/stepper.py", "import time"),
    (plant_imports, "hil/plant/fluid/line.py", "import time"),
    (plant_imports, "hil/plant/fluid/line.py", "from pump import ticks"),
    (no_special_case_for_simulation, "firmware/pump/app.py", "if board.simulated:\n    pass"),
    (no_special_case_for_simulation, "firmware/pump/app.py", "is_emulated = 1"),
    (no_special_case_for_simulation, "firmware/main.py", "import sys\nprint(sys.platform)"),
    (no_pin_numbers, "firmware/drivers/stepper.py", "led = machine.Pin(25)"),
    (no_pin_numbers, "firmware/drivers/stepper.py", "led = Pin('LED')"),
    (only_boards_pick_parts, "firmware/pump/app.py", "from drivers import valves"),
    (only_boards_pick_parts, "boards/rpi_pico/boot.py", "import drivers.valves"),
    (only_main_knows_the_board, "firmware/pump/app.py", "import board"),
    (only_main_knows_the_board, "boards/unix/sim_parts.py", "from board import clock"),
    (host_knows_no_firmware, "host/src/pumpctl/protocol/wire.py", "from pump import wire"),
    (host_knows_no_firmware, "host/src/pumpctl/sim/simulation.py", "from plant import world"),
    (benches_speak_through_pumpctl, "hil/tests/test_delivery.py", "from pump import defs"),
    (benches_speak_through_pumpctl, "hil/targets/pico.py", "import serial"),
    (only_clocks_read_time, "firmware/pump/app.py", "import time"),
    (only_clocks_read_time, "boards/unix/sim_parts.py", "import time"),
    (only_the_main_loop_catches_everything, "firmware/pump/app.py", _CATCH_ALL.format("step", " Exception")),
    (only_the_main_loop_catches_everything, "firmware/pump/link/port.py", _CATCH_ALL.format("run", "")),
    (only_the_main_loop_catches_everything, "firmware/main.py", _CATCH_ALL.format("f", " (OSError, BaseException)")),
)  # fmt: skip

_INNOCENT = (
    (pump_imports, "firmware/pump/link/mac.py", "import hashlib"),
    (pump_imports, "firmware/pump/link/wire.py", "import binascii\nfrom micropython import const"),
    (pump_imports, "firmware/pump/app.py", "from pump import ticks\nif TYPE_CHECKING:\n    from typing import Any"),
    (layers, "firmware/pump/commands/queries.py", "from pump.link import wire\nfrom pump import hal, version"),
    (layers, "firmware/pump/dose/delivery.py", "from pump.dose import schedule\nfrom pump.safety import guards"),
    (whole_numbers, "firmware/pump/core/ticks.py", "a = 7 // 2\nb = '0.5 / 2'"),
    (driver_imports, "firmware/drivers/sensors/a.py", "from drivers.sensors import _i2c"),
    (driver_imports, "firmware/drivers/a.py", "import machine\nfrom pump import hal\nfrom pump.core import ticks"),
    (plant_imports, "hil/plant/fluid/line.py", "from plant import volume"),
    (only_boards_pick_parts, "boards/rpi_pico/board.py", "from drivers import valves"),
    (only_boards_pick_parts, "boards/rpi_pico/demo/board.py", "from drivers import valves"),
    (only_main_knows_the_board, "firmware/main.py", "import board"),
    (host_knows_no_firmware, "host/src/pumpctl/cli/main.py", "from pumpctl import pump"),
    (benches_speak_through_pumpctl, "hil/tests/test_delivery.py", "from pumpctl import defs"),
    (only_clocks_read_time, "boards/unix/sim_clock.py", "import time"),
    (only_the_main_loop_catches_everything, "firmware/pump/app.py", _CATCH_ALL.format("turn", " Exception")),
    (only_the_main_loop_catches_everything, "firmware/pump/link/port.py", _CATCH_ALL.format("run", " ValueError")),
)  # fmt: skip

Case = tuple[Callable[[str, ast.Module], Iterator[str]], str, str]


def _rule(check: Callable[[str, ast.Module], Iterator[str]]) -> Rule:
    return next(rule for rule in RULES if rule.check is check)


@pytest.mark.parametrize("case", _OFFENDERS, ids=lambda case: f"{case[0].__name__}: {case[2]!r}")
def test_each_rule_finds_an_offender(case: Case) -> None:
    check, path, source = case
    assert _rule(check).offences(path, source)


@pytest.mark.parametrize("case", _INNOCENT, ids=lambda case: f"{case[0].__name__}: {case[2]!r}")
def test_each_rule_accepts_allowed_code(case: Case) -> None:
    check, path, source = case
    assert _rule(check).offences(path, source) == []


def test_every_rule_has_an_offender() -> None:
    assert {rule.check for rule in RULES} == {case[0] for case in _OFFENDERS}
