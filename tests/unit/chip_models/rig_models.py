"""Hardware of the rig, for unit tests: state machines with JMP PIN and IRQ, and the I2C block as a target."""

import pio_models

ETIMEDOUT = 110
EIO = 5
BASE = 0x40048000
MASTER, TARGET_OFF, HOLD_WHEN_FULL = 0x01, 0x40, 0x200


class StateMachine(pio_models.StateMachine):
    """Adds the two instructions that the pump's programs don't use."""

    def init(self, program, freq, in_base=None, jmp_pin=None):
        super().init(program, freq, in_base=in_base)
        self.jmp_pin = jmp_pin
        self.handler = None

    def irq(self, handler, hard):
        assert hard
        self.handler = handler

    def instruction(self, word):
        if word >> 13 == 6:
            assert word & 0xFF == 0, "sets flag 0 and does not wait"
            self.handler(self)
            return True
        if word >> 13 == 0 and word >> 5 & 7 == 6:
            if self.jmp_pin.level():
                self.pc = word & 31
            return True
        return super().instruction(word)


class I2cBlock:
    """Registers by address as machine.mem32 has them, by the RP2040 data sheet 4.3.10; and the bus for a controller.

    `stretched` is called while the block holds SCL; if it sends no byte, the transfer fails.
    """

    def __init__(self, base=BASE):
        self.base = base
        # As machine.I2C leaves it: a controller, enabled.
        self.values = {base: 0x165, base + 8: 0x55, base + 0x30: 0x8FF, base + 0x6C: 1}
        self.sent, self.received = [], []
        self.request = self.aborted = False
        self.stretched = lambda: None

    def __getitem__(self, address):
        offset = address - self.base
        if offset == 0x10:
            return self.received.pop(0)
        if offset == 0x34:
            return self.request << 5 | self.aborted << 6 | (len(self.received) > 0) << 2 | 0x10
        if offset == 0x50:
            self.request = False
            return 0
        if offset == 0x54:
            self.aborted = False
            return 0
        if offset == 0x78:
            return len(self.received)
        return self.values[address]

    def __setitem__(self, address, value):
        offset = address - self.base
        if offset == 0x10:
            assert 0 <= value <= 255 and len(self.sent) < 16
            if not self.aborted:  # held empty until the abort is cleared
                self.sent.append(value)
            return
        assert offset == 0x6C or not self.values[self.base + 0x6C], "these take effect only while the block is off"
        if offset == 0x6C:
            self.sent, self.received = [], []
        self.values[address] = value

    def _connect(self, address):
        con = self.values[self.base]
        is_target = not con & (MASTER | TARGET_OFF)
        if not (self.values[self.base + 0x6C] and is_target and self.values[self.base + 8] == address):
            raise OSError(EIO)

    def writeto(self, address, data):
        self._connect(address)
        for at, byte in enumerate(data):
            if len(self.received) == 16:
                assert self.values[self.base] & HOLD_WHEN_FULL
                self.stretched()
            self.received.append(byte | (0 if at else 0x800))
        return len(data)

    def readfrom_into(self, address, buffer):
        self._connect(address)
        if self.sent:
            self.sent = []
            self.aborted = True
        for at in range(len(buffer)):
            if not self.sent:
                self.request = True
                self.stretched()
            if not self.sent:
                raise OSError(ETIMEDOUT)
            buffer[at] = self.sent.pop(0)
