"""The stepper's PIO program, cycle by cycle: exact counts, no jitter, an immediate stop, no motion without a count."""

import pio_models
from drivers.motion import drive_stepper_pio
from part_errors import raised
from pump import defs, hal

REQUIREMENTS = ("D10", "S4")

# The program as assembled by MicroPython 1.25.
_CODE = (
    0x80A0, 0xA047, 0x80A0, 0xE000, 0x0084, 0x002E, 0xA047, 0x0087, 0x1049, 0xB047,
    0xB0C1, 0x9100, 0x108C, 0x0005, 0x80A0, 0xA047, 0x0090, 0xE001, 0xA0C9, 0x8020,
)  # fmt: skip


class _Driver:
    """A MotorDriver that records its calls."""

    def __init__(self):
        self.fault = None
        self.seen = []

    def ready(self):
        self.seen.append("ready")
        if self.fault:
            raise hal.PartError(self.fault)

    def moving(self):
        self.seen.append("moving")


def _make(settle_us=0, driver=None):
    chip = pio_models.Chip()
    machine = pio_models.StateMachine(chip)
    step, enable = chip.pins[2], chip.pins[5]
    enable.outside = 1
    stepper = drive_stepper_pio.PioStepper(machine, step, enable, driver, settle_us)
    chip.edges = []
    return chip, machine, step, enable, stepper


def test_a_reverse_sets_the_direction_before_the_first_step():
    chip, _, step, enable, _ = _make()
    direction = chip.pins[7]
    stepper = drive_stepper_pio.PioStepper(pio_models.StateMachine(chip), step, enable, None, 0, direction)
    for steps, level in ((-5, 1), (3, 0), (-1, 1)):
        stepper.start(steps, 200)
        assert direction.level() == level
        chip.run(abs(steps) * 200 + 40)
        assert stepper.steps_done() == abs(steps)


def test_a_drive_without_a_direction_takes_no_reverse():
    _, _, _, _, stepper = _make()
    assert raised(stepper.start, -5, 200) == defs.FAULT_OUT_OF_RANGE
    assert stepper.steps_done() == 0


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(drive_stepper_pio._motion[0]) == _CODE
    assert drive_stepper_pio._motion[3] == 19 << 12
    assert drive_stepper_pio._motion[5:] == [None, 3, 2]


def test_no_step_and_no_current_before_a_start():
    chip, _, _, enable, stepper = _make()
    chip.run(5000)
    assert chip.edges == []
    assert enable.level() == 1
    assert stepper.steps_done() == 0


def test_a_motion_has_its_steps_and_no_jitter_and_takes_its_time():
    for steps, interval_us in ((1, 200), (2, 12), (7, 200), (50, 100)):
        chip, _, step, enable, stepper = _make()
        stepper.start(steps, interval_us)
        chip.run(steps * interval_us + 40)
        rises = chip.rises(step)
        assert len(rises) == steps, (steps, interval_us)
        for before, after in zip(rises, rises[1:]):
            assert after - before == interval_us
        assert stepper.steps_done() == steps
        on = [when for when, number, level in chip.edges if number == enable.number and not level]
        off = [when for when, number, level in chip.edges if number == enable.number and level]
        assert len(on) == len(off) == 1
        assert steps * interval_us <= off[0] - on[0] <= steps * interval_us + 6
        assert abs(rises[0] - on[0] - interval_us // 2) <= 4


def test_an_odd_interval_is_made_even_downwards():
    chip, _, step, _, stepper = _make()
    stepper.start(3, 201)
    chip.run(1000)
    rises = chip.rises(step)
    assert rises[1] - rises[0] == 200


def test_the_coils_settle_before_the_first_edge_and_after_the_last():
    chip, _, step, enable, stepper = _make(settle_us=500)
    stepper.start(2, 200)
    chip.run(2000)
    rises = chip.rises(step)
    on, off = [when for when, number, _ in chip.edges if number == enable.number]
    assert 500 <= rises[0] - on <= 510
    assert 500 <= off - rises[1] <= 510


def test_nothing_moves_after_the_count():
    chip, machine, step, enable, stepper = _make()
    stepper.start(3, 100)
    chip.run(350)
    assert stepper.steps_done() == 3
    chip.run(20000)
    assert len(chip.rises(step)) == 3
    assert enable.level() == 1
    assert not machine.active()
    assert stepper.steps_done() == 3


def test_nothing_moves_when_the_end_is_not_polled():
    chip, _, step, enable, stepper = _make()
    stepper.start(9, 100)
    chip.run(20000)
    assert len(chip.rises(step)) == 9
    assert enable.level() == 1
    assert stepper.steps_done() == 9


def test_a_state_machine_let_go_without_a_count_makes_no_step():
    chip, machine, step, enable, _ = _make()
    machine.active(1)
    chip.run(1000)
    assert chip.edges == []
    for word in (0, 10, 0):  # settle, pause, hold, and X is 0
        machine.put(word)
    chip.run(1000)
    assert chip.rises(step) == []
    assert enable.level() == 1


def test_stop_at_once_in_every_cycle_of_a_motion_counts_right():
    for after_us in range(130):
        chip, _, step, enable, stepper = _make(settle_us=20)
        stepper.start(4, 30)
        chip.run(after_us)
        stepper.stop()
        edges = len(chip.rises(step))
        assert stepper.steps_done() == edges, after_us
        assert enable.level() == 1
        assert step.level() == 0
        chip.run(500)
        assert len(chip.rises(step)) == edges
        assert stepper.steps_done() == edges


def test_after_a_stop_the_next_motion_is_whole():
    for after_us in range(0, 130, 3):
        chip, _, step, _, stepper = _make()
        stepper.start(4, 30)
        chip.run(after_us)
        stepper.stop()
        before = len(chip.rises(step))
        stepper.start(5, 40)
        chip.run(400)
        assert stepper.steps_done() == 5
        assert len(chip.rises(step)) == before + 5


def test_motions_follow_each_other():
    chip, _, step, _, stepper = _make()
    for _ in range(6):
        stepper.start(10, 20)
        chip.run(230)
        assert stepper.steps_done() == 10
    assert len(chip.rises(step)) == 60


def test_while_it_moves_the_count_is_never_above_the_steps_made():
    chip, _, step, _, stepper = _make()
    stepper.start(40, 50)
    known = 0
    for _ in range(60):
        chip.run(33)
        done = stepper.steps_done()
        assert known <= done <= len(chip.rises(step))
        known = done
    chip.run(200)
    assert stepper.steps_done() == 40


def test_looking_does_not_disturb_the_motion():
    chip, _, step, _, stepper = _make()
    stepper.start(40, 50)
    for _ in range(300):
        chip.run(7)
        stepper.steps_done()
    rises = chip.rises(step)
    assert {after - before for before, after in zip(rises, rises[1:])} == {50}


def test_a_start_in_a_motion_is_refused_and_harms_nothing():
    chip, _, step, _, stepper = _make()
    stepper.start(10, 100)
    chip.run(450)
    assert raised(stepper.start, 5, 100) == defs.FAULT_BUSY
    chip.run(1000)
    assert len(chip.rises(step)) == 10
    assert stepper.steps_done() == 10


def test_counts_and_intervals_out_of_bounds_are_refused():
    chip, _, _, _, stepper = _make()
    for steps, interval_us in ((0, 200), (-1, 200), (20001, 200), (10, 11), (10, 1000001)):
        assert raised(stepper.start, steps, interval_us) == defs.FAULT_OUT_OF_RANGE
    chip.run(1000)
    assert chip.edges == []


def test_the_driver_is_checked_before_and_asked_after():
    driver = _Driver()
    chip, _, _, _, stepper = _make(driver=driver)
    stepper.start(1, 100)
    assert driver.seen == ["ready", "moving"]
    chip.run(200)
    driver.fault = defs.FAULT_FAULT
    assert raised(stepper.start, 1, 100) == defs.FAULT_FAULT
    chip.run(200)
    assert len(chip.rises(chip.pins[2])) == 1


def test_check_finds_a_missing_pull_up_and_gives_the_pin_back():
    chip, _, step, enable, stepper = _make()
    stepper.check()
    assert enable.level() == 1
    enable.outside = None
    assert raised(stepper.check) == defs.FAULT_NO_PULL_UP
    assert enable.level() == 1  # driven again
    stepper.start(2, 100)
    chip.run(300)
    assert stepper.steps_done() == 2
    assert len(chip.rises(step)) == 2


def test_coils_that_have_current_at_rest_are_found_at_the_next_start():
    chip, _, step, enable, stepper = _make()
    stepper.start(2, 100)
    chip.run(300)
    enable.forced = 0
    assert raised(stepper.start, 2, 100) == defs.FAULT_STUCK
    chip.run(300)
    assert len(chip.rises(step)) == 2
    enable.forced = None
    stepper.start(2, 100)
    chip.run(300)
    assert stepper.steps_done() == 2


def test_the_longest_motion_is_taken_and_a_step_or_a_microsecond_more_is_not():
    for steps, interval_us, error in (
        (20000, 1000000, None), (20001, 200, defs.FAULT_OUT_OF_RANGE),
        (1, 12, None), (10, 1000001, defs.FAULT_OUT_OF_RANGE),
    ):  # fmt: skip
        _, _, _, _, stepper = _make()
        assert raised(stepper.start, steps, interval_us) == error, steps


def test_no_steps_are_refused_with_a_direction_too_and_none_are_done_at_first():
    chip, _, step, enable, _ = _make()
    stepper = drive_stepper_pio.PioStepper(pio_models.StateMachine(chip), step, enable, None, 0, chip.pins[7])
    assert (stepper.cycle_ms, stepper.steps_done()) == (0, 0)
    assert raised(stepper.start, 0, 200) == defs.FAULT_OUT_OF_RANGE
    stepper.start(4, 100)
    chip.run(500)
    assert stepper.steps_done() == 4
    stepper.start(4, 1000)
    assert stepper.steps_done() == 0, "of the motion that has just begun"
    stepper.stop()


def test_by_default_the_coils_settle_for_two_milliseconds():
    chip, _, step, enable, _ = _make()
    stepper = drive_stepper_pio.PioStepper(pio_models.StateMachine(chip), step, enable)
    chip.edges = []
    stepper.start(1, 200)
    chip.run(6000)
    on, off = [when for when, number, _ in chip.edges if number == enable.number]
    assert (chip.rises(step)[0] - on, off - chip.rises(step)[0]) == (2000, 2006)


def test_a_cell_has_exactly_its_interval_from_the_shortest_to_an_odd_one():
    for interval_us in (12, 13, 14, 15, 40, 41):
        chip, _, step, _, stepper = _make()
        stepper.start(3, interval_us)
        chip.run(300)
        rises = chip.rises(step)
        assert [later - earlier for earlier, later in zip(rises, rises[1:])] == [interval_us & ~1] * 2


def test_a_look_right_after_the_last_step_does_not_end_the_motion():
    chip, machine, step, enable, stepper = _make(settle_us=500)
    stepper.start(2, 200)
    while chip.now < 3000:
        chip.run(1)
        stepper.steps_done()
    on, off = [when for when, number, _ in chip.edges if number == enable.number]
    assert len(chip.rises(step)) == 2 and off - chip.rises(step)[1] >= 500
    assert not machine.active()
