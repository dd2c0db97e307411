"""Parts of the Pico itself: ADC, button, flash, watchdog, clock."""

from drivers.chip import button_gpio, clock_pico, store_flash, supply_adc, temperature_die, watchdog
from drivers.sensors import level_adc
from part_errors import raised
from pump import defs

REQUIREMENTS = ("S3",)


class _Adc:
    """Twelve bits scaled to sixteen, as on the Pico."""

    def __init__(self, count=0):
        self.count = count
        self.reads = 0

    def read_u16(self):
        self.reads += 1
        return self.count << 4 | self.count >> 8


def test_die_temperature_by_the_data_sheet():
    # 0.706 V is 27 degrees, and 1.721 mV less is a degree more; 4096 counts are 3.3 V.
    for centi_c in (-3000, 0, 2700, 6000, 12000):
        microvolts = 706000 - (centi_c - 2700) * 1721 // 100
        adc = _Adc(microvolts * 4096 // 3300000)
        assert abs(temperature_die.DieTemperature(adc).read_centi_c() - centi_c) <= 50
    for count in (0, 100, 4095):
        assert raised(temperature_die.DieTemperature(_Adc(count)).check) == defs.FAULT_OUT_OF_RANGE


def test_supply_is_a_third_of_vsys():
    part = supply_adc.Supply(_Adc(), lambda: defs.RESET_WATCHDOG)
    assert part.reset_cause() == defs.RESET_WATCHDOG
    for mv in (1800, 3300, 5000, 5500):
        part = supply_adc.Supply(_Adc(mv * 4096 // 9900), lambda: defs.RESET_POWER_ON)
        assert part.reset_cause() == defs.RESET_POWER_ON
        assert abs(part.read_mv() - mv) <= 4
        part.check()
    for count in (0, 300, 4095):
        assert raised(supply_adc.Supply(_Adc(count), lambda: 0).check) == defs.FAULT_OUT_OF_RANGE


def test_level_by_a_voltage_rising_and_falling():
    for empty, full in ((500, 3500), (3500, 500)):
        adc = _Adc(empty)
        level = level_adc.AdcLevel(adc, empty << 4 | empty >> 8, full << 4 | full >> 8, 20000000)
        for share in (0, 1, 5, 10):
            adc.count = empty + (full - empty) * share // 10
            assert abs(level.read_nl() - 2000000 * share) <= 8000
        for count in (0, 10, 4090, 4095):
            adc.count = count
            assert raised(level.read_nl) == defs.FAULT_OUT_OF_RANGE
    level = level_adc.AdcLevel(adc, 16000, 20000, 20000000)
    for count in (800, 1700):
        adc.count = count
        assert raised(level.check) == defs.FAULT_OUT_OF_RANGE


class _Raw:
    """A converter that gives the 16 bits that it is told."""

    def __init__(self):
        self.raw = 0
        self.reads = 0

    def read_u16(self):
        self.reads += 1
        return self.raw


def test_level_is_the_mean_of_16_readings_between_its_limits():
    adc = _Raw()
    level = level_adc.AdcLevel(adc, 400, 65200, 64800 * 16)  # a count of the sum is a nanolitre
    for raw, fits in ((319, False), (320, True), (400, True), (40000, True), (65215, True), (65216, False)):
        adc.raw, adc.reads = raw, 0
        if fits:
            assert level.read_nl() == (raw - 400) * 16
        else:
            assert raised(level.read_nl) == defs.FAULT_OUT_OF_RANGE, raw
        assert adc.reads == 16
    for empty, full in ((10000, 11000), (11000, 10000)):  # a quarter of the span beyond the calibration
        level = level_adc.AdcLevel(adc, empty, full, 16000)
        up = 1 if full > empty else -1
        for more, fits in ((-251, False), (-250, True), (1250, True), (1251, False)):
            adc.raw = empty + up * more
            assert raised(level.read_nl) == (None if fits else defs.FAULT_OUT_OF_RANGE), (empty, more)


def test_die_temperature_and_supply_to_the_last_digit():
    for count, centi_c in ((650, 13295), (800, 6273), (876, 2715), (900, 1592), (1000, -3090)):
        if centi_c < 12500:
            assert temperature_die.DieTemperature(_Adc(count)).read_centi_c() == centi_c
    for count, reference_mv, fits in ((1121, 3001, -4000), (1114, 3020, None), (731, 3011, 12500), (730, 3015, None)):
        part = temperature_die.DieTemperature(_Adc(count), reference_mv)
        if fits is None:
            assert raised(part.read_centi_c) == defs.FAULT_OUT_OF_RANGE, count
        else:
            assert part.read_centi_c() == fits
    assert supply_adc.Supply(_Adc(2068), lambda: 0).read_mv() == 4998
    for count, reference_mv, fits in ((682, 3001, None), (683, 3000, 1500), (2731, 3000, 6000), (2727, 3005, None)):
        part = supply_adc.Supply(_Adc(count), lambda: 0, reference_mv)
        if fits is None:
            assert raised(part.read_mv) == defs.FAULT_OUT_OF_RANGE, count
        else:
            assert part.read_mv() == fits


class _Pin:
    IRQ_FALLING = 4

    def __init__(self, level=0):
        self.level = level
        self.handler = None

    def value(self, level=None):
        if level is not None:
            self.level = level
        return self.level

    def irq(self, handler, trigger):
        assert trigger == self.IRQ_FALLING
        self.handler = handler


def test_a_short_press_is_stored_until_it_is_read():
    pin = _Pin(1)
    key = button_gpio.Button(pin)
    key.check()
    assert not key.pressed()
    pin.level = 0
    pin.handler(pin)
    pin.level = 1
    assert key.pressed()
    assert not key.pressed()
    pin.level = 0
    assert key.pressed()
    assert key.pressed()
    assert raised(key.check) == defs.FAULT_STUCK


class _Flash:
    """rp2.Flash over NOR: programming clears bits. Faults: `stuck` (bits that stay set), `worn` (no erase)."""

    def __init__(self, blocks=2, block_size=4096):
        self.block_size = block_size
        self.memory = bytearray([0xFF] * (blocks * 4096))
        self.stuck = {}
        self.worn = False
        self.erased = []

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.memory) // 4096
        if operation == 5:
            return self.block_size
        assert operation == 6
        self.erased.append(argument)
        if not self.worn:
            self.memory[argument * 4096 : argument * 4096 + 4096] = bytes([0xFF] * 4096)
        return 0

    def readblocks(self, block, buffer, offset):
        at = block * 4096 + offset
        buffer[:] = self.memory[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=None):
        assert offset is not None and len(data) == 256 and offset % 256 == 0
        for place, byte in enumerate(data):
            at = block * 4096 + offset + place
            self.memory[at] &= byte | self.stuck.get(at, 0)


def test_flash_programs_without_erasing_and_erases_one_block():
    flash = _Flash()
    store = store_flash.FlashStore(flash)
    store.check()
    assert (store.size, store.page_bytes, store.block_bytes) == (8192, 256, 4096)
    first = bytes(range(128)) + bytes([0xFF] * 128)
    store.program(4096 + 512, first)
    second = bytes([0xFF] * 128) + bytes(range(128))
    store.program(4096 + 512, second)
    back = bytearray(256)
    store.read(4096 + 512, back)
    assert bytes(back) == first[:128] + second[128:]
    store.read(4096 + 600, back)
    assert back[0] == 88
    store.erase(4096)
    assert flash.erased == [1]
    store.read(4096 + 512, back)
    assert bytes(back) == bytes([0xFF] * 256)


def test_flash_stays_in_its_area_and_on_its_pages():
    store = store_flash.FlashStore(_Flash())
    page = bytes(256)
    for at in (-256, 8192, 100, 8191):
        assert raised(store.program, at, page) == defs.FAULT_OUT_OF_RANGE
    assert raised(store.program, 0, bytes(255)) == defs.FAULT_OUT_OF_RANGE
    for at in (-4096, 8192, 256):
        assert raised(store.erase, at) == defs.FAULT_OUT_OF_RANGE
    for at in (-1, 8000):
        assert raised(store.read, at, bytearray(256)) == defs.FAULT_OUT_OF_RANGE


def test_flash_that_does_not_store_the_data_is_found():
    flash = _Flash()
    store = store_flash.FlashStore(flash)
    flash.stuck[300] = 0x10
    store.program(256, bytes([0xFF] * 256))
    assert raised(store.program, 256, bytes(256)) == defs.FAULT_NOT_CONFIRMED
    flash.worn = True
    assert raised(store.erase, 0) in (None, defs.FAULT_NOT_CONFIRMED)
    flash.memory[4095] = 0
    assert raised(store.erase, 0) == defs.FAULT_NOT_CONFIRMED
    assert raised(store_flash.FlashStore(_Flash(0)).check) == defs.FAULT_WRONG_IDENTITY
    assert raised(store_flash.FlashStore(_Flash(2, 512)).check) == defs.FAULT_WRONG_IDENTITY


def test_the_first_and_the_last_page_of_the_area_are_used_and_every_block_is_checked_where_it_is():
    flash = _Flash(3)
    store = store_flash.FlashStore(flash)
    page = bytes(range(256))
    for at in (0, store.size - 256):
        store.program(at, page)
        back = bytearray(256)
        store.read(at, back)
        assert bytes(back) == page
    flash.worn = True
    for at in (0, 4095, 8192, 12287):  # the first and the last byte of a block
        flash.memory[:] = bytes([0xFF]) * len(flash.memory)
        flash.memory[at] = 0xFE
        for block in range(3):
            expected = defs.FAULT_NOT_CONFIRMED if block == at // 4096 else None
            assert raised(store.erase, block * 4096) == expected, (at, block)


class _Wdt:
    made = []

    def __init__(self, timeout):
        self.timeout = timeout
        self.fed = 0
        _Wdt.made.append(self)

    def feed(self):
        self.fed += 1


def test_the_watchdog_starts_with_its_first_feed():
    _Wdt.made = []
    part = watchdog.Watchdog(_Wdt)
    part.check()
    assert _Wdt.made == []
    part.feed()
    part.feed()
    assert [(wdt.timeout, wdt.fed) for wdt in _Wdt.made] == [(8000, 2)]
    for timeout_ms in (1, 8388):
        watchdog.Watchdog(_Wdt, None, timeout_ms).feed()
        assert _Wdt.made[-1].timeout == timeout_ms
    for timeout_ms in (0, 8389):
        assert raised(watchdog.Watchdog, _Wdt, None, timeout_ms) == defs.FAULT_OUT_OF_RANGE


def test_a_watchdog_that_did_not_reset_the_processor_in_its_test_is_unfit():
    for tested, fault in ((None, None), (True, None), (False, defs.FAULT_NO_RESET)):
        assert raised(watchdog.Watchdog(_Wdt, tested).check) == fault


class _Poll:
    """A poll object that is ready after this many ms of a wait."""

    def __init__(self):
        self.streams = []
        self.waited = []
        self.ready = False

    def register(self, stream, mask):
        self.streams.append((stream, mask))

    def ipoll(self, span_ms):
        self.waited.append(span_ms)
        return iter([(stream, 1) for stream, _ in self.streams] if self.ready else [])


def test_the_clock_sleeps_in_poll_and_not_for_nothing():
    poll = _Poll()
    clock = clock_pico.PicoClock(lambda: 4711, poll, ("stdin", "uart"))
    clock.check()
    assert clock.ticks_ms() == 4711
    assert poll.streams == [("stdin", 1), ("uart", 1)]
    clock.wait_ms(0)
    clock.wait_ms(-1)
    assert poll.waited == []
    clock.wait_ms(5000)
    clock.wait_ms(1)
    poll.ready = True
    clock.wait_ms(700)
    assert poll.waited == [5000, 1, 700]
