"""The pump's parameters: whole numbers within limits that the link can't move."""

from micropython import const

from pump import defs

# D2, D3: a stroke is at most 0.5 uL. The lower end leaves room to change its two factors one after the other; strokes
# that come faster than their samples (below 0.1 uL at 24 mL/day) are watched by fewer samples.
SMALLEST_STROKE_PL = const(20000)
LARGEST_STROKE_PL = const(500000)


class Params:
    """Values by number (defs.PARAM_*), at first the defaults, of which a board may have some of its own."""

    def __init__(self, defaults: "dict[int, int]") -> None:
        self._values = [row[3] for row in defs.PARAMS]
        for number in defaults:
            self._values[number] = defaults[number]

    def get(self, number: int) -> int:
        return self._values[number]

    def put(self, number: int, value: int) -> None:
        """Sets a value that `in_range`, `stroke_fits` and `open_in` have let pass."""
        self._values[number] = value

    def in_range(self, number: int, value: int) -> bool:
        row = defs.PARAMS[number]
        return row[1] <= value <= row[2]

    def open_in(self, number: int, state: int) -> bool:
        """Whether this parameter may be changed in this state."""
        return defs.PARAMS[number][4] >> state & 1 == 1

    def stroke_fits(self, number: int, value: int) -> bool:
        """Whether the volume of a stroke stays within its limits with this change."""
        steps = value if number == defs.PARAM_STEPS_PER_STROKE else self.get(defs.PARAM_STEPS_PER_STROKE)
        pl = value if number == defs.PARAM_PL_PER_STEP else self.get(defs.PARAM_PL_PER_STEP)
        return SMALLEST_STROKE_PL <= steps * pl <= LARGEST_STROKE_PL


def number_of(name: str) -> int:
    """Number of the parameter with this name, -1 for none."""
    for number, row in enumerate(defs.PARAMS):
        if row[0] == name:
            return number
    return -1
