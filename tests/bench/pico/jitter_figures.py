"""Jitter of the PIO's steps compared with steps by machine.Timer, in one image, with load on the processor."""

from __future__ import annotations

import interpreters
from figures import Figure, Group
from pumpctl import sim
from pumpctl.protocol import transport

_IMAGE = interpreters.ROOT / "build/firmware/rpi_pico/pump-dev.uf2"
_STROKE_MS = 400
_STEPS = 100

# The load on the processor; `store` is the journal's area, not yet in use.
DISTURBANCES = {
    "idle": "time.sleep_ms(300)",
    "gc": "for _ in range(50): gc.collect()",
    "erase": "time.sleep_ms(50); board.store.erase(0); time.sleep_ms(150)",
}
PIO = "board.drive.start(100, 2000)\n{}\nwhile board.drive.steps_done() < 100: time.sleep_ms(1)\n"
TIMER = """
step = machine.Pin(10, machine.Pin.OUT, value=0)
def tick(timer):
    step.value(1)
    step.value(0)
timer = machine.Timer(period=2, callback=tick)
{}
timer.deinit()
"""


class Repl:
    """The raw REPL of a development image, after its main loop was stopped by Ctrl-C."""

    def __init__(self, simulation: sim.Simulation) -> None:
        self._simulation = simulation
        self._link: transport.Transport = simulation.transport()
        simulation.run(2000)
        for key in (b"\r\x03", b"\x03", b"\x01"):
            self._link.write(key)
            simulation.run(300)
        self._link.read(0.1)
        self.do("import board, gc, machine, time")

    def do(self, code: str) -> None:
        """Runs code on the device and waits for its end; SystemExit if it fails."""
        self._link.write(code.encode() + b"\x04")
        output = b""
        for _ in range(40):
            self._simulation.run(_STROKE_MS)
            output += self._link.read(0)
            if output.count(b"\x04") >= 2:
                break
        if not output.startswith(b"OK\x04\x04"):
            raise SystemExit(f"bench: the development image printed {output!r}")


def jitter() -> list[Figure]:
    """Largest deviation of a step interval within a stroke, in system clock cycles; the baselines are the timer's."""
    found: dict[tuple[str, str], int] = {}
    with sim.Simulation(seed=1, emulated=True, image=_IMAGE) as simulation:
        repl = Repl(simulation)
        for name, way in (("pio", PIO), ("timer", TIMER)):
            for disturbance, code in DISTURBANCES.items():
                simulation.measure()
                before = simulation.truth()["steps_seen"]
                repl.do(way.format(code))
                if name == "pio" and simulation.truth()["steps_seen"] - before != _STEPS:
                    raise SystemExit(f"bench: the stroke during {disturbance} did not have {_STEPS} steps")
                found[name, disturbance] = simulation.measure()["jitter_cycles"]
    return [
        Figure(_name(disturbance), found["pio", disturbance], "cycles", found["timer", disturbance], 0)
        for disturbance in DISTURBANCES
    ]


def _name(disturbance: str) -> str:
    return "pico.step_jitter_cycles" if disturbance == "idle" else f"pico.step_jitter_{disturbance}_cycles"


GROUPS = [Group(tuple(_name(word) for word in DISTURBANCES), "emulated Pico: steps by PIO and by a timer", jitter)]
