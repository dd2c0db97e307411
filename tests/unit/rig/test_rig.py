"""The whole rig on fake parts: actions on the world appear at the pins, and a cut supply stays cut."""

from plant import world
from rig import level_output, rig

_QUIET = dict(world.QUIET)


class _Pwm:
    duty = -1

    def duty_u16(self, value):
        self.duty = value


class _Pin:
    level = -1

    def value(self, level):
        self.level = level


class _Pressure:
    def __init__(self):
        self.pa = self.stuck = None
        self.here = True
        self.polls = 0
        self.conversions = 3

    def give(self, pa):
        self.pa = pa

    def stick(self, stuck):
        self.stuck = stuck

    def answer(self, answers):
        self.here = answers

    def poll(self):
        self.polls += 1


class _Steps:
    def __init__(self):
        self.waiting = 0

    def read(self):
        steps, self.waiting = self.waiting, 0
        return steps

    def is_reverse(self):
        return False


class _Bench:
    def __init__(self, now=5):
        self.now = now
        self.slept = []
        self.steps, self.pressure, self.pwm = _Steps(), _Pressure(), _Pwm()
        self.button, self.reset, self.power = _Pin(), _Pin(), _Pin()
        level = level_output.LevelOutput(self.pwm, 25000000)
        self.rig = rig.Rig(
            self.steps, self.pressure, level, self.button, self.reset, self.power, lambda: self.now, self.sleep
        )
        self.rig.begin(1, _QUIET)

    def sleep(self, span_ms):
        self.slept.append((span_ms, self.reset.level, self.power.level, self.pwm.duty, self.pressure.here))
        self.run(span_ms, 0)

    def run(self, span_ms, passes=1):
        self.now = self.now + span_ms & 0x3FFFFFFF
        for _ in range(passes):
            self.rig.run()

    def pins(self):
        return (self.button.level, self.reset.level, self.power.level)


def test_at_first_nothing_is_pressed_or_cut_and_the_sensors_work():
    bench = _Bench()
    assert bench.pins() == (1, 1, 0)
    assert bench.pressure.pa == 13000
    assert bench.pwm.duty == 16000000 // 2000 * 65535 // 12500


def test_steps_move_the_world_and_the_sensors_show_it():
    bench = _Bench()
    bench.rig.do("block", 0)
    for _ in range(10):
        bench.steps.waiting = 100
        bench.run(200)
    bench.run(200)
    assert bench.rig.truth()["steps_counted"] == 1000
    assert bench.pressure.pa == 13000 + 2500000 // 100
    assert bench.pwm.duty < 16000000 // 2000 * 65535 // 12500


def test_time_is_the_walls_through_the_wrap_of_its_clock():
    bench = _Bench(0x3FFFFFFF - 300)
    for _ in range(10):
        bench.run(100)
    assert bench.rig.truth()["t_ms"] == 1000
    assert bench.rig.truth()["pass_longest_ms"] == 100


def test_faults_of_the_sensors_come_out_at_once():
    bench = _Bench()
    bench.rig.do("pressure_off", 0)
    assert not bench.pressure.here
    bench.rig.do("pressure_stuck", 0)
    assert bench.pressure.here and bench.pressure.stuck
    bench.rig.do("pressure_works", 0)
    assert not bench.pressure.stuck
    bench.rig.do("level_off", 0)
    assert bench.pwm.duty == 0
    bench.rig.do("level_works", 0)
    bench.rig.do("refill", 10000000)
    assert bench.pwm.duty == 5000 * 65535 // 12500


def test_the_key_the_reset_and_the_supply():
    bench = _Bench()
    bench.rig.do("button_down", 0)
    assert bench.pins() == (0, 1, 0)
    bench.rig.do("button_up", 0)
    bench.rig.do("reset", 0)
    assert bench.slept == [(10, 0, 0, bench.pwm.duty, True)]
    assert bench.pins() == (1, 1, 0)


def test_a_pump_without_supply_is_fed_by_no_pin():
    bench = _Bench()
    bench.rig.do("button_down", 0)
    bench.rig.do("power_off", 0)
    assert bench.pins() == (1, 1, 1)
    for action in ("pressure_works", "level_works"):
        bench.rig.do(action, 0)
        bench.run(1000)
        assert bench.pwm.duty == 0 and not bench.pressure.here
    assert bench.rig.truth()["pump_is_off"] == 1
    bench.rig.do("power_on", 0)
    bench.run(5)
    assert bench.pins() == (1, 1, 0)
    assert bench.pwm.duty > 0 and bench.pressure.here
    bench.rig.do("power_cycle", 0)
    assert bench.slept == [(2000, 1, 1, 0, False)]
    assert bench.rig.truth()["pump_is_off"] == 0


def test_a_new_world_begins_from_nothing_and_a_bad_one_leaves_the_old():
    bench = _Bench()
    bench.rig.do("pressure_off", 0)
    bench.rig.do("power_off", 0)
    bench.run(70000)
    for settings in ({"unknown": 1}, {"line_tau_ms": 1}):
        try:
            bench.rig.begin(2, settings)
        except ValueError:
            pass
        else:
            raise AssertionError("taken")
    assert bench.rig.truth()["t_ms"] == 70000
    bench.rig.begin(2, _QUIET)
    assert bench.rig.truth()["t_ms"] == 0
    assert bench.pressure.here and bench.pins() == (1, 1, 0)


def test_an_unknown_action_is_refused():
    bench = _Bench()
    try:
        bench.rig.do("dance", 0)
    except ValueError as error:
        assert "dance" in str(error)
    else:
        raise AssertionError("taken")


def test_the_level_is_cut_off_at_the_ends_of_the_wire():
    pwm = _Pwm()
    level = level_output.LevelOutput(pwm, 25000000)
    assert pwm.duty == 0
    for volume_nl, duty in ((-5000, 0), (0, 0), (12500000, 32767), (25000000, 65535), (26250000, 65535)):
        level.show(volume_nl)
        assert pwm.duty == duty
