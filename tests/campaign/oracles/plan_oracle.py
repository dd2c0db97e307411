"""The oracle of a timed plan: it ends at its volume or its time, neither sooner nor later."""

from pump import defs

_MS_PER_HOUR = 3600000
_LOST_MS = _MS_PER_HOUR  # a reset at rest may lose this much of a phase's time, see pump.persistence


class PlanOracle:
    """Volumes in pL, as in the stroke account. A plan or start that a power cut left uncertain is not checked."""

    def __init__(self, plan: "list[object]", stroke_pl: int, violation: "callable") -> None:
        profile, _, hours, volume_nl, _ = plan
        self._timed = profile == "timed"
        self._volume_pl = volume_nl * 1000
        self._span_ms = hours * _MS_PER_HOUR
        self._stroke_pl = stroke_pl
        self._violation = violation
        self._asked = False
        self._begin_pl = -1  # the account when the plan was set; -1 when uncertain
        self._begin_ms = -1  # when its phase began
        self._held_ms = -1  # when its time was held, as nothing is delivered; -1 while it passes
        self._lost_ms = 0

    def asked(self) -> None:
        """The operator is about to set the plan."""
        self._asked = True

    def set(self, book_pl: int) -> None:
        """The plan was set, and has not begun."""
        self._asked = False
        self._begin_pl, self._begin_ms, self._held_ms = book_pl, -1, -1

    def begin(self, t_ms: int, book_pl: int) -> None:
        """Its phase has begun; what a bridge gave before is none of its volume."""
        if self._begin_ms < 0 <= self._begin_pl:
            self._begin_pl = book_pl
        self._begin_ms = t_ms
        self._held_ms = -1
        self._lost_ms = 0

    def deliver(self, delivers: bool, t_ms: int) -> None:
        """A state has begun in which the plan is delivered, or in which its time stands still."""
        if delivers and self._held_ms >= 0:
            self._begin_ms += t_ms - self._held_ms
            self._held_ms = -1
        elif not delivers and self._begin_ms >= 0 and self._held_ms < 0:
            self._held_ms = t_ms

    def power_on(self) -> None:
        """The pump restarted; a plan that was being set may or may not be saved."""
        self._lost_ms += _LOST_MS
        if self._asked:
            self._begin_pl = self._begin_ms = self._held_ms = -1

    def update(self, state: int, t_ms: int, book_pl: int) -> None:
        """Called after each stroke."""
        if not self._timed or state != defs.STATE_INFUSING:
            return
        if self._volume_pl:
            over_pl = book_pl - self._begin_pl - self._volume_pl
            if self._begin_pl >= 0 and over_pl > 0:
                self._violation("plan", "%d pL beyond its volume" % over_pl)
        elif self._begin_ms >= 0 and t_ms - self._begin_ms > self._span_ms + self._lost_ms:
            self._violation("plan", "%d ms beyond its time" % (t_ms - self._begin_ms - self._span_ms))

    def is_over(self, t_ms: int, book_pl: int) -> bool:
        """Whether its volume or its time is complete, or its start is uncertain."""
        if self._volume_pl:
            return self._begin_pl < 0 or book_pl - self._begin_pl + self._stroke_pl > self._volume_pl
        return self._begin_ms < 0 or t_ms - self._begin_ms >= self._span_ms
