"""Where the jobs of the firmware are in an image: the addresses that a debugger would take from its ELF file."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

_APP = Path(__file__).resolve().parents[2] / "firmware/pump/app.py"
ENTRY = "fun_bc_call"  # MicroPython's way into every function of bytecode

# In the order in which the scheduler has them; a job that is new is there too.
JOBS = re.findall(r"\badd(?:_look)?\(self\.([\w.]+),", _APP.read_text())


def job_symbol(number: int) -> str:
    """The name of a job's bytecode in the image, as mpy-tool makes it of file, class and function."""
    room, _, function = JOBS[number].rpartition(".")
    if not room:
        return f"fun_data_pump_app_App_{function}"
    made = re.search(rf"self\.{room} = (\w+)\.(\w+)\(", _APP.read_text())
    if made is None:
        raise LookupError(f"app.py doesn't say what self.{room} is")
    return f"fun_data_{_imports()[made[1]].replace('.', '_')}_{made[2]}_{function}"


def _imports() -> dict[str, str]:
    """The modules that app.py imports: name there, dotted name."""
    nodes = [node for node in ast.walk(ast.parse(_APP.read_text())) if isinstance(node, ast.ImportFrom)]
    return {name.asname or name.name: f"{node.module}.{name.name}" for node in nodes for name in node.names}


def addresses(image: Path) -> dict[str, int]:
    """All names of an ELF file; needs the compiler's nm."""
    words = ["arm-none-eabi-nm", str(image)]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = (line.split() for line in lines)
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}
