"""Lines from bytes, and ports that can't be opened or disappear."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import serial
from pumpctl import errors
from pumpctl.protocol import transport


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_from_pieces_of_any_size(size: int) -> None:
    data = b"boot\r\n\r\n{one}\n\n{two}\r\n{half"
    reader = transport.LineReader()
    lines = [line for at in range(0, len(data), size) for line in reader.feed(data[at : at + size])]
    assert lines == [b"boot", b"{one}", b"{two}"]
    assert reader.feed(b" done}\n") == [b"{half done}"]


def test_a_line_that_is_too_long_is_dropped_and_no_other() -> None:
    reader = transport.LineReader()
    for _ in range(100):
        assert reader.feed(b"x" * 1000) == []
    assert reader.feed(b"xxx\n{next}\n") == [b"{next}"]


def test_bytes_go_both_ways(pty_device: Any) -> None:
    port = transport.SerialTransport(pty_device.port)
    port.write(pty_device.line(id=1, cmd="stop"))
    assert port.read(2).endswith(b"\n") or port.read(2).endswith(b"\n")
    assert port.read(0) == b""
    port.close()
    port.close()


def test_missing_port() -> None:
    with pytest.raises(errors.PortMissing, match="/dev/ttyNobody"):
        transport.SerialTransport("/dev/ttyNobody")


def test_busy_port(pty_device: Any) -> None:
    port = transport.SerialTransport(pty_device.port)
    with pytest.raises(errors.PortBusy, match=f"in use by .* with pid {os.getpid()}"):
        transport.SerialTransport(pty_device.port)
    port.close()
    transport.SerialTransport(pty_device.port).close()


def test_a_file_is_no_port(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a serial port")
    with pytest.raises(errors.PortUnfit, match=r"notes\.txt"):
        transport.SerialTransport(str(path))


@pytest.mark.parametrize("url", ["nonsense://x", "socket://127.0.0.1:1"])
def test_urls_that_can_not_be_opened(url: str) -> None:
    with pytest.raises(errors.PortUnfit):
        transport.SerialTransport(url)


def test_denied_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object, **__: object) -> None:
        raise serial.SerialException(13, "Permission denied")

    monkeypatch.setattr(serial, "serial_for_url", deny)
    with pytest.raises(errors.PortDenied, match="dialout"):
        transport.SerialTransport("/dev/ttyACM0")


def test_a_port_that_disappears() -> None:
    device, user = os.openpty()
    port = transport.SerialTransport(os.ttyname(user))
    os.close(user)
    os.close(device)
    with pytest.raises(errors.LinkLost, match="check the cable"):
        port.read(1)
    with pytest.raises(errors.LinkLost):
        port.write(b"x")
    port.close()


def test_any_url_of_pyserial() -> None:
    port = transport.SerialTransport("loop://")
    port.write(b"hello\n")
    assert port.read(1) == b"hello\n"
    port.close()
