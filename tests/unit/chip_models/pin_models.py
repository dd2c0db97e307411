"""Pads of an RP2040 for unit tests: driver, external circuit, and level."""


class Pin:
    """A pad. `outside` is the circuit: None for open, 0 or 1 for a level that a driving pad overrides.

    `forced` is a short to a rail, which nothing overrides.
    """

    IN, OUT, PULL_UP, PULL_DOWN, IRQ_FALLING = 0, 1, 1, 2, 4

    def __init__(self, chip, number, outside=None):
        self.chip = chip
        self.number = number
        self.outside = outside
        self.forced = None
        self.driving = False
        self.driven = 0
        self.pull = self.PULL_DOWN  # as after a reset
        self.handler = None
        self.shown = self.level()

    def level(self):
        if self.forced is not None:
            return self.forced
        if self.driving:
            return self.driven
        if self.outside is not None:
            return self.outside
        return 1 if self.pull == self.PULL_UP else 0

    def init(self, mode, pull=None):
        self.driving = mode == self.OUT
        self.pull = pull
        self.note()

    def value(self, level=None):
        if level is None:
            return self.level()
        self.drive(level)
        return None

    def drive(self, level):
        self.driving = True
        self.driven = level
        self.note()

    def put_outside(self, level):
        self.outside = level
        self.note()

    def irq(self, handler, trigger):
        assert trigger == self.IRQ_FALLING
        self.handler = handler

    def note(self):
        level = self.level()
        if level != self.shown:
            self.shown = level
            self.chip.edges.append((self.chip.now, self.number, level))
            if self.handler and not level:
                self.handler(self)
