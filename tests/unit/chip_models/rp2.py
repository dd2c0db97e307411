"""Stands in for the Pico's own module in unit tests: the assembler for PIO programs, by the RP2040 data sheet, 3.4.

`asm_pio` returns the same eight fields as the real one; pio_models.py runs them.
"""

from array import array


class PIO:
    IN_LOW, IN_HIGH, OUT_LOW, OUT_HIGH = 0, 1, 2, 3
    SHIFT_LEFT, SHIFT_RIGHT = 0, 1
    JOIN_NONE, JOIN_TX, JOIN_RX = 0, 1, 2


_WORDS = {
    "pins": 0, "x": 1, "y": 2, "null": 3, "pindirs": 4, "pc": 5, "status": 5, "isr": 6, "osr": 7, "exec": 8,
    "gpio": 0, "pin": 6, "not_x": 1, "x_dec": 2, "not_y": 3, "y_dec": 4, "x_not_y": 5, "not_osre": 7,
    "block": 0x20, "noblock": 0, "iffull": 0x40, "ifempty": 0x40, "clear": 0x40,
}  # fmt: skip


class _Program:
    """Collects the instructions of one pass; labels are known in the second."""

    def __init__(self, side_bits):
        self.side_bits = side_bits
        self.labels = {}
        self.code = []
        self.sided = 0
        self.target = 0
        self.top = None

    def begin(self):
        optional = self.sided not in (0, len(self.code))
        assert not optional, "side-set on every instruction or on none"
        self.code = []
        self.sided = 0

    def names(self):
        given = dict(_WORDS)
        for name in ("label", "jmp", "wait", "in_", "out", "push", "pull", "mov", "irq", "set", "nop"):
            given[name] = getattr(self, name)
        given["wrap"], given["wrap_target"], given["invert"] = self.wrap, self.wrap_target, lambda source: source | 8
        return given

    def add(self, word):
        self.code.append(word)
        return self

    def __getitem__(self, delay):
        assert 0 <= delay <= 31 >> self.side_bits, "delay too long"
        self.code[-1] |= delay << 8
        return self

    def side(self, value):
        assert self.side_bits and value < 1 << self.side_bits
        self.sided += 1
        self.code[-1] |= value << 13 - self.side_bits
        return self

    def label(self, name):
        self.labels[name] = len(self.code)

    def wrap_target(self):
        self.target = len(self.code)

    def wrap(self):
        self.top = len(self.code) - 1

    def jmp(self, condition, label=None):
        if label is None:
            condition, label = 0, condition
        return self.add(condition << 5 | self.labels.get(label, 0))

    def wait(self, level, source, index):
        return self.add(0x2000 | level << 7 | {0: 0, 6: 1}[source] << 5 | index)

    def in_(self, source, bits):
        return self.add(0x4000 | source << 5 | bits & 31)

    def out(self, target, bits):
        return self.add(0x6000 | min(target, 7) << 5 | bits & 31)

    def push(self, how=0x20):
        return self.add(0x8000 | how)

    def pull(self, how=0x20):
        return self.add(0x8080 | how)

    def mov(self, target, source):
        return self.add(0xA000 | (4 if target == 8 else target) << 5 | source)

    def irq(self, number):
        return self.add(0xC000 | number)

    def set(self, target, value):
        assert 0 <= value < 32
        return self.add(0xE000 | target << 5 | value)

    def nop(self):
        return self.mov(2, 2)


def asm_pio(
    out_init=None, set_init=None, sideset_init=None, in_shiftdir=0, out_shiftdir=0, autopush=False, autopull=False,
    push_thresh=32, pull_thresh=32, fifo_join=0,
):  # fmt: skip
    """The decorator: runs the function with the instructions as its globals; two passes resolve the labels."""
    side_bits = 0 if sideset_init is None else 1 if isinstance(sideset_init, int) else len(sideset_init)

    def assemble(function):
        program = _Program(side_bits)
        space = function.__globals__
        kept = space.copy()
        space.clear()
        space.update(program.names())
        try:
            function()
            program.begin()
            function()
        finally:
            space.clear()
            space.update(kept)
        program_top = len(program.code) - 1 if program.top is None else program.top
        execution = program_top << 12 | program.target << 7
        shift = (
            fifo_join << 30 | (pull_thresh & 31) << 25 | (push_thresh & 31) << 20
            | out_shiftdir << 19 | in_shiftdir << 18 | int(autopull) << 17 | int(autopush) << 16
        )  # fmt: skip
        return [array("H", program.code), -1, -1, execution, shift, out_init, set_init, sideset_init]

    return assemble
