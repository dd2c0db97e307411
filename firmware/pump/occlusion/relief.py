"""Takes back the strokes that an occlusion has retained in the line, one by one, and counts the automatic restarts.

    relief.begin(strokes_retained, baseline_pa, pressure_pa, unit_pa)      at the alarm, the drive at rest
    while relief.wants(pressure_pa): one stroke in reverse, wait, read the pressure
    relief.left_pa                                 what could not be taken back
    relief.may_restart(most), relief.restart(now)  O5: so many times, then not until acknowledged
"""

from micropython import const

from pump.core import ticks

MOST_STROKES = const(40)  # 10 uL of 0.25 uL: what may be missing at the alarm (O1)


class Relief:
    """Never takes back more strokes than were retained since the occlusion began (D10), nor below the baseline.

    It ends at the first stroke that lowers the pressure by less than half of its rise: an open line has filled it up.
    """

    def __init__(self) -> None:
        self.reversed_strokes = 0
        self.left_pa = 0
        self.restarts = 0
        self.exhausted = False  # no more restarts until an acknowledgement
        self._most_strokes = 0  # that may be taken back
        self._baseline_pa = 0
        self._unit_pa = 0  # the rise of a stroke at least
        self._began_pa = 0  # the pressure before the first stroke in reverse
        self._last_pa = 0  # and before the last one
        self._first = 0  # tick of the first restart

    def begin(self, strokes: int, baseline_pa: int, pressure_pa: int, unit_pa: int) -> None:
        """The line is occluded, with so many strokes retained above the baseline, each of which has raised it."""
        self._most_strokes = min(strokes, MOST_STROKES)
        self._baseline_pa = baseline_pa
        self._unit_pa = unit_pa
        self._began_pa = self._last_pa = pressure_pa
        self.left_pa = pressure_pa - baseline_pa
        self.reversed_strokes = 0

    def wants(self, pressure_pa: int) -> bool:
        """Gets the pressure after the last stroke in reverse; True when one more may be made, and counts it."""
        self.left_pa = pressure_pa - self._baseline_pa
        done = self.reversed_strokes
        if done >= self._most_strokes:
            return False
        if done:
            # The first one may only take up slack of the drive; an open line would have filled up more than that.
            if (self._last_pa - pressure_pa) * (4 if done == 1 else 2) < self._unit_pa or pressure_pa >= self._last_pa:
                return False
            # What a stroke in reverse takes away is what the next one will: half of that is as near as it gets.
            if self.left_pa * 2 < (self._began_pa - pressure_pa) // done:
                return False
        elif self.left_pa <= 0:
            return False
        self._last_pa = pressure_pa
        self.reversed_strokes = done + 1
        return True

    def may_restart(self, most: int) -> bool:
        """Whether delivery may restart by itself; once it may not, it may not until acknowledged."""
        self.exhausted = self.exhausted or self.restarts >= most
        return not self.exhausted

    def restart(self, now: int) -> None:
        """Counts an automatic restart."""
        if self.restarts == 0:
            self._first = now
        self.restarts += 1

    def drained(self, now: int, span_ms: int) -> None:
        """The line drains as an open one: restarts are forgotten when the first is more than span_ms (ten strokes) ago.

        Not earlier: behind a soft occlusion ten strokes may pass before it is found again.
        """
        if self.restarts and not self.exhausted and ticks.diff(now, self._first) > span_ms:
            self.restarts = 0

    def acknowledge(self) -> None:
        """The alarm was acknowledged."""
        self.restarts = 0
        self.exhausted = False
