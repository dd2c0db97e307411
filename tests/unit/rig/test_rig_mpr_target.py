"""The rig's pressure sensor: the I2C block's registers, the held clock, and the pump's driver as controller."""

import pio_models
import rig_models
from drivers.sensors import pressure_mpr
from part_errors import raised
from pump import defs
from rig import mpr_target

_HELD = (0x20A0, 0x2020, 0xE03F, 0x00C0, 0x0043, 0xC000)


class _Bench:
    """The target on a block, and a controller, whose stretched clock is the pin of the state machine."""

    def __init__(self):
        self.chip = pio_models.Chip()
        self.scl = self.chip.pins[3]
        self.scl.outside = 1
        self.block = rig_models.I2cBlock()
        self.machine = rig_models.StateMachine(self.chip)
        self.masked = 0
        self.target = mpr_target.MprTarget(
            self.block, rig_models.BASE, self.machine, self.scl, self.disable_irq, self.enable_irq
        )
        self.chip.run(5)
        self.block.stretched = self.stretch
        self.sensor = pressure_mpr.HoneywellMpr(self.block, 0, 206843)

    def disable_irq(self):
        self.masked += 1
        return 77

    def enable_irq(self, state):
        assert state == 77
        self.masked -= 1

    def stretch(self, span_us=80):
        self.scl.put_outside(0)
        self.chip.run(span_us)
        self.scl.put_outside(1)
        self.chip.run(5)

    def measure(self, pa):
        self.target.give(pa)
        self.sensor.begin()
        self.target.poll()
        return self.sensor.read_pa()


def test_the_block_becomes_a_target_at_the_sensors_address():
    bench = _Bench()
    values = bench.block.values
    assert values[rig_models.BASE] == 0x165 & ~0x41 | 0x200
    assert values[rig_models.BASE + 8] == 0x18
    assert values[rig_models.BASE + 0x30] == 0
    assert values[rig_models.BASE + 0x6C] == 1


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(mpr_target._held[0]) == _HELD


def test_an_ordinary_clock_raises_nothing_and_a_held_one_does_once():
    bench = _Bench()
    seen = []
    bench.machine.handler = seen.append
    for half_us in (2, 5, 20):
        for _ in range(200):
            bench.scl.put_outside(0)
            bench.chip.run(half_us)
            bench.scl.put_outside(1)
            bench.chip.run(half_us)
    assert seen == []
    for count in (1, 2, 3):
        bench.stretch(500)
        assert len(seen) == count
        bench.chip.run(100)


def test_the_answer_comes_within_80_us_without_the_main_loop():
    bench = _Bench()
    bench.target.give(15000)
    bench.sensor.check()
    assert bench.sensor.read_pa() == 15000
    assert bench.target.conversions == 1  # read_pa starts the next conversion, which was not served yet
    bench.target.poll()
    assert bench.target.conversions == 2


def test_the_pumps_driver_reads_the_pascals_that_were_given():
    bench = _Bench()
    bench.sensor.check()
    for pa in (-6000, -1, 0, 1, 2, 999, 13000, 101325, 206842, 206843, 214000):
        assert abs(bench.measure(pa) - pa) <= 1, pa


def test_a_command_latches_the_sample_of_its_moment():
    bench = _Bench()
    bench.sensor.check()
    bench.target.give(20000)
    bench.sensor.begin()
    bench.target.poll()
    bench.target.give(30000)
    assert bench.sensor.read_pa() == 20000
    bench.target.poll()
    assert bench.sensor.read_pa() == 30000


def test_a_still_line_is_no_stale_sensor_and_a_stuck_one_is():
    bench = _Bench()
    bench.sensor.check()
    for _ in range(60):
        assert bench.measure(14000) == 14000
    bench.target.stick(True)
    bench.measure(14000)
    assert defs.FAULT_STALE in [raised(lambda: bench.measure(14000)) for _ in range(20)]
    bench.target.stick(False)
    assert bench.measure(14000) == 14000


def test_beyond_the_sensor_it_says_saturated():
    bench = _Bench()
    bench.sensor.check()
    assert raised(lambda: bench.measure(-100000)) == defs.FAULT_OUT_OF_RANGE
    assert raised(lambda: bench.measure(500000)) == defs.FAULT_OUT_OF_RANGE
    assert bench.measure(5000) == 5000


def test_a_sensor_that_is_off_acknowledges_nothing():
    bench = _Bench()
    bench.sensor.check()
    bench.target.answer(False)
    assert raised(lambda: bench.measure(14000)) == defs.FAULT_NO_ANSWER
    bench.target.answer(True)
    bench.sensor.check()
    assert bench.measure(14000) == 14000


def test_a_short_read_leaves_nothing_for_the_next():
    bench = _Bench()
    bench.target.give(14000)
    bench.sensor.begin()
    bench.target.poll()
    for length in (1, 2, 3, 4, 4, 1, 4):
        buffer = bytearray(length)
        bench.block.readfrom_into(0x18, buffer)
        assert bytes(buffer) == bytes(bench.target._reply[:length])
    nine = bytearray(9)
    bench.block.readfrom_into(0x18, nine)
    assert nine[:4] == nine[4:8]


def test_only_the_sensors_command_begins_a_conversion():
    bench = _Bench()
    for data in (b"\xaa", b"\xaa\x00", b"\xaa\x00\x01", b"\x00\xaa\x00", b"\x00\x00\xaa", b"\xaa\xaa\x00"):
        bench.block.writeto(0x18, data)
        bench.target.poll()
    assert bench.target.conversions == 0
    bench.block.writeto(0x18, b"\xaa\x00\x00")
    bench.target.poll()
    assert bench.target.conversions == 1


def test_more_writes_than_the_fifo_holds_are_taken_while_the_clock_is_held():
    bench = _Bench()
    for _ in range(12):
        bench.block.writeto(0x18, b"\xaa\x00\x00")
    bench.target.poll()
    assert bench.target.conversions == 12


def test_a_lost_interrupt_costs_a_pass_of_the_main_loop():
    bench = _Bench()
    bench.machine.dead = True
    bench.block.stretched = bench.target.poll
    bench.sensor.check()
    assert bench.measure(14000) == 14000
    assert bench.masked == 0
