"""Copies to a board the files of a checkout that differ from its image, for development.

They are compiled, and copied into a folder of their own. A list, renamed into place after the last of them, names that
folder; boards/rpi_pico/deployed.py loads its modules instead of the image's. So all files are in use, or none of them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pumpctl import errors, ports
from pumpctl.flashing import boards, mpremote, staging
from pumpctl.frozen import frozen
from pumpctl.protocol import transport

FILES = "firmware/files.json"
LIST = staging.LIST
_NEW_LIST = "deployed.new"
_FOLDER = "deploy-"
_REPLY_S = 2.0
_HASH_DIGITS = 8  # as in boards/toolchain/package_list.py
_BLOCK_BYTES = 4096
_FILE_BYTES = 4000  # of a block of littlefs, without its pointers
_FOLDER_BLOCKS = 2  # littlefs keeps two copies of each folder's entries
_SPARE_BLOCKS = 4  # for the list, and for littlefs itself
_REMOVER = """
def remove(path):
 for entry in list(os.ilistdir(path)):
  (remove if entry[1] == 0x4000 else os.remove)(path + '/' + entry[0])
 os.rmdir(path)
"""
_REMOVE = _REMOVER + "remove({!r})\n"
_TELL = (
    """
import os, json, storage, build_info
{remover}
if storage.error() == storage.BLANK: storage.make()
print('storage', storage.error())
print('image', build_info.IMAGE)
print('files', getattr(build_info, 'FILES', ''))
if storage.mounted:
 try: text = open('/{list}').read()
 except OSError: text = ''
 try:
  listed = json.loads(text)
  folder = listed['folder'] if listed['image'] == build_info.IMAGE else ''
 except (ValueError, KeyError, TypeError): folder = ''
 for entry in list(os.ilistdir('/')):
  path = '/' + entry[0]
  if entry[0].startswith('{folder}') and path != folder: remove(path)
 print('list', text)
 print('free_blocks', os.statvfs('/')[3])
""".replace("{list}", LIST)
    .replace("{folder}", _FOLDER)
    .replace("{remover}", _REMOVER)
)


@frozen
class Board:
    """What a board tells: its image, the hashes of the image's files, those of an earlier deploy, and free blocks."""

    image: str
    files: Mapping[str, str]
    deployed: Mapping[str, str]
    folder: str
    free_blocks: int


@frozen
class Plan:
    """What differs from the image: files to copy, all of them each time, and files that no longer differ."""

    copy: tuple[str, ...]
    remove: tuple[str, ...]
    hashes: dict[str, str]
    folder: str


def files(checkout: Path) -> dict[str, Path]:
    """Return the files of firmware/files.json, by their names in the image; raises BadCheckout."""
    try:
        listed = json.loads((checkout / FILES).read_text(encoding="utf-8"))["urls"]
        return {str(target): checkout / source for target, source in listed}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.BadCheckout(checkout / FILES, error) from error


def plan(sources: Mapping[str, Path], board: Board) -> Plan:
    """Compare the checkout with the board's image and an earlier deploy; raises BadCheckout."""
    hashes = {target: hashlib.sha256(_content(path)).hexdigest()[:_HASH_DIGITS] for target, path in sources.items()}
    wanted = {target: value for target, value in hashes.items() if board.files.get(target) != value}
    remove = tuple(target for target in board.deployed if target not in wanted)
    if wanted == board.deployed:
        return Plan((), (), wanted, board.folder)
    whole = hashlib.sha256(json.dumps([board.image, wanted]).encode()).hexdigest()
    return Plan(tuple(wanted), remove, wanted, f"/{_FOLDER}{whole[:_HASH_DIGITS]}" if wanted else "")


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
    compiler: staging.Compile | None = None,
) -> Plan:
    """Bring the board to the state of the checkout and restart it.

    Raises ReplClosed, PortBusy, FileSystemUnfit, WrongImage, MpremoteFailed, BadCheckout, NotSaved, and WrongBoard for
    a rig.
    """
    boards.refuse_rig(port, boards.examine(port, open_port, _REPLY_S))
    mpremote.enter_repl(open_port(port))
    sources = files(checkout)
    board = _told(mpremote.call(port, ["exec", _TELL], runner))
    todo = plan(sources, board)
    if not (todo.copy or todo.remove):
        mpremote.call(port, ["reset"], runner)  # entering the REPL has stopped the pump
        return todo
    with tempfile.TemporaryDirectory() as folder:
        made = staging.stage(
            Path(folder), _compiled(sources, todo), _list(todo, board.image), compiler or staging.mpy_cross(checkout)
        )
        _check_room(Path(folder), made, board.free_blocks)
        mpremote.call(port, _chain(_steps(Path(folder), made, todo, board.folder)), runner)
    return todo


def package(folder: Path, checkout: Path, board: str, compiler: staging.Compile | None = None) -> Plan:
    """Write a package for `mpremote mip install`: what differs from the image that was built in this checkout."""
    stamp = checkout / "build/firmware" / board / "stamp.json"
    try:
        details = json.loads(stamp.read_text(encoding="utf-8"))["details"]
        built = Board(str(details["image"]), dict(details["files"]), {}, "", 0)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.BadCheckout(stamp, error) from error
    sources = files(checkout)
    todo = plan(sources, built)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = staging.stage(
            folder, _compiled(sources, todo), _list(todo, built.image), compiler or staging.mpy_cross(checkout)
        )
        # mip copies in this order, so the list is there after all that it names.
        names = [*(name for name in made if name != LIST), LIST]
        text = json.dumps({"version": str(details["version"]), "deps": [], "urls": [[name, name] for name in names]})
        (folder / "package.json").write_text(text + "\n", encoding="ascii")
    except OSError as error:
        raise errors.NotSaved(folder, error) from error
    return todo


def _compiled(sources: Mapping[str, Path], todo: Plan) -> dict[str, tuple[str, Path]]:
    """Return name in the image and source by the path on the board, without the slash."""
    return {f"{todo.folder[1:]}/{target.removesuffix('.py')}.mpy": (target, sources[target]) for target in todo.copy}


def _list(todo: Plan, image: str) -> str:
    return json.dumps({"image": image, "folder": todo.folder, "files": todo.hashes}, separators=(",", ":"))


def _told(output: str) -> Board:
    """Return what _TELL has printed; raises FileSystemUnfit, or WrongImage for an image without deployed.py."""
    lines = [line.partition(" ") for line in output.replace("\r", "").splitlines()]
    answers = {word: rest for word, _, rest in lines}
    if answers.get("storage") == "2":
        raise errors.FileSystemUnfit(
            "The board's file system can't be mounted; save what you need, then type `import storage; storage.make()` "
            "at its REPL, which erases it."
        )
    try:
        in_image = json.loads(answers["files"])
        free_blocks = int(answers["free_blocks"])
    except (KeyError, ValueError) as error:
        raise errors.WrongImage(
            "The board's image can't load copied files; type `make flash KIND=dev`, then `make deploy` again."
        ) from error
    image = answers.get("image", "")
    try:
        listed = json.loads(answers.get("list", "{}"))
        if listed["image"] == image:
            return Board(image, in_image, dict(listed["files"]), str(listed["folder"]), free_blocks)
    except (ValueError, KeyError, TypeError):
        pass
    return Board(image, in_image, {}, "", free_blocks)


def _check_room(folder: Path, made: Sequence[str], free_blocks: int) -> None:
    """Raise FileSystemUnfit when the board has fewer free blocks than the files need; then nothing was copied."""
    folders = {parent for name in made for parent in Path(name).parents} - {Path()}
    needed = _FOLDER_BLOCKS * len(folders) + _SPARE_BLOCKS
    needed += sum(-((folder / name).stat().st_size // -_FILE_BYTES) for name in made)
    if needed > free_blocks:
        raise errors.FileSystemUnfit(
            f"{len(made) - 1} files differ from the board's image and need {needed} blocks, but {free_blocks} are "
            "free; nothing was copied. Type `make flash KIND=dev`, which puts the image of this checkout on the board."
        )


def _steps(local: Path, made: Sequence[str], todo: Plan, before: str) -> list[list[str]]:
    """Return mpremote's commands; the list gets its name in one step, after the last file."""
    folders = sorted({f"/{parent}" for name in made for parent in Path(name).parents} - {"/."}, key=len)
    makes = "".join(f"\nos.mkdir({folder!r})" for folder in folders)
    copies = [["fs", "cp", str(local / name), f":/{name}"] for name in made if name != LIST]
    last = f"import os\nos.rename('/{_NEW_LIST}', '/{LIST}')"
    if not todo.copy:
        last = f"import os\nos.remove('/{LIST}')"
    else:
        copies.append(["fs", "cp", str(local / LIST), f":/{_NEW_LIST}"])
    return [
        ["exec", f"import os{makes}"],
        *copies,
        ["exec", last + (_REMOVE.format(before) if before else "")],
        ["reset"],
    ]


def _chain(commands: Sequence[Sequence[str]]) -> list[str]:
    """Join commands into one call, so that the board's REPL is entered only once."""
    words: list[str] = []
    for command in commands:
        words += [*(["+"] if words else []), *command]
    return words
