"""Repeated reads allocate nothing, and repeated errors don't fill the memory."""

import gc

from drivers.chip import annunciator_gpio, supply_adc
from drivers.sensors import _sensirion_crc, flow_slf3x, level_adc, pressure_abp, pressure_abp2, pressure_mpr
from pump import defs, hal
from pump.core import fixed_point, ticks


class _I2c:
    """Answers with the given bytes, without allocating; the last byte but one counts up, so that values change."""

    def __init__(self, answer):
        self.answer = answer
        self.at = len(answer) - 2
        self.error = None

    def writeto(self, address, data, stop=True):
        pass

    def readfrom_into(self, address, buffer):
        if self.error:
            raise self.error
        answer = self.answer
        for at in range(len(buffer)):
            buffer[at] = answer[at]


class _Adc:
    def read_u16(self):
        return 33000


class _Sink:
    def value(self, level):
        pass

    def duty_u16(self, duty):
        pass


def _allocated(function, *arguments):
    """Bytes that a hundred calls allocate."""
    for _ in range(3):
        function(*arguments)
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        for _ in range(100):
            function(*arguments)
        return gc.mem_alloc() - before
    finally:
        gc.enable()


class _Moving:
    """Reads a sensor whose value changes each time."""

    def __init__(self, i2c, at, read):
        self.i2c, self.at, self.read = i2c, at, read
        self.byte = 0

    def step(self):
        self.byte = (self.byte + 1) & 7
        self.i2c.answer[self.at] = self.byte
        self.read()


def test_reading_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return
    counts = bytearray(b"\x40\x40\x00\x00\x60\x00\x00")
    mpr = _I2c(counts)
    sensor = pressure_mpr.HoneywellMpr(mpr, 0, 172369)
    sensor.begin()
    assert _allocated(_Moving(mpr, 3, sensor.read_pa).step) == 0
    sensor = pressure_abp2.HoneywellAbp2(mpr, 0, 172369)
    sensor.begin()
    assert _allocated(_Moving(mpr, 3, sensor.read_pa).step) == 0
    assert _allocated(sensor.read_centi_c) == 0
    abp = _I2c(bytearray(b"\x20\x00"))
    assert _allocated(_Moving(abp, 1, pressure_abp.HoneywellAbp(abp, 0, 103421).read_pa).step) == 0
    assert _allocated(level_adc.AdcLevel(_Adc(), 1000, 60000, 20000000).read_nl) == 0
    assert _allocated(supply_adc.Supply(_Adc(), lambda: 1).read_mv) == 0
    assert _allocated(fixed_point.Scale(172369, 13421772).of, 0xFFFFFF) == 0


def test_reading_a_flow_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return
    answer = bytearray(9)
    answer[0:2] = b"\xbe\xef"
    for at in (0, 3, 6):
        answer[at + 2] = _sensirion_crc.crc8(answer, at, 0xFF)
    sensor = flow_slf3x.Slf3x(_I2c(answer))
    try:
        sensor.read_pl_s()
    except hal.PartError:
        pass
    assert _allocated(sensor.read_pl_s) == 0
    assert _allocated(_sensirion_crc.crc8, answer, 0, 0) == 0


class _Player:
    def __init__(self):
        self.part = annunciator_gpio.Annunciator(_Sink(), _Sink(), _Sink())
        self.now = 0

    def step(self):
        self.now = ticks.add(self.now, self.part.run(self.now))


def test_an_alarm_that_sounds_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return
    player = _Player()
    red_ms, yellow_ms, sound_ms = defs.PATTERNS[defs.PRIORITY_HIGH]
    player.part.show(red_ms, yellow_ms)
    player.part.sound(sound_ms)
    assert _allocated(player.step) == 0


def test_a_sensor_that_is_off_for_long_fills_no_memory():
    if not hasattr(gc, "mem_alloc"):
        return
    i2c = _I2c(bytearray(4))
    sensor = pressure_mpr.HoneywellMpr(i2c, 0, 172369)

    def fail():
        i2c.error = OSError(5)
        try:
            sensor.check()
        except hal.PartError:
            pass

    fail()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(2000):
        fail()
    gc.collect()
    assert gc.mem_alloc() - before < 1000
