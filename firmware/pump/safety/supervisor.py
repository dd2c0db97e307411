"""Decides the state of the pump from the table of transitions, the most dangerous row first."""

from pump import defs
from pump.core import redundant


class Supervisor:
    """`state` is one of defs.STATE_*. It is kept twice: when the copies differ a read raises twice.Mismatch, once.

    The state is stopped_alarm after that, out of which the internal error leads to the fault as out of any other.
    """

    def __init__(self) -> None:
        self.word = redundant.Word(defs.STATE_SELF_TEST, defs.STATE_STOPPED_ALARM)

    @property
    def state(self) -> int:
        """The present one."""
        return self.word.get()

    @state.setter
    def state(self, state: int) -> None:
        self.word.put(state)

    def may_move(self) -> bool:
        """Whether the drive may move in this state."""
        return defs.MAY_MOVE >> self.state & 1 == 1

    def next(self, word: int, request: int = 0) -> int:
        """The state that the first fitting row gives for these bits; the present one when none fits.

        `request` is one of defs.REQUEST_*, 0 for none.
        """
        state = self.state
        here = 1 << state
        for origins, must, must_not, asked, target in defs.TRANSITIONS:
            if origins & here and word & must == must and not word & must_not and (not asked or asked == request):
                return target
        return state

    def held_by(self, request: int, word: int) -> int:
        """The bits that keep a request from being granted: 0 when it would be, or when no row knows it here."""
        here = 1 << self.state
        for origins, _, must_not, asked, _ in defs.TRANSITIONS:
            if origins & here and asked == request:
                return word & must_not
        return 0
