"""The oracle of the dose: compares commanded volume, the firmware's stroke account and the pumped volume."""

from pump import defs

_PL_PER_UL = 1000000
_LATE_MS = 1000  # D3
_BACKLASH_PL = 10000  # four steps
_CREDIT = 432  # 1 pL is 86.4 uL/day x ms, 432 / 5


class DoseOracle:
    """Volumes in pL. `excess_pl` is the largest excess of the pumped over the commanded volume, `book_pl` the largest
    excess of the firmware's account over the pumped volume.
    """

    def __init__(self, simulator: "object", violation: "callable") -> None:
        self._pumped = simulator.world._pumped
        self._violation = violation
        self.t_ms = 0
        self.rate_ul_day = 0
        self.stroke_pl = 1
        self.excess_pl = 0
        self.book_pl = 0
        self.strokes = 0
        self.gap_ms = 0  # the longest between strokes beyond their period
        self._excused_ms = {"gives": -1, "books": -1, "gap": -1}
        self._drive = simulator.world._drive
        self._stroke_account: "object"
        self._book_strokes = 0
        self._begin_command()
        self._begin_comparison()

    def _begin_command(self) -> None:
        """The commanded flow and volume, computed by the oracle."""
        self._motion = defs.MOTION_NONE
        self._flow_ul_day = 0
        self._extra_ul_day = 0  # of a bolus
        self._extra_pl = 0
        self._prime_pl = 0
        self._mark_ms = 0
        self._allowed_pl = 0
        self._rest = 0
        self._last_ms = 0  # of the last stroke or change of the flow
        self._early = False  # the last stroke came early, by the part that a cancelled bolus did not give

    def _begin_comparison(self) -> None:
        """The differences between account and world that are known and allowed."""
        self._seen_pl = 0
        self._returned_pl = 0
        self._lost_pl = 0  # booked and not pumped, by a reported incident
        self._slack_pl = 0  # of a reverse; after a restart the pump assumes that it is taken up
        self._incident = False
        self._compares = True

    # ---- events reported by the oracle -------------------------------------------------------------------------

    def begin(self, account: "object", stroke_pl: int) -> None:
        """The pump was switched on; its account continues, with at most one stroke more than was pumped."""
        self.stroke_pl = stroke_pl
        self._stroke_account = account
        self._book_strokes = account.strokes
        self._early = False
        self._set_motion(defs.MOTION_NONE, 0)
        if self.excused("books"):  # a faulty drive may give one stroke too much at each start
            self._allowed_pl = max(self._allowed_pl, self._world_pl())
        self.incident()
        self.update()
        if self._drive.reverse or getattr(self._drive, "_slack_steps", 0):  # or while slack was taken up
            self._slack_pl = _BACKLASH_PL

    def state(self, motion: int, flow_ul_day: int, continues: bool) -> None:
        """The state and its flow have changed; `continues`: the part of a stroke that is due stays due."""
        self._account()
        if not continues and motion:  # only the rest of the stroke under way is due
            under_way_pl = min(max(0, self._above_pl()), self.stroke_pl) if self._drive.moving else 0
            self._allowed_pl = min(self._allowed_pl, self._world_pl() + under_way_pl)
        self._set_motion(motion, flow_ul_day)

    def rate(self, ul_day: int) -> None:
        """The set rate has changed."""
        self._account()
        self.rate_ul_day = ul_day
        if self._motion == defs.MOTION_PLAN:
            self._flow_ul_day = ul_day
        self._last_ms = self.t_ms

    def bolus(self, volume_nl: int, ul_day: int) -> None:
        """A bolus has begun."""
        self._account()
        self._extra_ul_day, self._extra_pl = ul_day, volume_nl * 1000
        self._last_ms = self.t_ms

    def cancel_bolus(self) -> None:
        """A bolus was cancelled. Its last stroke may have come too early by a part of a stroke, so the next one comes
        later by that part (D7), also after a stop in between.
        """
        self.stroke()  # a stroke that began in this step still belongs to the bolus
        self._early = True
        self._last_ms = self.t_ms

    def prime(self, volume_nl: int) -> None:
        """A prime has begun."""
        self._prime_pl = volume_nl * 1000

    def flow_ul_day(self) -> int:
        """The present flow without a bolus."""
        return self._flow_ul_day

    def excuse(self, what: str, until_ms: int) -> None:
        """Until then a deviation of this kind, "gives", "books" or "gap", is not a violation."""
        self._excused_ms[what] = until_ms

    def incident(self) -> None:
        """A stroke or the power was cut: the missing volume, at most one stroke, stays in the account."""
        self._incident = True

    def turned(self) -> None:
        """The drive turns the other way from now on: its slack is open."""
        self._slack_pl = _BACKLASH_PL

    # ---- checks ------------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Compares the volumes; called when something has moved."""
        self._account()
        world_pl = self._world_pl()
        if world_pl < self._seen_pl:
            self._returned_pl += self._seen_pl - world_pl
        self._seen_pl = world_pl
        excess_pl = world_pl - self._allowed_pl
        if self.excused("gives"):
            self._allowed_pl = max(self._allowed_pl, world_pl)
        else:
            self.excess_pl = max(self.excess_pl, excess_pl)
            if excess_pl > self.stroke_pl:
                self._violation("excess", "%d pL beyond what was commanded" % excess_pl)
        self._allowed_pl = min(self._allowed_pl, world_pl + self.stroke_pl)
        self._compare_book(world_pl)

    def _compare_book(self, world_pl: int) -> None:
        above_pl = self._above_pl()
        if self.excused("books"):
            self._compares = False
        if not self._compares:  # comparison starts again after the present stroke
            self._compares = not self._drive.moving and not self.excused("books")
            self._lost_pl += above_pl
            self._incident = False
            return
        self.book_pl = max(self.book_pl, above_pl)
        if not 0 <= above_pl <= self.stroke_pl + self._slack_pl:
            self._violation("book", "%d pL above the world" % above_pl)
        if (self._incident or self._slack_pl and above_pl) and not self._drive.moving:
            self._incident = False
            self._slack_pl = 0
            self._lost_pl += above_pl

    def _above_pl(self) -> int:
        """Volume in the account that was not pumped, without reported losses."""
        return self._booked_pl() - self._world_pl() - self._returned_pl - self._lost_pl

    def stroke(self) -> None:
        """Called after a step; checks the gap if the account has a new stroke."""
        strokes = self._stroke_account.strokes
        if strokes == self._book_strokes:
            return
        self.strokes += strokes - self._book_strokes
        self._book_strokes = strokes
        self.check_gap()
        self._early = False
        self._last_ms = self.t_ms

    def check_gap(self) -> None:
        """The longest gap is the period and a second (D3); after a bolus up to one more period (D7)."""
        flow_ul_day = self._flow_ul_day
        if self._motion != defs.MOTION_PLAN or not flow_ul_day or self.excused("gap"):
            return
        late_ms = self.t_ms - self._last_ms - self._period_ms() * (2 if self._early else 1)
        self.gap_ms = max(self.gap_ms, late_ms)
        if late_ms > _LATE_MS:
            self._violation("gap", "no stroke for %d ms beyond its period" % late_ms)

    def _period_ms(self) -> int:
        return self.stroke_pl * _CREDIT // (5 * self._flow_ul_day) if self._flow_ul_day else 0

    # ---- the account -------------------------------------------------------------------------------------------

    def _set_motion(self, motion: int, flow_ul_day: int) -> None:
        self._motion = motion
        self._flow_ul_day = flow_ul_day
        self._extra_ul_day = self._extra_pl = 0
        self._mark_ms = self._last_ms = self.t_ms
        self._rest = 0

    def _account(self) -> None:
        """Adds what was commanded since the last update."""
        span_ms = self.t_ms - self._mark_ms
        self._mark_ms = self.t_ms
        if not span_ms or not self._motion:
            return
        due = self._flow_ul_day * span_ms * 5 + self._rest
        pl = due // _CREDIT
        self._rest = due % _CREDIT
        if self._motion == defs.MOTION_PRIME:
            pl = min(pl, self._prime_pl)
            self._prime_pl -= pl
        if self._extra_pl:
            extra_pl = min(self._extra_ul_day * span_ms * 5 // _CREDIT + 1, self._extra_pl)
            self._extra_pl -= extra_pl
            pl += extra_pl
        self._allowed_pl += pl

    def excused(self, what: str) -> bool:
        """Whether a deviation of this kind is excused now."""
        return self._excused_ms[what] >= self.t_ms

    def _world_pl(self) -> int:
        return self._pumped.ul * _PL_PER_UL + self._pumped.pl

    def _booked_pl(self) -> int:
        delivered, primed = self._stroke_account.delivered, self._stroke_account.primed
        return (delivered.ul + primed.ul) * _PL_PER_UL + delivered.pl + primed.pl
