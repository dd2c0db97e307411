"""The lock-out after the last bolus, and how many boluses the day has left (D7)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import uptime

_MOST_A_DAY = const(48)  # the upper limit of the parameter
_DAY_S = const(86400)
_NEVER = const(-0x20000000)


class BolusLockout:
    """When the last boluses began. Time without power is not counted, so a lock-out is never shortened."""

    def __init__(self, uptime: "uptime.Uptime") -> None:
        self._uptime = uptime
        self._began_s = [_NEVER] * _MOST_A_DAY  # uptimes, a ring
        self._last = 0  # place of the last bolus in the ring

    def begun(self) -> None:
        """A bolus begins now. The second under way counts in full, so that no lock-out is too short."""
        self._last = (self._last + 1) % _MOST_A_DAY
        self._began_s[self._last] = self._uptime.s + 1

    def lockout_s(self, lockout_min: int) -> int:
        """Seconds until the next may begin, counted from the beginning of the last."""
        return max(0, self._began_s[self._last] + lockout_min * 60 - self._uptime.s)

    def left(self, a_day: int) -> int:
        """How many of the allotted ones have not begun in the last 24 h."""
        return max(0, a_day - self._of_the_day())

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them."""
        numbers[at] = min(self._uptime.s + 1 - self._began_s[self._last], -_NEVER)
        numbers[at + 1] = self._of_the_day()
        return at + 2

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put; all boluses of the day count from the last."""
        age_s, count = numbers[at : at + 2]
        for back in range(max(1, count)):
            self._began_s[self._last - back] = self._uptime.s + 1 - age_s
        return at + 2

    def _of_the_day(self) -> int:
        """How many have begun in the last 24 h."""
        since_s = self._uptime.s - _DAY_S
        count = 0
        at = 0
        while at < _MOST_A_DAY:
            if self._began_s[at] > since_s:
                count += 1
            at += 1
        return count
