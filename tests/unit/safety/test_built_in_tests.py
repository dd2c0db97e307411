"""Tests of memory, program and clock in slices, and the background test of a pump."""

import part_fakes
import pump_rig
from pump import defs
from pump.safety import built_in_tests

REQUIREMENTS = ("S2",)


class _Stuck:
    """Memory cells; one can't be written, or copies its neighbour."""

    def __init__(self, stuck=-1, follows=-1):
        self._bytes = bytearray(8)
        self._stuck = stuck
        self._follows = follows

    def __len__(self):
        return 8

    def __getitem__(self, cell):
        return self._bytes[cell]

    def __setitem__(self, cell, value):
        if cell != self._stuck:
            self._bytes[cell] = value
        if cell + 1 == self._follows:
            self._bytes[cell + 1] = value


def _end(probe):
    for count in range(1, 1000):
        result = probe.step()
        if result != built_in_tests.MORE:
            return result, count
    raise AssertionError("the test doesn't end")


def test_good_cells_pass_in_six_slices_over_and_over():
    probe = built_in_tests.Ram(bytearray(8))
    for _ in range(3):
        assert _end(probe) == (built_in_tests.PASSED, 6)


def test_a_cell_that_is_stuck_is_named_and_one_that_follows_another_is_found():
    for cell in range(8):
        probe = built_in_tests.Ram(_Stuck(stuck=cell))
        assert _end(probe)[0] == built_in_tests.FAILED
        assert probe.detail == cell
    for cell in range(1, 8):
        assert _end(built_in_tests.Ram(_Stuck(follows=cell)))[0] == built_in_tests.FAILED


def test_the_program_is_read_whole_in_slices():
    part = part_fakes.Program(10000)
    probe = built_in_tests.Program(part)
    assert _end(probe) == (built_in_tests.PASSED, 3)
    assert part.slices == [(0, 4096), (4096, 4096), (8192, 1808)]
    assert _end(probe) == (built_in_tests.PASSED, 3)


def test_a_byte_that_is_wrong_is_found_in_the_first_pass_and_until_it_is_right():
    part = part_fakes.Program(10000)
    probe = built_in_tests.Program(part)
    for place in (0, 4095, 4096, 9995, 9996, 9999):  # the last four are the CRC itself
        part.content[place] ^= 0x40
        assert _end(probe) == (built_in_tests.FAILED, 3)
        part.content[place] ^= 0x40
        assert _end(probe) == (built_in_tests.PASSED, 3)


def test_each_half_of_the_sum_counts():
    class _Halves:
        bytes_total = 100
        halves = [0x20E3, 0xDEBB]

        def restart(self):
            pass

        def add(self, at, count):
            pass

        def half(self, number):
            return self.halves[number]

    part = _Halves()
    probe = built_in_tests.Program(part)
    assert probe.step() == built_in_tests.PASSED
    for halves in ([0x20E2, 0xDEBB], [0x20E3, 0xDEBA]):
        part.halves = halves
        assert probe.step() == built_in_tests.FAILED
        assert probe.detail == halves[0]


def _clock(off_ms):
    """The result with a second clock that gains this much every 4 s."""
    clock = part_fakes.Clock(part_fakes.Link(), part_fakes.START)
    second = part_fakes.SecondClock(clock)
    second.off_ms = off_ms
    probe = built_in_tests.Clock(clock, second)
    for _ in range(100):
        result = probe.step()
        if result != built_in_tests.MORE:
            return result, probe.detail
        clock.wait_ms(4000)
    raise AssertionError("the test doesn't end")


def test_clocks_that_agree_within_two_percent_pass():
    assert _clock(0) == (built_in_tests.PASSED, 0)
    assert _clock(70)[0] == _clock(-70)[0] == built_in_tests.PASSED
    assert _clock(90)[0] == _clock(-90)[0] == built_in_tests.FAILED
    assert _clock(90)[1] < 0 < _clock(-90)[1]


def test_a_stopped_clock_is_found():
    assert _clock(-4000)[0] == built_in_tests.FAILED


# ---- the background test of a pump -----------------------------------------------------------------------------------


class _Large:
    """A program of the largest size that fits a board."""

    bytes_total = 1280 * 1024

    def restart(self):
        pass

    def add(self, at, count):
        pass

    def half(self, number):
        return 0xDEBB if number else 0x20E3


def test_a_round_with_the_largest_program_is_made_in_every_hour_in_standby_and_at_every_rate():
    for ul_day in (0, 50, 1000, 24000):
        pump = pump_rig.Pump(program=_Large())
        if ul_day:
            pump_rig.infuse(pump, ul_day)
        for hour in (1, 2):
            pump.run(pump_rig.HOUR)
            assert pump.app.background_test.rounds >= hour, (ul_day, hour)
        assert pump.logged(defs.EVENT_TEST_FAILED) == []


class _Watched:
    """A test that records the shortest time to the next stroke."""

    number = 0
    detail = 0

    def __init__(self, stroke, clock):
        self._stroke, self._clock = stroke, clock
        self.nearest_ms = 1 << 29
        self.count = 0

    def step(self):
        self.count += 1
        if self._stroke.armed:
            self.nearest_ms = min(self.nearest_ms, self._stroke.due - self._clock.now & 0x3FFFFFFF)
        return built_in_tests.MORE


def test_no_slice_is_made_near_a_stroke():
    for ul_day in (1000, 24000):
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        watched = _Watched(pump.controller.delivery.job, pump.board.clock)
        pump.app.background_test._tests[0] = watched
        pump.run(pump_rig.HOUR)
        assert watched.count > 400
        assert 500 <= watched.nearest_ms < 20000


def test_a_test_that_fails_is_logged_and_ends_delivery():
    program = part_fakes.Program(10000)
    pump = pump_rig.infuse(pump_rig.Pump(program=program), 1000)
    pump.run(pump_rig.HOUR)
    assert pump.app.background_test.rounds == 2  # at 0 and 50 min
    program.content[5000] ^= 1
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.controller.alarms.top == defs.ALARM_PART_FAILED
    assert [row[0] for row in pump.logged(defs.EVENT_TEST_FAILED)] == [defs.TEST_PROGRAM]
    strokes = pump.board.drive.strokes
    pump.run(pump_rig.HOUR)
    assert pump.board.drive.strokes == strokes
