"""Lamps and tone over time: rates and bursts of the standard, silence, and outputs when `run` is not called."""

from drivers.chip import annunciator_gpio
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("A1", "A3")


class _Pin:
    def __init__(self):
        self.level = -1

    def value(self, level):
        self.level = level


class _Pwm:
    def __init__(self):
        self.duty = -1

    def duty_u16(self, duty):
        self.duty = duty


class _Lamps:
    """An annunciator, and its outputs (ms, red, yellow, tone) at each change."""

    def __init__(self, start=1000):
        self.red, self.yellow, self.buzzer = _Pin(), _Pin(), _Pwm()
        self.part = annunciator_gpio.Annunciator(self.red, self.yellow, self.buzzer)
        self.now = start
        self.calls = 0

    def show(self, priority):
        red_ms, yellow_ms, _ = defs.PATTERNS[priority]
        self.part.show(red_ms, yellow_ms)

    def sound(self, priority):
        self.part.sound(defs.PATTERNS[priority][2])

    def state(self):
        return self.red.level, self.yellow.level, 1 if self.buzzer.duty else 0

    def play(self, span_ms):
        """Runs it as the app does; returns [(ms since the start, state), …]."""
        seen = []
        passed = 0
        while passed < span_ms:
            wait_ms = self.part.run(self.now)
            self.calls += 1
            if not seen or seen[-1][1] != self.state():
                seen.append((passed, self.state()))
            wait_ms = span_ms - passed if wait_ms < 0 else min(wait_ms, span_ms - passed)
            assert wait_ms > 0
            passed += wait_ms
            self.now = ticks.add(self.now, wait_ms)
        return seen


def test_silent_and_dark_at_first():
    lamps = _Lamps()
    assert lamps.state() == (0, 0, 0)
    assert lamps.play(100000) == [(0, (0, 0, 0))]
    assert lamps.calls == 1


def test_off_is_none_and_on_for_good_is_empty():
    lamps = _Lamps()
    lamps.part.show((), None)
    lamps.part.sound(())
    assert lamps.play(100000) == [(0, (1, 0, 1))]
    lamps.part.show(None, (100, 300))
    lamps.part.sound(None)
    assert lamps.play(500) == [(0, (0, 1, 0)), (100, (0, 0, 0)), (400, (0, 1, 0))]


def test_high_blinks_red_between_1_4_and_2_8_hz_across_the_wrap():
    lamps = _Lamps(ticks.add(0, -3000))
    lamps.show(defs.PRIORITY_HIGH)
    assert lamps.state() == (1, 0, 0)
    seen = lamps.play(10000)
    assert {state for _, state in seen} == {(1, 0, 0), (0, 0, 0)}
    assert 14 <= len([1 for _, state in seen if state[0]]) <= 28


def test_medium_blinks_yellow_between_0_4_and_0_8_hz_and_low_stands():
    lamps = _Lamps()
    lamps.show(defs.PRIORITY_MEDIUM)
    seen = lamps.play(30000)
    assert 12 <= len([1 for _, state in seen if state == (0, 1, 0)]) <= 24
    lamps.show(defs.PRIORITY_LOW)
    assert lamps.play(30000) == [(0, (0, 1, 0))]
    lamps.show(defs.PRIORITY_NONE)
    assert lamps.state() == (0, 0, 0)


def test_bursts_of_ten_three_and_two_pulses():
    for priority, pulses, least_ms, most_ms, gap_ms in (
        (defs.PRIORITY_HIGH, 10, 75, 200, 2500), (defs.PRIORITY_MEDIUM, 3, 125, 250, 2500),
        (defs.PRIORITY_LOW, 2, 125, 250, 15000),
    ):  # fmt: skip
        lamps = _Lamps()
        lamps.sound(priority)
        seen = lamps.play(120000)
        rises = [when for when, state in seen if state[2]]
        falls = [when for when, state in seen if not state[2]]
        lengths = {fall - rise for rise, fall in zip(rises, falls)}
        assert min(lengths) >= least_ms and max(lengths) <= most_ms
        burst = 1
        while rises[burst] - falls[burst - 1] < gap_ms:
            burst += 1
        assert burst == pulses
        assert rises[burst] - falls[burst - 1] <= 30000


def test_silence_is_at_once_and_leaves_the_light():
    lamps = _Lamps()
    lamps.show(defs.PRIORITY_HIGH)
    lamps.sound(defs.PRIORITY_HIGH)
    lamps.play(100)
    lamps.sound(defs.PRIORITY_NONE)
    assert lamps.state() == (1, 0, 0)
    assert {state[2] for _, state in lamps.play(20000)} == {0}


def test_without_a_run_the_alarm_stays_on():
    lamps = _Lamps()
    lamps.show(defs.PRIORITY_HIGH)
    lamps.sound(defs.PRIORITY_MEDIUM)
    assert lamps.state() == (1, 0, 1)


def test_after_a_long_gap_the_pattern_begins_anew_instead_of_catching_up():
    lamps = _Lamps()
    lamps.show(defs.PRIORITY_HIGH)
    lamps.play(100)
    lamps.now = ticks.add(lamps.now, 86400000)
    assert lamps.part.run(lamps.now) == 250
    assert lamps.state() == (1, 0, 0)


def test_the_lamp_test_does_not_come_back_within_a_month():
    lamps = _Lamps()
    lamps.part.check()
    assert lamps.part.run(lamps.now) == 400
    lamps.now = ticks.add(lamps.now, 400)
    assert lamps.part.run(lamps.now) == -1
    for _ in range(30 * 24):
        lamps.now = ticks.add(lamps.now, 3600000)
        assert (lamps.part.run(lamps.now), lamps.state()) == (-1, (0, 0, 0))


def test_an_alarm_in_the_lamp_test_goes_on_after_it():
    lamps = _Lamps()
    lamps.part.check()
    lamps.play(100)
    lamps.show(defs.PRIORITY_MEDIUM)
    seen = lamps.play(10000)
    assert {state[:2] for _, state in seen} == {(0, 1), (0, 0)} and len(seen) > 10
    assert seen[-1][1][2] == 0  # the tone was the test's


def test_lamp_test_ends_by_itself():
    lamps = _Lamps()
    lamps.part.check()
    assert lamps.play(5000) == [(0, (1, 1, 1)), (400, (0, 0, 0))]


def test_each_output_changes_at_its_own_times_beside_the_others():
    for red_ms, sound_ms in (((300, 200), (70, 30)), ((70, 30), (300, 200)), ((50, 50), (50, 50))):
        lamps = _Lamps()
        lamps.part.show(red_ms, None)
        lamps.part.sound(sound_ms)
        seen = lamps.play(3000)
        for at, spans in ((0, red_ms), (2, sound_ms)):
            for when, state in seen:
                assert state[at] == (1 if when % sum(spans) < spans[0] else 0), (when, red_ms, sound_ms)
        assert [when for when, _ in seen] == sorted(
            {when for when in range(0, 3000, 10) for spans in (red_ms, sound_ms) if when % sum(spans) in (0, spans[0])}
        )


def test_a_delay_of_a_second_is_caught_up_and_a_longer_one_begins_the_pattern_anew():
    for late_ms, wait_ms in ((1000, 100), (1001, 300)):
        lamps = _Lamps()
        lamps.part.show((300, 100, 500, 200), None)
        assert lamps.part.run(lamps.now) == 300
        assert lamps.part.run(ticks.add(lamps.now, 300 + late_ms)) == wait_ms
        assert lamps.red.level == 1


def test_a_pattern_changes_at_its_time_and_not_a_millisecond_before():
    lamps = _Lamps()
    lamps.part.show((300, 100), None)
    lamps.part.run(lamps.now)
    assert (lamps.part.run(ticks.add(lamps.now, 299)), lamps.red.level) == (1, 1)
    assert (lamps.part.run(ticks.add(lamps.now, 300)), lamps.red.level) == (100, 0)


def test_the_tone_has_half_of_each_period():
    lamps = _Lamps()
    lamps.part.sound(())
    assert lamps.buzzer.duty == 65536 // 2
