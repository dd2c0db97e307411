"""Reminds of a state that has lasted long: a pause, a standby, a refill that waits for the next entry (A5)."""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, params
    from pump.journal import journal


class Reminders:
    """By defs.REMINDERS: the note of a state's row is set after its time, and cleared when the state is left.

    Once the pump has delivered to the patient, the rows of defs.REMINDERS_AFTER replace those of their states.
    """

    def __init__(
        self, conditions: "conditions.Conditions", params: "params.Params", journal: "journal.Journal"
    ) -> None:
        self._conditions = conditions
        self._params = params
        self._journal = journal
        self._state = defs.STATE_SELF_TEST
        self._note = 0
        self.job = scheduler.Job(self.run)

    def enter(self, state: int, now: int, delivered: bool = False) -> None:
        """A state begins, or begins again; `delivered` once the pump has. The time may be a parameter, read now."""
        self._conditions.note(self._note, False)
        self._state = state
        self._note = 0
        self.job.off()
        self._arm(defs.REMINDERS, now)
        if delivered:
            self._arm(defs.REMINDERS_AFTER, now)
        if defs.MAY_MOVE >> state & 1:
            self._conditions.note(defs.NOTE_DELIVERY_STOPPED, False)  # also that of a reset

    def _arm(self, rows: "tuple[tuple[int, int, int, int], ...]", now: int) -> None:
        for at, note, param, seconds in rows:
            if at == self._state:
                self._note = note
                if param >= 0:
                    seconds = self._params.get(param)
                self.job.at(ticks.add(now, seconds * 1000))

    def touch(self, now: int) -> None:
        """An operator has made an entry or acknowledged a stop: the wait begins again. No other reminder is delayed."""
        if self._state == defs.STATE_REFILLING or self._state == defs.STATE_STOPPED_ALARM:
            self.enter(self._state, now)

    def run(self, now: int) -> None:
        """The job: the time has passed. While the alarm that stopped the pump is there, it needs no reminder."""
        if self._state == defs.STATE_STOPPED_ALARM and self._conditions.has(defs.BIT_ALARM_HOLDS):
            self._arm(defs.REMINDERS, now)
            return
        self._conditions.note(self._note, True)
        self._journal.write(defs.EVENT_REMINDER, self._state)
