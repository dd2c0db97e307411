"""Options of the emulator: a flash file, the link on a UART, parts, button and supply."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from emulated_run import DEVELOPMENT, EMULATOR, RELEASE, WITH_IMAGE, answers, sent, talk, wait_for_pump
from emulator import emulate
from interpreters import LONGEST_S, ROOT, started
from pumpctl import defs, errors, ports, running, sim
from pumpctl.protocol import wire
from pumpctl.pump import Pump
from pumpctl.sim import world_socket

_FLASH_BYTES = 2 * 1024 * 1024
_USB_LINK = "link = link_usb.UsbLink(sys.stdin, sys.stdout, select.poll, ctrl_c=repl_lock.is_open)\n"
_UART_LINK = """\
from drivers.chip import link_uart
_uart = machine.UART(0, 115200, timeout=0, rxbuf=1024, txbuf=1024)
link = link_uart.UartLink(_uart)
clock = clock_pico.PicoClock(time.ticks_ms, select.poll(), (_uart,))
"""

pytestmark = [*EMULATOR, WITH_IMAGE]


def test_the_speed_in_wall_time_is_changed_within_its_limits() -> None:
    with sim.Simulation(time="wall", emulated=True, image=RELEASE) as world:
        world.do("speed", 20)
        for value in (0, 100_001):
            with pytest.raises(errors.UnknownWorldAction, match=r"speed takes 1\.\.100000"):
                world.do("speed", value)


def ask(command: str, **fields: int) -> list[str]:
    """The lines of the bench channel that send a request."""
    return [f"rx {wire.encode({'cmd': command, 'id': 1, **fields}).hex()}", "run 0"]


_LOG = [*ask("log"), *ask("log", first=9)]  # two pages of eight records


def unfit(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Part and fault of each part that failed the self-test, from the log, which was requested last."""
    lines = [line for line in sent(done).splitlines() if b'"rows"' in line]
    rows = [row for line in lines for row in json.loads(line.rpartition(b"*")[0])["rows"]]
    failed = [row for row in rows if defs.EVENTS[row[3]].name == "part_failed"]
    return {defs.PARTS[row[4]].name: defs.PART_FAULTS[row[5]].name for row in failed}


def test_the_bench_sets_button_and_supply() -> None:
    lines = ["run 1000", "do button_down", "do supply_mv 1200", "do reset", "run 3000", *_LOG]
    assert unfit(talk(lines)) == {"button": "stuck", "supply": "out_of_range"}
    assert unfit(talk([*lines[:4], "do button_up", "do supply_mv 4500", *lines[4:]])) == {}


@pytest.mark.parametrize(("part", "found"), [("supply=6500", {"supply": "out_of_range"}), ("supply=2000", {})])
def test_the_supply_is_chosen_on_the_command_line(part: str, found: dict[str, str]) -> None:
    assert unfit(talk(["run 3000", *_LOG], "--part", part)) == found


def test_the_world_of_an_emulated_pico_is_acted_on_from_another_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    words = [sys.executable, str(ROOT / "hil" / "emulator" / "emulate.py"), "--speed", "3"]
    with started(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        ((pump,),) = (entry.pumps for entry in running.entries())
        assert (pump.name, pump.device) == ("1", port)
        wait_for_pump(port)  # a request to a pump that starts is lost, and is repeated after a third of the time-out
        with Pump.connect(ports.opened(port), timeout_s=LONGEST_S) as paired:
            paired.silence()
        assert world_socket.ask(pump.world, "do block") == {"ok": True}
        with pytest.raises(errors.UnknownWorldAction):
            world_socket.ask(pump.world, "do nonsense")
        assert world_socket.ask(pump.world, "truth")["delivered_nl"] == 0
        process.communicate("quit\n", LONGEST_S)
    assert process.returncode == 0


def mpremote(port: str, *words: str) -> None:
    command = [sys.executable, "-m", "mpremote", "connect", port, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_flash_is_stored_in_its_file_and_the_link_may_be_a_uart(tmp_path: Path) -> None:
    """A board.py with the link on UART0 is copied by USB; after a restart the pump answers on the UART."""
    flash, board, listed = tmp_path / "flash.bin", tmp_path / "board.py", tmp_path / "deployed.json"
    image = json.loads(DEVELOPMENT.with_name("stamp.json").read_text())["details"]["image"]
    listed.write_text(json.dumps({"image": image, "folder": "/deploy-uart", "files": {"board.py": ""}}))
    text = (ROOT / "boards/rpi_pico/board.py").read_text()
    assert text.count(_USB_LINK) == 1
    board.write_text(text.replace(_USB_LINK, _UART_LINK))
    with emulate.Emulated(DEVELOPMENT, ["--flash", str(flash)]) as emulated:
        wait_for_pump(emulated.port)
        mpremote(emulated.port, "exec", "import storage; storage.make()")
        mpremote(emulated.port, "mkdir", ":deploy-uart", "+", "cp", str(board), ":deploy-uart/board.py")
        mpremote(emulated.port, "cp", str(listed), ":deployed.json")
    lines = ["run 2000", *ask("status"), "run 200"]  # the answer takes 55 ms, or 75 with a collection
    by_uart = talk(lines, "--flash", str(flash), "--link", "uart", image=DEVELOPMENT)
    assert answers(by_uart) and b'"state"' in sent(by_uart)
    by_usb = talk(lines, "--flash", str(flash), image=DEVELOPMENT)
    assert answers(by_usb) and b'"state"' not in sent(by_usb)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_flash_is_kept_when_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    flash = tmp_path / "flash.bin"
    with emulate.Emulated(RELEASE, ["--flash", str(flash)]) as emulated:
        wait_for_pump(emulated.port)
        emulated.process.send_signal(number)
        assert emulated.process.wait(LONGEST_S) == 0
    assert flash.stat().st_size == _FLASH_BYTES
