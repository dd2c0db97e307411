"""The board that is meant: which port and which BOOTSEL volume belong to it, and what runs there.

A running Pico has the same USB serial number as `unique_id` in the pump's answer to `hello`. In BOOTSEL mode an RP2350
keeps it; the boot loader of every RP2040 has one and the same number, so such a volume is tied to a port by the USB
socket, where the system tells it, or by appearing when the port vanishes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pumpctl import errors, ports
from pumpctl.flashing import bootsel
from pumpctl.frozen import frozen
from pumpctl.protocol import answers, transport
from pumpctl.pump import Pump

Choose = Callable[[Sequence[str]], int | None]
FindPorts = Callable[[], list[ports.Port]]
OpenPort = Callable[[str], transport.Transport]

_RIG_ANSWER = "= {"  # what the bench channel of hil/rig begins with
_NO_PORT = (errors.PortMissing, errors.PortBusy, errors.PortDenied, errors.PortUnfit)


@frozen
class Board:
    """A board, as far as it is known: its port while it runs, its volume in BOOTSEL mode, its unique id, its socket."""

    port: str | None = None
    volume: bootsel.Volume | None = None
    unique_id: str = ""
    location: str = ""

    def __str__(self) -> str:
        """Its names, for the user."""
        place = self.volume.path if self.volume else self.port
        name = f"the board {self.unique_id}" if self.unique_id else "a board"
        return f"{name} at {place}" if place else name

    def owns(self, volume: bootsel.Volume) -> bool | None:
        """Whether the volume is this board's, None when that is not known."""
        if volume.unique_id and self.unique_id:
            return volume.unique_id.casefold() == self.unique_id.casefold()
        if volume.location and self.location:
            return volume.location == self.location
        return None


@frozen
class Occupant:
    """What runs on a board: a pump with its answer to `hello` and its state, a rig, or something unknown."""

    hello: answers.Hello | None = None
    state: str = ""
    is_rig: bool = False


def examine(port: str, open_port: OpenPort, reply_s: float) -> Occupant:
    """Ask the board at a port who it is; raises what opening the port raises."""
    lines: list[str] = []
    try:
        with Pump.connect(open_port(port), reply_s, on_log=lines.append) as pump:
            return Occupant(pump.hello, pump.status().state_name)
    except _NO_PORT:
        raise
    except errors.PumpError:
        return Occupant(is_rig=any(line.startswith(_RIG_ANSWER) for line in lines))


def refuse_rig(port: str, occupant: Occupant) -> None:
    """Raise WrongBoard for a rig."""
    if occupant.is_rig:
        raise errors.WrongBoard(
            f"The board at {port} is a rig, which simulates line and sensors for a pump; nothing was written to it."
        )


def at_port(port: str, find_ports: FindPorts) -> Board:
    """Return the board at a port; an adapter's serial number is not the board's."""
    place = ports.named(port, find_ports)
    if place is None or not place.pico:
        return Board(port)
    return Board(port, None, place.serial_number, place.location)


def in_bootsel(volume: bootsel.Volume, port: str | None = None) -> Board:
    """Return the board with this volume."""
    return Board(port, volume, volume.unique_id, volume.location)


def at_volume(folder: Path, port: str | None, find_ports: FindPorts) -> Board:
    """Return the board with the volume that the user has named; raises NoVolume, or WrongBoard if its port is here."""
    volume = bootsel.opened(folder)
    if volume is None:
        raise errors.NoVolume(f"{folder} is not a board in BOOTSEL mode (it has no {bootsel.INFO}); check --volume.")
    running = None if port is None else ports.named(port, find_ports)
    if running is not None and running.pico:  # a board in BOOTSEL mode has no port
        raise errors.WrongBoard(
            f"The board at {port} is running, so {folder} is another board; give only --port or only --volume."
        )
    return in_bootsel(volume, port)


def choose(
    port: str | None,
    volumes: list[bootsel.Volume],
    find_ports: FindPorts,
    look: Callable[[str], Occupant],
    ask: Choose,
) -> Board:
    """Return the board that is meant; with several, `ask` decides. Raises NoPump when it can't."""
    running = [place for place in find_ports() if place.pico]
    if port is not None:
        if ports.named(port, lambda: running) is not None or not volumes:
            return at_port(port, find_ports)
        return _one_of([(in_bootsel(volume, port), "in BOOTSEL mode") for volume in volumes], ask)
    found = [(in_bootsel(volume), "in BOOTSEL mode") for volume in volumes]
    for place in running:
        note = _note(place.device, look) if len(running) + len(volumes) > 1 else ""
        if note is not None:
            found.append((at_port(place.device, find_ports), note))
    return _one_of(found, ask)


def _note(port: str, look: Callable[[str], Occupant]) -> str | None:
    """Return what runs at a port, None for a rig."""
    try:
        occupant = look(port)
    except errors.PumpError:
        return "not accessible"
    if occupant.is_rig:
        return None
    return f"pump {occupant.hello.version}, {occupant.state}" if occupant.hello else "no pump answers"


def _one_of(found: list[tuple[Board, str]], ask: Choose) -> Board:
    if len(found) < 2:
        return found[0][0] if found else Board()
    names = [f"{board} ({note})" for board, note in found]
    place = ask(names)
    if place is None:
        raise errors.NoPump(f"Several boards are there: {', '.join(names)}; choose one with --port or --volume.")
    return found[place][0]


def volumes_of(board: Board, before: list[bootsel.Volume], now: list[bootsel.Volume]) -> list[bootsel.Volume]:
    """Return the volumes that can be this board's: those known to be, or else those that have appeared."""
    old = {volume.path for volume in before}
    mine = [volume for volume in now if board.owns(volume)]
    return mine or [volume for volume in now if board.owns(volume) is None and volume.path not in old]


def port_afterwards(board: Board, before: list[ports.Port], now: list[ports.Port]) -> str | None:
    """Return the port at which the board runs again, None while there is none."""
    if board.unique_id:
        found = ports.with_serial_number(board.unique_id, lambda: now)
        if found is not None or board.port is None:
            return found.device if found else None
    if board.location:
        return next((place.device for place in now if place.pico and place.location == board.location), None)
    if board.port is not None:
        return board.port
    old = {place.device for place in before}
    fresh = [place.device for place in now if place.pico and place.device not in old]
    return fresh[0] if len(fresh) == 1 else None


def known_as(board: Board, hello: answers.Hello | None) -> Board:
    """Return the board with the unique id that its pump has told."""
    return board if hello is None or not hello.unique_id else replace(board, unique_id=hello.unique_id)
