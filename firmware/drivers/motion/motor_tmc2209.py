"""TMC2209: configures it over its one-wire UART and reads its status before and after each motion.

TX of the UART is connected to PDN_UART through 1 kilohm and RX directly, so that everything sent is received too.
The UART is 115200 8N1 with timeout=2 and rxbuf of 32 or more; a read of 12 bytes takes 1.3 ms on the wire.

It regulates the current of each coil cycle by cycle (SpreadCycle). Its other mode, StealthChop, sets a voltage and
learns which one gives the current while the motor stands with its coils on, and turns fast for many steps (data sheet,
6.1): coils that are off between strokes of some steps never give it that.

A driver that was reset has lost its settings: its microsteps are those that MS1 and MS2 are strapped to, its direction
is that of the DIR pin alone, and its current is the highest. So GSTAT, which says so, is read right before each motion.
"""

import micropython
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from micropython import ptr8

_SYNC = const(0x05)
_MASTER = const(0xFF)
_WRITE = const(0x80)
_GCONF = const(0x00)
_GSTAT = const(0x01)
_IFCNT = const(0x02)
_IOIN = const(0x06)
_IHOLD_IRUN = const(0x10)
_TPOWERDOWN = const(0x11)
_VACTUAL = const(0x22)
_CHOPCONF = const(0x6C)
_DRV_STATUS = const(0x6F)
_VERSION = const(0x21)
_MODES = const(0x1C4)  # GCONF: SpreadCycle, PDN pin is UART, microsteps by register, spike filter
_SHAFT = const(0x08)  # GCONF: the other direction
# CHOPCONF: TOFF 3, HSTRT 5, interpolated to 256 microsteps, as by default; TBL 2 (data sheet: 1 or 2 for most
# applications).
_CHOPPER = const(0x10010053)
_FINE_CURRENT = const(0x20000)  # CHOPCONF: full scale at 0.18 V over the sense resistor instead of 0.32 V
_HOLD_DELAY = const(0x10000)
_DRIVER_FAULTS = const(0x3E)  # DRV_STATUS: overheated, shorts; open load is not reliable at standstill
_STEALTH = const(0x40)  # DRV_STATUS, highest byte: the driver is in StealthChop
_SCALE = const(0x1F)  # DRV_STATUS, second byte: CS_ACTUAL, the current's scale
_TRIES = const(3)  # of an exchange: a disturbed one says nothing of the driver
_RESET_OR_FAULT = const(0x07)  # GSTAT: was reset and lost its settings, driver off, charge pump low


# In machine code, because each stroke needs two telegrams of 56 bits.
@micropython.viper
def crc8(data, length: int) -> int:
    """Checksum of the first bytes: polynomial 0x07, start 0, every byte least significant bit first."""
    octets = ptr8(data)
    crc = 0
    for at in range(length):
        byte = octets[at]
        for _ in range(8):
            crc = (crc << 1) & 0xFF ^ 0x07 if (crc >> 7) ^ (byte & 1) else (crc << 1) & 0xFF
            byte >>= 1
    return crc


def current_scale(run_ma: int, sense_mohm: int) -> "tuple[bool, int]":
    """(fine, scale 0 to 31) for an RMS current, rounded down: I = (scale + 1)/32 * V/(R + 0.02 ohm)/sqrt 2.

    Fine (0.18 V) if that is enough, because its steps are smaller.
    """
    for fine, full_mv in ((True, 180), (False, 320)):
        scale = run_ma * (sense_mohm + 20) * 32 * 14142 // (full_mv * 10000000) - 1
        if scale <= 31:
            return fine, max(0, scale)
    raise hal.PartError(defs.FAULT_OUT_OF_RANGE)


class Tmc2209:
    """A hal.MotorDriver. node: 0 to 3 by MS1 and MS2; currents are RMS; microsteps: a power of two up to 256.

    The current at standstill is that of a motion (IHOLD as IRUN): the coils are off between motions, and right after
    they are switched on the rotor has to be pulled into its place. So CS_ACTUAL is this scale at any time.

    The default node is 3: MS1 and MS2 at VIO, which are 16 microsteps without settings too. A read that is disturbed is
    repeated at once; `disturbed` counts these, `exchanges` all, modulo 2^30.
    """

    def __init__(
        self,
        uart: "machine.UART",
        node: int = 3,
        run_ma: int = 300,
        sense_mohm: int = 110,
        microsteps: int = 16,
        reverse: bool = False,
    ) -> None:
        self._uart = uart
        self._request = bytearray(8)
        self._reply = bytearray(12)
        self._read_request = memoryview(self._request)[:4]
        self._answered = memoryview(self._reply)[4:]
        self._request[0] = _SYNC
        self._request[1] = node
        self._asked = 0  # register whose answer was not read yet, 0 for none
        self.exchanges = 0
        self.disturbed = 0
        fine, scale = current_scale(run_ma, sense_mohm)
        self._scale = scale
        resolution = 0
        while 256 >> resolution != microsteps:
            resolution += 1
            if resolution > 8:
                raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._settings = (
            (_GCONF, _MODES | (_SHAFT if reverse else 0)),
            (_VACTUAL, 0),
            (_IHOLD_IRUN, scale | scale << 8 | _HOLD_DELAY),
            (_TPOWERDOWN, 20),
            (_CHOPCONF, _CHOPPER | resolution << 24 | (_FINE_CURRENT if fine else 0)),
            (_GSTAT, _RESET_OR_FAULT),  # ones clear it
        )

    def check(self) -> None:
        """Checks the identity, writes the settings and checks that each was accepted; takes some 12 ms."""
        self._asked = 0
        reply = self._read(_IOIN)
        if reply[7] != _VERSION:
            raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
        taken = self._read(_IFCNT)[10]
        for register, value in self._settings:
            self._write(register, value)
        if (self._read(_IFCNT)[10] - taken) & 0xFF != len(self._settings):
            raise hal.PartError(defs.FAULT_NOT_CONFIRMED)
        self._check_status(self._read(_DRV_STATUS))

    def ready(self) -> None:
        """FAULT when the driver reported one in the last motion, gave it less current than set, or was reset since.

        Takes 1.5 ms, each repetition as much again.
        """
        register = self._asked
        if register:
            self._asked = 0
            self._check_status(self._waiting(register))
        if self._read(_GSTAT)[10] & _RESET_OR_FAULT:
            raise hal.PartError(defs.FAULT_FAULT)

    def moving(self) -> None:
        """Requests DRV_STATUS; the answer waits in the UART."""
        self._ask(_DRV_STATUS)

    def _check_status(self, reply: bytearray) -> None:
        """FAULT unless this DRV_STATUS is that of a driver without faults that gives the whole current."""
        if reply[10] & _DRIVER_FAULTS or reply[7] & _STEALTH or reply[8] & _SCALE != self._scale:
            raise hal.PartError(defs.FAULT_FAULT)

    def _waiting(self, register: int) -> bytearray:
        """The answer that waits in the UART; the register is read anew when it is disturbed."""
        try:
            return self._answer(register)
        except hal.PartError:
            self.disturbed += 1
            return self._read(register)

    def _read(self, register: int) -> bytearray:
        for _ in range(_TRIES - 1):
            self._ask(register)
            self._asked = 0
            try:
                return self._answer(register)
            except hal.PartError:
                self.disturbed += 1
        self._ask(register)
        self._asked = 0
        return self._answer(register)

    def _ask(self, register: int) -> None:
        self.exchanges = self.exchanges + 1 & 0x3FFFFFFF
        self._drop()
        request = self._request
        request[2] = register
        request[3] = crc8(request, 3)
        self._uart.write(self._read_request)
        self._asked = register

    def _answer(self, register: int) -> bytearray:
        """The four bytes sent, then SYNC, FF, register, four of data (most significant first) and the checksum."""
        reply = self._reply
        count = self._uart.readinto(reply) or 0
        for at in range(4):
            if count <= at or reply[at] != self._request[at]:
                raise hal.PartError(defs.FAULT_BUS_STUCK)
        if count < 12:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        if reply[11] != crc8(self._answered, 7):
            raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        if reply[4] != _SYNC or reply[5] != _MASTER or reply[6] != register:
            raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
        return reply

    def _write(self, register: int, value: int) -> None:
        self._drop()
        request = self._request
        request[2] = register | _WRITE
        for at in range(4):
            request[3 + at] = value >> 24 - 8 * at & 0xFF
        request[7] = crc8(request, 7)
        self._uart.write(request)
        reply = self._reply
        if self._uart.readinto(reply, 8) != 8:
            raise hal.PartError(defs.FAULT_BUS_STUCK)
        for at in range(8):
            if reply[at] != request[at]:
                raise hal.PartError(defs.FAULT_BUS_STUCK)

    def _drop(self) -> None:
        while self._uart.any():
            self._uart.readinto(self._reply, min(12, self._uart.any()))
