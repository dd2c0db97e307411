"""Counts resets by the watchdog or after a fatal error: a pump that hangs after each start must not start by itself."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, uptime

_WITHIN_S = const(600)  # as for an alarm that repeats (A6)
MOST = const(3)  # so many within that time end the automatic resume
_BITS = const(10)  # of the seconds of one reset in the saved number
_MASK = const(0x3FF)
PACKED_MOST = _WITHIN_S << _BITS | _WITHIN_S


class ResetCount:
    """`count` is how many there were within ten minutes of time with power, this start's included, up to MOST.

    Two earlier resets are enough to know that. Of each the seconds are saved for which it still counts.
    """

    def __init__(self, uptime: "uptime.Uptime") -> None:
        self._uptime = uptime
        self._newest_s = 0  # for so long after power-on it counts; 0 for none
        self._older_s = 0
        self.count = 0

    def add(self, cause: int, conditions: "conditions.Conditions") -> None:
        """At power-on, after `load_from`: counts this reset, and raises the alarm by their number."""
        if cause not in (defs.RESET_WATCHDOG, defs.RESET_FAULT):
            return
        self.count = 1 + (1 if self._newest_s else 0) + (1 if self._older_s else 0)
        self._older_s = self._newest_s
        self._newest_s = _WITHIN_S
        if self.count > 1:
            conditions.set(defs.BIT_RESETS_REPEAT)
        else:
            conditions.note(defs.NOTE_RESET_BY_FAULT, True)

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its number at this place, and returns the place after it."""
        numbers[at] = self._left_s(self._older_s) << _BITS | self._left_s(self._newest_s)
        return at + 1

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self._newest_s = min(numbers[at] & _MASK, _WITHIN_S)
        self._older_s = numbers[at] >> _BITS
        return at + 1

    def _left_s(self, ends_s: int) -> int:
        return max(0, ends_s - self._uptime.s)
