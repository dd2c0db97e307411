"""Time since power-on, carried past every wrap of the ticks as seconds and milliseconds."""

from pump.core import scheduler, ticks


class Uptime:
    """Seconds (`s`) and milliseconds within the second (`ms`) since power-on, at the tick `now`.

    The seconds last for 34 years.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self.s = 0
        self.ms = 0
        self.job = scheduler.Job(self.update, always=True)

    def update(self, now: int) -> None:
        """Takes in the ticks of now; to be called at least once in 6 days."""
        ms = self.ms + ticks.diff(now, self.now)
        self.now = now
        if ms >= 1000:
            self.s += ms // 1000
            ms %= 1000
        self.ms = ms
