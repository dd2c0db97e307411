"""`monitor` and `log --follow` on a port that vanishes and comes back under another name, and in the end doesn't."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest


class Lives:
    """A pump that lives twice, at two ports of which only one is listed; each life ends after enough requests."""

    def __init__(self, first: Any, make: Callable[[], Any]) -> None:
        self._devices = [first, make()]
        for start, device in enumerate(self._devices, 1):
            device.answers["hello"]["unique_id"] = "e660"
            device.answers["status"].update(boot=start, log_next=2 * start + 1, uptime_s=5)
            device.answers.update(log=self._log(start), alarms={"rows": []})
        self._seen = [threading.Event(), threading.Event()]
        self._thread = threading.Thread(target=self._live)

    @property
    def port(self) -> str:
        """The first port."""
        return str(self._devices[0].port)

    def listed(self) -> list[Any]:
        """The ports as pyserial lists them."""
        return [
            SimpleNamespace(device=device.port, vid=0x2E8A, pid=5, hwid="USB", description="", serial_number="E660")
            for device in self._devices[:1]
        ]

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        for seen in self._seen:
            seen.set()
        self._thread.join()

    def _log(self, start: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
        rows = [[sequence, 1, 0, 32, 0, 0] for sequence in range(1, 2 * start + 1)]

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            if request["first"] > 2 * start - 2 or start == 1:
                self._seen[start - 1].set()
            return {"rows": [row for row in rows if row[0] >= request["first"]], "next": None}

        return answer

    def watch(self, start: int, command: str, count: int) -> None:
        """A life also ends after `count` answers to `command`."""
        device = self._devices[start - 1]
        fields = device.answers[command]
        left = [count]

        def answer(_: dict[str, Any]) -> Any:
            left[0] -= 1
            if left[0] <= 0:
                self._seen[start - 1].set()
            return fields

        device.answers[command] = answer

    def _live(self) -> None:
        for seen in self._seen:
            seen.wait()
            device = self._devices.pop(0)
            device.wait_until_read()
            device.close()


@pytest.fixture
def lives(pty_device: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lives]:
    made = Lives(pty_device, type(pty_device))
    monkeypatch.setattr("serial.tools.list_ports.comports", made.listed)
    yield made
    made.close()


def _marks(out: str) -> list[str]:
    return [json.loads(line)["gap"] for line in out.splitlines() if '"gap"' in line]


def test_the_followed_log_goes_on_at_another_port_without_a_missing_record(run: Any, lives: Lives) -> None:
    lives.start()
    code, out, err = run("log", "--follow", "--wait", "1", "--json", port=lives.port)
    assert code == 4
    assert [json.loads(line)["sequence"] for line in out.splitlines() if '"sequence"' in line] == [1, 2, 3, 4]
    assert _marks(out) == ["absence", "reset"]
    assert err.splitlines()[-1].startswith("Nothing came from the pump at /dev/")


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "lines"])
def test_the_monitor_marks_a_reset_and_ends_with_a_sentence_when_nothing_comes(
    run: Any, lives: Lives, as_json: bool
) -> None:
    for start in (1, 2):
        lives.watch(start, "status" if as_json else "dose", start if as_json else 1)
    lives.start()
    code, out, err = run("monitor", "--wait", "1", *(["--json"] if as_json else []), port=lives.port)
    assert code == 4
    if as_json:
        assert _marks(out) == ["absence", "reset"]
    else:
        assert out.count("state         infusing") == 2
        assert out.count("--- The pump was reset; this is start 2") == 1
    assert "Waiting for it up to 1 s." in err
    assert err.splitlines()[-1].startswith("Nothing came from the pump at /dev/")
