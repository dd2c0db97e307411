"""Moves the drive by one counted motion at a time, a stroke or a reverse, and checks that it ends in time."""

from micropython import const

from pump import defs, hal
from pump.core import tally, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.journal import journal
    from pump.safety import guards

_GRACE_MS = const(100)  # beyond twice its time before a motion is a fault
# A driver whose answers are disturbed is asked again for half a second: a gap may grow by a whole one (D3). The first
# time is soon, as the pressure is sampled at the stroke's due time: one that was late by 50 ms looked too weak.
_AGAIN_MS = const(10)
_TRIES = const(50)
_PASSING = (
    defs.FAULT_NO_ANSWER,
    defs.FAULT_BAD_CHECKSUM,
    defs.FAULT_WRONG_IDENTITY,
    defs.FAULT_BUS_STUCK,
    defs.FAULT_NOT_READY,
)
_MOST_STEPS = const(20000)  # in one motion; S4: whatever hangs, the drive ends by itself
_MOST_RELIEF_PL = const(10000000)  # an occlusion holds no more (O1), and so no reverse is longer (D10)


class StrokeMotion:
    """Strokes, and between two of them reverses of 10 uL at most; the guards are told of every motion beforehand.

    `slack_steps` are the backlash that a reverse has left: never more than it moved, nor than a stroke, which the
    next stroke takes up on top of its own steps (D13). So whatever the parameter says, what a reverse took back and a
    stroke took up are together no dose beyond the account.
    """

    def __init__(
        self,
        drive: "hal.Drive",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        guards: "guards.Guards",
    ) -> None:
        self._drive = drive
        self._conditions = conditions
        self._journal = journal
        self._guards = guards
        self._steps = 1
        self._most_relief_steps = 1
        self._interval_us = 1
        self._backlash_steps = 0
        self._target = 0
        self._deadline = 0
        self._idle_steps = 0  # of the motion under way
        self._tries = 0  # left to start it, 0 when it has started
        self._reverse = False  # the motion under way, or the last one
        self._reversed_steps = 0  # since the last stroke
        self.tally = tally.Tally()  # of starts
        self.moving = False
        self.stroke_ms = 1
        self.slack_steps = 0

    def configure(self, steps: int, pl_per_step: int, interval_us: int, backlash_steps: int) -> None:
        """What a stroke is from the next one on, and how many steps a reverse leaves slack."""
        self._steps = steps
        self._most_relief_steps = min(_MOST_STEPS, _MOST_RELIEF_PL // pl_per_step)
        self._interval_us = interval_us
        self._backlash_steps = backlash_steps
        self.stroke_ms = self.time_of(steps, interval_us)

    def stroke(self, now: int) -> int:
        """Begins a stroke, which takes up the slack of a reverse; returns the time until its poll in ms."""
        self.slack_steps = min(self.slack_steps, self._steps)
        slack_steps = min(self.slack_steps, _MOST_STEPS - self._steps)
        self.slack_steps -= slack_steps
        self._reverse = False
        self._reversed_steps = 0
        return self._begin(self._steps + slack_steps, slack_steps, now)

    def relieve(self, steps: int, now: int) -> int:
        """Begins a reverse; -1 when something moves, or 10 uL have gone backwards since the last stroke."""
        steps = min(steps, self._most_relief_steps - self._reversed_steps)
        if self.moving or steps <= 0:
            return -1
        self._reverse = True
        self._reversed_steps += steps
        self.slack_steps = min(self._backlash_steps, self._reversed_steps)
        return self._begin(steps, steps, now)

    def poll(self, now: int) -> int:
        """0 when the motion is over, else the time to the next poll in ms; too long a motion sets BIT_DRIVE_FAULT.

        A motion that could not be started because the driver didn't answer is started now.
        """
        if self._tries:
            return max(0, self._start(now, False))
        if self._drive.steps_done() >= self._target:
            self._end()
            return 0
        left_ms = ticks.diff(self._deadline, now)
        if left_ms <= 0:
            self._conditions.set(defs.BIT_DRIVE_FAULT)
            return _GRACE_MS
        return min(left_ms, _GRACE_MS)

    def cut(self, now: int) -> None:
        """Ends motion at once; what a stroke lacks is not made up."""
        self._drive.stop()
        self._guards.cut(now)
        if self.moving:
            steps = 0 if self._tries else self._drive.steps_done()
            self._end()
            if not self._reverse:
                self._journal.fault(defs.EVENT_STROKE_CUT, steps, self._target)

    def hold(self, now: int) -> None:
        """Delivery ends: a motion that could not be started yet is not made."""
        if self._tries:
            self.cut(now)

    def _begin(self, steps: int, idle_steps: int, now: int) -> int:
        self._target = steps
        self._idle_steps = idle_steps
        self._tries = _TRIES
        return self._start(now, True)

    def _start(self, now: int, first: bool) -> int:
        """Starts the motion; the time to the next poll in ms, -1 when the drive can't move."""
        steps = self._target
        motion_ms = self.stroke_ms if steps == self._steps else self.time_of(steps, self._interval_us)
        self._guards.command(steps, self._idle_steps, motion_ms, now, first)
        try:
            self._drive.start(-steps if self._reverse else steps, self._interval_us)
        except hal.PartError as error:
            return self._not_started(error.args[0], now)
        self.tally.add(True)
        self._tries = 0
        self.moving = True
        self._deadline = ticks.add(now, 2 * motion_ms + _GRACE_MS)
        return motion_ms

    def _not_started(self, fault: int, now: int) -> int:
        self.tally.add(False)
        self._tries -= 1
        again = self._tries > 0 and fault in _PASSING
        self._guards.cut(now, again and not self._reverse)
        if again:
            self.moving = True
            return _AGAIN_MS
        self._tries = 0
        self.moving = False
        self._journal.fault(defs.EVENT_PART_FAILED, defs.PART_DRIVE, fault)
        self._conditions.set(defs.BIT_DRIVE_FAULT)
        return -1

    def _end(self) -> None:
        self.moving = False
        self._tries = 0
        if not self._reverse:
            self._journal.done()

    def time_of(self, steps: int, interval_us: int) -> int:
        """Milliseconds that a motion of so many steps takes at this interval, or at the drive's own pace."""
        cycle_ms = self._drive.cycle_ms
        if cycle_ms:
            return cycle_ms
        return interval_us // 1000 * steps + interval_us % 1000 * steps // 1000 + 1
