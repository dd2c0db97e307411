"""Keeps the one change that waits for its confirmation (C1, C3)."""

from micropython import const

from pump import defs
from pump.commands import validation
from pump.core import ticks
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump.core import conditions, scheduler
    from pump.journal import journal

    Pairs = list[tuple[str, object]]

_WARN_MS = const(300000)  # C3
_LONGEST_MS = const(600000)
_CODE_MASK = const(0x3FFFFFFF)


class Change:
    """What a command would do: `old` is how it is, `new` how it would be, `do()` makes it so.

    `raises` when it can raise the dose and has to be confirmed. `old` holds only what stays until somebody changes it;
    what is foretold from it, as the time left, stands in `new`.
    """

    def __init__(self, old: "Pairs", new: "Pairs", do: "Callable[[], None]", raises: bool = True) -> None:
        self.old = old
        self.new = new
        self.do = do
        self.raises = raises


class Drafts:
    """`number` is that of the draft that waits, 0 for none; numbers rise and are never used twice in a run."""

    def __init__(self, conditions: "conditions.Conditions", journal: "journal.Journal") -> None:
        self._conditions = conditions
        self._journal = journal
        self._last = 0
        self._code = 0
        self._began = 0
        self.job: scheduler.Job
        self.number = 0
        self.command = ""
        self.fields: "dict[str, Any]" = {}
        self.old: "Pairs" = []

    def propose(self, command: str, fields: "dict[str, Any]", change: Change, now: int) -> "Pairs":
        """A new draft in the place of the one before it; the answer's pairs: draft, code, old, new.

        The code is bound to the number, the command and both sides of the echo, so that nothing else can be confirmed
        with it.
        """
        self.drop(defs.DROP_REASON_REPLACED)
        self._last += 1
        self.number = self._last
        self.command = command
        self.fields = fields
        self.old = change.old
        echo: "Pairs" = [("draft", self.number), ("command", command), ("old", change.old), ("new", change.new)]
        self._code = wire.crc(echo) & _CODE_MASK
        self._began = now
        self.job.at(ticks.add(now, _WARN_MS))
        self._journal.write(defs.EVENT_DRAFT, self.number, defs.COMMANDS[command][0])
        return [("draft", self.number), ("code", self._code), ("old", change.old), ("new", change.new)]

    def check(self, number: int, code: int) -> None:
        """Refuses a confirmation that is not of the draft that waits."""
        if number != self.number:  # 0 is no field's value
            raise validation.Refused(defs.REFUSE_NO_DRAFT, [("cmd", "confirm"), ("value", number)])
        if code != self._code:
            raise validation.Refused(defs.REFUSE_WRONG_CODE, [("cmd", "confirm"), ("value", number)])

    def take(self) -> None:
        """The draft is confirmed and waits no longer; command, fields and old are kept until the next."""
        self.number = 0
        self.job.off()
        self._conditions.note(defs.NOTE_DRAFT_WAITING, False)

    def drop(self, reason: int) -> None:
        """Throws the draft away, if there is one."""
        if self.number:
            self._journal.write(defs.EVENT_DRAFT_DROPPED, self.number, reason)
            self.take()

    def drop_of(self, command: str, reason: int) -> None:
        """Throws the draft away if it is of this command."""
        if self.command == command:
            self.drop(reason)

    def age_s(self, now: int) -> int:
        """How long the draft has waited."""
        return ticks.diff(now, self._began) // 1000

    def run(self, now: int) -> None:
        """The job: after five minutes the draft is called to mind, after ten it is thrown away."""
        if self._conditions.noted(defs.NOTE_DRAFT_WAITING):
            self.drop(defs.DROP_REASON_EXPIRED)
        else:
            self._conditions.note(defs.NOTE_DRAFT_WAITING, True)
            self.job.at(ticks.add(self._began, _LONGEST_MS))
