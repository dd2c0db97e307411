"""Who may import whom: rules over the syntax of every file, and proof that each rule finds an offender."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import generate
import pytest

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("firmware", "boards", "hil", "host/src")
_NOT_CODE_OF_THE_PUMP = r"firmware/definitions/|boards/[^/]+/toolchain/|.*manifest\w*\.py$"


def _imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported at run time; blocks for the type checker alone are left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)
        else:
            yield from _imports(node)


def _root(name: str) -> str:
    return name.split(".")[0]


# ---- the layers of firmware/pump -------------------------------------------------------------------------------------

# What each package or module of firmware/pump may import of the others, in typing blocks too. From the bottom up.
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
    "commands": _MIDDLE | {"controller", "link.wire", "version"},
    "app": _MIDDLE | {"safety", "controller", "commands", "link"},
}


def _all_imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all that is imported, in typing blocks too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)


def _package(path: str) -> str:
    """The package, or the module at the top, that a file of firmware/pump belongs to."""
    return Path(path).relative_to("firmware/pump").parts[0].removesuffix(".py")


def layers(path: str, tree: ast.Module) -> Iterator[str]:
    own = _package(path)
    allowed = LAYERS.get(own)
    if allowed is None:
        yield f"is in {own}, which LAYERS does not name"
        return
    for name in _all_imports(tree):
        if _root(name) == "pump":
            inner = name.removeprefix("pump.")
            if inner.split(".")[0] != own and not {inner.split(".")[0], inner} & allowed:
                yield f"imports {name}"


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Modules that import each other, directly or through others, sorted."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = list(imports[start])
        while waiting:
            module = waiting.pop()
            if module in imports and module not in found:
                found.add(module)
                waiting += imports[module]
        return found

    far = {module: reached(module) for module in imports}
    groups = {tuple(sorted(other for other in far[module] if module in far[other])) for module in imports}
    return sorted(list(group) for group in groups if group)


# ---- the rules: each yields what a file does that it may not ---------------------------------------------------------


def pump_imports(path: str, tree: ast.Module) -> Iterator[str]:
    allowed = {"pump", "micropython", "struct"}
    allowed |= {"wire": {"json", "binascii"}}.get(Path(path).stem, set())
    yield from (f"imports {name}" for name in _imports(tree) if _root(name) not in allowed)


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
    helpers = f"drivers.{Path(path).parent.name}._"  # a driver knows no other one, but what two of its folder share
    for name in _imports(tree):
        if _root(name) not in roots and name not in logic and not name.startswith(helpers):
            yield f"imports {name}"


def plant_imports(path: str, tree: ast.Module) -> Iterator[str]:
    yield from (f"imports {name}" for name in _imports(tree) if _root(name) != "plant")


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
    if not re.fullmatch(r"boards/[^/]+/board\.py", path):
        yield from (f"imports {name}" for name in _imports(tree) if _root(name) == "drivers")


def only_main_knows_the_board(path: str, tree: ast.Module) -> Iterator[str]:
    if Path(path).name != "main.py":
        yield from (f"imports {name}" for name in _imports(tree) if _root(name) == "board")


def host_knows_no_firmware(path: str, tree: ast.Module) -> Iterator[str]:
    foreign = {"pump", "drivers", "board", "plant", "micropython", "machine", "rp2", "firmware", "boards"}
    yield from (f"imports {name}" for name in _imports(tree) if _root(name) in foreign)


def benches_speak_through_pumpctl(path: str, tree: ast.Module) -> Iterator[str]:
    yield from (f"imports {name}" for name in _imports(tree) if _root(name) in {"pump", "drivers", "board", "serial"})


def only_clocks_read_time(path: str, tree: ast.Module) -> Iterator[str]:
    if "clock" not in Path(path).stem:
        yield from (f"imports {name}" for name in _imports(tree) if _root(name) in {"time", "utime", "datetime"})


# The main loop, what it does after an error, and queries, whose errors end there.
_CATCHERS = {"firmware/pump/app.py": {"run", "_attempt"}, "firmware/pump/core/containment.py": {"run"}}


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
    """`where` says by its path which files it holds for."""

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


def test_no_module_of_the_firmware_imports_itself_through_others() -> None:
    folder = ROOT / "firmware"
    imports = {}
    for path in (folder / "pump").rglob("*.py"):
        module = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        imports[module] = set(_all_imports(ast.parse(path.read_text())))
    assert len(imports) > 70
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c", "x"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": set()}) == []


def deepest_import(folder: Path, start: str) -> list[str]:
    """The longest chain of imports inside imports at run time: each level takes stack, of which a Pico has 8 kB."""
    loaded: set[str] = set()
    deepest: list[str] = []

    def load(module: str, chain: list[str]) -> None:
        nonlocal deepest
        place = folder / module.replace(".", "/")
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if module in loaded or not path.is_file():
            return
        loaded.add(module)
        chain = [*chain, module]
        deepest = max(deepest, chain, key=len)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                    load(name, chain)

    load(start, [])
    return deepest


def test_imports_are_not_nested_deeply() -> None:
    """As deep as before the firmware had packages; one level more failed a test that imports the app from sources."""
    assert len(deepest_import(ROOT / "firmware", "pump.app")) <= 5


def test_the_deepest_import_is_found(tmp_path: Path) -> None:
    for name, text in (("a", "from p import b, d"), ("b", "from p import c"), ("c", ""), ("d", "from p import c")):
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / f"p/{name}.py").write_text(text)
    (tmp_path / "p/__init__.py").write_text("")
    assert deepest_import(tmp_path, "p.a") == ["p.a", "p.b", "p.c"]


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
    (pump_imports, "firmware/pump/link/wire.py", "import json\nimport binascii\nfrom micropython import const"),
    (pump_imports, "firmware/pump/app.py", "from pump import ticks\nif TYPE_CHECKING:\n    from typing import Any"),
    (layers, "firmware/pump/commands/queries.py", "from pump.link import wire\nfrom pump import hal, version"),
    (layers, "firmware/pump/dose/delivery.py", "from pump.dose import schedule\nfrom pump.safety import guards"),
    (whole_numbers, "firmware/pump/core/ticks.py", "a = 7 // 2\nb = '0.5 / 2'"),
    (driver_imports, "firmware/drivers/sensors/a.py", "from drivers.sensors import _i2c"),
    (driver_imports, "firmware/drivers/a.py", "import machine\nfrom pump import hal\nfrom pump.core import ticks"),
    (plant_imports, "hil/plant/fluid/line.py", "from plant import volume"),
    (only_boards_pick_parts, "boards/rpi_pico/board.py", "from drivers import valves"),
    (only_main_knows_the_board, "firmware/main.py", "import board"),
    (host_knows_no_firmware, "host/src/pumpctl/cli/main.py", "from pumpctl import pump"),
    (benches_speak_through_pumpctl, "hil/tests/test_delivery.py", "from pumpctl import defs"),
    (only_clocks_read_time, "boards/unix/sim_clock.py", "import time"),
    (only_the_main_loop_catches_everything, "firmware/pump/app.py", _CATCH_ALL.format("run", " Exception")),
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
def test_each_rule_lets_the_innocent_pass(case: Case) -> None:
    check, path, source = case
    assert _rule(check).offences(path, source) == []


def test_every_rule_has_an_offender() -> None:
    assert {rule.check for rule in RULES} == {case[0] for case in _OFFENDERS}
