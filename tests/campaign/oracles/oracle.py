"""The oracle: runs after every step of the pump, reads its journal, and compares both with the simulated world."""

from pump import defs
from pump.core import ticks

from campaign import simulator
from campaign.oracles import alarm_oracle, dose_oracle, persistence_oracle, plan_oracle

_EMPTY_NL = 500_000
_LOW_NL = 2_000_000
_LOW_DAYS = 2
_MARGIN_NL = 60_000  # the largest error of the level sensor without a fault
_WRONG_NL = 20_000  # the least difference of ledger and content that a refill or the level sensor tells of
_UNENTERED_ALARMS = ("reservoir_disagreement", "refill_warning", "refill_mismatch")
_SETTLE_MS = 10_000  # after a repair: the stroke under way was begun by the faulty drive
_WATCHDOG_MS = 8_000
_NEVER_MS = 1 << 60
_RESETS = 3  # by a fault, within _RESETS_MS: then nothing resumes by itself
_RESETS_MS = 600_000


def _alarm_names() -> "dict[int, str]":
    numbers = {getattr(defs, name): name[6:].lower() for name in dir(defs) if name.startswith("ALARM_")}
    return {row[0]: numbers[row[0]] for row in defs.ALARMS}


class Violation(BaseException):
    """Something that the pump must never do. Ends the scenario; args are the time in ms, the kind, and a text."""


class Oracle:
    """The operator calls `asked` before each request; the scenario calls `begin_fault` and `end_fault`.

    `call` is called for each alarm.
    """

    def __init__(
        self, sim: "simulator.Simulator", plan: "list[object]", settings: "dict[str, int]", call: "callable"
    ) -> None:
        self._simulator = sim
        self._clock = sim.clock
        self._pumped = sim.world._pumped
        self._air = sim.world._reservoir.air
        self._content = sim.world._reservoir.content
        self._plan = plan
        self.dose = dose_oracle.DoseOracle(sim, self.violation)
        self.alarms = alarm_oracle.AlarmOracle(settings, simulator.STROKE_PL, self.violation)
        self.persistence = persistence_oracle.PersistenceOracle(simulator.STROKE_PL, self.violation)
        sim.link.before_send = self.persistence.acknowledge
        self._plan_oracle = plan_oracle.PlanOracle(plan, simulator.STROKE_PL, self.violation)
        self._call = call
        self._names = _alarm_names()
        self._rates = {0: True}  # all rates requested so far
        self._bolus_nl = 0
        self._withdraws = False  # a withdrawal was begun, and the pump has not logged a refill since
        self._fills = False  # the reservoir was filled, but the pump has not logged a refill
        self._misled = False  # a fault has made the ledger wrong, and the pump has not logged a refill
        self._held_by = ""  # why nothing may begin until an operator begins it
        self._fault_resets_ms = []
        self._pl = self._ul = -1
        self._next_record = 0
        self._strokes = 0
        self._state = 0
        self._since_ms = 0
        self._phase_ms = 0
        self._air_nl = 0
        self.events = 0
        self.power_ons = 0
        self._journal: "object"
        self._account: "object"

    def violation(self, kind: str, words: str) -> None:
        raise Violation(self._clock.t_ms, kind, words)

    def begun(self) -> None:
        """The pump was switched on: compares its loaded state with the earlier one, before its first step."""
        app = self._simulator.app
        self.power_ons += 1
        self._pass_time()
        self._journal = app.journal
        self._account = app.controller.account
        self._strokes = app.controller.account.strokes
        self._state = defs.STATE_SELF_TEST
        self.dose.begin(app.controller.account, simulator.STROKE_PL)
        self.alarms.power_on()
        self._allow_after_reset()
        self._count_reset(self._simulator.causes[-1])
        self.persistence.begin(app, self._simulator.store.taken_place(), self._simulator.causes)
        self.dose.rate(app.controller.delivery.rate_ul_day)
        self._plan_oracle.power_on()
        self._next_record = app.journal.next

    def _count_reset(self, cause: int) -> None:
        if cause in (defs.RESET_WATCHDOG, defs.RESET_FAULT):
            resets_ms = [at_ms for at_ms in self._fault_resets_ms if self._clock.t_ms - at_ms < _RESETS_MS]
            self._fault_resets_ms = resets_ms + [self._clock.t_ms]
            if len(self._fault_resets_ms) >= _RESETS:
                self._held_by = self._held_by or "%d resets" % _RESETS

    def _allow_after_reset(self) -> None:
        self.alarms.allow("dose_uncertain")
        self.alarms.allow("delivery_stopped")
        self.alarms.allow("reset_by_fault")
        self.alarms.allow("resets_repeat")
        if self._simulator.torn:
            self.alarms.allow("records_damaged")
            self.alarms.allow("settings_old")

    # ---- after every step --------------------------------------------------------------------------------------

    def after_step(self) -> None:
        """Called after every step: reads the new records and compares the volumes."""
        moved = self._pumped.pl != self._pl or self._pumped.ul != self._ul
        logged = self._journal.next != self._next_record
        stroke = self._account.strokes != self._strokes
        if moved or logged or stroke:
            self._pass_time()
            if logged:
                self._read_log()
                self.persistence.acknowledge()
            if stroke:
                self._strokes = self._account.strokes
                self.dose.stroke()
                self._plan_oracle.update(self._state, self._clock.t_ms, self._book_pl())
            self._pl, self._ul = self._pumped.pl, self._pumped.ul
            if not self._content.nl() and not self.dose.excused("books"):  # it pumps air
                self.dose.excuse("books", self._clock.t_ms + _SETTLE_MS)
            self.dose.update()

    def check(self) -> None:
        """Called every hour: finds overdue alarms, strokes and watchdog feeds, and air."""
        self._pass_time()
        self.alarms.check()
        self.dose.check_gap()
        watchdog = self._simulator.board.watchdog
        unfed_ms = max(watchdog.longest_ms, ticks.diff(self._clock.now, watchdog._fed))
        if unfed_ms > _WATCHDOG_MS:
            self.violation("watchdog", "not fed for %d ms" % unfed_ms)
        air_nl = self._air.nl()
        if air_nl > self._air_nl and not self.alarms.cases:
            self.violation("air", "%d nL of air were drawn" % (air_nl - self._air_nl))
        self._air_nl = air_nl

    def _pass_time(self) -> None:
        self.dose.t_ms = self.alarms.t_ms = self._clock.t_ms

    # ---- reported by the scenario ----------------------------------------------------------------------------------

    def asked(self, what: str, number: int) -> None:
        """The operator is about to request this."""
        self._pass_time()
        if what == "rate":
            self._rates[number] = True
        elif what == "bolus":
            self._bolus_nl = number
        elif what == "begin":
            self._held_by = ""
        elif what == "stopped":
            self._held_by = "a stop"
            self._check_held(self._state)
        elif what == "plan":
            self._plan_oracle.asked()
        elif what == "withdraw":
            self._withdraws = True
        elif what == "fill":
            self._fills = True
        self.alarms.allow("draft_waiting", 900)

    def begin_fault(self, verb: str, cause: "object") -> None:
        """A fault begins."""
        self._pass_time()
        self.alarms.begin(verb, cause)
        self._excuse()

    def end_fault(self, verb: str) -> None:
        """The fault is repaired."""
        self._pass_time()
        self.alarms.end(verb)
        if verb == "drive_invert":
            self.dose.turned()
        self._excuse()

    def _excuse(self) -> None:
        settled_ms = self._clock.t_ms + _SETTLE_MS
        for field in ("gives", "books"):
            if self.alarms.active(field) or field == "books" and self.alarms.is_block_unseen():
                self.dose.excuse(field, _NEVER_MS)
                self._misled = self._misled or field == "books"
            elif self.dose.excused(field):
                self.dose.excuse(field, settled_ms)
        self.dose.excuse("gap", _NEVER_MS if self.alarms.may_delay_strokes() else settled_ms)

    # ---- the pump's journal -----------------------------------------------------------------------------------

    def _read_log(self) -> None:
        journal = self._journal
        while self._next_record < journal.next:
            if self._next_record < journal.oldest():
                self.violation("lost", "record %d" % self._next_record)
            row = journal.read(self._next_record)
            if row[0] != self._next_record:
                self.violation("lost", "record %d is %r" % (self._next_record, row))
            self._next_record += 1
            self.events += 1
            self.persistence.record(row)
            self._consume(row[3], row[4], row[5])

    def _consume(self, event: int, a: int, b: int) -> None:
        if event == defs.EVENT_STATE:
            self._change_state(a, b)
        elif event == defs.EVENT_ALARM_RAISED:
            self._evaluate_alarm(self._names[a])
        elif event == defs.EVENT_ALARM_CLEARED:
            self.alarms.on_cleared(self._names[a])
        elif event == defs.EVENT_RATE:
            if b not in self._rates:
                self.violation("rate", "%d uL/day, which was not requested" % b)
            self.dose.rate(b)
            self.alarms.flow(self.dose.flow_ul_day())
        elif event == defs.EVENT_BOLUS:
            if a > self._bolus_nl:
                self.violation("bolus", "%d nL, but %d were requested" % (a, self._bolus_nl))
            self._bolus_nl = 0  # one request allows one bolus
            self.dose.bolus(a, b)
        elif event == defs.EVENT_BOLUS_ENDED and a < b:
            self.dose.cancel_bolus()
        elif event == defs.EVENT_REFILLED:
            self._withdraws = self._fills = self._misled = False
        elif event == defs.EVENT_PLAN:
            self._plan_oracle.set(self._book_pl())
        elif event == defs.EVENT_PHASE:
            self._phase_ms = self._clock.t_ms
            self._plan_oracle.begin(self._clock.t_ms, self._book_pl())
        elif event in (defs.EVENT_STROKE_CUT, defs.EVENT_PART_FAILED):
            self.dose.incident()
        elif event == defs.EVENT_ERROR:
            self.violation("error", "; ".join(self._simulator.board.errors))

    def _change_state(self, before: int, state: int) -> None:
        if before != self._state:
            self.violation("state", "left %d, was in %d" % (before, self._state))
        self._state = state
        self._since_ms = self._clock.t_ms
        motion = defs.MOTIONS[state]
        self._check_held(state)
        flow_ul_day = self.dose.rate_ul_day
        if motion == defs.MOTION_KEEP_OPEN:
            flow_ul_day = min(flow_ul_day, defs.PARAMS[defs.PARAM_KEEP_OPEN_UL_DAY][3])
        elif motion != defs.MOTION_PLAN:
            flow_ul_day = 0
        self._plan_oracle.deliver(motion in (defs.MOTION_PLAN, defs.MOTION_KEEP_OPEN), self._clock.t_ms)
        self.dose.state(motion, flow_ul_day, before != defs.STATE_STANDBY and motion == defs.MOTION_PLAN)
        self.alarms.flow(flow_ul_day)

    def _check_held(self, state: int) -> None:
        """Nothing moves in this state, or an operator has begun it."""
        if self._held_by and defs.MOTIONS[state] != defs.MOTION_NONE:
            self.violation("began", "state %d after %s" % (state, self._held_by))

    def _evaluate_alarm(self, alarm: str) -> None:
        if self._explains(alarm):
            self.alarms.allow(alarm)
        self.alarms.on_raised(alarm)
        self._call()

    def _explains(self, alarm: str) -> bool:
        """Whether the true state of pump and world explains this alarm."""
        left_nl = min(self._content.nl() - _MARGIN_NL, self._simulator.app.controller.reservoir.ledger_nl())
        rate_ul_day = self.dose.rate_ul_day
        in_state_s = (self._clock.t_ms - self._since_ms) // 1000
        profile, _, hours, _, _ = self._plan
        if alarm in _UNENTERED_ALARMS and (self._is_unentered() or self._ledger_is_wrong()):
            return True
        if alarm == "refill_incomplete":  # a refill may have ended between its withdrawal and its end
            return self._withdraws or self._fills
        if alarm == "reservoir_low":
            return left_nl <= max(_LOW_NL, rate_ul_day * _LOW_DAYS * 1000)
        if alarm == "reservoir_empty":
            return left_nl <= _EMPTY_NL
        if alarm == "refill_due":
            return profile == "intrahepatic" and self._clock.t_ms - self._phase_ms >= hours * 3600000
        if alarm == "infusion_complete":
            if profile == "intrahepatic":  # its last phase is over
                return self._clock.t_ms - self._phase_ms >= hours * 3600000
            return profile == "timed" and self._plan_oracle.is_over(self._clock.t_ms, self._book_pl())
        if alarm == "pause_long":
            return self._state == defs.STATE_PAUSED and in_state_s >= 900
        if alarm == "delivery_stopped":
            return self._state in (defs.STATE_STANDBY, defs.STATE_STOPPED_ALARM) and in_state_s >= 900
        if alarm == "standby_long":
            return self._state == defs.STATE_STANDBY and in_state_s >= 3600
        if alarm == "input_awaited":
            return self._state == defs.STATE_REFILLING and in_state_s >= 900
        return False

    def _ledger_is_wrong(self) -> bool:
        """Whether a fault of the drive has left the ledger wrong, until a refill is entered."""
        ledger_nl = self._simulator.app.controller.reservoir.ledger_nl()
        return self._misled and abs(self._simulator.world.truth()["reservoir_nl"] - ledger_nl) > _WRONG_NL

    def _is_unentered(self) -> bool:
        """Whether a fill was not entered, because power or the link failed before."""
        return self._fills and self._content.nl() - self._simulator.app.controller.reservoir.ledger_nl() > _MARGIN_NL

    def _book_pl(self) -> int:
        return self._account.delivered.ul * 1000000 + self._account.delivered.pl
