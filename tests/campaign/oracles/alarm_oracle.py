"""The oracle of the alarms: each alarm has a cause, and each fault that must alarm does so in time."""

from campaign.oracles import expected_alarms

_MARGIN_NL = 60_000  # the largest difference of level and ledger without a fault
_LIMIT_PA = 69000
_LEAST_PA = 5000  # in the vessel, lying, at the lowest ambient pressure
_GRACE_S = 300  # an alarm explained by an operator action may come this much later
_SHUT = ("block", "kink", "block_over", "kink_near", "sac", "come_and_go", "flutter")
# Found by the absolute limit at the latest, after so many times the line's compliance: a sac has one of its own.
_BY_LIMIT = {"block": 1, "kink_near": 1, "sac": 2}
# Faults that a pump cannot detect when it is switched on during them.
_HIDDEN = ("flip_program", "counter_slow", "counter_delayed", "drive_reset")


class Case:
    """A present or past fault."""

    def __init__(self, verb: str, cause: expected_alarms.Cause, t_ms: int) -> None:
        self.verb, self.cause = verb, cause
        self.since_ms = t_ms  # the time for its alarm runs from here, while no other fault is present
        self.began_ms = t_ms
        self.ended_ms = -1
        self.answered = not cause.must
        self.slowest_ul_day = 0
        self.given_pl = 0


class AlarmOracle:
    """Compares the pump's alarms with the faults and with what the operator does.

    `explained` has the alarms that an operator action explains, each with the time until which it does.
    """

    def __init__(self, settings: "dict[str, int]", stroke_pl: int, violation: "callable") -> None:
        self._violation = violation
        self._stroke_pl = stroke_pl
        self._compliance_pl_pa = settings["line_compliance_pl_pa"]
        self.t_ms = 0
        self.cases = []
        self.standing = {}
        self.explained = {}
        self.latest = {}  # verb: the longest time to its alarm, in ms
        self.raised = 0
        self._ul_day = 0

    # ---- faults and actions ------------------------------------------------------------------------------------

    def begin(self, verb: str, cause: expected_alarms.Cause) -> None:
        """A fault begins."""
        case = Case(verb, cause, self.t_ms)
        case.slowest_ul_day = self._ul_day
        case.answered = case.answered or any(name in self.standing for name in cause.must)
        self._restart()
        self.cases.append(case)

    def end(self, verb: str) -> None:
        """The fault is repaired."""
        self._restart()  # while this fault may still hide another
        for case in self.cases:
            if case.verb == verb and case.ended_ms < 0:
                case.ended_ms = self.t_ms
        self.cases = [case for case in self.cases if not self._is_over(case)]

    def allow(self, alarm: str, seconds: int = 0) -> None:
        """An operator action explains this alarm for the next seconds."""
        self.explained[alarm] = max(self.explained.get(alarm, 0), self.t_ms + (seconds + _GRACE_S) * 1000)

    def flow(self, ul_day: int) -> None:
        """The present flow; no fault needs to be found while nothing flows."""
        if ul_day == self._ul_day:
            return
        starts_or_stops = not ul_day or not self._ul_day
        if starts_or_stops:
            self._restart()
        self._ul_day = ul_day
        for case in self.cases:
            case.slowest_ul_day = ul_day if starts_or_stops else min(case.slowest_ul_day, ul_day)

    def power_on(self) -> None:
        """The pump restarted and has lost its earlier findings."""
        self.standing = {}
        self.flow(0)
        for case in self.cases:
            case.answered = not case.cause.must or case.verb in _HIDDEN

    # ---- the pump's alarms ------------------------------------------------------------------------------------

    def on_raised(self, alarm: str) -> None:
        """An alarm was raised."""
        self.raised += 1
        self.standing[alarm] = True
        known = self.explained.get(alarm, 0) >= self.t_ms
        for case in self.cases:
            if self._is_over(case):
                continue
            known = known or alarm in case.cause.may
            if alarm in case.cause.must and not case.answered and case.ended_ms < 0:
                self._check(case)
                case.answered = True
                if self._ul_day and self._is_alone(case):
                    self.latest[case.verb] = max(self.latest.get(case.verb, 0), self.t_ms - case.since_ms)
        if not known:
            self._violation("alarm", alarm + " without a cause")

    def on_cleared(self, alarm: str) -> None:
        """An alarm was cleared."""
        self.standing.pop(alarm, None)

    def check(self) -> None:
        """Finds alarms that are overdue."""
        for case in self.cases:
            if case.ended_ms < 0:
                self._check(case)

    # ---- internal ----------------------------------------------------------------------------------------------

    def active(self, field: str) -> bool:
        """Whether a present fault has this field of its cause, `gives` or `books`."""
        return any(case.ended_ms < 0 and getattr(case.cause, field) for case in self.cases)

    def is_block_unseen(self) -> bool:
        """Whether the line is shut while its pressure is not known. High pressure then makes strokes smaller."""
        present = [case for case in self.cases if case.ended_ms < 0]
        return any(case.verb in _SHUT for case in present) and any(case.cause.blinds for case in present)

    def may_delay_strokes(self) -> bool:
        """Whether there is a fault that may delay a stroke; link faults may not."""
        return any(case.ended_ms < 0 and not case.verb.startswith("link_") for case in self.cases)

    def _is_over(self, case: Case) -> bool:
        return 0 <= case.ended_ms < self.t_ms - case.cause.tail_s * 1000

    def _is_alone(self, case: Case) -> bool:
        """Whether no other fault is present that may hide it; link faults hide nothing."""
        return not any(
            other is not case and other.ended_ms < 0 and not other.verb.startswith("link_") for other in self.cases
        )

    def _restart(self) -> None:
        for case in self.cases:
            if case.ended_ms < 0:
                self._check(case)
                case.since_ms = self.t_ms

    def _check(self, case: Case) -> None:
        if case.answered or not self._ul_day or not self._is_alone(case):
            return
        passed_ms = self.t_ms - case.since_ms
        if passed_ms > self._allowed_ms(case):
            case.answered = True
            self._violation("silence", "%s for %d s and none of %s" % (case.verb, passed_ms // 1000, case.cause.must))

    def _allowed_ms(self, case: Case) -> int:
        cause = case.cause
        ul_day = case.slowest_ul_day
        pl = cause.strokes * self._stroke_pl
        pl += _BY_LIMIT.get(case.verb, 0) * (_LIMIT_PA - _LEAST_PA) * self._compliance_pl_pa
        if cause.volume_percent:
            pl += expected_alarms.DISAGREEMENT_NL * 100000 // cause.volume_percent
        return cause.seconds * 1000 + pl * 432 // (5 * ul_day)
