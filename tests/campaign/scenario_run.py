"""Runs a scenario on a whole pump and prints the result, one JSON object, identical on every interpreter.

    echo '[SEED, DAYS]' | python tests/campaign/scenario_run.py

Reads seed and days, or a whole scenario as JSON, from stdin, because MicroPython's arguments are too short for one.
"""

import gc
import json
import sys

from plant import settings
from plant.body import day

from campaign import hostile_input, pump_operator, scenario as scenarios, simulator
from campaign.oracles import expected_alarms, oracle

_READY_MS = 2500
_MEMORY_EVERY_MS = 6 * 3600000
_LEAST_SAMPLES = 4  # in each half
_MOST_GROWN = 4096  # a leak in each stroke would be far more
_CUTS = scenarios.CUTS
_RESETS = ("watchdog_reset", "brown_out", "reset", "fault_reset")
_VISITED = ("reset", "hang", "refill_broken")  # the operator looks after them
_AGAIN_MS = 12000  # between two hangs in a row
_CHUNK_MS = 50  # between two pieces of hostile input
_RESPONSE_MS = 900000  # until the operator responds to an alarm
_VISIT_AFTER_S = 600  # from the repair to the operator's visit


class ScenarioRun:
    """A scenario on a simulated pump, with its oracle."""

    def __init__(self, scenario: "dict[str, object]", wake_ms: int = 0) -> None:
        self._scenario = scenario
        self._body = scenario.get("body", 0)
        self._table = expected_alarms.of(scenario["drive"], self._body)
        sim = simulator.Simulator(scenario, wake_ms)
        self._simulator = sim
        self._clock = sim.clock
        self.oracle = oracle.Oracle(sim, scenario["plan"], settings.complete(scenario["settings"]), self._call)
        self._called = False
        self._operator = pump_operator.Operator(sim, scenario["plan"], self.oracle.asked)
        self._events = self._all_events()
        self._go_on = self._play()
        sim.clock.after_step = self.oracle.after_step
        sim.clock.go_on = self._next
        self._used = []

    def run(self) -> "dict[str, object]":
        """The result: simulated time, margins to the oracle's limits, digest, and the violation or None."""
        violation = None
        try:
            self._simulator.run(self.oracle.begun)
        except oracle.Violation as found:
            violation = list(found.args)
        return self._result(violation)

    def _result(self, violation: "list[object] | None") -> "dict[str, object]":
        alarms, dose = self.oracle.alarms, self.oracle.dose
        return {
            "seed": self._scenario["seed"],
            "simulated_ms": self._clock.t_ms,
            "strokes": dose.strokes,
            "excess_pl": dose.excess_pl,
            "book_pl": dose.book_pl,
            "gap_ms": dose.gap_ms,
            "alarms": alarms.raised,
            "events": self.oracle.events,
            "answers": self._operator.answers,
            "power_ons": self.oracle.power_ons,
            "latest_ms": [[verb, alarms.latest[verb]] for verb in sorted(alarms.latest)],
            "digest": self._simulator.wire.digest,
            "violation": violation,
        }

    def _call(self) -> None:
        """An alarm was raised: the operator comes within `_RESPONSE_MS`."""
        self._called = True
        self._clock.left_ms = min(self._clock.left_ms, _RESPONSE_MS)

    # ---- the scenario --------------------------------------------------------------------------------------------

    def _next(self) -> int:
        """Runs the scenario up to its next wait; returns that wait in ms."""
        wait_ms = next(self._go_on)
        if wait_ms == pump_operator.SWITCH_OFF:
            self._simulator.power.check()
        return wait_ms

    def _all_events(self) -> "list[list[object]]":
        """[ms, what, the scenario's row] in order of time: a fault, its repair, and the operator's visit after it."""
        events = []
        for at, row in enumerate(self._scenario["rows"]):
            at_s, verb, _, lasts_s = row
            if verb in self._table:
                events.append([at_s * 1000, at, "fault", row])
                events.append([(at_s + lasts_s) * 1000, at, "repair", row])
                events.append([(at_s + lasts_s + _VISIT_AFTER_S) * 1000, at, "attend", row])
            else:
                events.append([at_s * 1000, at, verb, row])
                if verb in _CUTS or verb in _VISITED:
                    events.append([(at_s + _VISIT_AFTER_S) * 1000, at, "attend", row])
        for hour in range(self._scenario["days"] * 24):
            events.append([hour * 3600000, -1, "check", None])
            if self._body and hour % 24 == 0:
                for at_s, verb, value in day.actions(self._body, hour // 24):
                    events.append([hour * 3600000 + at_s * 1000, -2, "world", [at_s, verb, value, 0]])
        end_ms = self._scenario["days"] * 86400000
        events = [event for event in events if event[0] < end_ms]
        events.append([end_ms, -1, "check", None])
        events.sort(key=lambda event: event[:2])
        return events

    def _play(self):
        """Yields the waits of the whole scenario in ms; raises simulator.Over at its end."""
        yield _READY_MS
        yield from self._operator.attend()
        for at_ms, _, what, row in self._events:
            while at_ms > self._clock.t_ms:
                yield at_ms - self._clock.t_ms
                if self._called and self._clock.t_ms < at_ms:
                    self._called = False
                    yield from self._operator.attend()
            yield from self._perform(what, row)
        raise simulator.Over

    def _perform(self, what: str, row: "list[object]"):
        operator = self._operator
        if what == "check":
            self.oracle.check()
            self._check_memory()
        elif what == "fault":
            self._begin_fault(row)
        elif what == "repair":
            self._repair(row)
        elif what == "world":
            self._do(row[1], row[2])
        elif what == "attend":
            yield from operator.attend()
        elif what == "hostile":
            yield from self._attack(row)
        elif what in _CUTS:
            self._simulator.cut(_CUTS.index(what), row[2], row[3])
        elif what == "reset":
            self._do(_RESETS[row[2]], 0)
            yield pump_operator.SWITCH_OFF
        elif what == "hang":
            for _ in range(row[2]):
                self._simulator.hang()
                yield pump_operator.SWITCH_OFF
                yield _AGAIN_MS
        elif what == "switch_off":
            yield from operator.switch_off()
            yield from operator.attend()
        else:
            yield from getattr(operator, what)(row[2])

    def _begin_fault(self, row: "list[object]") -> None:
        _, verb, value, _ = row
        self.oracle.begin_fault(verb, self._table[verb])
        self._do(verb, value)

    def _repair(self, row: "list[object]") -> None:
        cause = self._table[row[1]]
        if cause.repair:
            self._do(cause.repair, cause.repair_value)
        self.oracle.end_fault(row[1])

    def _attack(self, row: "list[object]"):
        for chunk in hostile_input.chunks(scenarios.Chance(self._scenario["seed"], row[0]), row[2]):
            self._simulator.wire.inbox.extend(chunk)
            yield 0
            yield _CHUNK_MS

    def _check_memory(self) -> None:
        """Four times a day: compares the least memory in use in both halves of the run."""
        if self._clock.t_ms % _MEMORY_EVERY_MS:
            return
        self._used.append(_used_memory())
        half = len(self._used) // 2
        if half >= _LEAST_SAMPLES:
            grown = min(self._used[half:]) - min(self._used[:half])
            if grown > _MOST_GROWN:
                self.oracle.violation("memory", "%d more in use than before: %r" % (grown, self._used))

    def _do(self, verb: str, value: int) -> None:
        self._simulator.world.do(verb, value)


def _used_memory() -> int:
    """Heap bytes in use on MicroPython, allocated blocks on CPython, objects on PyPy."""
    gc.collect()
    if hasattr(gc, "mem_alloc"):
        return gc.mem_alloc()
    return sys.getallocatedblocks() if hasattr(sys, "getallocatedblocks") else len(gc.get_objects())


def text(result: "dict[str, object]") -> str:
    """The result as JSON with sorted names, identical on every interpreter."""
    return "{" + ", ".join('"%s": %s' % (name, json.dumps(result[name])) for name in sorted(result)) + "}"


def main() -> None:
    """Reads scenarios, or what `scenario.draw` makes one of, as lines of JSON; prints a result for each."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        scenario = json.loads(line)
        if isinstance(scenario, list):
            scenario = scenarios.draw(*scenario)
        print(text(ScenarioRun(scenario).run()))


if __name__ == "__main__":
    main()
