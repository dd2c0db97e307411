"""A link to a pump: bytes to and from any serial port, and lines out of bytes."""

from __future__ import annotations

import errno
import time
from typing import Protocol

import serial

from pumpctl import errors

_WRITE_TIMEOUT_S = 2.0
_LONGEST_LINE_BYTES = 4096


class Transport(Protocol):
    """Carries bytes; its clock is the one that timeouts are counted by (a simulated pump has its own)."""

    name: str

    def read(self, timeout_s: float) -> bytes:
        """Return what has come, waiting up to `timeout_s` for the first byte; empty after that. Raises LinkLost."""

    def write(self, data: bytes) -> None:
        """Send the bytes. Raises LinkLost, or NoAnswer when the other side takes none."""

    def now_s(self) -> float:
        """Return seconds on the clock by which timeouts are counted."""

    def close(self) -> None:
        """Give the port back; may be called twice."""


class SerialTransport:
    """A serial port, or anything else that pyserial has a URL for, opened for this program alone."""

    def __init__(self, port: str) -> None:
        """Open the port; raises PortMissing, PortBusy, PortDenied or PortUnfit."""
        self.name = port
        # RFC 2217 has no time-out for writing, and says so when it is asked for one.
        write_timeout = None if port.startswith("rfc2217:") else _WRITE_TIMEOUT_S
        try:
            self._serial = serial.serial_for_url(
                port, baudrate=115200, timeout=0, write_timeout=write_timeout, exclusive=True
            )
        except (OSError, ValueError) as error:
            raise _opening_error(port, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Return what has come within `timeout_s`, empty if nothing; raises LinkLost."""
        try:
            if self._serial.timeout != timeout_s:
                self._serial.timeout = timeout_s
            first: bytes = self._serial.read(1)
            waiting = self._serial.in_waiting if first else 0
            rest: bytes = self._serial.read(waiting) if waiting else b""
        except (OSError, TypeError) as error:
            raise errors.LinkLost(self.name) from error
        return first + rest

    def write(self, data: bytes) -> None:
        """Send the bytes; raises LinkLost, or NoAnswer after two seconds in which the other side took none."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise errors.NoAnswer(
                f"{self.name} takes no bytes; check that the pump runs and that this is its port."
            ) from error
        except (OSError, TypeError) as error:
            raise errors.LinkLost(self.name) from error

    def now_s(self) -> float:
        """Return the wall's seconds."""
        return time.monotonic()

    def close(self) -> None:
        """Close the port."""
        try:
            self._serial.close()
        except OSError:
            return  # it went away before: there is nothing left to give back


class LineReader:
    """Cuts a stream of bytes into lines; CR LF counts as LF, and a line without end is thrown away."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are now whole, without their ends; empty lines are left out."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if whole and self._skipping:
            del whole[0]
            self._skipping = False
        if len(self._rest) > _LONGEST_LINE_BYTES:
            self._rest = b""
            self._skipping = True
        return [line for line in (text.removesuffix(b"\r") for text in whole) if line]


def _opening_error(port: str, error: OSError | ValueError) -> errors.PumpError:
    """Return the exception that says why a port could not be opened."""
    number = getattr(error, "errno", None)
    if number in (errno.EBUSY, errno.EAGAIN):
        return errors.PortBusy(port)
    if number in (errno.EACCES, errno.EPERM):
        return errors.PortDenied(port)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return errors.PortMissing(port)
    return errors.PortUnfit(port, _short(error))


def _short(error: Exception) -> str:
    """Return an exception's text as one short clause."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()).rstrip(".")[:120]
