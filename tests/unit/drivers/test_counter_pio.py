"""The step counter: it counts edges of the pin and can be read while it counts."""

import pio_models
from drivers.motion import drive_stepper_pio
from drivers.sensors import counter_pio
from pump import defs, hal

REQUIREMENTS = ("S5",)
_CODE = (0x2020, 0x20A0, 0x0040)  # as assembled by MicroPython 1.25


def _make(line_outside=None):
    chip = pio_models.Chip()
    chip.pins[2].outside = line_outside
    machine = pio_models.StateMachine(chip)
    counter = counter_pio.StepCounter(machine, chip.pins[2])
    chip.run(3)
    return chip, machine, counter


def _pulse(chip, count, high_us=3, low_us=3):
    for _ in range(count):
        chip.pins[2].put_outside(1)
        chip.run(high_us)
        chip.pins[2].put_outside(0)
        chip.run(low_us)


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(counter_pio._edges[0]) == _CODE
    assert counter_pio._edges[3] == 2 << 12


def test_edges_are_counted_and_a_level_is_not():
    chip, _, counter = _make(0)
    assert counter.count() == 0
    _pulse(chip, 5)
    assert counter.count() == 5
    chip.pins[2].put_outside(1)
    chip.run(5000)
    assert counter.count() == 6
    assert counter.count() == 6


def test_a_line_that_is_high_at_first_is_no_step():
    chip, _, counter = _make(1)
    chip.run(100)
    assert counter.count() == 0
    _pulse(chip, 2)
    assert counter.count() == 1


def test_reading_loses_no_edge():
    chip, _, counter = _make(0)
    for made in range(1, 200):
        _pulse(chip, 1, 2 + made % 3, 2 + made % 2)
        assert counter.count() == made


def test_it_agrees_with_the_drive_and_counts_what_the_drive_does_not_report():
    chip, _, counter = _make()
    enable = chip.pins[5]
    enable.outside = 1
    stepper = drive_stepper_pio.PioStepper(pio_models.StateMachine(chip), chip.pins[2], enable, None, 0)
    stepper.start(30, 40)
    for _ in range(130):
        chip.run(10)
        counter.count()
    assert counter.count() == 30
    stepper.start(30, 40)
    chip.run(610)
    stepper.stop()
    assert counter.count() == 30 + stepper.steps_done()
    chip.pins[2].drive(1)  # a pulse that the drive didn't make
    chip.run(10)
    assert counter.count() == 31 + stepper.steps_done()


def test_the_count_goes_round_at_2_to_the_30():
    chip, machine, counter = _make(0)
    machine.x = 0xC0000001  # 2^30 - 2 edges later
    assert counter.count() == 0x3FFFFFFE
    _pulse(chip, 3)
    assert counter.count() == 1


def test_through_the_end_of_x_nothing_is_lost():
    chip, machine, counter = _make(0)
    machine.x = 1
    before = counter.count()
    _pulse(chip, 4)
    assert (counter.count() - before) & 0x3FFFFFFF == 4


def test_check_finds_a_machine_that_was_stopped():
    _, machine, counter = _make(0)
    counter.check()
    machine.active(0)
    try:
        counter.check()
    except hal.PartError as error:
        assert error.args[0] == defs.FAULT_NO_ANSWER
    else:
        raise AssertionError("not found")


def test_it_begins_at_zero_whatever_the_registers_hold():
    chip = pio_models.Chip()
    machine = pio_models.StateMachine(chip)
    machine.x, machine.y, machine.isr = 5, 7, 9
    assert counter_pio.StepCounter(machine, chip.pins[2]).count() == 0
