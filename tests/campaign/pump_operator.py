"""The operator: sets the pump up, refills it, acknowledges alarms and resumes delivery, over the link.

An action that takes time is a generator of the milliseconds to wait; the scenario's clock lets them pass.
"""

import json

from pump import defs
from pump.link import wire

SWITCH_OFF = -1  # in place of a wait: the power cut or reset takes effect
_ANSWER_MS = 4000
_SLICE_MS = 20
_LOW_NL = 2_300_000
FULL_NL = 16_000_000
_READY_MS = 2500  # enough for the self-test, or for the rest of a stroke
_BOLUS_UL_DAY = (12000, 6000, 9000, 3000)
_SLOWEST_UL_DAY = 50
_BEGINS = ("start", "resume", "prime")  # commands that begin delivery


class Operator:
    """`asked(what, number)` is called before each request."""

    def __init__(self, simulator: "object", plan: "list[object]", asked: "callable") -> None:
        self._simulator = simulator
        self._wire = simulator.wire
        self._clock = simulator.clock
        self._plan = plan
        self._asked = asked
        self._id = 0
        self.refused = {}  # number of a refusal: count
        self.answers = 0

    # ---- the link ----------------------------------------------------------------------------------------------

    def ask(self, command: str, *fields: "tuple[str, object]"):
        """Sends a command; returns the answer's fields, None after a refusal or four seconds without an answer."""
        if command in _BEGINS:
            self._asked("begin", 0)
        self._id += 1
        link = self._wire
        link.outbox = bytearray()
        pairs = [("id", self._id), ("cmd", command)]
        pairs.extend(fields)
        link.inbox.extend(b"\n" + wire.encode(pairs))
        end_ms = self._clock.t_ms + _ANSWER_MS
        begins = b'{"id":%d,' % self._id
        wait_ms = 0
        while self._clock.t_ms < end_ms:
            yield wait_ms
            for line in bytes(link.outbox).split(b"\n")[:-1]:
                if line.startswith(begins):
                    answer = self._read(line)
                    if command == "stop" and answer:
                        self._asked("stopped", 0)
                    return answer
            wait_ms = _SLICE_MS
        return None

    def _read(self, line: bytes) -> "dict[str, object] | None":
        answer = json.loads(line[:-9])
        self.answers += 1
        if answer["ok"]:
            return answer
        number = answer["refused"]
        self.refused[number] = self.refused.get(number, 0) + 1
        return None

    def change(self, command: str, *fields: "tuple[str, object]"):
        """Sends a command and confirms it if needed; returns whether it was done."""
        answer = yield from self.ask(command, *fields)
        if answer is None or answer["draft"] is None:
            return answer is not None
        answer = yield from self.ask("confirm", ("draft", answer["draft"]), ("code", answer["code"]))
        return answer is not None

    # ---- actions -----------------------------------------------------------------------------------------------

    def attend(self):
        """Reads the status; acknowledges, refills, sets the plan, starts or resumes as needed."""
        status = yield from self.ask("status")
        if status is None:
            return
        if status["state"] == defs.STATE_FAULT:
            yield from self.switch_off()
            status = yield from self.ask("status")
            if status is None:
                return
        if status["alarm"]:
            yield from self.ask("ack")
        if status["state"] == defs.STATE_REFILLING:
            yield from self.ask("refill_cancel")
        plan = yield from self.ask("therapy")
        if plan is None:
            return
        if plan["profile"] is None or status["bits"] & defs.BIT_PLAN_DONE:
            yield from self.set_plan()
        over = status["notes"] & defs.NOTE_PHASE_OVER
        if status["fluid"] == "none" or status["ledger_nl"] < _LOW_NL or (over and plan["next_fluid"]):
            yield from self.refill(0)
        yield from self.go_on()

    def go_on(self):
        """Starts or resumes, depending on the state."""
        status = yield from self.ask("status")
        if status is None:
            return
        if status["state"] == defs.STATE_STANDBY:
            yield from self.ask("start")
        elif status["state"] in (defs.STATE_PAUSED, defs.STATE_STOPPED_ALARM):
            resumed = yield from self.ask("resume")
            if resumed is None:
                yield from self.ask("ack")
                yield from self.ask("resume")

    def switch_off(self):
        """Switches off and on, and waits until the pump is ready."""
        self._simulator.world.do("power_cut")
        yield SWITCH_OFF
        yield _READY_MS

    def set_plan(self):
        """Stops the pump and sets the scenario's plan."""
        profile, rate_ul_day, hours, volume_nl, resumes = self._plan
        if profile == "continuous":
            rows, more = [[1, rate_ul_day, 0, 0]], []
        elif profile == "timed":
            rows, more = [[1, rate_ul_day, 0, 0 if volume_nl else hours]], [("volume_nl", volume_nl)]
        else:
            rows = [[1, rate_ul_day, 0, hours], [2, rate_ul_day, hours, hours], [1, rate_ul_day, 2 * hours, hours]]
            more = [("cycles", 50), ("repeat_from", 1)]
        self._asked("rate", rate_ul_day)
        self._asked("plan", 0)
        yield from self.ask("stop")
        yield _READY_MS
        yield from self.change("param_set", ("name", "resume_policy"), ("value", resumes))
        fields = [("profile", profile), ("rows", rows), ("override", "soft_rate")]
        yield from self.change("therapy_set", *fields, *more)

    def refill(self, minutes: int):
        """Withdraws, fills and enters both volumes; the fluid is the plan's next one."""
        plan = yield from self.ask("therapy")
        status = yield from self.ask("status")
        if plan is None or status is None or (yield from self.ask("refill_begin")) is None:
            return
        yield _READY_MS
        fluid = plan["fluid"] if plan["profile"] else "saline"
        if status["notes"] & defs.NOTE_PHASE_OVER and plan["next_fluid"]:
            fluid = plan["next_fluid"]
        world = self._simulator.world
        if status["fluid"] != "none":
            self._asked("withdraw", 0)
            yield from self.ask("refill_withdrawn", ("volume_nl", world.truth()["reservoir_nl"]))
        yield minutes * 60000
        self._asked("fill", FULL_NL)
        world.do("refill", FULL_NL)
        self._asked("rate", self._plan[1])
        yield from self.change("refill_finish", ("volume_nl", FULL_NL), ("fluid", fluid))
        yield from self.ask("ack")

    def rate(self, ul_day: int):
        """Sets and confirms another rate."""
        self._asked("rate", ul_day)
        yield from self.change("rate", ("ul_day", ul_day), ("override", "soft_rate"))

    def bolus(self, volume_nl: int):
        """Requests a bolus and confirms it."""
        self._asked("bolus", volume_nl)
        yield from self.change("bolus", ("volume_nl", volume_nl), ("override", "soft_bolus"))

    def pause(self, seconds: int):
        """Pauses, waits, resumes."""
        yield from self.ask("pause")
        yield seconds * 1000
        yield from self.go_on()

    def stop(self, seconds: int):
        """Stops, waits, resumes."""
        yield from self.ask("stop")
        yield seconds * 1000
        yield from self.go_on()

    def stop_early(self, seconds: int):
        """Switches off and on, and stops the pump in its self-test; waits, starts."""
        self._simulator.world.do("power_cut")
        yield SWITCH_OFF
        yield from self.stop(seconds)

    def settings(self, retries: int):
        """Pauses, changes how often the pump tries again after an occlusion, and the rate of a bolus; resumes."""
        yield from self.ask("pause")
        yield _READY_MS
        yield from self.change("param_set", ("name", "occlusion_retries"), ("value", retries))
        yield from self.change("param_set", ("name", "bolus_rate_ul_day"), ("value", _BOLUS_UL_DAY[retries]))
        yield from self.go_on()

    def changed_bolus(self, volume_nl: int):
        """Requests a bolus, lowers the rate, and then confirms what was read back: nothing may be given (C1)."""
        status = yield from self.ask("status")
        draft = yield from self.ask("bolus", ("volume_nl", volume_nl), ("override", "soft_bolus"))
        if status is None or draft is None:
            return
        lower_ul_day = max(_SLOWEST_UL_DAY, status["rate_ul_day"] - 1)
        self._asked("rate", lower_ul_day)
        if (yield from self.ask("rate", ("ul_day", lower_ul_day), ("override", "soft_rate"))):
            yield from self.ask("confirm", ("draft", draft["draft"]), ("code", draft["code"]))

    def time_set(self, times: int):
        """Sets the time of day again and again."""
        for number in range(times):
            yield from self.ask("time_set", ("day", 20000), ("second", number))

    def refill_broken(self, minutes: int):
        """Withdraws, and cancels the refill after a while: what is in the reservoir is unknown."""
        status = yield from self.ask("status")
        if status is None or status["fluid"] == "none" or (yield from self.ask("refill_begin")) is None:
            return
        yield _READY_MS
        self._asked("withdraw", 0)
        yield from self.ask("refill_withdrawn", ("volume_nl", self._simulator.world.truth()["reservoir_nl"]))
        yield minutes * 60000
        yield from self.ask("refill_cancel")

    def restart(self, _: int):
        """Resets the processor by a command, also while it delivers, and looks after the pump."""
        yield from self.change("reset")
        yield _READY_MS
        yield from self.attend()

    def silence(self, _: int):
        """Silences the sound."""
        yield from self.ask("silence")

    def draft(self, seconds: int):
        """Requests a higher rate and leaves it unconfirmed."""
        self._asked("draft", 0)
        yield from self.ask("rate", ("ul_day", 5999), ("override", "soft_rate"))
        yield seconds * 1000

    def look(self, _: int):
        """Visits the pump; saved scenarios contain the name `look`."""
        yield from self.attend()
