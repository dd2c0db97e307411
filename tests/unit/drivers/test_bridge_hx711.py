"""HX711 over the PIO against a model of the chip's two wires, and the reservoir level from it."""

import pio_models
from drivers.sensors import bridge_hx711, level_bridge
from part_errors import raised
from pump import defs

REQUIREMENTS = ("V2",)
_CODE = (0x80A0, 0xA027, 0xE201, 0x4001, 0xE000, 0x0042, 0x8020)  # as assembled by MicroPython 1.25


class _Chip711:
    """DATA low when a value waits; each rising clock shifts a bit out, from the 25th on DATA is high."""

    def __init__(self, chip):
        self.clock, self.data = chip.pins[3], chip.pins[4]
        self.data.pull = self.data.PULL_UP
        self.chip = chip
        self.value = None
        self.clocks = 0
        self.before = 0
        self.high_us = 0
        self.longest_high_us = 0
        self.stuck_low = False
        chip.watchers.append(self.look)

    def convert(self, value):
        self.value = value & 0xFFFFFF
        self.clocks = 0
        self.data.put_outside(0)

    def look(self):
        level = self.clock.level()
        if level and not self.before and self.value is not None:
            self.clocks += 1
            bit = self.value >> 24 - self.clocks & 1 if self.clocks <= 24 else 1
            self.data.put_outside(0 if self.stuck_low else bit)
        self.high_us = self.high_us + 1 if level else 0
        self.longest_high_us = max(self.longest_high_us, self.high_us)
        self.before = level


def _make(clocks=25):
    chip = pio_models.Chip()
    world = _Chip711(chip)
    machine = pio_models.StateMachine(chip)
    return chip, world, machine, bridge_hx711.Hx711(machine, world.clock, world.data, clocks)


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(bridge_hx711._clock_in[0]) == _CODE


def test_values_of_either_sign():
    _, world, _, bridge = _make()
    for value in (2, 5, -2, 123456, -123456, 8388606, -8388607):
        world.convert(value)
        assert bridge.read_raw() == value


def test_the_number_of_clocks_chooses_the_channel():
    for clocks in (25, 26, 27):
        chip, world, _, bridge = _make(clocks)
        world.convert(-5000)
        assert bridge.read_raw() == -5000
        assert world.clocks == clocks == len(chip.rises(world.clock))


def test_no_clock_is_long_enough_to_put_it_to_sleep():
    _, world, _, bridge = _make()
    world.convert(77)
    bridge.read_raw()
    assert world.longest_high_us < 50


def test_not_ready_makes_no_clock():
    chip, world, _, bridge = _make()
    assert raised(bridge.read_raw) == defs.FAULT_NOT_READY
    assert raised(bridge.check) == defs.FAULT_NOT_READY
    assert chip.rises(world.clock) == []
    world.convert(5)
    bridge.check()
    assert raised(bridge.read_raw) == defs.FAULT_NOT_READY  # until the next conversion


def test_a_line_stuck_low_is_not_a_value():
    _, world, _, bridge = _make()
    world.stuck_low = True
    world.convert(-1)
    assert raised(bridge.read_raw) == defs.FAULT_BUS_STUCK


def test_saturation_is_not_a_value():
    _, world, _, bridge = _make()
    for value in (8388607, -8388608):
        world.convert(value)
        assert raised(bridge.read_raw) == defs.FAULT_OUT_OF_RANGE


def test_a_line_that_goes_high_within_the_bits_and_nothing_at_all_are_not_a_value():
    _, world, _, bridge = _make()
    for bits in range(24):
        world.convert((1 << bits) - 1)
        assert raised(bridge.read_raw) == defs.FAULT_OUT_OF_RANGE, bits
    for real in (123456, -123456, -5000):
        for bits in range(12, 25):
            world.convert(real | (1 << bits) - 1)
            assert raised(bridge.read_raw) == defs.FAULT_OUT_OF_RANGE, (real, bits)
    world.convert(123456 | 0x7FF)
    assert bridge.read_raw() == 123456 | 0x7FF


def test_a_value_that_never_changes_is_not_believed():
    _, world, _, bridge = _make()
    errors = []
    for _ in range(10):
        world.convert(4711)
        errors.append(raised(bridge.read_raw))
    assert errors == [None] * 8 + [defs.FAULT_STALE] * 2
    world.convert(4712)
    assert bridge.read_raw() == 4712


def test_a_dead_state_machine_does_not_hang_the_pump():
    _, world, machine, bridge = _make()
    machine.dead = True
    world.convert(5)
    assert raised(bridge.read_raw) == defs.FAULT_NO_ANSWER


def test_level_by_weight_rising_and_falling():
    for empty, full in ((100000, 900000), (900000, 100000), (-50000, 350000)):
        _, world, _, bridge = _make()
        level = level_bridge.BridgeLevel(bridge, empty, full, 20000000)
        for nl in (0, 5000000, 20000000, 24000000):
            world.convert(empty + (full - empty) * (nl // 1000) // 20000)
            assert abs(level.read_nl() - nl) <= nl // 100000 + 60
        world.convert(empty + (full - empty) * 3 // 2)
        assert raised(level.read_nl) == defs.FAULT_OUT_OF_RANGE
        world.convert(empty - (full - empty) // 3)
        assert raised(level.read_nl) == defs.FAULT_OUT_OF_RANGE


def test_the_channels_are_the_pulses_of_the_data_sheets():
    hx711 = (bridge_hx711.HX711_A_128, bridge_hx711.HX711_B_32, bridge_hx711.HX711_A_64)
    hx710 = (bridge_hx711.HX710_BRIDGE_10_HZ, bridge_hx711.HX710_BRIDGE_40_HZ)
    assert (hx711, hx710) == ((25, 26, 27), (25, 27))
    chip, world, _, _ = _make()
    bridge = bridge_hx711.Hx711(pio_models.StateMachine(chip), world.clock, world.data)
    world.convert(4000)
    assert bridge.read_raw() == 4000
    assert world.clocks == 25


class _Counts:
    """A converter that gives what it is told."""

    raw = 0

    def read_raw(self):
        return self.raw


def test_a_quarter_of_the_span_beyond_the_calibration_is_a_level_and_one_count_more_is_none():
    bridge = _Counts()
    for empty, full in ((1000, 5000), (5000, 1000)):
        level = level_bridge.BridgeLevel(bridge, empty, full, 4000)  # a count is a nanolitre
        up = 1 if full > empty else -1
        for nl in (-1001, -1000, 0, 4000, 5000, 5001):
            bridge.raw = empty + up * nl
            if -1000 <= nl <= 5000:
                assert level.read_nl() == nl
            else:
                assert raised(level.read_nl) == defs.FAULT_OUT_OF_RANGE
