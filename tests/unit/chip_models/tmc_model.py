"""A TMC2209 on a UART, by its data sheet: on the single wire the sender receives its own bytes.

    uart = tmc_model.Uart()
    uart.part                    the chip; None when none is connected
"""


def checksum(data):
    """CRC-8 polynomial x^8 + x^2 + x + 1 by long division, each byte least significant bit first."""
    bits = [byte >> at & 1 for byte in data for at in range(8)] + [0] * 8
    for at in range(len(bits) - 8):
        if bits[at]:
            for tap in (0, 6, 7, 8):
                bits[at + tap] ^= 1
    crc = 0
    for bit in bits[-8:]:
        crc = crc << 1 | bit
    return crc


class Tmc2209:
    """Registers by number; DRV_STATUS has the faults in `status`, mode and current.

    Faults: `powered`, `bad_crc`, `loses` (writes that don't arrive), `wrong_register`, `weak` (the current is lower by
    so many steps of its scale), `stealth` (it stays in StealthChop).
    """

    def __init__(self, node=0, version=0x21):
        self.node = node
        self.registers = {0x06: version << 24, 0x01: 1, 0x02: 250, 0x6C: 0x10000053}
        self.status = 0
        self.weak = 0
        self.stealth = False
        self.powered = True
        self.bad_crc = False
        self.wrong_register = False
        self.loses = 0
        self.writes = []

    def reset(self):
        """Its supply was gone for a moment: the settings are those of power-on, and GSTAT says so."""
        for register in (0x00, 0x10, 0x11, 0x22):
            self.registers.pop(register, None)
        self.registers.update({0x01: 1, 0x02: 0, 0x6C: 0x10000053})

    def hear(self, data):
        """Handles a datagram; returns the bytes of the answer, if there is one."""
        if not self.powered or data[0] != 0x05 or data[1] != self.node or checksum(data[:-1]) != data[-1]:
            return b""
        register = data[2] & 0x7F
        if data[2] & 0x80:
            self.write(register, data[3] << 24 | data[4] << 16 | data[5] << 8 | data[6])
            return b""
        value = self._drv_status() if register == 0x6F else self.registers.get(register, 0)
        if self.wrong_register:
            register ^= 1
        answer = bytes((5, 255, register, value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255))
        return answer + bytes((checksum(answer) ^ (4 if self.bad_crc else 0),))

    def _drv_status(self):
        stealth = self.stealth or not self.registers.get(0x00, 0) & 4
        scale = max(0, (self.registers.get(0x10, 31 << 8) >> 8 & 31) - self.weak)
        return self.status | scale << 16 | stealth << 30

    def write(self, register, value):
        if self.loses:
            self.loses -= 1
            return
        self.writes.append((register, value))
        self.registers[0x02] = (self.registers[0x02] + 1) & 255
        if register == 0x01:
            self.registers[0x01] &= ~value
        else:
            self.registers[register] = value


class Uart:
    """machine.UART with the wire. Faults: `deaf` (RX is not connected), `flips` (bits of the next datagrams)."""

    def __init__(self, part=None):
        self.part = part
        self.heard = bytearray()
        self.sent = []
        self.deaf = False
        self.asked = []  # bytes of each read: one that asks for more than comes waits in vain
        self.flips = []  # a bit of the bytes that come with each of the next requests, -1 for none

    def any(self):
        return len(self.heard)

    def write(self, data):
        data = bytes(data)
        self.sent.append(data)
        answer = b"" if self.part is None else self.part.hear(data)
        if not self.deaf:
            self.heard += self._disturbed(data + answer)
        return len(data)

    def _disturbed(self, data):
        flip = self.flips.pop(0) if self.flips else -1
        if flip < 0:
            return data
        return data[: flip >> 3] + bytes((data[flip >> 3] ^ 1 << (flip & 7),)) + data[(flip >> 3) + 1 :]

    def readinto(self, buffer, count=None):
        self.asked.append(len(buffer) if count is None else count)
        count = min(len(buffer) if count is None else count, len(self.heard))
        if count == 0:
            return None
        buffer[:count] = self.heard[:count]
        self.heard = self.heard[count:]
        return count
