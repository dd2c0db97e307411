"""The level sensor: implausible readings left out, the others averaged."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, tally

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions

_FILTER = const(4)  # a value moves the average by a quarter of their difference
# Two readings of a sensor that works are no further apart: ten times its noise, and some strokes in between.
_CLOSE_NL = const(300000)
_CONFIRM = const(3)  # values in a row that are close, before anything is known: none is believed alone
# No reservoir holds more than 40 mL (params), and a sensor is allowed an offset; beyond these it gives garbage.
_LOWEST_NL = const(-5000000)
_HIGHEST_NL = const(60000000)
# Strokes that took so much have changed the reading of a sensor that works: four steps of a converter of 12 bits.
_STILL_NL = const(25000)


class Level:
    """`nl` is the average, None while it is unknown; `last_nl` the last value in range, plausible or not.

    A value is the mean of the readings that `sample` has added and of the one that `read` takes itself.
    """

    def __init__(self, level: "hal.Level", conditions: "conditions.Conditions") -> None:
        self._read_nl = level.read_nl
        self._conditions = conditions
        self._fault = debounce.Debounce(debounce.SENSOR)
        self.tally = tally.Tally()
        self._close = 0  # values in a row that are close, up to _CONFIRM
        self._first_nl = 0  # the first reading of a value
        self._sum_nl = 0  # of the readings that are close to it, less the first
        self._good = 0  # readings of the value that are close to the first
        self._bad = 0  # and those that are not, or are none
        self._raw_nl = 0  # the last reading
        self._still_nl = 0  # what strokes took since the last reading that differed from the one before
        self.last_nl = _LOWEST_NL
        self.nl: "int | None" = None

    def restart(self) -> None:
        """Another content: it is known after some values that agree."""
        self.nl = None
        self._close = 0
        self._clear()

    def is_decided(self) -> bool:
        """Whether the level is known, or the sensor has failed."""
        return self.nl is not None or self._fault.active

    def failed(self) -> bool:
        """Whether the sensor has failed; NOTE_LEVEL_BLIND says the same."""
        return self._fault.active

    def took(self, volume_nl: int) -> None:
        """A stroke took so much: a reading that never changes any more is none."""
        if self._still_nl <= _STILL_NL:
            self._still_nl += volume_nl

    def sample(self) -> None:
        """Adds a reading to the value that `read` will give."""
        good = self._sample()
        self.tally.add(good)
        if good:
            self._good += 1
        else:
            self._bad += 1

    def _sample(self) -> bool:
        """Takes a reading; whether it is one, and close to the first of the value."""
        try:
            nl = self._read_nl()
        except hal.PartError:
            return False
        if nl != self._raw_nl:
            self._raw_nl = nl
            self._still_nl = 0
        if not _LOWEST_NL <= nl <= _HIGHEST_NL or self._still_nl > _STILL_NL:
            return False
        if not self._good:
            self._first_nl = nl
        elif abs(nl - self._first_nl) > _CLOSE_NL:
            return False
        self._sum_nl += nl - self._first_nl
        return True

    def read(self) -> bool:
        """Takes a reading, and with it a value; whether that was plausible."""
        self.sample()
        good = self._evaluate()
        self._clear()
        failed = self._fault.update(not good)
        self._conditions.note(defs.NOTE_LEVEL_BLIND, failed)
        if failed:
            self.nl = None
        return good

    def _clear(self) -> None:
        self._sum_nl = self._good = self._bad = 0

    def _evaluate(self) -> bool:
        """Adds a value, unless most of its readings are none, or it is far from the average and from the one before.

        After power-on, after a refill and after a failure several values in a row have to be close, or one false or
        some garbage would be accepted. The first of them has nothing to be compared with.
        """
        before_nl = self.last_nl
        close = self._close
        self._close = 0
        if self._good <= self._bad:
            return False
        nl = self._first_nl + self._sum_nl // self._good
        self.last_nl = nl
        near = close > 0 and abs(nl - before_nl) <= _CLOSE_NL
        self._close = min(close + 1, _CONFIRM) if near else 1
        average_nl = self.nl
        if average_nl is None:
            if self._close == _CONFIRM and not self._fault.active:
                self.nl = nl
            return near or close == 0
        if abs(nl - average_nl) <= _CLOSE_NL:
            self.nl = average_nl + (nl - average_nl) // _FILTER
        elif near:
            self.nl = nl
        else:
            return False
        return True
