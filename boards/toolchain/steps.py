"""Steps of the set-up: a product is made in a private folder, moved by one rename, and valid only with its stamp.

Steps that don't need each other run side by side, in threads.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STAMP = "stamp.json"
_lock = threading.Lock()  # of the two that follow
_children: set[subprocess.Popen[bytes]] = set()  # that run now
_ending = False  # no more commands are started
_held: list[bool] = []  # while signals are held back: whether one came
_makers: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)  # one thread at a time makes a product


class Trouble(Exception):
    """A step failed: what happened, what to do about it, and the log with the details."""

    def __init__(self, happened: str, advice: str, log: Path | None = None) -> None:
        super().__init__(happened)
        self.happened, self.advice, self.log = happened, advice, log

    def __str__(self) -> str:
        log = f" Log: {self.log}" if self.log else ""
        return f"{self.happened.rstrip('.')}. {self.advice}{log}"


@dataclass(frozen=True)
class Place:
    """The folders of one checkout."""

    root: Path

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def own(self) -> Path:
        return self.build / "toolchain"

    @property
    def bin(self) -> Path:
        return self.build / "bin"

    def log(self, step: str) -> Path:
        path = self.own / "logs" / f"{step}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        return path

    def work(self) -> Path:
        """A new, empty working folder; it is removed at the end of the run."""
        (self.own / "work").mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self.own / "work"))


def key_of(*parts: Any) -> str:
    """One hash over all inputs of a product: text, lists, bytes of files."""
    whole = hashlib.sha256()
    for part in parts:
        piece = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        whole.update(b"%d:" % len(piece) + piece)
    return whole.hexdigest()


def write_stamp(folder: Path, key: str, files: Sequence[str] = (), details: dict[str, Any] | None = None) -> None:
    """Stores the key of the inputs, and the hashes of the files that the folder must have."""
    hashes = {name: _hash_of(folder / name) for name in files}
    stamp = json.dumps({"key": key, "files": hashes, "details": details or {}}, indent=1)
    write_whole(folder / _STAMP, stamp + "\n")


def read_stamp(folder: Path, key: str) -> dict[str, Any] | None:
    """The details of a product that is complete, unchanged, and made from these inputs; else None."""
    try:
        stamp = json.loads((folder / _STAMP).read_text())
        if stamp["key"] != key or any(_hash_of(folder / name) != was for name, was in stamp["files"].items()):
            return None
        return dict(stamp["details"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def put_in_place(place: Place, made: Path, product: Path) -> None:
    """Renames a finished folder to its final place; an earlier one is moved to the working folder."""
    if product.exists() or product.is_symlink():
        os.rename(product, place.work() / "old")
    os.rename(made, product)


def put_link(link: Path, target: Path) -> None:
    """Sets a symbolic link in one step, unless it is right already; within build/ the link is relative."""
    text = str(target)
    if target.is_relative_to(link.parent.parent):
        text = os.path.relpath(target, link.parent)
    if link.is_symlink() and os.readlink(link) == text:
        return
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(text)
    os.replace(fresh, link)


def write_whole(path: Path, text: str) -> None:
    """Writes a small file in one step, unless it has this content already."""
    if path.is_file() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    os.replace(fresh, path)


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Prints a line when a long step starts, and one with its seconds when it ends: others may run meanwhile."""
    start = time.monotonic()
    say(f"{title} …")
    try:
        yield
    except BaseException:
        say(f"{title}: failed")
        raise
    say(f"{title}: {time.monotonic() - start:.0f} s")


def side_by_side(*jobs: Callable[[], Any]) -> list[Any]:
    """Calls the jobs at the same time and returns their results. If one fails, ends the others and raises its error."""
    global _ending
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            with _lock:
                _ending = True
            for child in tuple(_children):
                _end_group(child)
            raise
        finally:
            pool.shutdown()
            _ending = False
    return [future.result() for future in futures]


def run(
    command: Sequence[str | Path], log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> bool:
    """Runs a command, with its output in the log; whether it succeeded. An interruption ends the command too."""
    child = None
    with log.open("ab") as out:
        out.write(("$ " + " ".join(map(str, command)) + "\n").encode())
        out.flush()
        try:
            with _lock, _uninterrupted():
                if _ending:
                    return False
                child = subprocess.Popen(
                    list(map(str, command)), cwd=cwd, env={**(os.environ if env is None else env), "LC_ALL": "C.UTF-8"},
                    stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                )
                _children.add(child)
            return child.wait() == 0
        except OSError as error:
            out.write(f"error: {error}\n".encode())
            return False
        except BaseException:
            if child:
                _end_group(child)
            raise
        finally:
            if child:
                _children.discard(child)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """A signal that comes while a command is being started waits until the command is known and can be ended."""
    if threading.current_thread() is not threading.main_thread():  # signals go to the main thread only
        yield
        return
    _held.append(False)
    try:
        yield
    finally:
        came = _held.pop()
    if came:
        raise KeyboardInterrupt


def cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def last_error(log: Path) -> str:
    """The first line with an error in the output of a log's last command, else its last line."""
    last_command = log.read_text(errors="replace").rpartition("\n$ ")[2]
    lines = [line.strip() for line in last_command.splitlines()[1:] if line.strip()] or ["it printed nothing"]
    telling = [line for line in lines if line.startswith(("E:", "ERROR", "error", "fatal")) or " error: " in line]
    chosen = telling[0] if telling else lines[-1]
    return chosen if len(chosen) <= 240 else chosen[:237] + "..."


@contextlib.contextmanager
def alone(place: Place) -> Iterator[None]:
    """Holds the lock of the set-up: a second set-up waits for the first."""
    place.own.mkdir(parents=True, exist_ok=True)
    with (place.own / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is running in this checkout; waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            yield
        finally:
            if (place.own / "work").exists():
                shutil.rmtree(place.own / "work", ignore_errors=True)


@dataclass(frozen=True)
class Product:
    """A folder under build/toolchain: key of its inputs, function that fills it, files that a later run checks."""

    name: str
    key: str
    title: str
    fill: Callable[[Path, Path], dict[str, Any]]  # (private folder, log) -> details
    files: Sequence[str] = ()

    def details(self, place: Place) -> dict[str, Any] | None:
        """The details in the stamp if the product exists, complete and made from these inputs; else None."""
        return read_stamp(place.own / self.name, self.key)


def make(place: Place, product: Product, before: Callable[[], object] | None = None) -> dict[str, Any]:
    """Makes the product unless it exists; returns its details. `before` prepares what it needs."""
    with _makers[product.name]:
        details = product.details(place)
        if details is not None:
            return details
        if before:
            before()
        with step(product.title):
            folder = place.work() / product.name
            folder.mkdir()
            details = product.fill(folder, place.log(product.name))
            write_stamp(folder, product.key, product.files, details)
            put_in_place(place, folder, place.own / product.name)
        return details


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _interrupt(number: int, frame: object) -> None:
    if _held:
        _held[0] = True
    else:
        raise KeyboardInterrupt


def _end_group(child: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
            return
    print(f"setup: the child process {child.pid} could not be ended", file=sys.stderr)
