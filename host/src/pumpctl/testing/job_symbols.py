"""Addresses of the firmware's jobs in an image, from its ELF file, as a debugger would find them."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

from pumpctl import checkout as checkouts

ENTRY = "fun_bc_call"  # MicroPython's entry for every bytecode function


class Jobs:
    """The jobs of a checkout's firmware in the order of the scheduler; a new job is added without a change here."""

    def __init__(self, checkout: Path | None = None) -> None:
        """Read the sources; raises SimulatorMissing without a checkout."""
        self._firmware = checkouts.find_checkout(checkout) / "firmware"
        self._app = self._firmware / "pump/app.py"
        self._chains = _chains(_class(self._app, "App"))
        self.names = [".".join(words).removesuffix(".job").removeprefix("controller.") for words in self._chains]

    def symbol(self, number: int) -> str:
        """The name of a job's bytecode in the image, which mpy-tool builds from file, class and function."""
        return self._method(self._app, _class(self._app, "App"), self._chains[number])

    def _method(self, path: Path, owner: ast.ClassDef, attributes: list[str]) -> str:
        """The symbol of the method that runs a job; `attributes` lead to the job, such as ["monitor", "job"]."""
        call = _assigned(owner, attributes[0])
        if len(attributes) == 1:  # scheduler.Job(self.run, ...)
            module = "_".join(path.relative_to(self._firmware).with_suffix("").parts)
            return f"fun_data_{module}_{owner.name}_{ast.unparse(call.args[0]).removeprefix('self.')}"
        module, name = ast.unparse(call.func).split(".")
        file = self._firmware / (_imports(path)[module].replace(".", "/") + ".py")
        return self._method(file, _class(file, name), attributes[1:])


def addresses(image: Path) -> dict[str, int]:
    """The addresses of all names in an ELF file; needs the compiler's nm."""
    words = ["arm-none-eabi-nm", str(image)]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = (line.split() for line in lines)
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def _class(path: Path, name: str) -> ast.ClassDef:
    found = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef) and node.name == name]
    if not found:
        raise LookupError(f"{path} has no class {name}")
    return found[0]


def _assigned(owner: ast.ClassDef, attribute: str) -> ast.Call:
    """The call whose value is assigned to `self.attribute` in a class."""
    assigned = [node for node in ast.walk(owner) if isinstance(node, ast.Assign)]
    for node in assigned:
        if isinstance(node.value, ast.Call) and ast.unparse(node.targets[0]) == f"self.{attribute}":
            return node.value
    raise LookupError(f"{owner.name} doesn't say what self.{attribute} is")


def _imports(path: Path) -> dict[str, str]:
    """The modules that a file imports: local name to dotted name."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return {name.asname or name.name: f"{node.module}.{name.name}" for node in nodes for name in node.names}


def _chains(app: ast.ClassDef) -> list[list[str]]:
    """The tuple in App._jobs, as chains of attributes from the App, in the order of the scheduler."""
    listing = next(node for node in app.body if isinstance(node, ast.FunctionDef) and node.name == "_jobs")
    names = {"self": [], "pump": ["controller"]}
    rows = next(node for node in ast.walk(listing) if isinstance(node, ast.Return)).value
    assert isinstance(rows, ast.Tuple)
    words = [ast.unparse(row).split(".") for row in rows.elts]
    return [names[first] + rest for first, *rest in words]
