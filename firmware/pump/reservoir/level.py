"""The level sensor: implausible readings left out, the others averaged."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, tally

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions

_FILTER = const(4)  # a reading moves the average by a quarter of their difference
# Two readings of a sensor that works are no further apart: ten times its noise, and some strokes in between.
_CLOSE_NL = const(300000)
_CONFIRM = const(3)  # readings in a row that are close, before anything is known: none is believed alone
# No reservoir holds more than 40 mL (params), and a sensor is allowed an offset; beyond these it gives garbage.
_LOWEST_NL = const(-5000000)
_HIGHEST_NL = const(60000000)


class Level:
    """`nl` is the average, None while it is unknown; `last_nl` the last reading in range, plausible or not."""

    def __init__(self, level: "hal.Level", conditions: "conditions.Conditions") -> None:
        self._read_nl = level.read_nl
        self._conditions = conditions
        self._fault = debounce.Debounce(debounce.SENSOR)
        self.tally = tally.Tally()
        self._close = 0  # readings in a row that are close, up to _CONFIRM
        self.last_nl = _LOWEST_NL
        self.nl: "int | None" = None

    def restart(self) -> None:
        """Another content: it is known after some readings that agree."""
        self.nl = None
        self._close = 0

    def is_decided(self) -> bool:
        """Whether the level is known, or the sensor has failed."""
        return self.nl is not None or self._fault.active

    def failed(self) -> bool:
        """Whether the sensor has failed; NOTE_LEVEL_BLIND says the same."""
        return self._fault.active

    def read(self) -> bool:
        """Takes a reading; whether it was plausible."""
        good = self._read()
        self.tally.add(good)
        failed = self._fault.update(not good)
        self._conditions.note(defs.NOTE_LEVEL_BLIND, failed)
        if failed:
            self.nl = None
        return good

    def _read(self) -> bool:
        """Adds a reading, unless it is far from the average and from the reading before it.

        After power-on, after a refill and after a failure several readings in a row have to be close, or one false or
        some garbage would be accepted. The first of them has nothing to be compared with.
        """
        before_nl = self.last_nl
        close = self._close
        self._close = 0
        try:
            nl = self._read_nl()
        except hal.PartError:
            return False
        if not _LOWEST_NL <= nl <= _HIGHEST_NL:
            return False
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
