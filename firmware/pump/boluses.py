"""Keeps the account of boluses: the lock-out after the last one, and how many the day has left (D7)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import uptime

_MOST_A_DAY = const(48)  # the upper limit of the parameter
_DAY_S = const(86400)


class Boluses:
    """When the last boluses began. The account begins at power-on."""

    def __init__(self, uptime: "uptime.Uptime") -> None:
        self._uptime = uptime
        self._began_s = [-1] * _MOST_A_DAY  # a ring
        self._last = 0

    def begun(self) -> None:
        """A bolus begins now. The second that has begun counts whole, so that no lock-out is too short."""
        self._last = (self._last + 1) % _MOST_A_DAY
        self._began_s[self._last] = self._uptime.s + 1

    def lockout_s(self, lockout_min: int) -> int:
        """Seconds until the next may begin, counted from the beginning of the last."""
        last_s = self._began_s[self._last]
        return max(0, last_s + lockout_min * 60 - self._uptime.s) if last_s >= 0 else 0

    def left(self, a_day: int) -> int:
        """How many of the allotted ones have not begun in the last 24 h."""
        since_s = self._uptime.s - _DAY_S
        return max(0, a_day - sum(1 for began_s in self._began_s if began_s >= 0 and began_s > since_s))
