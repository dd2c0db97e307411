"""I2C parts for unit tests: a bus with faults, and each sensor as its data sheet describes it, byte by byte.

The checksums are computed by polynomial long division, unlike in the drivers.
"""

EIO = 5
ETIMEDOUT = 110


def remainder(data, polynomial, start):
    """CRC-8: the remainder of the message, its first byte XORed with the start value."""
    number = 0
    for at, byte in enumerate(data):
        number = number << 8 | (byte ^ start if at == 0 else byte)
    number <<= 8
    for at in range(8 * len(data) - 1, -1, -1):
        if number >> at + 8 & 1:
            number ^= (0x100 | polynomial) << at
    return number


class Nack(Exception):
    """A part that doesn't acknowledge."""


class Bus:
    """Faults: `stuck` (a line held low: every transfer times out). `now_ms` is the simulated time.

    `attempts` counts the writes, `reads` has the length of each read, `holds` the writes without a stop.
    """

    def __init__(self):
        self.parts = {}
        self.stuck = False
        self.now_ms = 0
        self.transfers = []
        self.attempts = 0
        self.reads = []
        self.holds = []

    def _part(self, address):
        if self.stuck:
            raise OSError(ETIMEDOUT)
        if address not in self.parts:
            raise OSError(EIO)
        return self.parts[address]

    def writeto(self, address, data, stop=True):
        self.attempts += 1
        if not stop:
            self.holds.append(bytes(data))
        part = self._part(address)
        self.transfers.append(bytes(data))
        try:
            part.take(bytes(data))
        except Nack:
            raise OSError(EIO)
        return len(data)

    def readfrom_into(self, address, buffer, stop=True):
        self.reads.append(len(buffer))
        part = self._part(address)
        try:
            data = part.give(len(buffer))
        except Nack:
            raise OSError(EIO)
        buffer[:] = bytes(data)


class Mpr:
    """MPR and, with a temperature, ABP2. Faults: `fault` bits are added to the status, `only` replaces it."""

    def __init__(self, bus, address, temperature=None):
        self.bus = bus
        self.count = 1677722
        self.temperature = temperature
        self.converts_ms = 5
        self.fault = 0
        self.only = None
        self.begun = None
        self.result = bytes(3 if temperature is None else 6)
        bus.parts[address] = self

    def take(self, data):
        if data != b"\xaa\x00\x00":
            raise Nack
        if not self._busy():
            self.begun = self.bus.now_ms
            self.at_begin = self.count

    def _busy(self):
        return self.begun is not None and self.bus.now_ms - self.begun < self.converts_ms

    def give(self, length):
        busy = self._busy()
        if self.begun is not None and not busy:
            words = (self.at_begin,) if self.temperature is None else (self.at_begin, self.temperature)
            self.result = b"".join([bytes((word >> 16 & 255, word >> 8 & 255, word & 255)) for word in words])
        status = 0x40 | self.fault | (0x20 if busy else 0)
        return (bytes((status if self.only is None else self.only,)) + self.result + bytes(9))[:length]


class Abp:
    """ABP: converts each millisecond; a second read within it is stale. `status` is the two bits when not None."""

    def __init__(self, bus, address):
        self.bus = bus
        self.count = 1638
        self.status = None
        self.stopped = False
        self.raw = None
        self.read_at = -1
        bus.parts[address] = self

    def take(self, data):
        raise Nack

    def give(self, length):
        if self.raw is not None:
            return self.raw
        stale = self.stopped or self.read_at == self.bus.now_ms
        self.read_at = self.bus.now_ms
        status = self.status if self.status is not None else 2 if stale else 0
        return bytes((status << 6 | self.count >> 8, self.count & 255))[:length]


class Slf3x:
    """SLF3x: measures from the start command on, and then accepts only a stop. Faults: `bad`, `reset()`."""

    def __init__(self, bus, address, product=0x07030302):
        self.bus = bus
        self.product = product
        self.values = [0, 5000, 0]  # flow, temperature, flags
        self.bad = None  # number of a byte that is damaged on its way
        self.command = None
        self.liquid = None
        self.since = 0
        self.deaf = 0  # commands that are not acknowledged after a stop
        bus.parts[address] = self

    def reset(self):
        self.liquid = None
        self.command = None

    def take(self, data):
        if data == b"\x3f\xf9":
            self.liquid = None
            self.deaf = 3
            return
        if self.liquid is not None:
            raise Nack
        if self.deaf:
            self.deaf -= 1
            raise Nack
        if data in (b"\x36\x08", b"\x36\x15"):
            self.liquid = data
            self.since = self.bus.now_ms
        elif data in (b"\x36\x7c", b"\xe1\x02"):
            self.command = (self.command or b"") + data
        else:
            raise Nack

    def give(self, length):
        if self.liquid is not None:
            if self.bus.now_ms - self.since < 12:
                raise Nack
            words = [value & 0xFFFF for value in self.values]
        elif self.command and self.command.endswith(b"\x36\x7c\xe1\x02"):
            words = [self.product >> 16, self.product & 0xFFFF, 0, 0, 12, 34]
        else:
            raise Nack
        data = bytearray()
        for word in words:
            pair = bytes((word >> 8, word & 255))
            data += pair + bytes((remainder(pair, 0x31, 0xFF),))
        if self.bad is not None:
            data[self.bad] ^= 0x10
        return data[:length]


class Lg16:
    """SF04: one measurement per F1, 74 ms; EEPROM words; checksum from 0. Faults: `bad`, `stuck_low`."""

    def __init__(self, bus, address, field=0, factor=5, unit=0x0843):
        self.bus = bus
        self.field = field
        self.words = {0x2B6 + field * 0x300: factor, 0x2B7 + field * 0x300: unit}
        self.flow = 0
        self.bad = False
        self.stuck_low = False
        self.since = None
        self.answer = None
        bus.parts[address] = self

    def take(self, data):
        self.since = self.answer = None
        if data == b"\xf1":
            self.since = self.bus.now_ms
        elif data == b"\xe3":
            self.answer = self.field << 4
        elif data[0] == 0xFA and len(data) == 3:
            self.answer = self.words.get(data[1] << 4 | data[2] >> 4, 0)
        else:
            raise Nack

    def give(self, length):
        if self.stuck_low:
            return bytes(length)
        if self.since is not None:
            if self.bus.now_ms - self.since < 74:
                raise Nack
            word = self.flow & 0xFFFF
        elif self.answer is not None:
            word = self.answer
        else:
            raise Nack
        pair = bytes((word >> 8, word & 255))
        return pair + bytes((remainder(pair, 0x31, 0) ^ (1 if self.bad else 0),))
