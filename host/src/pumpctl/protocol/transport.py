"""Links to a pump: bytes to and from a serial port, and lines from bytes."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, Protocol

import serial

from pumpctl import errors
from pumpctl.protocol import port_holder

if TYPE_CHECKING:  # imported where a key is used, so that a pump without one is reached sooner
    from pumpctl.protocol import session

try:
    import termios  # on Linux and macOS; its errors are no OSError, and pyserial lets some through
except ImportError:
    _FAILURES: tuple[type[Exception], ...] = (OSError, TypeError)
else:
    _FAILURES = (OSError, TypeError, termios.error)

_OPENING_FAILURES: tuple[type[Exception], ...] = (ValueError, *_FAILURES)
_WRITE_TIMEOUT_S = 2.0
_LONGEST_LINE_BYTES = 4096
_CHUNK_BYTES = 4096


class Transport(Protocol):
    """Transfers bytes; its clock measures time-outs (a simulated pump has a clock of its own)."""

    name: str

    def read(self, timeout_s: float) -> bytes:
        """Return the received bytes; wait up to `timeout_s` for the first one, else return none. Raises LinkLost."""

    def write(self, data: bytes) -> None:
        """Send the bytes. Raises LinkLost, or NoAnswer when the device accepts none."""

    def now_s(self) -> float:
        """Return the seconds of the clock that measures time-outs."""

    def close(self) -> None:
        """Close the port; may be called again."""


def key_of(transport: Transport) -> session.HostKey | None:
    """Return the key of a pump that was started paired (an emulated one), which its link has as `key`.

    For any other pump it is None: its key is in the user's files.
    """
    return getattr(transport, "key", None)


class SerialTransport:
    """A serial port, or any URL of pyserial, opened exclusively."""

    def __init__(self, port: str, key: session.HostKey | None = None) -> None:
        """Open the port; raises PortMissing, PortBusy, PortDenied or PortUnfit."""
        self.name = port
        self.key = key
        self._counts = not port.startswith("socket:")  # pyserial's socket port says 1 for any number of bytes waiting
        # pyserial's RFC 2217 port raises an error when a write time-out is set.
        write_timeout = None if port.startswith("rfc2217:") else _WRITE_TIMEOUT_S
        try:
            self._serial = serial.serial_for_url(
                port, baudrate=115200, timeout=0, write_timeout=write_timeout, exclusive=True
            )
        except _OPENING_FAILURES as error:
            raise _opening_error(port, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Return the bytes received within `timeout_s`; raises LinkLost."""
        try:
            self._wait_up_to(timeout_s)
            first: bytes = self._serial.read(1)
            rest: bytes = self._rest() if first else b""
        except _FAILURES as error:
            raise errors.LinkLost(self.name) from error
        return first + rest

    def _rest(self) -> bytes:
        """Return what has arrived behind the first byte."""
        if self._counts:
            waiting = self._serial.in_waiting
            return self._serial.read(waiting) if waiting else b""
        self._wait_up_to(0)
        rest: bytes = self._serial.read(_CHUNK_BYTES)
        return rest

    def _wait_up_to(self, timeout_s: float) -> None:
        if self._serial.timeout != timeout_s:
            self._serial.timeout = timeout_s

    def write(self, data: bytes) -> None:
        """Send the bytes; raises LinkLost, or NoAnswer when the device accepts none for two seconds."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise errors.NoAnswer(
                f"{self.name} accepts no data; check that the pump is running and that this is its port."
            ) from error
        except _FAILURES as error:
            raise errors.LinkLost(self.name) from error

    def now_s(self) -> float:
        """Return seconds of this computer's monotonic clock."""
        return time.monotonic()

    def close(self) -> None:
        """Close the port."""
        try:
            self._serial.close()
        except _FAILURES:
            return  # the port has disappeared, so there is nothing to close


class LineReader:
    """Splits a stream of bytes into lines; CR LF counts as LF, a line that is too long is dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete now, without their ends; empty lines are left out."""
        *complete, self._rest = (self._rest + data).split(b"\n")
        if complete and self._skipping:
            del complete[0]
            self._skipping = False
        if len(self._rest) > _LONGEST_LINE_BYTES:
            self._rest = b""
            self._skipping = True
        return [line for line in (text.removesuffix(b"\r") for text in complete) if line]


def _opening_error(port: str, error: Exception) -> errors.PumpError:
    """Return the error for the reason why a port could not be opened."""
    number = getattr(error, "errno", None)
    if number in (errno.EBUSY, errno.EAGAIN):
        return errors.PortBusy(port, port_holder.holder(port))
    if number in (errno.EACCES, errno.EPERM):
        return errors.PortDenied(port)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return errors.PortMissing(port)
    return errors.PortUnfit(port, errors.reason(error))
