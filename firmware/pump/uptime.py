"""Time since power-on, carried past every wrap of the ticks as seconds and milliseconds."""

from pump import ticks


class Uptime:
    """Seconds (`s`) and milliseconds within the second (`ms`) since power-on; the seconds last for 34 years."""

    def __init__(self, now: int) -> None:
        self._last = now
        self.s = 0
        self.ms = 0

    def update(self, now: int) -> None:
        """Takes in the ticks of now; to be called at least once in 6 days."""
        ms = self.ms + ticks.diff(now, self._last)
        self._last = now
        if ms >= 1000:
            self.s += ms // 1000
            ms %= 1000
        self.ms = ms
