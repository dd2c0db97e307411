"""Weighs at an interval until a run is over; whatever disturbs it is marked, and nothing is made up to fill a gap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from pumpctl import errors
from pumpctl.bench.stand import Stand
from pumpctl.measurement.weights import Mark, Weight
from pumpctl.session.measurements import Record

Progress = Callable[[int, int, Weight | None], None]

_FALL_UG = 1000  # more than noise and evaporation take away in an interval
_RISE_UG = 5000
_MOST_TIMES = 5  # of what the rate gives in an interval
_CLOCK_MS = 2000


class Weighing:
    """Puts weights into a record; a new piece begins after each disturbance."""

    def __init__(self, stand: Stand, record: Record, began_ms: int, density_g_ml: float) -> None:
        """`began_ms` is the stand's time at which the run began."""
        self._stand = stand
        self._record = record
        self._began_ms = began_ms
        self._ug_ms = record.conditions.rate_ul_day * 1000 * density_g_ml / 86_400_000
        self._piece = record.piece
        self._trouble = ""  # the cause for which there is no weight now
        self._pump_state = ""

    def now_ms(self) -> int:
        """Return the time of the run."""
        return self._stand.now_ms() - self._began_ms

    def begin_piece(self, cause: str, text: str) -> None:
        """Mark a place over which nothing is computed."""
        self._record.mark(Mark(self.now_ms(), cause, text))
        self._piece += 1

    def run(self, interval_ms: int, end_ms: int, progress: Progress) -> None:
        """Weigh at each multiple of the interval, to the end of the run."""
        due_ms = -(-self.now_ms() // interval_ms) * interval_ms
        while due_ms <= end_ms:
            self._stand.wait_ms(due_ms - self.now_ms())
            progress(due_ms, end_ms, self.weigh())
            due_ms = max(due_ms + interval_ms, self.now_ms() // interval_ms * interval_ms)

    def weigh(self) -> Weight | None:
        """Record the present weight; None when there is none."""
        if abs(self._stand.clock_jump_ms()) > _CLOCK_MS:
            self.begin_piece("clock", "This computer slept, or its clock was set.")
        self._note_pump()
        try:
            if self._trouble:
                self._stand.reopen_balance()
            reading = self._stand.balance.read()
        except (errors.BalanceLost, errors.BalanceMissing, errors.BalanceUnfit) as error:
            cause = error.cause if isinstance(error, errors.BalanceUnfit) else "balance"
            if cause != self._trouble:
                self.begin_piece(cause, str(error))
            self._trouble = cause
            return None
        self._trouble = ""
        time_ms = self.now_ms()
        self._check_jump(time_ms, reading.mass_ug)
        weight = Weight(time_ms, reading.mass_ug, self._piece)
        self._record.weigh(weight, reading.stable)
        return weight

    def _check_jump(self, time_ms: int, mass_ug: int) -> None:
        """Begin a piece when the weight changed by what no delivery does: a tare, a vessel that was touched."""
        rows = self._record.weights.rows
        if not rows or rows[-1].piece != self._piece:
            return
        change_ug = mass_ug - rows[-1].mass_ug
        most_ug = _MOST_TIMES * self._ug_ms * (time_ms - rows[-1].time_ms) + _RISE_UG
        if change_ug < -_FALL_UG or change_ug > most_ug:
            text = f"The weight changed by {change_ug / 1000:+.2f} mg, which delivery doesn't do: a tare, or a touch."
            self.begin_piece("jump", text)

    def _note_pump(self) -> None:
        """Mark a change of the pump's state; its delivery is what is measured, so the piece goes on."""
        state = "not answering"
        with suppress(errors.PumpError):
            state = self._stand.pump.status().state_name
        if self._pump_state and state != self._pump_state:
            self._record.mark(Mark(self.now_ms(), "pump", f"The pump is {state}, it was {self._pump_state}."))
        self._pump_state = state
