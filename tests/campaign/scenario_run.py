"""Plays a story on a whole pump and says how it went: one JSON object, the same to the byte on every interpreter.

    echo '[SEED, DAYS]' | python tests/campaign/scenario_run.py

takes a seed and days, or a whole story as JSON; MicroPython's arguments are too short for one.
"""

import gc
import json
import sys

from plant import settings

from campaign import hostile_input, operator, scenario as stories, simulator
from campaign.oracles import expected_alarms, oracle

_RISEN_MS = 2500
_WEIGH_MS = 6 * 3600000
_LEAST_LOOKS = 4  # in each half
_MOST_GROWN = 4096  # a leak in each stroke would be more by far
_CUTS = stories.CUTS
_RESETS = ("watchdog_reset", "brown_out", "reset", "fault_reset")
_CHUNK_MS = 50  # between two pieces of what somebody sends
_HEARD_MS = 900000  # until somebody comes who has heard an alarm
_COMES_S = 600  # so soon after the mending somebody looks at the pump


class Life:
    """`pressure_world` False leaves the pressure sensor and the vessel's swing out, for the dose alone."""

    def __init__(self, story: "dict[str, object]", wake_ms: int = 0, pressure_world: bool = True) -> None:
        self._story = story
        self._table = expected_alarms.of(story["drive"])
        sim = simulator.Simulator(story, wake_ms, pressure_world)
        self._simulator = sim
        self._clock = sim.clock
        self.oracle = oracle.Oracle(sim, story["plan"], settings.complete(story["settings"]), self._call)
        self._called = False
        self._person = operator.Person(sim, story["plan"], self.oracle.asked)
        self._acts = self._all_acts()
        self._go_on = self._live()
        sim.clock.look = self.oracle.look
        sim.clock.go_on = self._next
        self._used = []

    def run(self) -> "dict[str, object]":
        """The result: how much was lived, how near the oracle's limits came, the digest, and the violation or None."""
        violation = None
        try:
            self._simulator.run(self.oracle.begun)
        except oracle.Violation as found:
            violation = list(found.args)
        return self._result(violation)

    def _result(self, violation: "list[object] | None") -> "dict[str, object]":
        judge, dose = self.oracle.alarms, self.oracle.dose
        return {
            "seed": self._story["seed"],
            "lived_ms": self._clock.t_ms,
            "strokes": dose.strokes,
            "excess_pl": dose.excess_pl,
            "book_pl": dose.book_pl,
            "gap_ms": dose.gap_ms,
            "alarms": judge.raised,
            "events": self.oracle.events,
            "answers": self._person.answers,
            "power_ons": self.oracle.power_ons,
            "latest_ms": [[verb, judge.latest[verb]] for verb in sorted(judge.latest)],
            "digest": self._simulator.wire.digest,
            "violation": violation,
        }

    def _call(self) -> None:
        """An alarm is heard: a person will come, if nothing brings one sooner."""
        self._called = True
        self._clock.left_ms = min(self._clock.left_ms, _HEARD_MS)

    # ---- the story ---------------------------------------------------------------------------------------------

    def _next(self) -> int:
        """The clock asks when the story wants to go on."""
        wait_ms = next(self._go_on)
        if wait_ms == operator.SWITCH_OFF:
            self._simulator.power.check()
        return wait_ms

    def _all_acts(self) -> "list[list[object]]":
        """[ms, what, the story's row] in their order: things go wrong, are mended, and a person comes."""
        acts = []
        for at, row in enumerate(self._story["rows"]):
            at_s, verb, _, lasts_s = row
            if verb in self._table:
                acts.append([at_s * 1000, at, "wrong", row])
                acts.append([(at_s + lasts_s) * 1000, at, "mend", row])
                acts.append([(at_s + lasts_s + _COMES_S) * 1000, at, "look_after", row])
            else:
                acts.append([at_s * 1000, at, verb, row])
                if verb in _CUTS or verb == "reset":
                    acts.append([(at_s + _COMES_S) * 1000, at, "look_after", row])
        for hour in range(self._story["days"] * 24):
            acts.append([hour * 3600000, -1, "check", None])
        end_ms = self._story["days"] * 86400000
        acts = [act for act in acts if act[0] < end_ms]
        acts.append([end_ms, -1, "check", None])
        acts.sort(key=lambda act: act[:2])
        return acts

    def _live(self):
        """The whole story as waits; the end of it ends the pump."""
        yield _RISEN_MS
        yield from self._person.look_after()
        for at_ms, _, what, row in self._acts:
            while at_ms > self._clock.t_ms:
                yield at_ms - self._clock.t_ms
                if self._called and self._clock.t_ms < at_ms:
                    self._called = False
                    yield from self._person.look_after()
            yield from self._act(what, row)
        raise simulator.Over

    def _act(self, what: str, row: "list[object]"):
        who = self._person
        if what == "check":
            self.oracle.check()
            self._weigh()
        elif what == "wrong":
            self._go_wrong(row)
        elif what == "mend":
            self._mend(row)
        elif what == "look_after":
            yield from who.look_after()
        elif what == "hostile":
            yield from self._attack(row)
        elif what in _CUTS:
            self._simulator.cut(_CUTS.index(what), row[2], row[3])
        elif what == "reset":
            self._do(_RESETS[row[2]], 0)
            yield operator.SWITCH_OFF
        elif what == "switch_off":
            yield from who.switch_off()
            yield from who.look_after()
        else:
            yield from getattr(who, what)(row[2])

    def _go_wrong(self, row: "list[object]") -> None:
        _, verb, value, _ = row
        self.oracle.wrong(verb, self._table[verb])
        self._do(verb, value)

    def _mend(self, row: "list[object]") -> None:
        cause = self._table[row[1]]
        if cause.repair:
            self._do(cause.repair, cause.repair_value)
        self.oracle.mended(row[1])

    def _attack(self, row: "list[object]"):
        for chunk in hostile_input.chunks(stories.Chance(self._story["seed"], row[0]), row[2]):
            self._simulator.wire.inbox.extend(chunk)
            yield 0
            yield _CHUNK_MS

    def _weigh(self) -> None:
        """Four times a day: what is in use at the least in the later half of the story, and in the earlier."""
        if self._clock.t_ms % _WEIGH_MS:
            return
        self._used.append(_used_memory())
        half = len(self._used) // 2
        if half >= _LEAST_LOOKS:
            grown = min(self._used[half:]) - min(self._used[:half])
            if grown > _MOST_GROWN:
                self.oracle.violation("memory", "%d more in use than before: %r" % (grown, self._used))

    def _do(self, verb: str, value: int) -> None:
        self._simulator.world.do(verb, value)


def _used_memory() -> int:
    """Bytes of the heap on MicroPython, objects that CPython has given memory to."""
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else sys.getallocatedblocks()


def text(result: "dict[str, object]") -> str:
    """As JSON, the names in their order on every interpreter."""
    return "{" + ", ".join('"%s": %s' % (name, json.dumps(result[name])) for name in sorted(result)) + "}"


def main() -> None:
    story = json.loads(sys.stdin.read())
    if isinstance(story, list):
        story = stories.draw(*story)
    print(text(Life(story).run()))


if __name__ == "__main__":
    main()
