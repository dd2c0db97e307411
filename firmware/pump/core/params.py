"""The pump's parameters: whole numbers within limits that the link can't move."""

from micropython import const

from pump import defs

# D2, D3: a stroke is at most 0.5 uL. The lower end leaves room to change its two factors one after the other; strokes
# that come faster than their samples (below 0.1 uL at 24 mL/day) are watched by fewer samples.
SMALLEST_STROKE_PL = const(20000)
LARGEST_STROKE_PL = const(500000)

_CALIBRATED_PERCENT = const(20)  # a calibration that differs by more is another drive, or a mistake

# (lower, upper, least distance): pairs that make no sense the other way round; each narrows the limits of the other.
_ORDER = (
    (defs.PARAM_BACKLASH_STEPS, defs.PARAM_STEPS_PER_STROKE, 0),
    (defs.PARAM_EMPTY_VOLUME_NL, defs.PARAM_LOW_VOLUME_NL, 1),
    (defs.PARAM_SOFT_BOLUS_NL, defs.PARAM_BOLUS_MAX_NL, 0),
    (defs.PARAM_SUPPLY_STOP_MV, defs.PARAM_SUPPLY_WARN_MV, 1),
    (defs.PARAM_TEMPERATURE_LOW_CENTI_C, defs.PARAM_TEMPERATURE_HIGH_CENTI_C, 1),
)


class Params:
    """Values by number (defs.PARAM_*), at first the defaults; `own` and `fixed` are of the board."""

    def __init__(self, own: "dict[int, int]", fixed: "tuple[int, ...]" = ()) -> None:
        self._fixed = {}
        self._values = [row[3] for row in defs.PARAMS]
        for number, value in own.items():
            self._values[number] = value
        for number in fixed:
            self._fixed[number] = self._values[number]
        self._board_pl_per_step = self._values[defs.PARAM_PL_PER_STEP]

    def get(self, number: int) -> int:
        return self._values[number]

    def put(self, number: int, value: int) -> None:
        """Sets a value that `limits`, `stroke_fits` and `open_in` have let pass."""
        self._values[number] = value

    def limits(self, number: int) -> "tuple[int, int]":
        """The lowest and the highest value that this parameter may have beside the others."""
        if number in self._fixed:
            return self._fixed[number], self._fixed[number]
        _, low, high, _, _, _ = defs.PARAMS[number]
        for lower, upper, distance in _ORDER:
            if number == upper:
                low = max(low, self.get(lower) + distance)
            elif number == lower:
                high = min(high, self.get(upper) - distance)
        return low, high

    def all(self) -> "list[int]":
        """The values by number; not to be changed."""
        return self._values

    def load(self, values: "tuple[int, ...]") -> int:
        """Takes all values, -1; or none, if one makes no sense beside the others: its number."""
        before = self._values
        self._values = list(values)
        for number in range(len(defs.PARAMS)):
            low, high = self.limits(number)
            if not low <= self.get(number) <= high:
                self._values = before
                return number
        if not self.stroke_fits(defs.PARAM_PL_PER_STEP, self.get(defs.PARAM_PL_PER_STEP)):
            self._values = before
            return defs.PARAM_PL_PER_STEP
        return -1

    def open_in(self, number: int, state: int) -> bool:
        """Whether this parameter may be changed in this state."""
        return defs.PARAMS[number][4] >> state & 1 == 1

    def raises(self, number: int, value: int) -> bool:
        """Whether this value can raise the dose, compared with the present one (C1)."""
        way = defs.PARAMS[number][5]
        old = self.get(number)
        return value > old and way & defs.RAISES_UP != 0 or value < old and way & defs.RAISES_DOWN != 0

    def recalibrates(self, number: int, value: int) -> bool:
        """Whether this value moves the calibration so far that every guard would count with another drive.

        That is 20 % from the board's own calibration, which no command moves, or from the present one.
        """
        if number != defs.PARAM_PL_PER_STEP:
            return False
        for pl_per_step in (self._board_pl_per_step, self._values[number]):
            if abs(value - pl_per_step) * 100 > pl_per_step * _CALIBRATED_PERCENT:
                return True
        return False

    def stroke_fits(self, number: int, value: int) -> bool:
        """Whether the volume of a stroke stays within its limits with this change."""
        steps = value if number == defs.PARAM_STEPS_PER_STROKE else self.get(defs.PARAM_STEPS_PER_STROKE)
        pl = value if number == defs.PARAM_PL_PER_STEP else self.get(defs.PARAM_PL_PER_STEP)
        return SMALLEST_STROKE_PL <= steps * pl <= LARGEST_STROKE_PL


def fixed_by(cycle_ms: int) -> "tuple[int, ...]":
    """What a drive can't have otherwise: one with a pace of its own (hal.Drive.cycle_ms) makes one cycle a stroke."""
    if cycle_ms:
        return defs.PARAM_STEPS_PER_STROKE, defs.PARAM_STEP_INTERVAL_US, defs.PARAM_BACKLASH_STEPS
    return ()


def number_of(name: str) -> int:
    """Number of the parameter with this name, -1 for none."""
    for number, row in enumerate(defs.PARAMS):
        if row[0] == name:
            return number
    return -1
