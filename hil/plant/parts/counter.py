"""The stroke counter: counts pulses on the STEP pin, or openings of the outlet valve."""

from plant.arithmetic import noise
from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.parts import pump_head

_CIRCLE = 0x3FFFFFFF


class Counter:
    """Steps (or cycles) modulo 2^30."""

    def __init__(self, the_drive: "pump_head.PumpHead", chance: noise.Noise) -> None:
        self._drive = the_drive
        self._chance = chance
        self._fault = faults.WORKS
        self._from_steps = 0  # the drive's count when the fault came
        self._extra_steps = 0  # counted in excess by past faults

    def set_fault(self, fault: int, _: int = 0) -> None:
        """Sets one of `faults`; WRONG counts each step twice, SLOW and DELAYED lag by one stroke."""
        counted_steps = self._drive.counted_steps
        if self._fault == faults.WRONG:
            self._extra_steps += counted_steps - self._from_steps
        self._fault = fault
        self._from_steps = counted_steps

    def read(self) -> int:
        """The count; raises PartOff."""
        fault = self._fault
        if not fault:
            return self._drive.counted_steps + self._extra_steps & _CIRCLE
        if fault == faults.OFF or (fault == faults.INTERMITTENT and self._chance.below(2)):
            raise faults.PartOff("counter")
        if fault == faults.GARBAGE:
            return self._chance.below(32768) << 15 | self._chance.below(32768)
        steps = self._drive.counted_steps
        if fault == faults.STUCK:
            steps = self._from_steps
        elif fault == faults.WRONG:
            steps += (steps - self._from_steps) & _CIRCLE
        elif fault != faults.INTERMITTENT:
            steps = self._drive.before_steps
        return (steps & _CIRCLE) + self._extra_steps & _CIRCLE
