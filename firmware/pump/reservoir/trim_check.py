"""Holds the flow sensor's trim against the level: a sensor that is wrong by less than its bound would trim for good.

Where the trim is right the level falls as the ledger, which counts trimmed strokes. Where the calibration is right it
falls as untrimmed strokes would: by the part of the trim more, or less. What is allowed between level and ledger is
that of level_check.py, without a share of what was taken.
"""

from micropython import const

_MARK_NL = const(40000)  # noise of the level
_DRIFT_NL = const(20)  # and from reading to reading, once a minute: 29 uL a day for the sensor's own drift
_CLOSE_NL = const(300000)  # between two readings: a larger jump is the sensor, or a syringe
_MOST_NL = const(0x10000000)


class TrimCheck:
    """`refuted`: the level follows the calibration and not the trimmed strokes. Allocates nothing."""

    def __init__(self) -> None:
        self._known = False  # whether there was a reading since the last restart
        self._begin_nl = 0  # level less ledger when the trim began
        self._before_nl = 0  # at the last reading
        self._ledger_nl = 0  # at the last reading
        self._trimmed_nl = 0  # what the trim has added to the volume of the strokes since then
        self._rest = 0  # of that, below 1 nL: in thousandths
        self._allowed_nl = 0
        self.refuted = False

    def restart(self) -> None:
        """Starts again: another content, or no sensor."""
        self._known = False
        self.refuted = False

    def add(self, level_nl: int, ledger_nl: int, trim_ppm: int) -> None:
        """Adds a reading, the ledger at the same time, and the trim of the strokes since the last one."""
        difference_nl = level_nl - ledger_nl
        taken_nl = self._ledger_nl - ledger_nl
        self._ledger_nl = ledger_nl
        jumped = abs(difference_nl - self._before_nl) > _CLOSE_NL
        self._before_nl = difference_nl
        if not self._known or jumped or not 0 <= taken_nl <= _CLOSE_NL or (not trim_ppm and not self._trimmed_nl):
            self._begin(difference_nl)
            return
        thousandths = taken_nl * (trim_ppm // 100) // 10 + self._rest  # taken * ppm / 1000, below 2^30
        self._trimmed_nl += thousandths // 1000
        self._rest = thousandths % 1000
        self._allowed_nl = min(self._allowed_nl + _DRIFT_NL, _MOST_NL)
        self.refuted = self._follows_calibration(difference_nl - self._begin_nl)

    def _begin(self, difference_nl: int) -> None:
        self._known = True
        self._begin_nl = difference_nl
        self._trimmed_nl = self._rest = 0
        self._allowed_nl = _MARK_NL
        self.refuted = False

    def _follows_calibration(self, gained_nl: int) -> bool:
        """Whether level less ledger has changed by more than is allowed, and by what the trim has made of the strokes.

        Strokes that are larger than they really are take too much from the ledger: the level gains on it.
        """
        allowed_nl = self._allowed_nl
        trimmed_nl = self._trimmed_nl
        if trimmed_nl < 0:
            trimmed_nl = -trimmed_nl
            gained_nl = -gained_nl
        if gained_nl <= allowed_nl or trimmed_nl <= allowed_nl:
            return False
        return abs(gained_nl - trimmed_nl) <= max(allowed_nl, trimmed_nl >> 1)
