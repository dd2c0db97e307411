"""Processes of emulated Picos that outlive their simulations.

A process that has run an image before has it translated, and starts another device with the same results in a sixth of
the time. Outside of `emulators` each process ends with its simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pumpctl.sim.process import Child, Program

_idle: list[Child] = []
_users = 0


@contextmanager
def emulators() -> Iterator[None]:
    """Keep the process of an emulated Pico that was closed, for the next one, until this ends; may be nested."""
    global _users
    _users += 1
    try:
        yield
    finally:
        _users -= 1
        while not _users and _idle:
            _idle.pop().close()


def start(
    program: Program, arguments: Sequence[str], inherited_fd: int | None, on_log: Callable[[str], None] | None
) -> Child:
    """Start the program, in a kept process where there is one. Raises SimulatorMissing, SimulatorDied."""
    if _fits(program, arguments) and inherited_fd is None and on_log is None:
        while _idle:
            child = _idle.pop()
            if child.alive:
                child.again(program, arguments)
                return child
            child.close()
    return Child(program, arguments, inherited_fd, on_log)


def end(child: Child) -> None:
    """End the process, or keep it."""
    if _users and not _idle and child.at_rest and _fits(child.program, child.arguments):
        _idle.append(child)
    else:
        child.close()


def _fits(program: Program, arguments: Sequence[str]) -> bool:
    """Whether its process can be kept: a flash file is written when the process ends."""
    return program.is_emulator and "--flash" not in arguments
