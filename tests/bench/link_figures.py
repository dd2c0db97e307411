"""The link: requests read as a strict reference reads them, foreign lines, hostile lines, and what the codes cost."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from attacks import lines as hostile
from attacks.victim import Victim
from campaign.link import foreign_lines, hostile_lines, json_texts, resets
from core_figures import compile_firmware, compiled_bytes
from figures import Figure, Group, on_micropython, span
from pumpctl import sim
from pumpctl.protocol import session as sessions
from pumpctl.pump import Pump

_TEXTS = span(1_000_000, 1_000)
_SHARE = span(50_000, 500)  # of one process's call
_EXCHANGES = span(100_000, 40)
_RUN = span(2_000, 20)  # exchanges with one pump
_HOSTILE = span(1_000_000, 400)
_HOSTILE_RUN = span(20_000, 200)  # lines to one pump
_RESETS = span(50, 1)  # for each verb that listens
_SHORT_ATTACKS = span(False, True)
_TRIPS = 20
_LOOK_MS = 50
_KEY_MODULES = ("access", "key_store", "mac", "pairing", "random_pool", "session", "x25519")  # of pump/link
_PRESS_MS = 300


def lines() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        wrong = sum(pool.map(_differences, range(_TEXTS // _SHARE)))
    return [Figure("link.lines_read_wrong", wrong, f"of {_TEXTS} texts", None, 0)]


def foreign() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(_exchanges, range(_EXCHANGES // _RUN)))
    unit = f"of {_EXCHANGES} exchanges"
    unknown = sum(counts["not known"] for counts in found)
    return [
        Figure("link.foreign_lines.wrong", sum(counts["wrong"] for counts in found), unit, None, 0),
        Figure("link.foreign_lines.doubled", sum(counts["doubled"] for counts in found), unit, None, 0),
        Figure("link.foreign_lines.not_known", unknown, unit, None, None),
    ]


def spoilt() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = sum(pool.map(_hostile_run, range(_HOSTILE // _HOSTILE_RUN)), Counter())
    unit = f"of {found['lines']} lines"
    return [
        Figure("link.hostile_lines", found["lines"], "lines", None, None),
        Figure("link.hostile_accepted", found["accepted"] + found["errors"] + found["failed"], unit, None, 0),
        Figure("link.hostile_late", found["late"], f"of {found['strokes']} strokes", None, 0),
    ]


def listening() -> list[Figure]:
    found = resets.run(_RESETS, seed=1)
    count = sum(found[kind] for kind in resets.KINDS)
    return [
        Figure("link.listening.silent", found["silent"], f"of {count} resets", None, 0),
        Figure("link.listening.lost", found["lost"], f"of {found['records']} records", None, 0),
    ]


def attacks() -> list[Figure]:
    """The lines of tests/attacks that need no arrangement, against the simulated pump."""
    with sim.Simulation(seed=1) as simulation, sim.Simulation(seed=2) as second:
        victim, other = (_paired(each) for each in (simulation, second))
        kinds = [hostile.without_code, hostile.wrong_codes, hostile.bad_ids, hostile.bad_values]
        for kind in kinds if _SHORT_ATTACKS else [*kinds, hostile.cut_lines, hostile.flipped_bits]:
            victim.attack(kind(victim))
        victim.attack(hostile.spliced(victim, other))
    return [
        Figure("link.attacks.cases", victim.cases, "lines", None, None),
        Figure("link.attacks.accepted", len(victim.accepted), f"of {victim.cases} lines", None, 0),
        Figure("link.late_strokes", victim.late, f"in {victim.cases} lines", None, 0),
    ]


def codes() -> list[Figure]:
    """On the Pico-sized interpreter of this computer; the baseline of the codes is reading the line without one."""
    told = on_micropython("core.py", "codes")
    return [
        Figure("link.auth_us", told["auth_us"], "us", told["decode_us"], None),
        Figure("link.compare_us", told["last_us"], "us", told["first_us"], None),
        Figure("link.agree_us", told["pairing_us"], "us", None, None),
    ]


def size() -> list[Figure]:
    """Code, which is in a Pico's flash, and objects on the heap; the baselines are those of the whole firmware."""
    code_bytes = compile_firmware()
    keys_bytes = compiled_bytes(*(f"link/{name}" for name in _KEY_MODULES))
    told = on_micropython("core.py", "keys", heap_size="1m")
    return [
        Figure("link.keys_code_bytes", keys_bytes, "bytes", code_bytes, None),
        Figure("link.keys_heap_bytes", told["keys_bytes"], "bytes", told["pump_bytes"], None),
    ]


def on_a_pico() -> list[Figure]:
    """By the clock of the emulated Pico: a pairing until it waits for the button, and a round trip with codes.

    The baseline of the round trip is the same command without codes.
    """
    unpaired = sim.Simulation(seed=1, emulated=True, paired=False)
    with unpaired as simulation, Pump.connect(simulation.transport()) as pump:
        plain_ms = _round_trip_ms(simulation, pump, None)
        began_ms = simulation.elapsed_ms
        waited_ms: list[float] = []

        def press() -> None:
            while pump.pair_state().stage == "working":
                simulation.run(_LOOK_MS)
            waited_ms.append(simulation.elapsed_ms - began_ms)
            simulation.do("button_down")
            simulation.run(_PRESS_MS)
            simulation.do("button_up")

        pump.pair("bench", "service", press)
        keyed_ms = _round_trip_ms(simulation, pump, pump.session_open())
        late = [row for row in pump.log() if row.name == "alarm_raised" and row.detail.endswith("late")]
    return [
        Figure("link.pair_s", waited_ms[0] / 1000, "s", None, 10),
        Figure("link.pair_late", len(late), "alarms", None, 0),
        Figure("link.keyed_ms", keyed_ms, "ms", plain_ms, None),
    ]


def _round_trip_ms(simulation: sim.Simulation, pump: Pump, session: sessions.Session | None) -> float:
    """Milliseconds of device time for one command that an unpaired pump answers too, the mean of some."""
    pump._exchange.request("draft", {}, session)
    began_ms = simulation.elapsed_ms
    for _ in range(_TRIPS):
        pump._exchange.request("draft", {}, session)
    return (simulation.elapsed_ms - began_ms) / _TRIPS


def _paired(simulation: sim.Simulation) -> Victim:
    simulation.run(5000)
    victim = Victim(simulation)
    victim.infuse()
    return victim


def _exchanges(seed: int) -> Counter[str]:
    return foreign_lines.run(_RUN, seed)


def _hostile_run(seed: int) -> Counter[str]:
    return hostile_lines.run(_HOSTILE_RUN, seed)


def _differences(seed: int) -> int:
    return len(json_texts.compare(_SHARE, seed))


GROUPS = [
    Group(("link.lines_read_wrong",), "random texts read by the pump and by a strict reference", lines),
    Group(
        ("link.foreign_lines.wrong", "link.foreign_lines.doubled", "link.foreign_lines.not_known"),
        "exchanges over a link with foreign lines, damage and loss",
        foreign,
    ),
    Group(
        ("link.hostile_lines", "link.hostile_accepted", "link.hostile_late"),
        "spoilt lines of a paired host, to a pump that infuses",
        spoilt,
    ),
    Group(("link.listening.silent", "link.listening.lost"), "verbs that listen, over resets of the pump", listening),
    Group(
        ("link.attacks.cases", "link.attacks.accepted", "link.late_strokes"),
        "hostile lines against a paired pump that infuses",
        attacks,
    ),
    Group(("link.keys_code_bytes", "link.keys_heap_bytes"), "what keys and sessions take", size),
    Group(("link.auth_us", "link.compare_us", "link.agree_us"), "what codes and a pairing cost", codes),
    Group(("link.pair_s", "link.pair_late", "link.keyed_ms"), "pairing and codes on the emulated Pico", on_a_pico),
]
