"""The refill as a transaction: nothing of the ledger changes between its beginning and `Reservoir.fill` (V4)."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.reservoir import reservoir

# V4. A difference within what a syringe of 20 mL can be read to never counts.
_WARN_PERCENT = const(5)
_ALARM_PERCENT = const(10)
_READING_NL = const(100000)


class Refill:
    """`withdrawn_known`: the volume that came out was entered, or nothing is known of the old content."""

    def __init__(self, reservoir: "reservoir.Reservoir", conditions: "conditions.Conditions") -> None:
        self._reservoir = reservoir
        self._conditions = conditions
        self.withdrawn_known = False

    def begin(self) -> None:
        """The volume that comes out has to be entered, unless the old content is unknown."""
        self.withdrawn_known = self._reservoir.fluid == defs.FLUID_NONE

    def withdrawn(self, volume_nl: int) -> "tuple[int, int, int, int]":
        """Compares what came out with the ledger; (ledger nL, difference nL, commanded nL, percent of that)."""
        ledger_nl = self._reservoir.ledger_nl()
        commanded_nl = self._reservoir.commanded_nl()
        difference_nl = volume_nl - ledger_nl
        percent = -(-abs(difference_nl) * 100 // max(1, commanded_nl))
        counts = abs(difference_nl) > _READING_NL
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, counts and percent > _WARN_PERCENT)
        self._conditions.put(defs.BIT_REFILL_UNSETTLED, counts and percent > _ALARM_PERCENT)
        self.withdrawn_known = True
        return ledger_nl, difference_nl, commanded_nl, percent

    def settle(self) -> None:
        """An operator has acknowledged that what was withdrawn is not what was expected."""
        self._conditions.clear(defs.BIT_REFILL_UNSETTLED)

    def cancel(self) -> None:
        """All is as it was before; what a syringe has moved is no fault of the drive."""
        self._reservoir.restart_level_check()
        self._conditions.clear(defs.BIT_REFILL_UNSETTLED)
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, False)
