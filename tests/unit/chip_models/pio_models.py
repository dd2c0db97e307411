"""PIO state machines of an RP2040 for unit tests, cycle by cycle, by the data sheet's sections 3.2 to 3.5.

    chip = pio_models.Chip()
    machine = pio_models.StateMachine(chip)     has the methods of rp2.StateMachine
    chip.run(1000)                             a microsecond is a cycle at 1 MHz
    chip.edges                                 [(us, pin, level), …]
"""

from pin_models import Pin

ONES = 0xFFFFFFFF


class Chip:
    """Each FIFO access takes `busy_us`, the time of the processor's instructions."""

    def __init__(self, pins=8):
        self.now = 0
        self.edges = []
        self.machines = []
        self.watchers = []  # called after every microsecond
        self.busy_us = 1
        self.pins = [Pin(self, number) for number in range(pins)]

    def run(self, span_us):
        for _ in range(span_us):
            for machine in self.machines:
                if machine.enabled and self.now % machine.period == 0:
                    machine.step()
            for watcher in self.watchers:
                watcher()
            self.now += 1

    def rises(self, pin):
        return [when for when, number, level in self.edges if number == pin.number and level]


class StateMachine:
    """One state machine with its FIFOs and MicroPython's methods."""

    def __init__(self, chip):
        self.chip = chip
        self.enabled = False
        self.dead = False  # fault: it is enabled and does nothing
        self.period = 1
        self.code = []
        self.tx, self.rx = [], []
        self.x = self.y = self.isr = self.osr = 0
        self.clears()
        chip.machines.append(self)

    def clears(self):
        self.isr = self.isr_count = self.pc = self.delay = 0

    # ---- as rp2.StateMachine ---------------------------------------------------------------------------------------

    def init(self, program, freq, in_base=None, out_base=None, set_base=None, sideset_base=None):
        assert len(program) == 8 and len(program[0]) <= 32 and 1000000 % freq == 0
        self.enabled = False
        self.period = 1000000 // freq
        self.code = program[0]
        self.top, self.target = program[3] >> 12 & 31, program[3] >> 7 & 31
        self.autopush, self.push_threshold = program[4] >> 16 & 1, program[4] >> 20 & 31 or 32
        self.out_right, self.in_right = program[4] >> 19 & 1, program[4] >> 18 & 1
        self.in_base = in_base.number if in_base else 0
        self.out_pins = self.take(out_base, program[5])
        self.set_pins = self.take(set_base, program[6])
        self.side_pins = self.take(sideset_base, program[7])
        self.tx, self.rx = [], []
        self.clears()

    def take(self, base, initial):
        if initial is None:
            return []
        levels = [initial] if isinstance(initial, int) else initial
        pins = self.chip.pins[base.number : base.number + len(levels)]
        for pin, level in zip(pins, levels):
            pin.drive(level & 1)
        return pins

    def active(self, value=None):
        if value is not None:
            self.enabled = bool(value)
        return self.enabled

    def restart(self):
        self.clears()

    def exec(self, word):
        pc = self.pc
        self.instruction(word)
        if word >> 13:
            self.pc = pc

    def put(self, value):
        for word in [value] if isinstance(value, int) else value:
            for _ in range(10000):
                if len(self.tx) < 4:
                    break
                self.chip.run(1)
            assert len(self.tx) < 4, "put() waits for ever"
            self.tx.append(word & ONES)

    def get(self, buffer):
        for _ in range(10000):
            if self.rx:
                break
            self.chip.run(1)
        assert self.rx, "get() waits for ever"
        word = self.rx.pop(0)
        buffer[0] = word - (1 << 32) if word >> 31 else word
        return buffer

    def rx_fifo(self):
        self.chip.run(self.chip.busy_us)
        return len(self.rx)

    def tx_fifo(self):
        self.chip.run(self.chip.busy_us)
        return len(self.tx)

    # ---- the machine -----------------------------------------------------------------------------------------------

    def step(self):
        if self.dead:
            return
        if self.delay:
            self.delay -= 1
            return
        pc = self.pc
        word = self.code[pc]
        assert pc <= self.top, "ran past the end of its program"
        self.pc = self.target if pc == self.top else pc + 1
        if self.instruction(word):
            self.delay = word >> 8 & 31 >> len(self.side_pins)
        else:
            self.pc = pc

    def instruction(self, word):
        """Executes the instruction; False while it has to wait."""
        self.put_pins(self.side_pins, word >> 13 - len(self.side_pins))
        kind, argument, index = word >> 13, word >> 5 & 7, word & 31
        if kind == 0:
            return self.jump(argument, index)
        if kind == 1:
            assert argument & 3 == 1, "wait for a pin only"
            return self.chip.pins[self.in_base + index].level() == argument >> 2
        if kind == 2:
            return self.shift_in(self.source(argument), index or 32)
        if kind == 3:
            return self.shift_out(argument, index or 32)
        if kind == 4:
            return self.pull(argument & 1) if argument & 4 else self.push(argument & 1)
        if kind == 5:
            value = self.source(index & 7)
            return self.move(argument, ~value & ONES if index >> 3 == 1 else value)
        assert kind == 7, "no such instruction in this model"
        return self.move(argument, index, self.set_pins)

    def jump(self, condition, target):
        x, y = self.x, self.y
        if condition == 2:
            self.x = (x - 1) & ONES
        elif condition == 4:
            self.y = (y - 1) & ONES
        if (True, x == 0, x != 0, y == 0, y != 0, x != y)[condition]:
            self.pc = target
        return True

    def source(self, number):
        if number == 0:
            return sum(pin.level() << at for at, pin in enumerate(self.chip.pins[self.in_base :]))
        return {1: self.x, 2: self.y, 3: 0, 6: self.isr, 7: self.osr}[number]

    def move(self, target, value, pins=None):
        if target == 0:
            self.put_pins(self.out_pins if pins is None else pins, value)
        elif target == 6:
            self.isr, self.isr_count = value, 0
        else:
            setattr(self, {1: "x", 2: "y", 3: "dropped", 7: "osr"}[target], value)
        return True

    def put_pins(self, pins, value):
        for at, pin in enumerate(pins):
            pin.drive(value >> at & 1)

    def shift_in(self, value, bits):
        value &= (1 << bits) - 1
        if self.autopush and self.isr_count + bits >= self.push_threshold and len(self.rx) == 4:
            return False
        self.isr = self.isr >> bits | value << 32 - bits if self.in_right else (self.isr << bits | value) & ONES
        self.isr_count += bits
        if self.autopush and self.isr_count >= self.push_threshold:
            self.push(0)
        return True

    def shift_out(self, target, bits):
        assert self.out_right, "this model shifts right"
        value = self.osr & (1 << bits) - 1
        self.osr >>= bits
        return self.move(target, value)

    def pull(self, block):
        if self.tx:
            self.osr = self.tx.pop(0)
        elif block:
            return False
        else:
            self.osr = self.x
        return True

    def push(self, block):
        if len(self.rx) == 4:
            if block:
                return False
        else:
            self.rx.append(self.isr)
        self.isr = self.isr_count = 0
        return True
