"""A level sensor as data sheets describe load cell and converter, as values of a minute, and the checks on it.

For a cell of 100 g under the reservoir, in nL:
* noise: 30 uL rms of one reading, with 12 readings in a value (an HX711 has 50 nV rms at 10 a second by its data sheet,
  1 uL; the rest is the bench). Slow noise as of 1/f: three memories of 10, 100 and 1000 minutes, 1.5 uL rms each.
* temperature: 0.05 % of 100 g in 10 K (HBM's bound for the zero point) is 5 uL a kelvin: 4 K in a day swing by 20 uL
  from lowest to highest, a thermostat's 1 K in half an hour by 5 uL.
* gain error, and a drift without end, as they are asked for.
"""

from plant.arithmetic import noise, sine
from pump.reservoir import level_check, level_trend

_VALUE_RMS_NL = 8660  # 30 uL / sqrt(12)
_MEMORIES = ((10, 671), (100, 212), (1000, 67))  # values, and the new noise in each: 1.5 uL * sqrt(2 / values)
_DAY_NL = 10000
_THERMOSTAT_NL = 2500
_DAY_VALUES = 1469  # of 58.8 s
_START_NL = 16000000


class Sensor:
    """`value(true_nl, minute)` is the level with all errors; gain_ppm and drift_nl_day are the ones that are left."""

    def __init__(self, seed, gain_ppm=0, drift_nl_day=0):
        self._chance = noise.Noise(seed, 1)
        self._slow_nl = [0] * len(_MEMORIES)
        self._gain_ppm = gain_ppm
        self._drift_nl_day = drift_nl_day
        self._phase = seed * 397 % _DAY_VALUES

    def value(self, true_nl, at):
        nl = true_nl + true_nl // 1000 * self._gain_ppm // 1000
        nl += at // 100 * self._drift_nl_day * 100 // _DAY_VALUES
        nl += self._chance.normal(_VALUE_RMS_NL)
        for index, (values, deviation_nl) in enumerate(_MEMORIES):
            slow_nl = self._slow_nl[index]
            self._slow_nl[index] = slow_nl = slow_nl - slow_nl // values + self._chance.normal(deviation_nl)
            nl += slow_nl
        turn = (at + self._phase) % _DAY_VALUES * sine.TURN // _DAY_VALUES
        nl += sine.sine(turn) * _DAY_NL // sine.ONE
        return nl + sine.sine(turn * 48 % sine.TURN) * _THERMOSTAT_NL // sine.ONE


class Found:
    """What was found, None for nothing: a name, and the error of the volume by then in nL."""

    def __init__(self, name=None, error_nl=0):
        self.name = name
        self.error_nl = error_nl


def run(sensor, ul_day, days, percent=100, more_nl=0, begins=0, slow=True):
    """The first finding in so many days at a rate: a drive that gives so many percent, or a flow of so much a minute.

    The error begins with this value. The reservoir is filled again every 10 mL, where the checks start anew.
    """
    check = level_check.LevelCheck()
    trend = level_trend.LevelTrend()
    level_nl = ledger_nl = _START_NL
    given_nl = error_nl = rest = 0
    for at in range(days * _DAY_VALUES):
        rest += ul_day * 49  # 1 uL/day is 49 / 72 nL in 58.8 s
        taken_nl = rest // 72
        rest -= taken_nl * 72
        wrong_nl = (taken_nl * percent // 100 - taken_nl + more_nl) if at >= begins else 0
        given_nl += taken_nl
        error_nl += wrong_nl
        ledger_nl -= taken_nl
        level_nl -= taken_nl + wrong_nl
        if given_nl > 10000000:
            given_nl = error_nl = 0
            level_nl = ledger_nl = _START_NL
            check.restart()
            trend.restart()
        shown_nl = sensor.value(level_nl, at)
        check.add(shown_nl, ledger_nl)
        if slow:
            trend.add(shown_nl - ledger_nl, ledger_nl)
        if check.over or check.under or check.rises or trend.differs:
            return Found(_name(check), abs(error_nl))
    return Found()


def _name(check):
    if check.free:
        return "free flow"
    if check.over:
        return "over"
    if check.under:
        return "under"
    return "rises" if check.rises else "differs"
