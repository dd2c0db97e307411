"""The rig counts the steps of the pump's drive exactly, and only with current in the coils."""

import pio_models
import rig_models
from drivers.motion import drive_stepper_pio
from rig import step_input

_STEP, _ENABLE, _DIRECTION = 2, 5, 6


def _make():
    chip = pio_models.Chip()
    chip.pins[_STEP].outside = 0
    chip.pins[_ENABLE].outside = 1
    chip.pins[_DIRECTION].outside = 0
    machine = rig_models.StateMachine(chip)
    counter = step_input.StepInput(machine, chip.pins[_STEP], chip.pins[_DIRECTION], chip.pins[_ENABLE])
    chip.run(3)
    return chip, machine, counter


def _pulse(chip, count, high_us=3, low_us=3):
    for _ in range(count):
        chip.pins[_STEP].put_outside(1)
        chip.run(high_us)
        chip.pins[_STEP].put_outside(0)
        chip.run(low_us)


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(step_input._powered_edges[0]) == (0x2020, 0x20A0, 0x00C0, 0x0040)


def test_steps_without_current_do_not_count():
    chip, _, counter = _make()
    _pulse(chip, 5)
    assert counter.read() == 0
    chip.pins[_ENABLE].put_outside(0)
    _pulse(chip, 5)
    assert counter.read() == 5
    chip.pins[_ENABLE].put_outside(1)
    _pulse(chip, 2)
    assert counter.read() == 0


def test_every_step_is_taken_once():
    chip, _, counter = _make()
    chip.pins[_ENABLE].put_outside(0)
    total = 0
    for made in range(1, 100):
        _pulse(chip, made % 7, 2 + made % 3, 3)
        total += counter.read()
    assert total == sum(made % 7 for made in range(1, 100))


def test_it_sees_the_pumps_own_drive_step_by_step():
    chip, _, counter = _make()
    stepper = drive_stepper_pio.PioStepper(pio_models.StateMachine(chip), chip.pins[_STEP], chip.pins[_ENABLE])
    seen = []
    for _ in range(3):
        stepper.start(100, 100)
        for _ in range(20):
            chip.run(1000)
            stepper.steps_done()
            seen.append(counter.read())
    assert sum(seen) == 300 and max(seen) < 30


def test_the_count_goes_round():
    chip, machine, counter = _make()
    chip.pins[_ENABLE].put_outside(0)
    machine.x = 2
    counter.read()
    _pulse(chip, 5)
    assert counter.read() == 5
    machine.x = 0xC0000001
    counter.read()
    _pulse(chip, 4)
    assert counter.read() == 4


def test_direction_is_the_pins():
    chip, _, counter = _make()
    assert not counter.is_reverse()
    chip.pins[_DIRECTION].put_outside(1)
    assert counter.is_reverse()
