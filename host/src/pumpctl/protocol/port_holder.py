"""Which program has opened a port or a connection, as far as the system lets this user see it."""

from __future__ import annotations

import os
from pathlib import Path

_PROCESSES = Path("/proc")


def holder(port: str, processes: Path = _PROCESSES) -> str:
    """Return `name with pid N` of a program that has opened the port; empty when it can't be found out."""
    return _holder(os.path.realpath(port), processes)


def peer(tcp_port: int, processes: Path = _PROCESSES) -> str:
    """Return the same of the program on this computer whose end of a TCP connection has this port."""
    try:
        lines = (processes / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]
    except (OSError, ValueError):
        return ""
    for line in lines:
        words = line.split()
        if words[1].endswith(f":{tcp_port:04X}") and words[9] != "0":
            return _holder(f"socket:[{words[9]}]", processes)
    return ""


def _holder(wanted: str, processes: Path) -> str:
    try:
        numbers = sorted(int(path.name) for path in processes.iterdir() if path.name.isdecimal())
    except OSError:
        return ""
    return next((_named(processes, pid) for pid in numbers if _has_open(processes / str(pid) / "fd", wanted)), "")


def _has_open(folder: Path, wanted: str) -> bool:
    try:
        return any(os.readlink(link) == wanted for link in folder.iterdir())
    except OSError:
        return False  # it has ended, or belongs to another user


def _named(processes: Path, pid: int) -> str:
    try:
        words = (processes / str(pid) / "cmdline").read_bytes().split(b"\0")
        name = (processes / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return f"the program with pid {pid}"
    scripts = [Path(os.fsdecode(word)).name for word in words[1:] if word and not word.startswith(b"-")]
    return f"{scripts[0] if name.startswith('python') and scripts else name} with pid {pid}"
