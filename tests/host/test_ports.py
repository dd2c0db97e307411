"""Which port is chosen, and the list of ports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pumpctl import errors, ports


def pico(number: int) -> ports.Port:
    return ports.Port(f"/dev/ttyACM{number}", "Board in FS mode", "2E8A:0005", "E660", True)


def configure(folder: Path, text: str) -> dict[str, str]:
    (folder / "pumpctl").mkdir(parents=True)
    (folder / "pumpctl" / "config.toml").write_text(text, encoding="utf-8")
    return {"XDG_CONFIG_HOME": str(folder)}


def test_the_option_wins(tmp_path: Path) -> None:
    environment = {**configure(tmp_path / "c", 'port = "/dev/c"'), "PUMP_PORT": "/dev/b"}
    assert ports.choose("/dev/a", environment, list) == "/dev/a"
    assert ports.choose(None, environment, list) == "/dev/b"
    del environment["PUMP_PORT"]
    assert ports.choose(None, environment, list) == "/dev/c"


def test_the_one_pico(tmp_path: Path) -> None:
    other = ports.Port("/dev/ttyUSB0", "USB serial", "0403:6001", "A1", False)
    environment = {"HOME": str(tmp_path)}
    assert ports.choose(None, environment, lambda: [other, pico(1)]) == "/dev/ttyACM1"


def test_several_picos(tmp_path: Path) -> None:
    with pytest.raises(errors.NoPump, match=r"/dev/ttyACM0, /dev/ttyACM1\); choose one with --port"):
        ports.choose(None, {"HOME": str(tmp_path)}, lambda: [pico(0), pico(1)])


def test_nothing_plugged_in(tmp_path: Path) -> None:
    with pytest.raises(errors.NoPump, match="--port") as caught:
        ports.choose(None, {"HOME": str(tmp_path)}, list)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("text", ["port = ", "port = 7", "\xff\x00"])
def test_an_invalid_configuration(tmp_path: Path, text: str) -> None:
    with pytest.raises(errors.BadConfiguration, match=r"config\.toml") as caught:
        ports.choose(None, configure(tmp_path / "c", text), list)
    assert caught.value.exit_code == 2


def test_a_configuration_without_a_port(tmp_path: Path) -> None:
    assert ports.configured(configure(tmp_path / "c", "timeout_s = 1")) is None


def test_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Info:
        def __init__(self, device: str, vid: int | None, pid: int | None, hwid: str) -> None:
            self.device, self.vid, self.pid, self.hwid = device, vid, pid, hwid
            self.description, self.serial_number = None, None

    found: list[Any] = [
        Info("/dev/ttyS0", None, None, "n/a"),
        Info("/dev/ttyS4", None, None, "PNP0501"),
        Info("/dev/ttyUSB0", 0x0403, 0x6001, "USB"),
        Info("/dev/ttyACM0", 0x2E8A, 0x0005, "USB"),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    assert [(port.device, port.usb_id, port.pico) for port in ports.listed()] == [
        ("/dev/ttyACM0", "2E8A:0005", True),
        ("/dev/ttyS4", "", False),
        ("/dev/ttyUSB0", "0403:6001", False),
    ]
