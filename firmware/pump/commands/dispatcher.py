"""Checks the requests of the link against the definitions, then calls the method of the command.

Each request is checked whole before anything is changed: known command, known fields, types, limits, state. A refusal
carries its number and what was at fault.
"""

from micropython import const

from pump import defs, hal
from pump.commands import answered, delivery, pending_change, queries, refill, settings, validation
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump import controller
    from pump.core import containment

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]


class Dispatcher:
    """Finds the method of a command, here or in the class of its subject: it is named as the command.

    A method gets its checked fields and the time, and returns the answer's pairs, or a Change. A change that raises
    the dose waits for its confirmation, any other is made at once. `set_telemetry(now, period_s)` is the link's. An
    unexpected error in a query is answered and ends there; in a command that operates it ends in the fault state.
    """

    def __init__(
        self,
        pump: "controller.Controller",
        board: "hal.Board",
        set_telemetry: "Callable[[int, int], None]",
        containment: "containment.Containment",
    ) -> None:
        self._pump = pump
        self._button = board.button
        self._containment = containment
        self.pending = pending_change.PendingChange(pump.conditions, pump.journal)
        self._answered = answered.Answered()
        self._methods: "dict[str, Callable[[Fields, int], Pairs | pending_change.Change]]" = {}
        subjects = (
            self,
            queries.Queries(pump, board, set_telemetry),
            settings.Settings(pump),
            delivery.Delivery(pump),
            refill.Refill(pump, self.pending),
        )
        for subject in subjects:
            for name in defs.COMMANDS:
                if hasattr(subject, name):
                    self._methods[name] = getattr(subject, name)

    def answer(self, line: bytes, now: int) -> "Pairs":
        """The answer to one line; b"" stands for a line that was too long."""
        before = self._answered.find(line, self._pump.uptime.s)
        if before is not None:
            return before
        identity: "int | None" = None
        name: object = None
        try:
            frame = self._decode(line)
            identity = validation.identity(frame.fields)
            name = frame.fields.get("cmd")
            pairs: "Pairs" = [("id", identity), ("ok", True)]
            if name == "stop":
                self._stop(now)
            else:
                pairs.extend(self._answer(frame, identity, now))
        except validation.Refused as refusal:
            pairs = [("id", identity), ("ok", False), ("refused", refusal.args[0])]
            pairs.extend(refusal.pairs())
        self._pump.evaluate(now)
        self._pump.save(now)  # what is answered is in flash
        self._remember(line, name, identity, pairs)
        return pairs

    def _remember(self, line: bytes, name: object, identity: "int | None", answer: "Pairs") -> None:
        """Only what has an id can be meant twice; a stop is carried out each time."""
        if identity is not None and isinstance(name, str) and name in self._methods and defs.COMMANDS[name][1]:
            self._answered.add(line, answer, self._pump.uptime.s)

    def heed(self, line: bytes, now: int) -> None:
        """Executes a stop whose answer can't be sent (D9), and ignores everything else."""
        try:
            if self._decode(line).fields.get("cmd") != "stop":
                return
        except validation.Refused:
            return
        self._stop(now)
        self._pump.evaluate(now)
        self._pump.save(now)

    def stop(self, fields: "Fields", now: int) -> "Pairs":
        """In every state, whatever else the line holds (D9); the change that waits is discarded."""
        self._stop(now)
        return []

    def _stop(self, now: int) -> None:
        self._answered.clear()
        self._pump.stop(now)
        self.pending.drop(defs.DROP_REASON_PERSON)

    # ---- pending changes ---------------------------------------------------------------------------------------

    def confirm(self, fields: "Fields", now: int) -> "Pairs":
        """Runs the command once more, as if it were new, and makes the change if it is still the one that was shown."""
        waiting = self.pending
        pump = self._pump
        number = fields["draft"]
        waiting.check(number, fields["code"])
        if waiting.service and not self._pressed():
            raise validation.Refused(defs.REFUSE_BUTTON_NEEDED, [("value", number)])  # the change goes on waiting
        waiting.close()
        pump.evaluate(now)  # the alarm of a change that has waited long must not prevent that change
        try:
            change = self._run(waiting.command, waiting.fields, now)
            if not isinstance(change, pending_change.Change) or not waiting.still_fits(change, pump.settings_made):
                raise validation.Refused(defs.REFUSE_DRAFT_CHANGED, [("value", number)])
        except validation.Refused:
            pump.journal.write(defs.EVENT_DRAFT_DROPPED, number, defs.DROP_REASON_NO_LONGER_FITS)
            raise
        change.do()
        return [("done", waiting.command)]

    def draft(self, fields: "Fields", now: int) -> "Pairs":
        """The change that waits for its confirmation."""
        waiting = self.pending
        if waiting.number == 0:
            return [("draft", None), ("command", None), ("age_s", None)]
        return [("draft", waiting.number), ("command", waiting.command), ("age_s", waiting.age_s(now))]

    def draft_drop(self, fields: "Fields", now: int) -> "Pairs":
        """Discards it."""
        if self.pending.number == 0:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [])
        self.pending.drop(defs.DROP_REASON_PERSON)
        return []

    # ---- one request -------------------------------------------------------------------------------------------

    def _decode(self, line: bytes) -> wire.Frame:
        """The frame of a line. One of no known command, damaged or not, that holds the word stop is a stop."""
        if not line:
            raise validation.Refused(defs.REFUSE_TOO_LONG, [], "")
        try:
            frame = wire.decode(line)
        except wire.WireError as error:
            if wire.asks_stop(line):
                return wire.Frame({"cmd": "stop"}, False, None)
            raise validation.Refused(error.args[0], [], "")
        name = frame.fields.get("cmd")
        if not (isinstance(name, str) and name in self._methods) and wire.asks_stop(line):
            frame.fields["cmd"] = "stop"
        return frame

    def _answer(self, frame: wire.Frame, identity: "int | None", now: int) -> "Pairs":
        name = frame.fields.get("cmd")
        if not isinstance(name, str) or name not in self._methods:
            raise validation.Refused(defs.REFUSE_UNKNOWN_COMMAND, [], validation.shorten(name))
        try:
            fields = self._check(frame, name, identity)
            found = self._run(name, fields, now)
        except validation.Refused as refusal:
            refusal.name_command(name)
            raise
        if not isinstance(found, pending_change.Change):
            return found
        if found.service:
            self._pressed()  # an earlier press was not meant for this change
        if found.raises:
            return self.pending.propose(name, fields, found, self._pump.settings_made, now)
        found.do()
        return [("draft", None), ("code", None), ("old", found.old), ("new", found.read_back())]

    def _pressed(self) -> bool:
        try:
            return self._button.pressed()
        except hal.PartError:
            return False

    def _check(self, frame: wire.Frame, name: str, identity: "int | None") -> "Fields":
        _, _, bare, _, known = defs.COMMANDS[name]
        if frame.code is not None:
            raise validation.Refused(defs.REFUSE_NO_SESSION, [])
        if not bare and (not frame.checked or identity is None):
            raise validation.Refused(defs.REFUSE_NO_CHECKSUM, [])
        return validation.fields(frame.fields, known)

    def _run(self, name: str, fields: "Fields", now: int) -> "Pairs | pending_change.Change":
        """Runs a command that is allowed in the present state; a refusal gets the command's name."""
        try:
            state = self._pump.supervisor.state
            if not defs.COMMANDS[name][3] >> state & 1:
                raise validation.Refused(defs.REFUSE_WRONG_STATE, [("state", state)])
            if defs.COMMANDS[name][1]:
                return self._methods[name](fields, now)
            found: "Pairs | None" = self._containment.run(self._methods[name], fields, now, defs.COMMANDS[name][0])
            if found is None:
                raise validation.Refused(defs.REFUSE_QUERY_FAILED, [])
            return found
        except validation.Refused as refusal:
            refusal.name_command(name)
            raise
