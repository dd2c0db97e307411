"""The plan: which fluid, at which rate, for how long, and what comes after it.

The line of an implanted pump must never clot, so the end of a phase doesn't end the flow: the next fluid falls due and
the present one goes on until the refill.
"""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, uptime

_SECONDS_PER_HOUR = const(3600)


class Therapy:
    """A profile laid out as phases: `intrahepatic` is saline, then drug and saline in turn; `continuous` has no end."""

    def __init__(self, conditions: "conditions.Conditions", uptime: "uptime.Uptime") -> None:
        self._conditions = conditions
        self._uptime = uptime
        self._phase_s = 0
        self._first_fluid = defs.FLUID_NONE
        self._began_s = -1
        self.profile = -1
        self.phase = 0
        self.phases = 0

    def set(self, profile: int, phase_h: int, cycles: int, fluid: int) -> None:
        """A new plan that has not begun; phase_h and cycles shape intrahepatic, fluid is that of continuous."""
        self.profile = profile
        self.phase = 0
        self._began_s = -1
        if profile == defs.PROFILE_INTRAHEPATIC:
            self.phases = 1 + 2 * cycles
            self._phase_s = phase_h * _SECONDS_PER_HOUR
            self._first_fluid = defs.FLUID_SALINE
        else:
            self.phases = 0
            self._phase_s = 0
            self._first_fluid = fluid
        self._conditions.clear(defs.BIT_PLAN_MISSING)
        self._conditions.note(defs.NOTE_PHASE_OVER, False)

    def begin(self) -> bool:
        """The first stroke of the phase is near; True when this call began it."""
        if self._began_s >= 0:
            return False
        self._began_s = self._uptime.s
        return True

    def advance(self) -> None:
        """The next phase, which begins with the next start."""
        self.phase += 1
        self._began_s = -1
        self._conditions.note(defs.NOTE_PHASE_OVER, False)

    def fluid(self) -> int:
        """Fluid of the phase that runs; FLUID_NONE without a plan."""
        return self._fluid_of(self.phase) if self.profile >= 0 else defs.FLUID_NONE

    def next_fluid(self) -> int:
        """Fluid of the phase that comes; FLUID_NONE for none."""
        return self._fluid_of(self.phase + 1) if self.phase + 1 < self.phases else defs.FLUID_NONE

    def left_s(self) -> int:
        """Seconds left in this phase, 0 when it is over, -1 while it has no end or has not begun."""
        if self._phase_s == 0 or self._began_s < 0:
            return -1
        return max(0, self._phase_s - (self._uptime.s - self._began_s))

    def look(self) -> None:
        """Sets the bit when the phase has run its time."""
        if self.left_s() == 0:
            self._conditions.note(defs.NOTE_PHASE_OVER, True)

    def _fluid_of(self, phase: int) -> int:
        if self.profile == defs.PROFILE_CONTINUOUS:
            return self._first_fluid
        return defs.FLUID_DRUG if phase % 2 else defs.FLUID_SALINE
