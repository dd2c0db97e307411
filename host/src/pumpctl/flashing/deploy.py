"""Development: copies those files of a checkout to a board that have changed since the last time.

The list of files is package.json, which `mpremote mip install` reads too. The hashes of what lies on the board are kept
there in a list that is taken away before the first copy and put back after the last.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pumpctl import errors, ports
from pumpctl.flashing import mpremote
from pumpctl.protocol import transport

LIST = "deployed.json"
_PREPARE = (
    "import storage\n"
    "if storage.error() == storage.BLANK: storage.make()\n"
    "print('storage', storage.error())\n"
    "try:\n"
    f" print('list', open('/{LIST}').read())\n"
    "except OSError: pass\n"
)


@dataclass(frozen=True)
class Plan:
    """What is to be done on the board; paths are the board's, `sources` give the files for `copy`."""

    copy: tuple[str, ...]
    remove: tuple[str, ...]
    sources: dict[str, Path]
    hashes: dict[str, str]


def files(checkout: Path) -> dict[str, Path]:
    """Return the files of package.json, by their path on the board."""
    listed = json.loads((checkout / "package.json").read_text(encoding="utf-8"))["urls"]
    return {target: checkout / source for target, source in listed}


def plan(sources: dict[str, Path], there: dict[str, str]) -> Plan:
    """Compare the checkout with the board's list."""
    hashes = {target: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for target, path in sources.items()}
    copy = tuple(target for target in sources if there.get(target) != hashes[target])
    remove = tuple(target for target in there if target not in sources)
    return Plan(copy, remove, sources, hashes)


def deploy(
    port: str,
    checkout: Path,
    runner: mpremote.Run = mpremote.run,
    open_port: Callable[[str], transport.Transport] = ports.opened,
) -> Plan:
    """Bring the board up to date and start it again. Raises ReplClosed, PortBusy, FileSystemUnfit, MpremoteFailed."""
    mpremote.enter_repl(open_port(port))
    todo = plan(files(checkout), _there(mpremote.call(port, ["exec", _PREPARE], runner)))
    if not (todo.copy or todo.remove):
        mpremote.call(port, ["reset"], runner)  # asking has stopped the pump
        return todo
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder, LIST)
        done.write_text(json.dumps(todo.hashes, separators=(",", ":")), encoding="ascii")
        mpremote.call(port, _chain(_steps(todo, done)), runner)
    return todo


def _there(said: str) -> dict[str, str]:
    """Read the board's answer to the preparation."""
    lines = [line.partition(" ") for line in said.replace("\r", "").splitlines()]
    answers = {word: rest for word, _, rest in lines}
    if answers.get("storage") == "2":
        raise errors.FileSystemUnfit(
            "The board's file system does not mount; read what you need of it, then type `storage.make()` at its REPL "
            "(`import storage` first), which empties it."
        )
    try:
        listed = json.loads(answers.get("list", "{}"))
        return {str(target): str(was) for target, was in listed.items()}
    except (ValueError, AttributeError):
        return {}


def _steps(todo: Plan, done: Path) -> list[list[str]]:
    """Return mpremote's commands; an interruption between any two leaves no list, and the next run copies all."""
    folders = sorted({target.rpartition("/")[0] for target in todo.copy} - {""})
    makes = "".join(f"\ntry: os.mkdir('/{folder}')\nexcept OSError: pass" for folder in folders)
    takes = "".join(f"\ntry: os.remove('/{path}')\nexcept OSError: pass" for path in (LIST, *todo.remove))
    copies = [["fs", "cp", str(todo.sources[target]), f":/{target}"] for target in todo.copy]
    return [["exec", f"import os{takes}{makes}"], *copies, ["fs", "cp", str(done), f":/{LIST}"], ["reset"]]


def _chain(commands: Sequence[Sequence[str]]) -> list[str]:
    """Join commands for one call, so that the board's REPL is entered once."""
    words: list[str] = []
    for command in commands:
        words += [*(["+"] if words else []), *command]
    return words
