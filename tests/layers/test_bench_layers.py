"""The bench imports only its part of the host package; simulated parts, rig and boards have unit tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The bench uses the pump through `Pump`. It also needs errors, definitions, the simulation, and the protocol's
# transports, answers and pending changes. What a bench test works with is pumpctl.testing.
ALLOWED = (
    "pumpctl.Pump", "pumpctl.pump", "pumpctl.defs", "pumpctl.errors", "pumpctl.sim",
    "pumpctl.protocol.transport", "pumpctl.protocol.answers", "pumpctl.protocol.changes", "pumpctl.testing",
    "pumpctl.bench.selftest",
)  # fmt: skip
# Programs, not bench tests. The demo also writes the host's report, which names the interpreter; the emulator's
# program has the prompt of `pumpctl sim`; the farm stores the keys of its pumps for those who borrow them.
MORE = {
    "hil/demo.py": ("pumpctl.report", "pumpctl.measurement", "pumpctl.checkout"),
    "hil/emulator/emulate.py": ("pumpctl.cli.sim",),
    "hil/lab/farm_demo.py": ("pumpctl.protocol.key_files",),
}
TEST_FOLDERS = {"hil/plant": "plant", "hil/rig": "rig", "boards/unix": "boards", "boards/rpi_pico": "boards"}


def host_imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all imports from the host package, those for the type checker included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name.name}" for name in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "pumpctl")


def offences(path: str, text: str) -> list[str]:
    """Imports of this file that the rule forbids."""
    allowed = tuple(f"{name}." for name in ALLOWED + MORE.get(path, ()))
    return [name for name in host_imports(ast.parse(text)) if not f"{name}.".startswith(allowed)]


def without_tests(unit: Path) -> list[str]:
    """Packages whose folder below `unit` has no test file."""
    return [package for package, name in TEST_FOLDERS.items() if not list((unit / name).glob("test_*.py"))]


def test_the_bench_imports_only_its_part_of_the_host() -> None:
    files = sorted((ROOT / "hil").rglob("*.py"))
    found = {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}
    assert {path: offences(path, text) for path, text in found.items() if offences(path, text)} == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("hil/lab/borrow.py", "from pumpctl.cli import main"),
        ("hil/lab/borrow.py", "from pumpctl import report"),
        ("hil/tests/test_line.py", "import pumpctl.protocol.wire"),
        ("hil/tests/test_line.py", "if TYPE_CHECKING:\n    from pumpctl.protocol import exchange"),
        ("hil/demo.py", "from pumpctl.flashing import uf2"),
        ("hil/tests/test_link.py", "import pumpctl"),
    ],
)
def test_an_offender_is_found(path: str, text: str) -> None:
    assert len(offences(path, text)) == 1


def test_the_demo_alone_may_use_the_report() -> None:
    text = "from pumpctl.report import page"
    assert offences("hil/demo.py", text) == []
    assert offences("hil/lab/borrow.py", text) == ["pumpctl.report.page"]


def test_each_package_has_its_folder_of_unit_tests(tmp_path: Path) -> None:
    assert without_tests(ROOT / "tests/unit") == []
    (tmp_path / "plant").mkdir()
    (tmp_path / "plant/test_line.py").touch()
    assert without_tests(tmp_path) == ["hil/rig", "boards/unix", "boards/rpi_pico"]
