"""Flow that does not arrive at the sensor: reported within a few windows; similar conditions are not."""

import trim_rig
from dose_rig import DAY, HOUR, MINUTE
from pump import defs

REQUIREMENTS = ("O1",)


class Blocked(trim_rig.Line):
    """From `shut` on the sensor has only noise, of `still_pl_s`."""

    shut = False
    still_pl_s = 800

    def read_pl_s(self):
        if not self.shut:
            return trim_rig.Line.read_pl_s(self)
        self.reads += 1
        return self.offset_pl_s + self.reads * 37 % self.still_pl_s - self.still_pl_s // 2


def test_a_flow_that_stops_is_reported_within_three_windows_and_the_pause_before_them():
    for ul_day in (24000, 1000, 360, 50):
        line = Blocked()
        line.infuse(ul_day, HOUR if ul_day > 50 else DAY)
        assert not line.no_flow
        line.shut = True
        span_ms = line.trim._average.span_ms
        line.infuse(ul_day, 3 * span_ms)
        assert not line.no_flow, ul_day
        line.infuse(ul_day, 17 * span_ms)
        assert line.no_flow, ul_day
        assert not line.conditions.notes, ul_day


def test_a_flow_that_comes_again_after_two_windows_is_no_block():
    line = Blocked()
    line.infuse(1000, 3 * HOUR)
    line.shut = True
    while line.trim._no_flow.windows < 2:
        line.infuse(1000, 21600)
    line.shut = False
    line.infuse(1000, HOUR)
    line.shut = True
    line.infuse(1000, 5 * MINUTE)
    assert not line.no_flow


def test_a_flow_that_is_missing_while_the_pulse_goes_on_is_no_block():
    line = Blocked()
    line.infuse(1000, 3 * HOUR)
    line.still_pl_s = 40000
    line.shut = True
    line.infuse(1000, HOUR)
    assert not line.no_flow


def test_half_of_the_flow_is_not_missing_and_a_third_is():
    for ppm, found in ((-450000, False), (-667000, True)):
        line = Blocked()
        line.infuse(1000, 3 * HOUR)
        line.shut = True
        line.offset_pl_s = 11574 + 11574 * ppm // 1000000
        line.infuse(1000, 20 * MINUTE)
        assert line.no_flow == found


def test_a_sensor_that_never_showed_the_flow_or_is_off_by_much_reports_no_block():
    never = Blocked()
    never.shut = True
    never.infuse(1000, HOUR)
    assert not never.no_flow
    off = Blocked(150000)
    off.infuse(1000, 7 * HOUR)
    assert off.noted(defs.NOTE_FLOW_OFF)
    off.shut = True
    off.infuse(1000, HOUR)
    assert not off.no_flow
