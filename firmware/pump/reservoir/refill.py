"""The refill as a transaction: the ledger changes only in `Reservoir.fill` (V4).

Once a withdrawal is entered, the contents are unknown until an operator says what is in: a refill that ends without
that, by a command or a reset, leaves a pump that can't be started.
"""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.reservoir import reservoir

# V4: (percent of what was commanded, nL); a difference counts when it is larger than both numbers of a row. The first
# rows are the requirement's, beyond what a syringe of 20 mL can be read to. Below that a large share of a small volume
# warns: it may be the reading, and the operator is told to measure again. It is no reason to hold the pump.
_WARN = ((5, 100000), (20, 20000))
_ALARM = ((10, 100000),)


class Refill:
    """`withdrawn_known`: the volume that came out was entered, or nothing is known of the old content.

    `began_known`: whether the contents were known when the refill began.
    """

    def __init__(self, reservoir: "reservoir.Reservoir", conditions: "conditions.Conditions") -> None:
        self._reservoir = reservoir
        self._conditions = conditions
        self._entered = False  # a withdrawal, in this refill
        self.withdrawn_known = False
        self.began_known = False

    def begin(self) -> None:
        """The volume that comes out has to be entered, unless the old content is unknown."""
        self._entered = False
        self.began_known = self._reservoir.present_fluid() != defs.FLUID_NONE
        self.withdrawn_known = not self.began_known

    def withdrawn(self, volume_nl: int) -> "tuple[int, int, int, int]":
        """Compares what came out with the ledger; (ledger nL, difference nL, commanded nL, percent of that)."""
        ledger_nl = self._reservoir.ledger_nl()
        commanded_nl = self._reservoir.commanded_nl()
        difference_nl = volume_nl - ledger_nl
        percent = -(-abs(difference_nl) * 100 // max(1, commanded_nl))
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, _exceeds(_WARN, percent, difference_nl))
        self._conditions.put(defs.BIT_REFILL_UNSETTLED, _exceeds(_ALARM, percent, difference_nl))
        self._conditions.set(defs.BIT_CONTENTS_UNKNOWN)
        self.withdrawn_known = True
        self._entered = True
        return ledger_nl, difference_nl, commanded_nl, percent

    def settle(self) -> None:
        """An operator has acknowledged that what was withdrawn is not what was expected."""
        self._conditions.clear(defs.BIT_REFILL_UNSETTLED)

    def cancel(self) -> None:
        """All is as it was, unless a withdrawal was entered; what a syringe has moved is no fault of the drive."""
        self._reservoir.restart_level_check()
        if self._entered:
            self._conditions.note(defs.NOTE_REFILL_OPEN, True)

    def interrupted(self) -> None:
        """A reset has ended the refill."""
        if self._conditions.has(defs.BIT_CONTENTS_UNKNOWN) and self._reservoir.fluid != defs.FLUID_NONE:
            self._conditions.note(defs.NOTE_REFILL_OPEN, True)


def _exceeds(rows: "tuple[tuple[int, int], ...]", percent: int, difference_nl: int) -> bool:
    return any(percent > most_percent and abs(difference_nl) > most_nl for most_percent, most_nl in rows)
