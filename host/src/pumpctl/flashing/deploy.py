"""Copies the files of a checkout that have changed since the last deploy to a board, for development.

The list of files is package.json, which `mpremote mip install` also uses. A file on the board has the hashes of the
files there; it is removed before the first copy and written after the last.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pumpctl import errors, ports
from pumpctl.flashing import boards, mpremote
from pumpctl.protocol import transport

LIST = "deployed.json"
_REPLY_S = 2.0
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
    """What to copy and remove, as paths on the board; `sources` are the files of the checkout."""

    copy: tuple[str, ...]
    remove: tuple[str, ...]
    sources: dict[str, Path]
    hashes: dict[str, str]


def files(checkout: Path) -> dict[str, Path]:
    """Return the files of package.json, by their paths on the board; raises BadCheckout."""
    try:
        listed = json.loads((checkout / "package.json").read_text(encoding="utf-8"))["urls"]
        return {str(target): checkout / source for target, source in listed}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.BadCheckout(checkout / "package.json", error) from error


def plan(sources: dict[str, Path], on_board: dict[str, str]) -> Plan:
    """Compare the checkout with the hashes on the board; raises BadCheckout."""
    hashes = {target: hashlib.sha256(_content(path)).hexdigest()[:16] for target, path in sources.items()}
    copy = tuple(target for target in sources if on_board.get(target) != hashes[target])
    remove = tuple(target for target in on_board if target not in sources)
    return Plan(copy, remove, sources, hashes)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.BadCheckout(path, error) from error


def deploy(
    port: str,
    checkout: Path,
    runner: mpremote.Run = mpremote.run,
    open_port: Callable[[str], transport.Transport] = ports.opened,
) -> Plan:
    """Update the board's files and restart it.

    Raises ReplClosed, PortBusy, FileSystemUnfit, MpremoteFailed, BadCheckout, NotSaved, and WrongBoard for a rig.
    """
    boards.refuse_rig(port, boards.examine(port, open_port, _REPLY_S))
    mpremote.enter_repl(open_port(port))
    todo = plan(files(checkout), _hashes_on_board(mpremote.call(port, ["exec", _PREPARE], runner)))
    if not (todo.copy or todo.remove):
        mpremote.call(port, ["reset"], runner)  # entering the REPL has stopped the pump
        return todo
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder, LIST)
        try:
            done.write_text(json.dumps(todo.hashes, separators=(",", ":")), encoding="ascii")
        except OSError as error:
            raise errors.NotSaved(done, error) from error
        mpremote.call(port, _chain(_steps(todo, done)), runner)
    return todo


def _hashes_on_board(output: str) -> dict[str, str]:
    """Return the hashes in the output of _PREPARE, none when the list is missing or damaged; raises FileSystemUnfit."""
    lines = [line.partition(" ") for line in output.replace("\r", "").splitlines()]
    answers = {word: rest for word, _, rest in lines}
    if answers.get("storage") == "2":
        raise errors.FileSystemUnfit(
            "The board's file system can't be mounted; save what you need, then type `import storage; storage.make()` "
            "at its REPL, which erases it."
        )
    try:
        listed = json.loads(answers.get("list", "{}"))
        return {str(target): str(was) for target, was in listed.items()}
    except (ValueError, AttributeError):
        return {}


def _steps(todo: Plan, done: Path) -> list[list[str]]:
    """Return mpremote's commands; after an interruption there is no list of hashes, so the next deploy copies all."""
    folders = sorted({target.rpartition("/")[0] for target in todo.copy} - {""})
    makes = "".join(f"\ntry: os.mkdir('/{folder}')\nexcept OSError: pass" for folder in folders)
    removes = "".join(f"\ntry: os.remove('/{path}')\nexcept OSError: pass" for path in (LIST, *todo.remove))
    copies = [["fs", "cp", str(todo.sources[target]), f":/{target}"] for target in todo.copy]
    return [["exec", f"import os{removes}{makes}"], *copies, ["fs", "cp", str(done), f":/{LIST}"], ["reset"]]


def _chain(commands: Sequence[Sequence[str]]) -> list[str]:
    """Join commands into one call, so that the board's REPL is entered only once."""
    words: list[str] = []
    for command in commands:
        words += [*(["+"] if words else []), *command]
    return words
