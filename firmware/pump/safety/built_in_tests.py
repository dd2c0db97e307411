"""The tests of memory, program and clock (S1, S2), each in slices below 5 ms; a step returns MORE, PASSED or FAILED."""

from micropython import const

from pump import defs
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions
    from pump.journal import journal


MORE = const(0)
PASSED = const(1)
FAILED = const(2)

# March C- (van de Goor, Testing Semiconductor Memories, 1991) with 0x55 and 0xAA for 0 and 1:
# (value expected or -1, value put or -1, upwards).
_MARCH = (
    (-1, 0x55, True),
    (0x55, 0xAA, True),
    (0xAA, 0x55, True),
    (0x55, 0xAA, False),
    (0xAA, 0x55, False),
    (0x55, -1, True),
)
_SLICE_BYTES = const(4096)
# What is left of a CRC-32 over anything with its own CRC behind it, before the last inversion: 0xDEBB20E3.
_RESIDUE_LOW = const(0x20E3)
_RESIDUE_HIGH = const(0xDEBB)
_SPAN_MS = const(100000)
_TOLERANCE_MS = const(2000)  # 2 %; a second clock that counts whole seconds is off by one


class Ram:
    """A march test over cells that are reserved for it.

    It tests these cells and the path to them, no more: MicroPython owns the rest of the memory, heap and stack, which
    can't be overwritten while it runs. The words that matter are stored redundantly instead (core.redundant).
    """

    number = defs.TEST_RAM

    def __init__(self, cells: "bytearray") -> None:
        self._cells = cells
        self._element = 0
        self.detail = 0

    def step(self) -> int:
        """One pass over the cells; `detail` is the cell that failed."""
        expected, value, upwards = _MARCH[self._element]
        cells = self._cells
        last = len(cells) - 1
        at = 0
        while at <= last:
            cell = at if upwards else last - at
            if expected >= 0 and cells[cell] != expected:
                self.detail = cell
                self._element = 0
                return FAILED
            if value >= 0:
                cells[cell] = value
            at += 1
        self._element += 1
        if self._element < len(_MARCH):
            return MORE
        self._element = 0
        return PASSED


class Program:
    """The CRC-32 that the build put after the program, over program and CRC."""

    number = defs.TEST_PROGRAM

    def __init__(self, program: "hal.Program") -> None:
        self._program = program
        self._at = 0
        self.detail = 0
        program.restart()

    def step(self) -> int:
        """The next part of the program; `detail` is the lower half of a wrong CRC."""
        program = self._program
        count = min(program.bytes_total - self._at, _SLICE_BYTES)
        program.add(self._at, count)
        self._at += count
        if self._at < program.bytes_total:
            return MORE
        low = program.half(0)
        high = program.half(1)
        self._at = 0
        program.restart()
        if low == _RESIDUE_LOW and high == _RESIDUE_HIGH:
            return PASSED
        self.detail = low
        return FAILED


class Clock:
    """The ticks against a second clock, over a hundred seconds."""

    number = defs.TEST_CLOCK

    def __init__(self, clock: "hal.Clock", second: "hal.SecondClock") -> None:
        self._clock = clock
        self._second = second
        self._running = False
        self._began = 0
        self._second_began = 0
        self.detail = 0

    def step(self) -> int:
        """Starts, waits, compares; `detail` is by how many ms the ticks are ahead."""
        now = self._clock.ticks_ms()
        second = self._second.read_ms()
        if not self._running:
            self._running = True
            self._began = now
            self._second_began = second
            return MORE
        passed_ms = ticks.diff(now, self._began)
        second_ms = ticks.diff(second, self._second_began)
        if passed_ms < _SPAN_MS and second_ms < _SPAN_MS:
            return MORE
        self._running = False
        self.detail = passed_ms - second_ms
        return FAILED if abs(self.detail) > _TOLERANCE_MS else PASSED


def of(board: "hal.Board") -> "list[Ram | Program | Clock]":
    """The tests for what a board offers: all have cells; a readable program and a second clock are optional."""
    found: list[Ram | Program | Clock] = [Ram(board.cells)]
    if board.program is not None:
        found.append(Program(board.program))
    if board.second_clock is not None:
        found.append(Clock(board.clock, board.second_clock))
    return found


def step(test: "Ram | Program | Clock", journal: "journal.Journal", conditions: "conditions.Conditions") -> bool:
    """A slice of a test; whether the test is over. One that fails is named in the log and sets BIT_PART_FAILED."""
    result = test.step()
    if result == FAILED:
        journal.fault(defs.EVENT_TEST_FAILED, test.number, test.detail)
        conditions.set(defs.BIT_PART_FAILED)
    return result != MORE
