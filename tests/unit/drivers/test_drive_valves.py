"""Valves, cycle by cycle: order of the phases, never both open, closed after any stop, stuck valves found."""

import pio_models
from drivers.motion import drive_valves
from part_errors import raised
from pump import defs

REQUIREMENTS = ("D11", "S4")
# As assembled by MicroPython 1.25.
_CODE = (
    0xA003, 0x80A0, 0x6023, 0x6057, 0xA0C3, 0xA801, 0xAE07, 0x0085, 0x4002, 0xA026, 0x6063, 0x6042, 0x00B0, 0x6021,
    0x0020, 0xA0CB, 0xA003, 0x8020, 0x0012,
)  # fmt: skip
_INLET, _CHAMBER, _OUTLET = 1, 2, 3  # pins
_SENSE = {_INLET: 5, _OUTLET: 6}
_FORWARD = (1, 1, 0, 2, 2)  # what the sense lines show at the end of each phase: 1 inlet, 2 outlet


class _World:
    """Three valves with sense lines: a valve is open while its pin was high within the last 30 us, or stuck."""

    def __init__(self, chip):
        self.chip = chip
        self.stuck_open = set()
        self.stuck_closed = set()
        self.last = {_INLET: -1000, _OUTLET: -1000}
        self.both = 0
        self.opened = {_INLET: 0, _OUTLET: 0}  # microseconds
        chip.watchers.append(self.look)

    def look(self):
        chip = self.chip
        for pin in (_INLET, _OUTLET):
            if chip.pins[pin].level():
                self.last[pin] = chip.now
            opened = chip.now - self.last[pin] < 35
            if pin in self.stuck_open:
                opened = True
            if pin in self.stuck_closed:
                opened = False
            chip.pins[_SENSE[pin]].outside = 1 if opened else 0
            self.opened[pin] += opened
        if chip.pins[_INLET].level() and chip.pins[_OUTLET].level():
            self.both += 1


def _make(sensed=True, full_ms=1, hold_ms=1, gap_ms=1):
    chip = pio_models.Chip(10)
    world = _World(chip)
    machine = pio_models.StateMachine(chip)
    sense = tuple(chip.pins[_SENSE[_INLET] : _SENSE[_OUTLET] + 1]) if sensed else None
    drive = drive_valves.Valves(machine, chip.pins[_INLET], sense, full_ms, hold_ms, gap_ms)
    chip.run(50)
    chip.edges = []
    return chip, world, machine, drive


def _closed(chip):
    return not any(chip.pins[pin].level() for pin in (1, 2, 3))


def _on_us(chip, pin, span_us):
    """How long a pin is high within this time."""
    count = 0
    for _ in range(span_us):
        count += chip.pins[pin].level()
        chip.run(1)
    return count


def test_the_program_is_what_the_real_assembler_makes():
    assert tuple(drive_valves._phases[0]) == _CODE
    assert drive_valves._phases[3:] == [18 << 12, 0x80000, [2, 2, 2], None, None]


def test_a_cycle_opens_one_side_after_the_other_and_never_both():
    chip, world, _, drive = _make()
    drive.cycle()
    chip.run(5200)
    assert drive.steps_done() == 1
    assert world.both == 0
    inlet = [when for when, pin, level in chip.edges if pin == _INLET]
    outlet = [when for when, pin, level in chip.edges if pin == _OUTLET]
    assert outlet[0] - inlet[-1] >= 1000
    assert _closed(chip)


def test_a_cycle_in_reverse_opens_the_outlet_first_and_never_both():
    chip, world, _, drive = _make()
    drive.start(-1, 100000)
    chip.run(5200)
    assert drive.steps_done() == 1
    assert world.both == 0
    inlet = [when for when, pin, level in chip.edges if pin == _INLET]
    outlet = [when for when, pin, level in chip.edges if pin == _OUTLET]
    assert inlet[0] - outlet[-1] >= 1000
    assert _closed(chip)
    world.stuck_closed.add(_OUTLET)
    drive.start(-1, 100000)
    chip.run(5200)
    assert drive.steps_done() == 0
    assert raised(drive.cycle) == defs.FAULT_STUCK


def test_full_drive_and_then_hold_at_36_per_cent():
    chip, _, _, drive = _make(full_ms=2, hold_ms=2, gap_ms=1)
    drive.cycle()
    assert _on_us(chip, _INLET, 1900) >= 1890
    chip.run(200)
    held = _on_us(chip, _INLET, 1000)
    assert 340 <= held <= 380
    chip.run(1000)
    assert _on_us(chip, _INLET, 3000) == 0


def test_the_chamber_is_drawn_until_the_outlet_is_open():
    chip, _, _, drive = _make()
    drive.cycle()
    chip.run(2500)
    assert _on_us(chip, _CHAMBER, 400) > 0
    assert not chip.pins[_INLET].level()
    chip.run(400)
    assert _on_us(chip, _OUTLET, 200) == 200
    chip.run(600)
    assert _on_us(chip, _CHAMBER, 200) == 0


def test_after_the_cycle_nothing_moves_until_the_next():
    chip, _, machine, drive = _make()
    drive.cycle()
    chip.run(6000)
    chip.edges = []
    chip.run(10000)
    assert chip.edges == []
    assert drive.steps_done() == 1
    assert not machine.active()


def test_a_machine_without_phases_keeps_everything_closed():
    chip, _, machine, _ = _make()
    machine.active(1)
    chip.run(1000)
    assert chip.edges == []


def test_no_cycle_is_done_before_its_end():
    chip, _, _, drive = _make()
    drive.cycle()
    for _ in range(50):
        assert drive.steps_done() == 0
        chip.run(100)
    chip.run(100)
    assert drive.steps_done() == 1


def test_stop_closes_at_once_in_every_phase_and_the_next_cycle_is_whole():
    for after_us in range(50, 5000, 470):
        chip, world, _, drive = _make()
        drive.cycle()
        chip.run(after_us)
        drive.stop()
        assert _closed(chip), after_us
        chip.edges = []
        chip.run(3000)
        assert chip.edges == []
        assert drive.steps_done() == 0
        drive.cycle()
        chip.run(5200)
        assert drive.steps_done() == 1, after_us
        assert world.both == 0


def test_a_cycle_within_a_cycle_is_refused():
    chip, _, _, drive = _make()
    drive.cycle()
    chip.run(700)
    assert raised(drive.cycle) == defs.FAULT_BUSY
    chip.run(5000)
    assert drive.steps_done() == 1


def test_as_a_drive_a_stroke_is_one_step():
    chip, _, _, drive = _make()
    assert raised(drive.start, 2, 1000) == defs.FAULT_OUT_OF_RANGE
    drive.start(1, 1000)
    chip.run(drive.cycle_ms * 1000)
    assert drive.steps_done() == 1


def test_a_valve_that_does_not_open_is_no_stroke_and_holds_the_next():
    for pin in (_INLET, _OUTLET):
        chip, world, _, drive = _make()
        world.stuck_closed = {pin}
        drive.cycle()
        chip.run(5200)
        assert drive.steps_done() == 0
        assert raised(drive.cycle) == defs.FAULT_STUCK
        world.stuck_closed = set()
        chip.run(10)
        assert raised(drive.cycle) == defs.FAULT_STUCK  # until `check` is called
        drive.check()
        drive.cycle()
        chip.run(5200)
        assert drive.steps_done() == 1


def test_a_valve_that_does_not_close_is_found_at_rest_and_in_a_cycle():
    for pin in (_INLET, _OUTLET):
        chip, world, _, drive = _make()
        world.stuck_open = {pin}
        chip.run(10)
        assert raised(drive.check) == defs.FAULT_STUCK
        assert raised(drive.cycle) == defs.FAULT_STUCK
        chip, world, _, drive = _make()
        drive.cycle()
        chip.run(200)
        world.stuck_open = {pin}
        chip.run(5000)
        assert drive.steps_done() == 0
        assert raised(drive.cycle) == defs.FAULT_STUCK


def test_a_valve_that_sticks_in_any_phase_ends_the_cycle_with_that_phase():
    for back in (False, True):
        expected = [3 - lines if back and lines else lines for lines in _FORWARD]
        for phase in range(5):
            for pin, bit in ((_INLET, 1), (_OUTLET, 2)):
                chip, world, _, drive = _make()
                drive.cycle(back)
                chip.run(1010 * phase + 500)
                (world.stuck_closed if expected[phase] & bit else world.stuck_open).add(pin)
                chip.run(560)  # the phase is over
                chip.edges = []
                chip.run(6000)
                assert _closed(chip) and chip.edges == [], (back, phase, pin)
                assert drive.steps_done() == 0
                assert raised(drive.cycle) == defs.FAULT_STUCK


def test_behind_a_valve_that_sticks_open_the_other_one_never_opens():
    for back in (False, True):
        first, second = (_OUTLET, _INLET) if back else (_INLET, _OUTLET)
        chip, world, _, drive = _make()
        drive.cycle(back)
        chip.run(500)
        world.stuck_open = {first}
        chip.run(8000)
        assert world.opened[first] > 7000
        assert world.opened[second] == 0
        assert world.both == 0


def test_after_a_stuck_valve_and_a_check_the_next_cycle_begins_with_its_first_phase():
    for phase in range(5):
        chip, world, _, drive = _make()
        drive.cycle()
        chip.run(1010 * phase + 500)
        world.stuck_open = {_INLET, _OUTLET}
        chip.run(6000)
        assert drive.steps_done() == 0
        world.stuck_open = set()
        chip.run(50)
        drive.check()
        world.opened = {_INLET: 0, _OUTLET: 0}
        drive.cycle(True)
        chip.run(900)
        assert world.opened[_OUTLET] > 800 and world.opened[_INLET] == 0, phase
        chip.run(4300)
        assert drive.steps_done() == 1


def test_without_sense_lines_a_cycle_counts_by_itself_either_way():
    for back in (False, True):
        chip, world, _, drive = _make(sensed=False)
        world.stuck_closed = {_INLET}
        drive.check()
        drive.cycle(back)
        chip.run(5200)
        assert drive.steps_done() == 1


def test_a_reverse_draws_the_chamber_while_the_outlet_opens_and_releases_it_with_the_inlet():
    chip, _, _, drive = _make(full_ms=2, hold_ms=2, gap_ms=1)
    drive.cycle(True)
    chip.run(10)
    assert (_on_us(chip, _OUTLET, 1800), _on_us(chip, _CHAMBER, 100)) == (1800, 100), "both are fully driven"
    chip.run(200)
    assert 340 <= _on_us(chip, _OUTLET, 1000) <= 380
    chip.run(900)
    assert 300 <= _on_us(chip, _CHAMBER, 900) <= 340, "the chamber is held while both are closed"
    chip.run(300)
    assert _on_us(chip, _INLET, 1000) == 1000
    assert 170 <= _on_us(chip, _CHAMBER, 500) <= 190, "and while the inlet opens"
    chip.run(800)
    assert _on_us(chip, _CHAMBER, 900) == 0


def test_by_default_a_cycle_takes_181_ms():
    chip = pio_models.Chip(10)
    drive = drive_valves.Valves(pio_models.StateMachine(chip), chip.pins[_INLET])
    assert drive.cycle_ms == 40 + 40 + 20 + 40 + 40 + 1
    assert drive.steps_done() == 0
    times_ms = [((word >> 3 & 0x7FFFFF) + 1) // 20 for word in drive._words]
    assert times_ms == [40, 40, 20, 40, 40]


def test_no_step_is_refused():
    _, _, _, drive = _make()
    assert raised(drive.start, 0, 1000) == defs.FAULT_OUT_OF_RANGE
