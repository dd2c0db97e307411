"""Listening for long: the same board is found again, a new log is read from its beginning, and silence has an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from pumpctl import errors, listening, ports
from pumpctl.protocol import answers
from pumpctl.pump import Pump

PICO = ports.Port("/dev/ttyACM0", "", "2E8A:0005", "E660", True)


class Computer:
    """Ports with fake devices, and a clock that only waiting moves; `said` is what the user was told."""

    def __init__(self, device: Any, memory: Callable[..., Any]) -> None:
        device.answers["hello"]["unique_id"] = "e660"
        self.devices = {PICO.device: device}
        self.ports = [PICO]
        self.said: list[str] = []
        self.links: list[Any] = []
        self._memory = memory
        self._slept_s = 0.0

    def connect(self, port: str) -> Pump:
        if port not in self.devices:
            raise errors.PortMissing(port)
        self.links.append(self._memory(self.devices[port]))
        return Pump.connect(self.links[-1])

    def now_s(self) -> float:
        return self._slept_s + sum(link.now_s() for link in self.links)

    def sleep(self, seconds: float) -> None:
        self._slept_s += seconds

    def listener(self, port: str = PICO.device, wait_s: float = 30) -> listening.Listener:
        tools = listening.Tools(self.connect, self.said.append, lambda: self.ports, self.now_s, self.sleep)
        return listening.Listener(port, tools, wait_s)

    def unplug(self) -> None:
        """From now on the open port fails, and no port is there."""

        def fail(_: object) -> None:
            raise errors.LinkLost("memory")

        self.links[-1].read = self.links[-1].write = fail
        self.devices.clear()
        self.ports = []


@pytest.fixture
def computer(device: Any, memory: Callable[..., Any]) -> Computer:
    return Computer(device, memory)


def log(device: Any, rows: list[list[int]], start: int) -> None:
    """Let the device have these records, and this start."""
    device.answers["log"] = lambda request: {"rows": [row for row in rows if row[0] >= request["first"]], "next": None}
    device.answers["status"].update(boot=start, log_next=rows[-1][0] + 1, uptime_s=10 * start)


def rows(*sequences: int, kind: int = 32) -> list[list[int]]:
    return [[sequence, 1, 0, kind, 0, 0] for sequence in sequences]


def sequences(items: Iterator[Any], count: int) -> list[Any]:
    return [getattr(item, "sequence", getattr(item, "cause", None)) for item in islice(items, count)]


def test_the_board_is_found_under_another_name_by_its_serial_number(computer: Computer, device: Any) -> None:
    pump = computer.listener()
    computer.unplug()
    computer.devices["/dev/ttyACM7"] = device
    computer.ports = [
        ports.Port("/dev/ttyACM0", "", "2E8A:0005", "AAAA", True),
        ports.Port("/dev/ttyACM7", "", "2E8A:0005", "E660", True),
    ]
    assert pump.ask(lambda pump: pump.status()).state == 2
    assert pump.port == "/dev/ttyACM7"
    (gap,) = pump.observe(pump.ask(lambda pump: pump.status()))
    assert (gap.cause, gap.text.endswith("its port is /dev/ttyACM7.")) == ("absence", True)


def test_another_board_at_the_same_port_is_not_taken(computer: Computer, device: Any) -> None:
    computer.ports = []  # an adapter without a serial number
    pump = computer.listener()
    computer.unplug()
    device.answers["hello"]["unique_id"] = "e661"
    computer.devices[PICO.device] = device
    with pytest.raises(errors.PumpAbsent, match="The board at /dev/ttyACM0 is e661, not e660") as caught:
        pump.ask(lambda pump: pump.status())
    assert caught.value.exit_code == errors.ExitCode.LINK_LOST


def test_a_pump_that_falls_silent_is_told_at_once_and_ends_the_verb_after_the_wait(
    computer: Computer, device: Any
) -> None:
    pump = computer.listener(wait_s=20)
    items = pump.listen(1)
    next(items)
    device.answers.update(status=None, hello=None)
    began_s = computer.now_s()
    with pytest.raises(errors.PumpAbsent, match=r"Nothing came from the pump at /dev/ttyACM0 for 20 s"):
        next(items)
    assert 20 <= computer.now_s() - began_s < 40
    (said,) = computer.said
    assert said.endswith("Waiting for it up to 20 s.")


def test_a_simulated_pump_that_is_silent_is_not_started_again(computer: Computer, device: Any) -> None:
    computer.devices["sim:"] = device
    pump = computer.listener("sim:", wait_s=10)
    device.answers["status"] = None
    with pytest.raises(errors.PumpAbsent):
        pump.ask(lambda pump: pump.status())
    assert len(computer.links) == 1


def test_records_that_were_sent_during_a_reset_are_read_from_the_log(computer: Computer, device: Any) -> None:
    log(device, rows(1, 2, 3), start=1)
    items = listening.LogFollower(computer.listener()).records()
    assert sequences(items, 3) == [1, 2, 3]
    log(device, rows(1, 2, 3, 4, 5), start=2)
    assert sequences(items, 3) == ["reset", 4, 5]


def test_a_damaged_event_is_read_from_the_log_when_telemetry_shows_that_it_is_missing(
    computer: Computer, device: Any
) -> None:
    log(device, rows(1), start=1)
    items = listening.LogFollower(computer.listener()).records()
    assert sequences(items, 1) == [1]
    log(device, rows(1, 2), start=1)
    computer.links[-1].say(device.line(event=rows(2)[0])[:-4] + b"\n" + device.line(telemetry=device.answers["status"]))
    assert sequences(items, 1) == [2]


def test_a_new_log_after_a_reset_is_read_from_its_beginning(computer: Computer, device: Any) -> None:
    log(device, rows(1, 2), start=0)
    items = listening.LogFollower(computer.listener()).records()
    assert sequences(items, 2) == [1, 2]
    log(device, rows(1, 2, 3, kind=1), start=0)
    device.answers["status"]["uptime_s"] = 0
    device.answers["status"]["uptime_ms"] = 0
    assert sequences(items, 5) == ["reset", "records", 1, 2, 3]


def test_records_that_were_overwritten_are_told(computer: Computer, device: Any) -> None:
    log(device, rows(1, 2), start=1)
    items = listening.LogFollower(computer.listener()).records()
    assert sequences(items, 2) == [1, 2]
    log(device, rows(7, 8), start=2)
    _reset, gap, *shown = islice(items, 4)
    assert isinstance(gap, listening.Gap)
    assert gap.text == "The records 3 to 6 were overwritten before they could be read."
    assert [row.sequence for row in shown if isinstance(row, answers.LogRow)] == [7, 8]


def test_firmware_that_sends_no_boot_number_is_followed_by_its_uptime(computer: Computer, device: Any) -> None:
    log(device, rows(1), start=3)
    for name in ("boot", "log_next"):
        del device.answers["status"][name]
    items = listening.LogFollower(computer.listener()).records()
    assert sequences(items, 1) == [1]
    device.answers["status"]["uptime_s"] = 1
    assert sequences(items, 1) == ["reset"]
