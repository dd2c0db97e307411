"""Which module of pumpctl may import which, who may print, and where each package has its tests.

The rules read the syntax of every file; imports for the type checker count as well. For each rule a test shows that it
finds an offender.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from layers.import_graph import circles

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "host" / "src"
TESTS = ROOT / "tests" / "host"

# From the bottom up: an entry (a module or a package of pumpctl) imports only entries of lower layers. "pumpctl" is the
# package's own __init__, which exports classes of pump, sim and errors; what is
# above it reads its version.
LAYERS = (
    {"frozen"},
    {"errors", "defs"},
    {"units", "checkout", "running", "configuration", "params_file"},
    {"therapy"},
    {"protocol"},
    {"queries", "sim", "report", "balance"},
    {"pump", "ports"},
    {"flashing", "diagnostics", "listening", "pumpctl"},
    {"measurement", "testing"},
    {"session"},
    {"bench"},
    {"service"},
    {"cli"},
    {"__main__"},
)
# The same rule inside a package that has packages.
INNER_LAYERS = {"cli": ({"screen"}, {"completion"}, {"options"}, {"actions"})}
PRINTING = {"print", "echo", "secho", "prompt", "confirm", "stdout", "stderr", "Console", "Live"}

Sources = Mapping[str, str]  # source text by module, as "pumpctl.cli.main"; a package by its own name


def sources_of_pumpctl() -> dict[str, str]:
    found = {}
    for path in sorted((HOST / "pumpctl").rglob("*.py")):
        parts = path.relative_to(HOST).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def imports(sources: Sources) -> dict[str, set[str]]:
    """Return for each module the modules of pumpctl that it imports anywhere in its text."""
    found: dict[str, set[str]] = {}
    for module, source in sources.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                full = [f"{node.module}.{name.name}" for name in node.names]
                names |= {name if name in sources else str(node.module) for name in full}
        found[module] = {name for name in names if name in sources} - {module}
    return found


def entry(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def wrong_imports(sources: Sources) -> Iterator[str]:
    """Imports of an entry of the same layer or a higher one, inside a package too, and entries without a layer."""
    level = {name: at for at, names in enumerate(LAYERS) for name in names}
    for module, imported in imports(sources).items():
        if entry(module) not in level:
            yield f"{module} has no layer"
            continue
        for other in imported:
            if entry(other) != entry(module) and level.get(entry(other), len(LAYERS)) >= level[entry(module)]:
                yield f"{module} imports {other}"
        yield from _wrong_inside(module, imported)


def _wrong_inside(module: str, imported: set[str]) -> Iterator[str]:
    """The same within a package that has inner layers; its other modules together form the top layer."""
    package, name = _place(module)
    layers = INNER_LAYERS.get(package, ())
    level = {inner: at for at, names in enumerate(layers) for inner in names}
    top = len(layers)
    for other in imported:
        their_package, their_name = _place(other)
        if their_package == package and their_name not in ("", name) and name:
            own, theirs = level.get(name, top), level.get(their_name, top)
            if theirs > own or (theirs == own < top):
                yield f"{module} imports {other}"


def _place(module: str) -> tuple[str, str]:
    """Return package and name in it: of pumpctl.cli.screen.console, "cli" and "screen"."""
    _, package, name, *_ = [*module.split("."), "", ""]
    return package, name


def printers(sources: Sources) -> Iterator[str]:
    """Modules other than the console that write to the terminal or ask a question by themselves."""
    for module, source in sources.items():
        if module == "pumpctl.cli.screen.console":
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRINTING:
                yield f"{module} line {node.lineno}: {node.func.id}"
            elif isinstance(node, ast.Attribute) and node.attr in PRINTING and isinstance(node.value, ast.Name):
                if node.value.id not in ("sys", "typer"):
                    continue
                yield f"{module} line {node.lineno}: {node.value.id}.{node.attr}"


def without_tests(sources: Sources, test_files: set[str]) -> Iterator[str]:
    """Packages of pumpctl without a test folder of the same path, and test folders without a package."""
    packages = {module for module in sources if any(other.startswith(f"{module}.") for other in sources)}
    folders = {"/".join(module.split(".")[1:]) for module in packages} - {""}
    tested = {path.rpartition("/")[0] for path in test_files if Path(path).name.startswith("test_")} - {""}
    yield from (f"pumpctl/{folder} has no tests in tests/host/{folder}" for folder in folders - tested)
    yield from (f"tests/host/{folder} is no package of pumpctl" for folder in tested - folders)


def slow_records(sources: Sources) -> Iterator[str]:
    """Frozen dataclasses of the standard library: each takes 1 ms to load, one of pumpctl.frozen a tenth."""
    for module, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            called = node.func if isinstance(node, ast.Call) else None
            named = isinstance(called, ast.Name) and called.id == "dataclass"
            if named and any(keyword.arg == "frozen" for keyword in node.keywords):
                yield f"{module} line {node.lineno}"


def test_modules_import_lower_layers_only() -> None:
    assert sorted(wrong_imports(sources_of_pumpctl())) == []


def test_no_module_imports_itself_through_others() -> None:
    assert circles(imports(sources_of_pumpctl())) == []


def test_only_the_console_prints() -> None:
    assert sorted(printers(sources_of_pumpctl())) == []


def test_every_package_has_its_test_folder() -> None:
    files = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py")}
    assert sorted(without_tests(sources_of_pumpctl(), files)) == []


def test_frozen_dataclasses_load_fast() -> None:
    assert sorted(slow_records(sources_of_pumpctl())) == []


def test_every_layer_exists() -> None:
    assert {entry(module) for module in sources_of_pumpctl()} == set().union(*LAYERS)


# ---- each rule finds an offender -----------------------------------------------------------------------------------

_TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {}"
_MODULES = dict.fromkeys(sources_of_pumpctl(), "")


@pytest.mark.parametrize(
    ("module", "source", "imported"),
    [
        ("errors", "from pumpctl import units", "units"),
        ("units", "from pumpctl import checkout", "checkout"),
        ("therapy.plan", "from pumpctl.protocol import wire", "protocol.wire"),
        ("therapy.plan", _TYPING.format("from pumpctl.protocol.wire import Value"), "protocol.wire"),
        ("queries", "def f():\n    import pumpctl.pump", "pump"),
        ("pump", "from pumpctl import __version__", ""),
        ("cli.screen.confirm", "from pumpctl.cli import options", "cli.options"),
        ("cli.options", "from pumpctl.cli import refill", "cli.refill"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str, imported: str) -> None:
    offence = f"pumpctl.{module} imports pumpctl.{imported}".rstrip(".")
    assert list(wrong_imports({**_MODULES, f"pumpctl.{module}": source})) == [offence]


def test_a_module_without_a_layer_is_found() -> None:
    assert list(wrong_imports({**_MODULES, "pumpctl.new": ""})) == ["pumpctl.new has no layer"]


def test_allowed_imports_are_accepted() -> None:
    allowed = {
        "pumpctl.cli.main": "from pumpctl import __version__, ports\nfrom pumpctl.cli import actions, options, refill",
        "pumpctl.cli.actions": "from pumpctl.cli import options\nfrom pumpctl.cli.screen import console",
        "pumpctl.protocol.refusals": "import json\nfrom pumpctl import defs\nfrom pumpctl.protocol import names",
    }
    assert list(wrong_imports({**_MODULES, **allowed})) == []


@pytest.mark.parametrize(
    "second", ["from pumpctl import a", _TYPING.format("from pumpctl import a"), "import pumpctl.c"]
)
def test_a_circle_is_found(second: str) -> None:
    modules = {
        "pumpctl": "",
        "pumpctl.a": "from pumpctl import b",
        "pumpctl.b": second,
        "pumpctl.c": "import pumpctl.a",
    }
    (group,) = circles(imports(modules))
    assert set(group) >= {"pumpctl.a", "pumpctl.b"}
    assert circles(imports({**modules, "pumpctl.b": "", "pumpctl.c": ""})) == []


@pytest.mark.parametrize(
    "source", ["print(1)", "import sys\nsys.stderr.write('')", "import typer\ntyper.confirm('?')", "Live()"]
)
def test_a_module_that_prints_is_found(source: str) -> None:
    assert len(list(printers({"pumpctl.cli.log": source}))) == 1
    assert list(printers({"pumpctl.cli.screen.console": source, "pumpctl.pump": "self.confirm(1)"})) == []


def test_a_package_without_tests_and_a_folder_without_a_package_are_found() -> None:
    modules = {"pumpctl": "", "pumpctl.a": "", "pumpctl.a.b": ""}
    assert list(without_tests(modules, {"a/test_b.py", "test_c.py", "rigs/helper.py"})) == []
    assert len(list(without_tests(modules, {"a/helper.py"}))) == 1
    assert len(list(without_tests(modules, {"a/test_b.py", "z/test_z.py"}))) == 1


def test_a_slow_record_is_found() -> None:
    assert list(slow_records({"pumpctl.pump": "@dataclass(frozen=True)\nclass A: ..."})) == ["pumpctl.pump line 1"]
    assert list(slow_records({"pumpctl.pump": "@dataclass\nclass A: ..."})) == []
