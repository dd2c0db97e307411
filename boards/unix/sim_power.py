"""Power cuts and resets of the simulated pump, requested by actions; time passes in the world meanwhile."""

from plant.parts import flash
from pump import defs

_TEARS = ("none", "half", "subset", "whole")
_LONGEST_OFF_S = 1000000


class Reset(BaseException):
    """The processor is reset; a BaseException, so that no error handler catches it."""


RESTARTS = (Reset, flash.PowerCut)


class Power:
    """Actions at once: power_cut [seconds off], watchdog_reset, brown_out, reset, fault_reset.

    power_cut_none, _half, _subset, _whole [n] cut the power in the flash operation after n more; the word says how much
    of that operation is done. power_stays cancels such a cut.
    """

    def __init__(self, store: "flash.Flash") -> None:
        self._store = store
        self._pending = 0
        self.cause = defs.RESET_POWER_ON
        self.off_s = 0
        self.resets = 0
        self.actions = {
            "power_cut": self._cut_now,
            "watchdog_reset": self._setter(defs.RESET_WATCHDOG),
            "brown_out": self._setter(defs.RESET_BROWN_OUT),
            "reset": self._setter(defs.RESET_REQUEST),
            "fault_reset": self._setter(defs.RESET_FAULT),
            "power_stays": lambda _: store.uncut(),
        }
        for tear, word in enumerate(_TEARS):
            self.actions["power_cut_" + word] = self._cutter(tear)

    def check(self) -> None:
        """Raises Reset when an action has requested one."""
        if self._pending:
            self.cause = self._pending
            self._pending = 0
            raise Reset

    def reset_now(self, cause: int = defs.RESET_WATCHDOG) -> None:
        """Raises Reset; by default it is the watchdog's."""
        self.cause = cause
        raise Reset

    def begin(self, cut: bool) -> None:
        """The processor starts again; `cut`: the power was cut in a flash operation."""
        if cut:
            self.cause = defs.RESET_POWER_ON
        self.off_s = 0
        self.resets += 1

    def _cut_now(self, off_s: int) -> None:
        if not 0 <= off_s <= _LONGEST_OFF_S:
            raise ValueError("power_cut takes 0..1000000 seconds")
        self._pending = defs.RESET_POWER_ON
        self.off_s = off_s

    def _setter(self, cause: int) -> "callable":
        def reset(_: int) -> None:
            self._pending = cause

        return reset

    def _cutter(self, tear: int) -> "callable":
        def cut(operations: int) -> None:
            if not 0 <= operations <= 0x3FFFFFFF:
                raise ValueError("a cut takes the number of operations before it")
            self._store.cut(operations, tear)

        return cut
