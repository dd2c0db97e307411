"""Every attack leaves state, settings and strokes as they are, causes no error, and the next good line works.

The pump is the simulated one on the Pico-sized interpreter, paired, and infusing at 1 mL/day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pumpctl import defs, errors, sim
from pumpctl.protocol import session, wire

from attacks import lines
from attacks.victim import Victim, framed

REQUIREMENTS = ("C5", "C6", "C7", "C8")
_KINDS: list[Callable[[Victim], Iterator[bytes]]] = [
    lines.without_code, lines.wrong_codes, lines.cut_lines, lines.bad_ids, lines.bad_values,
]  # fmt: skip


def _made(seed: int) -> Iterator[Victim]:
    with sim.Simulation(seed=seed) as simulation:
        simulation.run(5000)
        victim = Victim(simulation)
        victim.infuse()
        yield victim


@pytest.fixture(scope="module")
def shared() -> Iterator[Victim]:
    yield from _made(1)


@pytest.fixture(scope="module")
def other() -> Iterator[Victim]:
    """Another pump, with the same host."""
    yield from _made(2)


@pytest.fixture
def victim(shared: Victim) -> Iterator[Victim]:
    """The pump; at the end, no hostile line was carried out and no stroke was late."""
    shared.session = shared.open()
    assert shared.ask(shared.sealed("silence"))["ok"]
    cases, late = shared.cases, shared.late
    shared.accepted.clear()
    yield shared
    assert shared.accepted == []
    assert shared.late == late
    assert shared.cases > cases


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.__name__)
def test_lines_that_are_not_of_the_paired_host_change_nothing(
    victim: Victim, kind: Callable[[Victim], Iterator[bytes]]
) -> None:
    victim.attack(kind(victim))


@pytest.mark.long("some 14,000 lines")
def test_any_flipped_bit_of_any_command_changes_nothing(victim: Victim) -> None:
    victim.attack(lines.flipped_bits(victim))
    assert victim.cases > 10_000


def test_codes_of_other_lines_and_lines_of_another_pump_change_nothing(victim: Victim, other: Victim) -> None:
    victim.attack(lines.spliced(victim, other))


def test_a_recorded_line_changes_nothing_when_it_comes_once_more_or_a_thousand_times(victim: Victim) -> None:
    recorded: list[bytes] = []

    def carried_out(line: bytes) -> dict[str, Any]:
        recorded.append(line)
        answer = victim.ask(line)
        assert answer["ok"], answer
        return answer

    carried_out(victim.sealed("rate", ul_day=900))  # lower, so it is set at once
    higher = carried_out(victim.sealed("rate", ul_day=1000))
    carried_out(victim.sealed("confirm", draft=higher["draft"], code=higher["code"]))
    for _ in range(5):
        carried_out(victim.sealed("silence"))
    victim.simulation.run(61_000)  # the answers are no longer stored
    victim.attack(recorded)
    victim.attack(recorded[0] for _ in range(1000))


@pytest.mark.parametrize("what", ["session", "reset", "power_cut"])
def test_a_recorded_line_changes_nothing_in_a_later_session(what: str) -> None:
    for victim in _made(3):
        recorded = [victim.sealed("rate", ul_day=900 - at) for at in range(5)]
        ahead = [victim.sealed("rate", ul_day=800 - at, number=900_000 + at) for at in range(5)]  # never sent so far
        assert victim.ask(recorded[0])["ok"]
        if what != "session":
            victim.simulation.do(what)
            victim.simulation.run(10_000)
        before = victim.host.status().rate_ul_day
        victim.session = victim.open()
        assert victim.ask(victim.sealed("silence"))["ok"]
        refused = [victim.ask(line) for line in recorded + ahead]
        assert [answer["ok"] for answer in refused] == [False] * 10
        assert victim.host.status().rate_ul_day == before


def test_lines_that_are_held_back_and_come_out_of_order_are_refused(victim: Victim) -> None:
    held = [victim.sealed("silence") for _ in range(20)]
    assert victim.ask(held[-1])["ok"]
    victim.attack(held[:-1])


def test_what_the_pump_has_sent_changes_nothing_when_it_comes_back(victim: Victim) -> None:
    victim.simulation.receive()
    victim.simulation.send(victim.sealed("silence") + victim.sealed("ack", alarm=0))
    victim.simulation.run(100)
    told = victim.simulation.receive().splitlines(keepends=True)
    assert any(b"~" in line for line in told)
    victim.attack(told)
    bare = [line.replace(b'"ok":true', b'"cmd":"start"') for line in told]
    victim.attack(framed(line.rpartition(b"*")[0]) for line in bare)


def test_long_empty_and_endless_lines_change_nothing(victim: Victim) -> None:
    code = b"~" + b"0" * 32
    victim.attack([b"\n" * 100, b"{}\n", b"*\n", b"~\n", framed(b"{}"), framed(b"{}" + code), b"{" * 511 + b"\n"])
    victim.attack([b"x" * 511 + b"\n", b"x" * 512 + b"\n", b'{"id":1,"cmd":"' + b"s" * 600 + b'"}\n'])
    victim.attack([b"\x00" * 65_536, b"\n", b"{" * 65_536, b"\n", bytes(range(1, 32)) * 100 + b"\n"], 1)


@pytest.mark.long("65 s of simulated time at line rate")
def test_a_flood_at_line_rate_delays_no_stroke(victim: Victim) -> None:
    body = victim.body("start")
    flood = framed(body + b"~" + b"0" * 32) * 10
    before = victim.look()
    for _ in range(65_000 // (len(flood) // 11)):  # 11 bytes a millisecond at 115200 baud
        victim.simulation.send(flood)
        victim.simulation.run(len(flood) // 11)
        victim.cases += 10
    victim.simulation.receive()
    victim.unharmed_since(before)


def test_a_confirmation_of_nothing_twice_late_or_of_another_change_changes_nothing(victim: Victim) -> None:
    victim.attack(victim.sealed("confirm", draft=number, code=1) for number in (1, 2, 3, 2**30 - 1))
    first = victim.ask(victim.sealed("rate", ul_day=1100))
    second = victim.ask(victim.sealed("rate", ul_day=1200))
    wrong = [(first["draft"], first["code"]), (second["draft"], first["code"]), (first["draft"], second["code"])]
    victim.attack(victim.sealed("confirm", draft=draft, code=code) for draft, code in wrong)
    for _ in range(4):
        victim.simulation.run(150_000 + 1000)
        victim.session = victim.open()
        assert victim.ask(victim.sealed("silence"))["ok"]
    victim.attack([victim.sealed("confirm", draft=second["draft"], code=second["code"])])


@pytest.mark.parametrize("at", range(4))
def test_a_pairing_that_is_broken_off_leaves_no_key(at: int) -> None:
    """After the request, while the pump calculates, before the press, before the proof: by a power cut."""
    with sim.Simulation(seed=4) as simulation:
        simulation.run(5000)
        victim = Victim(simulation)
        fields = {"name": "evil", "role": "service", "public": "09" + "00" * 31}
        assert victim.plain("pair_begin", **fields)["ok"]
        simulation.run((0, 20, 3000, 3000)[at])
        if at == 3:
            simulation.do("press")
            simulation.run(500)
            assert victim.plain("pair_state")["stage"] == "ready"
        simulation.do("power_cut")
        simulation.run(10_000)
        assert [host.name for host in victim.host.keys().hosts] == ["bench"]
        assert victim.host.pair_state().stage == "idle"
        with pytest.raises(errors.Refused, match="No pairing waits"):
            victim.host.pair_finish("00" * 16)
        victim.host.silence()


def test_of_two_pairings_at_once_only_the_one_that_was_begun_gives_a_key() -> None:
    """A second host can neither take over a pairing whose button is pressed nor finish it; it can only end it."""
    with sim.Simulation(seed=6) as simulation:
        simulation.run(5000)
        victim = Victim(simulation)
        mine, evil = session.Pairing("mine", "operate"), session.Pairing("evil", "service")

        def begun() -> str:
            """The pump's public key, when a user has pressed the button for the first of two pairings."""
            assert victim.plain("pair_begin", name="mine", role="operate", public=mine.public.hex())["ok"]
            for stage_ms in (0, 3000):
                simulation.run(stage_ms)
                busy = victim.plain("pair_begin", name="evil", role="service", public=evil.public.hex())
                assert defs.REFUSALS[busy["refused"]].name == "pairing_busy"
            simulation.do("press")
            simulation.run(500)
            return str(victim.plain("pair_state")["public"])

        def finish(pairing: session.Pairing, public: str) -> bool:
            proof = session.host_proof(pairing.agree(public, victim.board_id))
            return bool(victim.plain("pair_finish", proof=proof)["ok"])

        public = begun()
        assert [finish(pairing, public) for pairing in (evil, mine)] == [False, False]
        assert [host.name for host in victim.host.keys().hosts] == ["bench"]
        assert finish(mine, begun())
        assert [(host.name, host.role) for host in victim.host.keys().hosts][1:] == [("mine", "operate")]


def test_pairing_needs_a_pump_that_stands_still(victim: Victim) -> None:
    fields = {"name": "evil", "role": "service", "public": "09" + "00" * 31}
    tries = [wire.encode({"id": victim.id(), "cmd": "pair_begin", **fields}) for _ in range(5)]
    tries += [wire.encode({"id": victim.id(), "cmd": "pair_finish", "proof": "00" * 16})]
    tries += [wire.encode({"id": victim.id(), "cmd": "keys_erase"})]
    victim.attack(tries)


def test_keys_that_a_terminal_sends_while_the_pump_starts_change_nothing() -> None:
    for victim in _made(5):
        for data in (b"\x01", b"\x02", b"\x03\x03", b"\x04", b"\x05A\x01", b"\x01import os\x04", b"\r\x03\x01\x05"):
            victim.simulation.do("reset")
            for _ in range(20):
                victim.simulation.send(data)
                victim.simulation.run(50)
            victim.simulation.run(5000)
            victim.simulation.send(b"\n")
            victim.simulation.run(100)
            look = victim.look()
            assert (look.state, look.hosts) == (1, 1), data  # standby, as after any reset
            victim.session = victim.open()
            assert victim.ask(victim.sealed("silence"))["ok"]


def test_two_programs_with_sessions_in_turn_are_both_served(victim: Victim) -> None:
    victim.cases += 10
    for _ in range(10):
        victim.host.silence()
        victim.session = victim.open()
        assert victim.ask(victim.sealed("silence"))["ok"]
    assert victim.look().state == next(state.id for state in defs.STATES.values() if state.name == "infusing")
