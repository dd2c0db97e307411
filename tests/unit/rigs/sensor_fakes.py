"""Fake sensors of a board, by the contracts of pump.hal; each can fail, and none allocates in a control step."""

from pump import defs, hal

REST_PA = 13000


class Value:
    """A part with one value. Faults: `off`, `breaks`."""

    def __init__(self, value):
        self._error = hal.PartError(defs.FAULT_NO_ANSWER)
        self.off = self.breaks = False
        self.value = value

    def read(self):
        if self.off:
            raise self._error
        if self.breaks:
            raise OSError(5)
        return self.value

    def check(self):
        self.read()


class Supply(Value):
    """Millivolts, and the cause of the reset. Every other reading is 1 mV less; fault: `still`, they are equal."""

    def __init__(self, value):
        Value.__init__(self, value)
        self.still = False
        self.reads = 0

    def read_mv(self):
        self.reads += 1
        return self.read() - (0 if self.still else self.reads & 1)

    cause = defs.RESET_POWER_ON

    def reset_cause(self):
        return self.cause


class Temperature(Value):
    """Hundredths of a degree."""

    def read_centi_c(self):
        return self.read()


class Button(Value):
    """A button, up or down."""

    def pressed(self):
        return self.read()


class StepCounter:
    """Counts the drive's pulses in both directions. Faults: `off`, `breaks`, `stuck`, `times` (each pulse), `extra`."""

    def __init__(self, drive):
        self._drive = drive
        self._error = hal.PartError(defs.FAULT_NO_ANSWER)
        self.off = self.breaks = self.stuck = False
        self.times = 1
        self.extra = -50  # wraps at 2^30 in the first stroke
        self._held = 0

    def check(self):
        self.count()

    def count(self):
        if self.off:
            raise self._error
        if self.breaks:
            raise OSError(5)
        if not self.stuck:
            self._held = (self._drive.edges + self._drive.made()) * self.times + self.extra & 0x3FFFFFFF
        return self._held


class Flow:
    """A flow sensor that always reads `pl_s`. Fault: `off`."""

    def __init__(self):
        self._error = hal.PartError(defs.FAULT_NO_ANSWER)
        self.off = False
        self.pl_s = 0
        self.reads = 0

    def check(self):
        self.read_pl_s()

    def read_pl_s(self):
        self.reads += 1
        if self.off:
            raise self._error
        return self.pl_s


class Pressure:
    """Reads `pa`, for a moment after each stroke `stroke_pa` more; when blocked, more for each stroke since.

    A reverse takes away what a stroke adds. Faults: `off`, `breaks`.
    """

    def __init__(self, drive):
        self._drive = drive
        self._error = hal.PartError(defs.FAULT_NO_ANSWER)
        self._since = 0
        self.off = self.breaks = False
        self.rise_pa = 0
        self.stroke_pa = 2500  # what a stroke raises the pressure of an open line by, until it has drained
        self.pa = REST_PA
        self.reads = 0
        self.begins = 0

    def block(self, rise_pa=2500):
        self._since = self._drive.net
        self.rise_pa = rise_pa

    def unblock(self):
        self.rise_pa = 0

    def begin(self):
        self.begins += 1

    def check(self):
        if self.off:
            raise self._error

    def read_pa(self):
        self.reads += 1
        if self.off:
            raise self._error
        if self.breaks:
            raise OSError(5)
        if self.rise_pa:
            return self.pa + self.rise_pa * (self._drive.net - self._since)
        return self.pa + (self.stroke_pa if self._drive.settling() else 0)


class Level:
    """Reads the filled less the pumped volume, or `nl` if set. Faults: `off`, `breaks`."""

    def __init__(self, drive):
        self._drive = drive
        self._error = hal.PartError(defs.FAULT_NO_ANSWER)
        self.off = self.breaks = False
        self.full_nl = 0
        self.nl = None
        self.reads = 0

    def check(self):
        self.read_nl()

    def read_nl(self):
        self.reads += 1
        if self.off:
            raise self._error
        if self.breaks:
            raise OSError(5)
        return self.full_nl - self._drive.moved_nl() if self.nl is None else self.nl
