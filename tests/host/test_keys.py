"""A host with a key and a simulated pump: pairing, sessions that end, answers that were forged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pumpctl import errors, sim
from pumpctl.protocol import key_files, session, wire
from pumpctl.pump import Pump

REQUIREMENTS = ("C5", "C6", "C7")


@pytest.fixture(scope="module")
def started() -> Iterator[sim.Simulation]:
    with sim.Simulation(seed=1) as simulation:
        simulation.run(5000)
        yield simulation


@pytest.fixture
def simulation(started: sim.Simulation) -> sim.Simulation:
    """A pump without keys."""
    with Pump.connect(started.transport()) as pump:
        if pump.hello.keyed:
            pump.stop()
            started.run(61_000)
            started.do("hold", 1)
            pump.keys_erase()
            started.do("hold", 0)
    return started


@pytest.fixture
def paired(simulation: sim.Simulation) -> Pump:
    pump = Pump.connect(simulation.transport())
    key = pump.pair("bench", "service", lambda: simulation.do("press"))
    key_files.save(pump.hello.unique_id, key)
    return pump


class Between:
    """A link on which another program changes what passes."""

    name = "between"

    def __init__(self, simulation: sim.Simulation) -> None:
        self._link = simulation.transport()
        self.answered: list[bytes] = []
        self.change = lambda line: line
        self.sent: list[bytes] = []

    def read(self, timeout_s: float) -> bytes:
        lines = self._link.read(timeout_s).splitlines(keepends=True)
        return b"".join(self.change(line) for line in lines)

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self._link.write(data)

    def now_s(self) -> float:
        return self._link.now_s()

    def close(self) -> None:
        self._link.close()


def test_a_paired_host_commands_the_pump_and_another_does_not(simulation: sim.Simulation, paired: Pump) -> None:
    paired.refill_begin()
    paired.refill_cancel()
    key_files.forget(paired.hello.unique_id)
    with pytest.raises(errors.KeyMissing, match="refill begin was not sent because this pump takes it only from a pai"):
        Pump.connect(simulation.transport()).refill_begin()
    assert paired.keys().hosts[0].name == "bench"


def test_a_later_program_uses_the_stored_key(simulation: sim.Simulation, paired: Pump) -> None:
    pump = Pump.connect(simulation.transport())
    assert pump.hello.keyed
    pump.silence()


def test_without_a_press_nothing_is_paired(simulation: sim.Simulation) -> None:
    pump = Pump.connect(simulation.transport())
    with pytest.raises(errors.PairingOver):
        pump.pair("bench", "view")
    assert (pump.keys().hosts, pump.hello.keyed) == ([], False)


def test_a_session_that_has_ended_is_opened_anew(simulation: sim.Simulation, paired: Pump) -> None:
    for what in ("idle", "reset"):
        paired.silence()
        if what == "idle":
            simulation.run(200_000)
        else:
            simulation.do("reset")
            simulation.run(5000)
        paired.silence()


def test_a_clock_of_the_host_that_jumps_changes_nothing(
    simulation: sim.Simulation, paired: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions and time-outs know no time of day; one that the pump does not take leaves its records as they are."""
    for time_s in (1.8e9, 0.0, -1e6, 1e15, 1.7e9):
        monkeypatch.setattr(time, "time", lambda time_s=time_s: time_s)
        paired.silence()
        Pump.connect(simulation.transport()).keep_clock()
    assert paired.hello.keyed
    paired.silence()


def test_a_wrong_key_is_told(simulation: sim.Simulation, paired: Pump) -> None:
    key = key_files.load(paired.hello.unique_id)
    assert key
    key_files.save(paired.hello.unique_id, replace(key, key=bytes(32)))
    with pytest.raises(errors.ProofWrong):
        Pump.connect(simulation.transport()).silence()
    key_files.save(paired.hello.unique_id, replace(key, name="other"))
    with pytest.raises(errors.NotPermitted, match="No host of this name") as caught:
        Pump.connect(simulation.transport()).silence()
    assert caught.value.exit_code == errors.ExitCode.NOT_AUTHORISED


def test_a_role_that_is_too_low_is_told(simulation: sim.Simulation) -> None:
    pump = Pump.connect(simulation.transport())
    pump.pair("bench", "operate", lambda: simulation.do("press"))
    with pytest.raises(errors.NotPermitted, match="it takes the role service"):
        pump.journal_clear()


@pytest.mark.parametrize("ok", [True, False])
def test_an_answer_that_another_program_made_does_not_count(
    simulation: sim.Simulation, paired: Pump, ok: bool
) -> None:
    link = Between(simulation)
    pump = Pump.connect(link)
    pump.silence()

    def forge(line: bytes) -> bytes:
        fields = wire.decode(line).fields
        if "ok" not in fields:
            return line
        forged = {"id": fields["id"], "ok": True, "silence_s": 7}
        return wire.encode(forged if ok else {"id": fields["id"], "ok": False, "refused": 211, "cmd": "silence"})

    link.change = forge
    with pytest.raises(errors.NoAnswer, match="it is not known whether it was executed"):
        pump.silence()


def test_what_answers_can_not_claim_to_be_a_service_so_that_no_codes_are_needed(
    simulation: sim.Simulation, paired: Pump
) -> None:
    link = Between(simulation)
    link.change = lambda line: (
        wire.encode({**wire.decode(line).fields, "service": "9", "role": "service"}) if b'"protocol"' in line else line
    )
    pump = Pump.connect(link)
    pump.silence()
    assert b"~" in link.sent[-1]


def test_a_command_is_not_repeated_in_a_new_session_if_its_first_line_may_have_been_carried_out(
    simulation: sim.Simulation, paired: Pump
) -> None:
    link = Between(simulation)
    pump = Pump.connect(link)
    pump.silence()

    def lose(line: bytes) -> bytes:
        """Loses the first answer, and resets the pump before the line comes again."""
        if b'"ok"' in line and b"silence_s" in line:
            simulation.do("reset")
            return b""
        return line

    link.change = lose
    link.sent.clear()
    with pytest.raises(errors.NoAnswer, match="it is not known whether it was executed"):
        pump.silence()
    assert len({line for line in link.sent if b"silence" in line}) == 1


def test_a_public_key_that_gives_no_secret_is_refused() -> None:
    pairing = session.Pairing("bench", "view", bytes(range(32)))
    for public in ("00" * 32, "01" + "00" * 31):
        with pytest.raises(errors.BadAnswer, match="makes no secret"):
            pairing.agree(public, "x")
    for public in ("", "00" * 31, "zz" * 32):
        with pytest.raises(errors.BadAnswer, match="not 32 bytes"):
            pairing.agree(public, "x")
