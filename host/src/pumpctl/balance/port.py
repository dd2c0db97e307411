"""A balance at a serial port, found by asking it in each protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

import serial

from pumpctl import errors
from pumpctl.balance.protocols import PROTOCOLS, Protocol, Reading
from pumpctl.frozen import frozen

try:
    import termios  # on Linux and macOS; its errors are no OSError, and pyserial lets some through
except ImportError:
    _SETTINGS_REFUSED: tuple[type[Exception], ...] = ()
    _FAILURES: tuple[type[Exception], ...] = (OSError, TypeError)
else:
    _SETTINGS_REFUSED = (termios.error,)
    _FAILURES = (OSError, TypeError, termios.error)

_ANSWER_S = 1.5  # of a balance that is busy with its own filter
_QUIET_S = 0.2
_FRAMES = {f"{bits}{parity}{stop}" for bits in "78" for parity in "NOE" for stop in "12"}


@frozen
class Place:
    """Where a balance is: a port, and what is known of its protocol and settings."""

    port: str
    protocol: str = ""
    baud: int = 0
    frame: str = ""


def place_of(text: str) -> Place:
    """Parse `PORT[,PROTOCOL][,BAUD][,FRAME]`, such as `/dev/ttyUSB0,sbi,1200,7O1`; raises UsageProblem."""
    port, *rest = text.split(",")
    protocol, baud, frame = "", 0, ""
    for word in rest:
        if word in PROTOCOLS:
            protocol = word
        elif word.isdecimal():
            baud = int(word)
        elif word.upper() in _FRAMES:
            frame = word.upper()
        else:
            raise errors.UsageProblem(
                f"{word!r} in --balance {text} is no protocol ({', '.join(PROTOCOLS)}), baud rate or frame such as 8N1."
            )
    return Place(port, protocol, baud, frame)


class Balance:
    """An open balance. Both verbs raise BalanceLost when it doesn't answer, `read` BalanceUnfit when it can't weigh."""

    def __init__(self, port: serial.Serial, place: Place, protocol: Protocol) -> None:
        """Use `open_at`."""
        self.place = place
        self.protocol = protocol
        self._port = port
        self._unit = ""

    @property
    def name(self) -> str:
        """Port and protocol as text."""
        return f"{self.protocol.maker} ({self.protocol.name}) at {self.place.port}"

    def read(self) -> Reading:
        """Return what it shows now, stable or not."""
        self._send(self.protocol.show)
        until_s = time.monotonic() + _ANSWER_S
        while time.monotonic() < until_s:
            line = self._line(until_s - time.monotonic())
            found = self.protocol.parse(line, self._unit) if line else None
            if found:
                self._unit = found.unit
                return found
        raise errors.BalanceLost(self.place.port, "it did not show a weight")

    def tare(self) -> None:
        """Set its weight to zero."""
        self._send(self.protocol.tare)
        while self._line(_QUIET_S):
            pass

    def close(self) -> None:
        """Close the port; may be called again."""
        with suppress(*_FAILURES):
            self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _send(self, data: bytes) -> None:
        try:
            self._port.reset_input_buffer()
            self._port.write(data)
        except _FAILURES as error:
            raise errors.BalanceLost(self.place.port, errors.reason(error)) from error

    def _line(self, timeout_s: float) -> str:
        """Return the next line without its end, empty when none came in time."""
        try:
            self._port.timeout = max(timeout_s, 0.01)
            return bytes(self._port.read_until(b"\n", 80)).decode("ascii", "replace").rstrip("\r\n")
        except _FAILURES as error:
            raise errors.BalanceLost(self.place.port, errors.reason(error)) from error


class NoBalance(Balance):
    """Stands in where nothing is weighed."""

    name = "none"

    def __init__(self) -> None:
        """Open nothing."""

    def read(self) -> Reading:
        """Raise BalanceMissing."""
        raise errors.BalanceMissing("This measurement was begun without a balance.")

    def tare(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_at(place: Place) -> Balance:
    """Return the balance at a port; without a protocol it is asked in each. Raises BalanceMissing, BalanceUnfit."""
    protocols = [PROTOCOLS[place.protocol]] if place.protocol else list(PROTOCOLS.values())
    for protocol in protocols:
        for baud, frame in protocol.settings if not place.baud else ((place.baud, place.frame or "8N1"),):
            found = _answering(Place(place.port, protocol.name, baud, place.frame or frame), protocol)
            if found is not None:
                return found
    asked = ", ".join(protocol.name for protocol in protocols)
    raise errors.BalanceMissing(f"No balance answers at {place.port} (asked in {asked}); check cable and its settings.")


def the_only_one(ports: Iterable[str], opened: Callable[[Place], Balance] = open_at) -> Balance:
    """Return the only balance at some ports; raises BalanceMissing when there is none, or more than one."""
    found: list[Balance] = []
    for port in ports:
        with suppress(errors.BalanceMissing):
            found.append(opened(Place(port)))
    if len(found) == 1:
        return found[0]
    for balance in found:
        balance.close()
    if found:
        names = ", ".join(balance.place.port for balance in found)
        raise errors.BalanceMissing(f"Several balances answer ({names}); choose one with --balance.")
    raise errors.BalanceMissing("No balance answers at any serial port; connect one, or name its port with --balance.")


def _answering(place: Place, protocol: Protocol) -> Balance | None:
    """Return the balance if it answers in this protocol with these settings."""
    try:
        port = serial.serial_for_url(
            place.port,
            place.baud,
            bytesize=int(place.frame[0]),
            parity=place.frame[1],
            stopbits=int(place.frame[2]),
            timeout=0,
            write_timeout=1,
        )
    except _SETTINGS_REFUSED:
        return None  # a port of this kind has no such frame, as a pseudo terminal
    except (OSError, ValueError, TypeError) as error:
        raise errors.BalanceMissing(
            f"The port {place.port} of the balance can't be opened: {errors.reason(error)}."
        ) from error
    balance = Balance(port, place, protocol)
    try:
        balance.read()
    except errors.BalanceLost:
        balance.close()
        return None
    except errors.BalanceUnfit:
        balance.close()
        raise
    return balance
