"""The flow sensor's trim: bounded, slow, and silent where it can't know."""

import dose_rig
import fake_parts
from dose_rig import DAY, HOUR
from pump import defs, ticks, trim


class Pulsing(fake_parts.Flow):
    """The flow of a drive whose strokes are `ppm` too large, each of them flowing out over the half second after it.

    `mean`: gives the mean since the last read, as the SLF3x does, instead of the flow of the moment.
    """

    def __init__(self, rig, ppm, mean):
        fake_parts.Flow.__init__(self)
        self._rig = rig
        self._stroke_pl = 250000 + 250000 * ppm // 1000000
        self._mean = mean
        self._last = 0
        self._out_pl = 0

    def _out(self, since_ms):
        """pL that have left so long after the last stroke began."""
        return self._stroke_pl * min(max(since_ms, 0), 500) // 500

    def read_pl_s(self):
        fake_parts.Flow.read_pl_s(self)
        drive = self._rig.drive
        now = self._rig.clock.now
        since_ms = ticks.diff(now, drive._began) if drive.strokes else 0
        if not self._mean:
            return self._stroke_pl * 2 if drive.strokes and since_ms < 500 else 0
        out_pl = self._out(since_ms) + max(0, drive.strokes - 1) * self._stroke_pl
        span_ms = max(1, ticks.diff(now, self._last))
        new_pl = out_pl - self._out_pl
        self._last, self._out_pl = now, out_pl
        return new_pl * 1000 // span_ms


def _rig(ppm=0, mean=False):
    rig = dose_rig.Rig()
    rig.flow = Pulsing(rig, ppm, mean)
    rig.trim = trim.Trim(rig.flow, rig.conditions, rig.journal)
    rig.trim.job = rig.scheduler.add(rig.trim.run, 200)
    rig.delivery.trim = rig.trim
    return rig


def test_a_stroke_that_is_too_large_or_too_small_is_trimmed_within_a_sample():
    for mean in (False, True):
        for ppm in (0, 40000, -40000):
            rig = _rig(ppm, mean)
            rig.plan(3000)
            rig.run(25 * HOUR)
            # Of 1024 samples over 7.2 s, 71 fall into the half second of a stroke; one more or less is 1.4 %.
            assert abs(rig.trim.trim_ppm - ppm) < 14100, (mean, ppm, rig.trim.trim_ppm)
            assert rig.delivery.stroke_pl == 250000 + 250000 * rig.trim.trim_ppm // 1000000
            rows = [0] + [row[0] for row in rig.journal.of(defs.EVENT_TRIM)]
            assert all(abs(later - earlier) <= 10000 for earlier, later in zip(rows, rows[1:]))
            assert not rig.conditions.notes and not rig.conditions.word


def test_what_is_beyond_ten_percent_alarms_and_is_not_corrected():
    for ppm in (150000, -150000, 1500000):
        rig = _rig(ppm)
        rig.plan(7300)
        rig.run(3 * HOUR)
        assert rig.conditions.noted(defs.NOTE_FLOW_OFF)
        assert rig.trim.trim_ppm == 0 and rig.delivery.stroke_pl == 250000


def test_a_sensor_that_fails_leaves_the_trim_and_is_noted():
    rig = _rig(40000)
    rig.plan(7300)
    rig.run(2 * HOUR)
    ppm = rig.trim.trim_ppm
    assert ppm > 0
    rig.flow.off = True
    rig.run(HOUR)
    assert rig.conditions.noted(defs.NOTE_FLOW_BLIND)
    assert rig.trim.trim_ppm == ppm and rig.delivery.stroke_pl > 250000
    rig.flow.off = False
    rig.run(HOUR)
    assert not rig.conditions.noted(defs.NOTE_FLOW_BLIND)


def test_it_is_inert_without_a_sensor_at_slow_rates_and_at_rest():
    rig = _rig()
    rig.trim = rig.delivery.trim = trim.Trim(None, rig.conditions, rig.journal)
    rig.trim.job = rig.scheduler.add(rig.trim.run, 200)
    rig.plan(24000)
    rig.run(HOUR)
    rig.rest()
    assert rig.trim.trim_ppm == 0 and not rig.conditions.notes
    rig = _rig(40000)
    rig.plan(50)
    rig.run(DAY)
    assert rig.flow.reads == 0
    rig.plan(1000)
    rig.run(HOUR)
    reads = rig.flow.reads
    assert reads > 300
    rig.rest()
    rig.run(HOUR)
    assert rig.flow.reads == reads


def test_a_round_begins_anew_with_another_rate():
    rig = _rig(40000)
    for turn in range(20):
        rig.plan((7300, 7301)[turn % 2])
        rig.run(HOUR // 2)
    assert rig.trim.trim_ppm == 0


def test_without_leave_there_is_no_trim():
    rig = _rig(40000)
    rig.plan(7300)
    rig.run(2 * HOUR)
    assert rig.delivery.stroke_pl > 250000
    rig.trim.allow(False)
    rig.run(3 * HOUR)
    assert rig.delivery.stroke_pl == 250000
    rig.trim.allow(True)
    rig.run(2 * HOUR)
    assert rig.delivery.stroke_pl > 250000


def test_another_calibration_drops_the_trim():
    rig = _rig(40000)
    rig.plan(7300)
    rig.run(2 * HOUR)
    rig.rest()
    rig.delivery.set_stroke(100, 2600, 2000, 4)
    assert (rig.trim.trim_ppm, rig.delivery.stroke_pl) == (0, 260000)
