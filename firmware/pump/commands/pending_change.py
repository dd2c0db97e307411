"""The one change that waits for its confirmation (C1, C3); on the wire it is a draft."""

from micropython import const

from pump import defs
from pump.commands import validation
from pump.core import scheduler, ticks
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump.core import conditions
    from pump.journal import journal
    from pump.link import access

    Pairs = list[tuple[str, object]]

_WARN_MS = const(300000)  # C3
_LONGEST_MS = const(600000)
_CODE_MASK = const(0x3FFFFFFF)


class Change:
    """What a command would do: `old` is the present, `new` what is carried out, `do()` makes it, `undo()` reverts it.

    `raises` when it can raise the dose and has to be confirmed. Both sides hold only what stays until something is set.
    `predicted` follows from it and from what flows meanwhile, such as the time left; it is read back behind `new`.
    `service` when a user has to press the pump's button between the request and its confirmation.
    """

    def __init__(
        self,
        old: "Pairs",
        new: "Pairs",
        do: "Callable[[], None]",
        raises: bool = True,
        undo: "Callable[[], None] | None" = None,
        service: bool = False,
        predicted: "Pairs | None" = None,
    ) -> None:
        self.old = old
        self.new = new
        self.do = do
        self.raises = raises
        self.undo = undo
        self.service = service
        self.predicted = predicted or []

    def read_back(self) -> "Pairs":
        """The future as it is shown."""
        return self.new + self.predicted


class PendingChange:
    """`number` is that of the change that waits, 0 for none; numbers rise and are used once between two resets."""

    def __init__(
        self, conditions: "conditions.Conditions", journal: "journal.Journal", access: "access.Access"
    ) -> None:
        self._conditions = conditions
        self._journal = journal
        self._access = access
        self._speaker = 0  # the session whose host must confirm it, 0 for none
        self._last = 0  # the number given last
        self._code = 0  # that the confirmation must repeat
        self._began = 0  # tick of the request
        self.job = scheduler.Job(self.run)
        self.number = 0
        self.command = ""
        self.fields: "dict[str, Any]" = {}
        self.service = False
        self._change: "Change | None" = None
        self._settings_made = 0  # what had been set when it was read back

    def propose(self, command: str, fields: "dict[str, Any]", change: Change, settings_made: int, now: int) -> "Pairs":
        """A new change replaces the one before it; the answer's pairs: draft, code, old, new.

        The code is bound to the number, the command and both sides of the read-back, so that it confirms nothing else,
        and in a session to its key, so that no other host can work it out.
        """
        self.drop(defs.DROP_REASON_REPLACED)
        self._last += 1
        self.number = self._last
        self.command = command
        self.fields = fields
        self.service = change.service
        self._change = change
        self._settings_made = settings_made
        new = change.read_back()
        read_back: "Pairs" = [("draft", self.number), ("command", command), ("old", change.old), ("new", new)]
        shown = wire.body(read_back)
        keyed = self._access.confirmation(shown)
        self._code = wire.crc(shown) & _CODE_MASK if keyed is None else keyed
        self._speaker = self._access.speaker
        self._began = now
        self.job.at(ticks.add(now, _WARN_MS))
        self._journal.write(defs.EVENT_DRAFT, self.number, defs.COMMANDS[command][0])
        return [("draft", self.number), ("code", self._code), ("old", change.old), ("new", new)]

    def still_fits(self, change: Change, settings_made: int) -> bool:
        """Whether the command would now do what was read back, and nothing was set since then (C1)."""
        shown = self._change
        same = shown is not None and change.old == shown.old and change.new == shown.new
        return same and settings_made == self._settings_made

    def check(self, number: int, code: int) -> None:
        """Refuses a confirmation that is not of the change that waits."""
        if number != self.number or self._speaker != self._access.speaker:  # 0 is no field's value
            raise validation.Refused(defs.REFUSE_NO_DRAFT, [("value", number)])
        if code != self._code:
            raise validation.Refused(defs.REFUSE_WRONG_CODE, [("value", number)])

    def close(self) -> None:
        """The change no longer waits; command, fields and read-back stay until the next."""
        self.number = 0
        self.job.off()
        self._conditions.note(defs.NOTE_DRAFT_WAITING, False)

    def drop(self, reason: int) -> None:
        """Discards the change, if there is one."""
        if self.number:
            self._journal.write(defs.EVENT_DRAFT_DROPPED, self.number, reason)
            self.close()

    def drop_of(self, command: str, reason: int) -> None:
        """Discards the change if it is of this command."""
        if self.command == command:
            self.drop(reason)

    def age_s(self, now: int) -> int:
        """How long the change has waited, in seconds."""
        return ticks.diff(now, self._began) // 1000

    def run(self, now: int) -> None:
        """The job: after five minutes a reminder, after ten the change is discarded."""
        if self._conditions.noted(defs.NOTE_DRAFT_WAITING):
            self.drop(defs.DROP_REASON_EXPIRED)
        else:
            self._conditions.note(defs.NOTE_DRAFT_WAITING, True)
            self.job.at(ticks.add(self._began, _LONGEST_MS))
