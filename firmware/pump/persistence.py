"""Saves the state and the settings in the journal, and loads them at power-on."""

from micropython import const

from pump import defs
from pump.journal import flash_area
from pump.safety import reset_count

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Protocol

    from pump.core import conditions, params, uptime
    from pump.journal import journal
    from pump.safety import supervisor

    class Saved(Protocol):
        """A part whose numbers are saved."""

        def save_to(self, numbers: "list[int]", at: int) -> int:
            """Puts its numbers from this place on, and returns the place after them."""

        def load_from(self, numbers: "list[int]", at: int) -> int:
            """Takes what `save_to` has put; ValueError, and no change, for what can't be."""

# The numbers of a saved state, in their order: these, then those of each part in turn.
_LAYOUT = const(0)  # says which arrangement it is
_STATE = const(1)
_BITS = const(2)
_NOTES = const(3)
_PARTS = const(4)
_DELIVERY = const(25)  # the delivery's: twice its slack steps, and 1 when its strokes are dose
_THIS_LAYOUT = const(4)
_BIG = const(0x3FFFFFFF)
_PL = const(999999)
# The least and the most of each. A value outside these limits means that the stored state is invalid.
_LEAST = (_THIS_LAYOUT, 0, 0, 0, 0, 0, -1) + (0,) * 44 + (-100000, -3000)
_MOST = (
    (_THIS_LAYOUT, len(defs.MOTIONS) - 1, _BIG, _BIG)
    + (2585599, 40000000, _BIG, _BIG, _PL)  # plan: where it is, as plan.py packs it
    + (_BIG,) * 8  # the plan's rows
    + (_BIG, _BIG)  # alarms
    + (_BIG, _BIG, _PL, _BIG, _PL)  # stroke account
    + (24000, 2001, 2000000, 2000000)  # delivery
    + (26, _BIG, _PL, _BIG, _PL, _BIG, _PL)  # three fluids, reservoir, dead volume
    + (0x20000000, 48)  # bolus lock-out
    + (899999,)  # guards: age of the newest quarter of an hour in ms, and sums; the same for the day
    + (_BIG,) * 5
    + (21599999,)
    + (_BIG,) * 5
    + (800001,)  # relief: level of the line, and whether it is due
    + (reset_count.PACKED_MOST,)  # count of resets
    + (100000, 3000)  # trim in ppm, and the flow sensor's offset in pL/s
)
_SAVED_BITS = defs.BIT_PLAN_DONE | defs.BIT_REFILL_UNSETTLED | defs.BIT_STOPPED | defs.BIT_CONTENTS_UNKNOWN
_SAVED_NOTES = (
    defs.NOTE_REFILL_DIFFERS | defs.NOTE_DELIVERY_STOPPED | defs.NOTE_REFILL_OPEN | defs.NOTE_TRIM_REFUTED
)

# The longest that the saved state is older than the pump's, with the longest wait of the loop within a minute: a cut
# costs a phase and a lock-out no more time. After a power-on it is half of the uptime: a pump whose power fails every
# minute must reach its next phase as well.
_OLDEST_S = const(55)
_FIRST_S = const(5)
_RETRY_S = const(60)  # after a write that failed


class Persistence:
    """`open` first, then `load_conditions`, `record_reset` when the strokes since are booked, then `run` in every step.

    Whatever is worth saving is logged as well, except the slack of a reverse. So the state is saved in each step that
    has written a record, and before a command is answered. `unfit_index` is the setting or the number of the state
    that is invalid, `reset` one of defs.RESET_*.
    """

    def __init__(
        self,
        journal: "journal.Journal",
        params: "params.Params",
        conditions: "conditions.Conditions",
        supervisor: "supervisor.Supervisor",
        uptime: "uptime.Uptime",
        parts: "tuple[Saved, ...]",
    ) -> None:
        self._journal = journal
        self._params = params
        self._conditions = conditions
        self._supervisor = supervisor
        self._uptime = uptime
        self._parts = parts
        self._numbers = [0] * len(_MOST)
        self._settings: "list[int]" = []  # as they are in flash
        self._next = 0  # the log's next number when the state was saved last
        self._tried_s = 0  # uptime of the last attempt to save
        self._failed = False  # whether that attempt failed
        self._found = defs.UNFIT_NONE
        self.unfit_index = -1
        self.reset = defs.RESET_POWER_ON

    # ---- power-on ----------------------------------------------------------------------------------------------------

    def open(self, reset_cause: int) -> None:
        """Loads settings and state; if they are invalid nothing is loaded and nothing written."""
        journal = self._journal
        self.reset = reset_cause
        if journal.recover():
            self._load()
        if journal.area == flash_area.UNREADABLE:
            self._found = defs.UNFIT_UNREADABLE
        elif journal.area == flash_area.FOREIGN and not self._found:
            self._found = defs.UNFIT_FOREIGN

    def _load(self) -> None:
        journal = self._journal
        settings, state = journal.settings, journal.snapshot
        if settings is None and (state is not None or journal.settings_found != flash_area.FOUND_NOTHING):
            self._refuse(defs.UNFIT_SETTINGS, -1)
        elif settings is not None and not self._load_settings(settings):
            pass
        elif state is not None:
            self._load_state(state)

    def _load_settings(self, values: "tuple[int, ...]") -> bool:
        wrong = 0
        if len(values) == len(defs.PARAMS):
            wrong = self._params.load(values)
        if wrong >= 0:
            self._refuse(defs.UNFIT_SETTINGS, wrong)
            return False
        if self._journal.settings_found == flash_area.FOUND_NEWEST:
            self._settings = list(values)
        else:  # they are written again
            self._conditions.note(defs.NOTE_SETTINGS_OLD, True)
        return True

    def _load_state(self, values: "tuple[int, ...]") -> None:
        numbers = list(values)
        wrong = self._wrong(numbers)
        if wrong < 0:
            try:
                at = _PARTS
                for part in self._parts:
                    at = part.load_from(numbers, at)
            except ValueError:
                wrong = _PARTS  # the plan, which is the first
        if wrong >= 0:
            self._refuse(defs.UNFIT_STATE, wrong)
            return
        self._numbers = numbers
        fell = numbers[_BITS] & defs.BIT_SUPPLY_OUT or numbers[_NOTES] & defs.NOTE_SUPPLY_LOW
        if fell and self.reset == defs.RESET_POWER_ON:
            self.reset = defs.RESET_BROWN_OUT

    def load_conditions(self) -> None:
        """Sets the saved conditions, once the settings are in force: another calibration would clear some of them."""
        self._conditions.set(self._numbers[_BITS] & _SAVED_BITS)
        self._conditions.note(self._numbers[_NOTES] & _SAVED_NOTES, True)

    def _wrong(self, numbers: "list[int]") -> int:
        """The place of the first number outside its limits, -1 for none."""
        for at in range(min(len(numbers), len(_MOST))):
            if not _LEAST[at] <= numbers[at] <= _MOST[at]:
                return at
        return -1 if len(numbers) == len(_MOST) else len(_MOST)

    def _refuse(self, found: int, index: int) -> None:
        self._journal.refuse()
        self._found = found
        self.unfit_index = index

    def strokes_are_dose(self) -> bool:
        """Whether the strokes since the state was saved reach the patient; true where no state was saved."""
        return not self._journal.snapshot or self._numbers[_DELIVERY] & 1 != 0

    def saved_state(self) -> int:
        """The supervisor's state when it was saved last, one of defs.STATE_*; in the self-test the one before."""
        return self._numbers[_STATE]

    def record_reset(self) -> None:
        """Logs the reset and what recovery found."""
        journal = self._journal
        self._conditions.note(defs.NOTE_DOSE_UNCERTAIN, journal.uncertain > 0)
        self._conditions.note(defs.NOTE_RECORDS_DAMAGED, journal.damaged > 0)
        journal.write(defs.EVENT_POWER_ON)
        journal.write(defs.EVENT_RESET, self.reset, journal.boots)
        if journal.recovered:
            record = journal.fault if journal.damaged else journal.write
            record(defs.EVENT_RECOVERED, journal.damaged, journal.uncertain)
            if self._numbers[_STATE] == defs.STATE_REFILLING:
                journal.write(defs.EVENT_REFILL_BROKEN_OFF)

    # ---- while the pump works ----------------------------------------------------------------------------------------

    def run(self, slack_steps: int) -> None:
        """In every step: saves when a record or the slack has changed, and once a minute what only flows.

        While the supply is out nothing flows and nothing is erased: what is erased is kept for the records.
        """
        since_s = self._uptime.s - self._tried_s
        new = self._failed or self._journal.next != self._next or slack_steps != self._numbers[_DELIVERY] >> 1
        if not new and since_s < _FIRST_S:
            return
        due = since_s >= min(_OLDEST_S, max(_FIRST_S, self._uptime.s >> 1))
        if due and not self._conditions.has(defs.BIT_SUPPLY_OUT) or new and (not self._failed or since_s >= _RETRY_S):
            self._write()

    def _write(self) -> None:
        if self._journal.is_writable():
            self._tried_s = self._uptime.s
            self._failed = not self._save()

    def save_now(self) -> bool:
        """Saves without waiting for the end of the step; whether the state is in flash."""
        self._tried_s = self._uptime.s
        self._failed = not (self._journal.is_writable() and self._save())
        return not self._failed

    def save_fault(self) -> bool:
        """Saves the state as the fault that the supervisor has yet to enter; whether it is in flash."""
        journal = self._journal
        if not journal.is_writable():
            return False
        self._fill()
        self._numbers[_STATE] = defs.STATE_FAULT
        return journal.save(self._numbers)

    def _save(self) -> bool:
        journal = self._journal
        values = self._params.all()
        if self._settings != values:
            first = not self._settings  # they are written twice
            self._settings = []  # should this fail, they are written again, even if they are the old ones by then
            if first and not journal.save_settings(values):
                return False
            if not journal.save_settings(values):
                return False
            self._settings = list(values)
        self._fill()
        following = journal.next
        if not journal.save(self._numbers):
            return False
        self._next = following
        journal.retry()
        return True

    def _fill(self) -> None:
        numbers = self._numbers
        numbers[_LAYOUT] = _THIS_LAYOUT
        state = self._supervisor.state
        if state != defs.STATE_SELF_TEST:  # until it is over the pump is still what it was before the reset
            numbers[_STATE] = state
        numbers[_BITS] = self._conditions.word
        numbers[_NOTES] = self._conditions.notes
        at = _PARTS
        for part in self._parts:
            at = part.save_to(numbers, at)

    def tend(self, quiet_ms: int, supply_good: bool) -> bool:
        """Erases flash ahead of need if it fits into the quiet time; whether it did."""
        journal = self._journal
        was_clearing = journal.is_clearing
        was_unfit = self.unfit
        done = journal.tend(quiet_ms, supply_good)
        if was_clearing and not journal.is_clearing:
            if was_unfit == defs.UNFIT_CLEARING:
                self._found = defs.UNFIT_NONE
                self.unfit_index = -1
                self._settings = []
            journal.write(defs.EVENT_JOURNAL_CLEARED)
        return done

    @property
    def unfit(self) -> int:
        """Why nothing can be saved, one of defs.UNFIT_*."""
        if self._journal.is_clearing and not self._journal.is_writable():
            return defs.UNFIT_CLEARING
        if self._found == defs.UNFIT_NONE and self._conditions.has(defs.BIT_JOURNAL_UNFIT):
            return defs.UNFIT_WRITE
        return self._found
