"""Takes back what an occlusion has pressed into the line, stroke by counted stroke, and counts the tries to go on.

    relief.begin(detector.put_in, baseline_pa, pressure_pa)      at the alarm, the drive at rest
    while relief.wants(pressure_pa): one stroke in reverse, wait, read the pressure
    relief.left_pa                                               what could not be taken back
    relief.may_retry(most), relief.retry(now)                    O5: so many times, then not until acknowledged
"""

from micropython import const

from pump.core import ticks

_MOST_STROKES = const(40)  # 10 uL of 0.25 uL: what may be missing at the alarm (O1)


class Relief:
    """Never takes back more strokes than were put in since the block began (D10), and never below the baseline."""

    def __init__(self) -> None:
        self.reversed_strokes = 0
        self.left_pa = 0
        self.retries = 0
        self.given_up = False
        self._most_strokes = 0
        self._baseline_pa = 0
        self._began_pa = 0
        self._first = 0

    def begin(self, put_in: int, baseline_pa: int, pressure_pa: int) -> None:
        """The line is blocked, with so many strokes in it above the baseline."""
        self._most_strokes = min(put_in, _MOST_STROKES)
        self._baseline_pa = baseline_pa
        self._began_pa = pressure_pa
        self.left_pa = pressure_pa - baseline_pa
        self.reversed_strokes = 0

    def wants(self, pressure_pa: int) -> bool:
        """Takes the pressure after the last stroke in reverse; True when one more is right, and counts it."""
        self.left_pa = pressure_pa - self._baseline_pa
        done = self.reversed_strokes
        if done >= self._most_strokes:
            return False
        if done:
            # What a stroke in reverse takes away is what the next one will: half of that is as near as it gets.
            fallen_pa = (self._began_pa - pressure_pa) // done
            if fallen_pa <= 0 and done > 1 or self.left_pa * 2 < fallen_pa:
                return False
        elif self.left_pa <= 0:
            return False
        self.reversed_strokes = done + 1
        return True

    def may_retry(self, most: int) -> bool:
        """Whether delivery may go on by itself; once it may not, it may not until acknowledged."""
        self.given_up = self.given_up or self.retries >= most
        return not self.given_up

    def retry(self, now: int) -> None:
        """It does, which counts."""
        if self.retries == 0:
            self._first = now
        self.retries += 1

    def drained(self, now: int, span_ms: int) -> None:
        """The line has taken a stroke as an open one does: tries from span_ms (ten strokes) ago on are forgotten.

        Only then: behind a soft block ten strokes may pass before it is found again.
        """
        if self.retries and not self.given_up and ticks.diff(now, self._first) > span_ms:
            self.retries = 0

    def acknowledge(self) -> None:
        """A person has seen it."""
        self.retries = 0
        self.given_up = False
