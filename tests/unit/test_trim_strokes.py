"""What the trim makes of the strokes, and that a pump without a flow sensor knows nothing of it."""

import dose_rig
import fake_parts
from dose_rig import HOUR
from pump import ticks, trim


class Pulsing(fake_parts.Flow):
    """Strokes that are 4 % too large, each flowing out within the next 0.8 s."""

    def __init__(self, rig):
        fake_parts.Flow.__init__(self)
        self._rig = rig

    def read_pl_s(self):
        fake_parts.Flow.read_pl_s(self)
        since_ms = min(ticks.diff(self._rig.clock.now, self._rig.drive._began), 800)
        return 1625 * min(since_ms, 800 - since_ms)


def _rig(fitted=True):
    rig = dose_rig.Rig()
    rig.flow = Pulsing(rig)
    rig.trim = rig.delivery.trim = trim.Trim(rig.flow if fitted else None, rig.conditions, rig.journal)
    rig.trim.job = rig.scheduler.add(rig.trim.run, 200)
    return rig


def test_the_strokes_follow_the_trim_as_long_as_it_is_allowed():
    rig = _rig()
    rig.plan(1000)
    rig.run(7 * HOUR)
    assert rig.trim.trim_ppm == 10000 and rig.delivery.stroke_pl == 252500
    rig.trim.allow(False)
    rig.run(7 * HOUR)
    assert rig.delivery.stroke_pl == 250000
    rig.trim.allow(True)
    rig.run(7 * HOUR)
    assert rig.delivery.stroke_pl == 252500


def test_another_calibration_drops_the_trim():
    rig = _rig()
    rig.plan(1000)
    rig.run(7 * HOUR)
    assert rig.trim.trim_ppm == 10000
    rig.rest()
    rig.delivery.set_stroke(100, 2600, 2000, 4)
    assert (rig.trim.trim_ppm, rig.delivery.stroke_pl) == (0, 260000)


def test_it_is_inert_without_a_sensor():
    rig = _rig(False)
    rig.plan(24000)
    rig.run(HOUR)
    rig.rest()
    rig.run(HOUR)
    assert rig.flow.reads == 0 and rig.trim.trim_ppm == 0 and not rig.conditions.notes
