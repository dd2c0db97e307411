"""What a whole pump finds in the line besides a block, and changes while the detector runs."""

import pump_rig
from pump import defs, hal

REQUIREMENTS = ("O2", "O3")


# ---- other findings from the strokes ------------------------------------------------------------------------------


class Answers:
    """A line with this rise at each stroke and a little noise; it drains at once if it is open."""

    def __init__(self, board, rise_pa=2500, noise_pa=60, pulse_pa=300):
        self.board = board
        self.rise_pa, self.noise_pa, self.pulse_pa = rise_pa, noise_pa, pulse_pa
        self.pa = pump_rig.REST_PA
        self._reads = 0
        self._strokes = 0
        board.pressure.read_pa = self.read_pa

    def read_pa(self):
        self._reads += 1
        pa = self.pa + (self._reads * 37 % 5 - 2) * self.noise_pa // 2 + (self._reads & 1) * self.pulse_pa
        strokes = self.board.drive.strokes
        if strokes != self._strokes:
            self._strokes = strokes
            pa += self.rise_pa
        return pa


def _learned(ul_day=1000, **shape):
    pump = pump_rig.Pump()
    answers = Answers(pump.board, **shape)
    pump.controller.monitor.input._read_pa = answers.read_pa
    pump_rig.infuse(pump, ul_day)
    pump.run(70 * 21600000 // ul_day)
    assert _found(pump) == (0, 0)
    return pump, answers


_BITS = defs.BIT_REVERSED | defs.BIT_UPSTREAM_BLOCKED | defs.BIT_LINE_OPEN | defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH
_NOTES = defs.NOTE_LINE_NARROW | defs.NOTE_AIR_IN_LINE | defs.NOTE_PRESSURE_BLIND


def _found(pump, strokes=0):
    """Bits and notes of the line that are set after this many strokes."""
    pump.run(strokes * 21600)
    return pump.app.conditions.word & _BITS, pump.app.conditions.notes & _NOTES


def test_strokes_that_do_not_arrive_are_a_block_upstream():
    pump, answers = _learned()
    answers.rise_pa = 0
    assert _found(pump, 10) == (defs.BIT_UPSTREAM_BLOCKED, 0)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    answers.rise_pa = 2500
    assert _found(pump, 10) == (defs.BIT_UPSTREAM_BLOCKED, 0)  # only strokes could show that it has ended
    pump.do("ack", alarm=defs.ALARM_UPSTREAM_OCCLUSION)
    pump.do("resume")
    assert _found(pump, 100) == (0, 0)


def test_strokes_that_lower_the_pressure_from_the_first_on_are_reverse_flow():
    pump = pump_rig.Pump()
    answers = Answers(pump.board, rise_pa=-2500)
    pump.controller.monitor.input._read_pa = answers.read_pa
    pump_rig.infuse(pump)
    pump.run(5 * 21600 - 1000)
    assert _found(pump) == (0, 0)
    assert _found(pump, 1) == (defs.BIT_REVERSED, 0)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.alarms.top == defs.ALARM_REVERSE_FLOW
    strokes = pump.board.drive.strokes
    assert pump.refused("resume") == defs.REFUSE_HELD
    pump.run(pump_rig.HOUR)
    assert pump.board.drive.strokes == strokes
    answers.rise_pa = 2500
    pump.do("ack", alarm=defs.ALARM_REVERSE_FLOW)
    pump.do("resume")
    assert _found(pump, 100) == (0, 0)


def test_strokes_that_begin_to_lower_the_pressure_are_reverse_flow_and_not_a_block_upstream():
    for more in range(4):
        pump, answers = _learned()
        _found(pump, more)
        answers.rise_pa = -2500
        assert _found(pump, 8) == (defs.BIT_REVERSED, 0), more


def test_a_block_upstream_that_stands_is_found_again_after_the_resume():
    pump, answers = _learned()
    answers.rise_pa = 0
    pump.run(10 * 21600)
    pump.do("ack")
    pump.do("resume")
    assert _found(pump, 10) == (defs.BIT_UPSTREAM_BLOCKED, 0)


def test_strokes_that_do_not_arrive_with_the_pulse_damped_are_air():
    pump, answers = _learned()
    answers.rise_pa = 600
    answers.pulse_pa = 100
    assert _found(pump, 12) == (0, defs.NOTE_AIR_IN_LINE)


def test_a_pulse_that_fades_is_a_partial_occlusion():
    pump, answers = _learned()
    answers.pulse_pa = 60
    assert _found(pump, 15) == (0, 0)
    assert _found(pump, 35) == (0, defs.NOTE_LINE_NARROW)
    answers.pulse_pa = 300
    assert _found(pump, 50) == (0, 0)


def test_a_pulse_is_not_compared_where_the_samples_are_shorter_than_a_beat():
    for ul_day, found in ((12000, defs.NOTE_LINE_NARROW), (24000, 0)):
        pump, answers = _learned(ul_day)
        answers.pulse_pa = 60
        pump.run(250 * 21600000 // ul_day)
        assert _found(pump) == (0, found)


def test_a_pressure_that_falls_to_the_open_air_is_an_open_line():
    pump, answers = _learned()
    answers.pa = answers.pulse_pa = 0
    assert _found(pump, 4) == (defs.BIT_LINE_OPEN, 0)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    answers.pa, answers.pulse_pa = pump_rig.REST_PA, 300
    pump.do("ack", alarm=defs.ALARM_LINE_OPEN)
    pump.do("resume")
    assert _found(pump, 100) == (0, 0)


def test_a_pressure_that_falls_and_keeps_its_pulse_is_no_open_line_and_its_level_is_followed():
    pump, answers = _learned()
    answers.pa = 1000
    assert _found(pump, 200) == (0, 0)
    assert abs(pump.controller.monitor.detector.baseline_pa - 1000) < 300
    answers.pa = pump_rig.REST_PA
    assert _found(pump, 200) == (0, 0)
    assert abs(pump.controller.monitor.detector.baseline_pa - pump_rig.REST_PA) < 300


def test_a_sensor_that_stands_still_is_no_block_and_delivery_goes_on():
    pump, answers = _learned()
    answers.rise_pa = answers.noise_pa = answers.pulse_pa = 0
    strokes = pump.controller.account.strokes
    assert _found(pump, 20) == (0, defs.NOTE_PRESSURE_BLIND)
    assert pump.controller.account.strokes == strokes + 20
    answers.rise_pa, answers.noise_pa, answers.pulse_pa = 2500, 60, 300
    assert _found(pump, 40) == (0, 0)


def test_a_jump_of_the_sensor_is_no_block_and_delivery_goes_on():
    pump, answers = _learned()
    answers.pa += 20000
    assert _found(pump, 20) == (0, defs.NOTE_PRESSURE_BLIND)
    pump.do("ack", alarm=defs.ALARM_PRESSURE_SENSOR)
    assert _found(pump, 20) == (0, 0)


def test_an_acknowledgement_clears_the_finding():
    pump, answers = _learned()
    answers.rise_pa = 0
    answers.pulse_pa = 60
    assert _found(pump, 12) == (0, defs.NOTE_AIR_IN_LINE)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    answers.rise_pa, answers.pulse_pa = 2500, 300
    pump.do("ack", alarm=defs.ALARM_AIR_IN_LINE)
    assert _found(pump, 20) == (0, 0)


def test_garbage_is_no_pressure():
    pump, answers = _learned()
    values = (250000, -20000, 80000, -900000, 130000, 60, 70000, 249999, 1000000)
    reads = [0]

    def garbage():
        reads[0] += 1
        return values[reads[0] % 9]

    pump.controller.monitor.input._read_pa = garbage
    pump.run(10 * 21600)
    assert pump.app.conditions.noted(defs.NOTE_PRESSURE_BLIND)
    assert not pump.app.conditions.has(defs.BIT_PRESSURE_HIGH | defs.BIT_OCCLUDED)


# ---- changes while it runs ----------------------------------------------------------------------------------------


def _after_ms(pump):
    """Milliseconds from the end of each of the last strokes to its first sample."""
    traces = pump.controller.monitor.trace
    first = {}
    at = 0
    while True:
        rows = traces.rows(at)
        if not rows:
            return sorted(first.items())
        for age, after_ms, _ in rows:
            first.setdefault(age, after_ms)
        at += len(rows)


def test_the_first_sample_follows_the_stroke_at_every_trim():
    for ppm in (-100000, -3000, 3000, 100000):
        pump = pump_rig.infuse(pump_rig.Pump(flow=pump_rig.Flow()), 1000)
        pump.run(10 * 21600)
        pump.controller.trim.trim_ppm = ppm
        pump.controller.trim.changed = True
        pump.run(10 * 24000)
        ended = [after_ms for age, after_ms in _after_ms(pump) if 0 < age < 6]
        assert ended == [50] * 5, (ppm, ended)


def test_another_stroke_is_learned_anew():
    pump, _ = _learned()
    assert pump.controller.monitor.detector.rise.mean_pa > 2000
    pump.do("stop")
    pump.change("param_set", name="steps_per_stroke", value=50)
    assert not pump.controller.monitor.detector.rise.known()


def test_a_prime_teaches_nothing_of_the_line():
    pump, _ = _learned()
    pump.do("stop")
    pump.change("prime", volume_nl=100000, purpose="prime")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert pump.controller.monitor.detector.rise.known()
    pump.do("start")
    assert not pump.controller.monitor.detector.rise.known()


def test_a_bolus_changes_the_pace_and_a_block_in_it_is_found():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(50 * 21600)
    pump.change("bolus", volume_nl=20000)
    pump.run(pump_rig.MINUTE)
    pump.board.pressure.block()
    before = pump.controller.account.strokes
    pump.run(pump_rig.HOUR)
    assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
    assert pump.controller.account.strokes - before <= 12


def test_a_sensor_that_fails_every_other_time_is_one_alarm_and_stops_nothing():
    pump, answers = _learned()
    reads = [0]

    def flaky():
        reads[0] += 1
        if reads[0] // 4 & 1:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return answers.read_pa()

    pump.controller.monitor.input._read_pa = flaky
    assert _found(pump, 200) == (0, defs.NOTE_PRESSURE_BLIND)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert [row[0] for row in pump.logged(defs.EVENT_ALARM_RAISED)] == [defs.ALARM_PRESSURE_SENSOR]


def test_after_garbage_the_absolute_limit_is_believed_again():
    pump, answers = _learned()
    answers.pa = 200000  # a jump
    assert _found(pump)[0] == 0
    pump.run(3 * 21600)
    assert pump.app.conditions.has(defs.BIT_PRESSURE_HIGH)


def test_what_a_wrong_sensor_left_behind_is_cleared_at_every_rate():
    for ul_day in (1000, 500, 200, 50):
        pump, answers = _learned(pulse_pa=200)  # which does not stand out of the noisiest sensor's noise
        pump.change("rate", ul_day=ul_day)
        stroke_ms = 21600000 // ul_day
        pump.run(20 * stroke_ms)
        answers.pa += 20000
        pump.run(pump_rig.HOUR + 20 * stroke_ms)
        pump.do("ack")
        pump.run(10 * stroke_ms)
        answers.pa -= 20000
        pump.run(20 * stroke_ms + 15 * pump_rig.MINUTE)
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM  # a disconnected line looks the same
        pump.do("ack")
        pump.do("resume")
        pump.run(20 * stroke_ms)
        assert pump.app.conditions.word & _BITS == 0, ul_day
        assert pump.controller.monitor.detector.baseline_pa < pump_rig.REST_PA + 300
