"""Checks the requests of the link against the definitions, then calls the method of the command.

Each request is checked whole before anything is changed: known command, known fields, types, limits, state. A refusal
carries its number and what was at fault.
"""

from micropython import const

from pump import defs, hal
from pump.commands import answered, delivery, keys, pending_change, queries, refill, settings, validation
from pump.core import params
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump import controller
    from pump.core import containment
    from pump.link import access

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]


# What these change must outlast a reset: they are refused while the journal can't be written (`journal_clear` is not).
_KEPT = (
    "rate", "therapy_set", "param_set", "bolus", "prime", "refill_begin", "refill_withdrawn", "refill_finish",
    "time_set",
)  # fmt: skip

# What a user at a terminal reads behind the number of a refusal.
_IN_WORDS = {
    defs.REFUSE_BAD_LINE: "not understood; type help",
    defs.REFUSE_UNKNOWN_COMMAND: "no such word; type help",
    defs.REFUSE_NO_CHECKSUM: "not done: it takes a program with a checksum, such as pumpctl; type help",
    defs.REFUSE_MISSING_FIELD: "not done: it takes a number, so a program such as pumpctl; type help",
}
_REFUSED_TEXT = "not done"

# Records of the log that commands may cause, so that they can't push out what is not a fault: a set-up takes some 150
# at once, and after that one a minute is more than an operator needs. What lowers the dose or answers an alarm is free.
_MOST_RECORDS = const(500)
_RECORD_S = const(60)
_ALWAYS = ("pause", "ack", "bolus_cancel", "draft_drop")
# What only views, but must not be done twice when its line comes twice.
_ONCE = ("session_open", "pair_begin", "pair_finish", "keys_erase")


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
        access: "access.Access",
    ) -> None:
        self._pump = pump
        self._access = access
        self._button = board.button
        self._containment = containment
        self.pending = pending_change.PendingChange(pump.conditions, pump.journal, access)
        self._must_be_kept = False  # what the present request has done
        self._undo: "Callable[[], None] | None" = None  # of it
        self._records = _MOST_RECORDS  # that may still be caused now
        self._counted_s = 0  # uptime up to which they have grown
        self._answered = answered.Answered()
        self._methods: "dict[str, Callable[[Fields, int], Pairs | pending_change.Change]]" = {}
        subjects = (
            self,
            queries.Queries(pump, board, set_telemetry, access),
            keys.Keys(access, self.pending),
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
        self._access.begin_line()
        identity: "int | None" = None
        self._must_be_kept = False
        self._undo = None
        following = self._pump.journal.next
        name: object = None
        try:
            frame = self._decode(line)
            before = self._answered.find(wire.trimmed(line), self._pump.uptime.s)
            if before is not None:
                return before
            identity = validation.identity(frame.fields)
            name = frame.fields.get("cmd")
            pairs: "Pairs" = [("id", identity), ("ok", True)]
            if name == "stop":
                self._stop(now)
            else:
                pairs.extend(self._answer(frame, identity, now))
            self._keep(now)
        except validation.Refused as refusal:
            pairs = [("id", identity), ("ok", False), ("refused", refusal.args[0])]
            pairs.extend(refusal.pairs())
            if wire.is_typed(line):
                pairs.append(("text", _IN_WORDS.get(refusal.args[0], _REFUSED_TEXT)))
            self._pump.evaluate(now)
            self._pump.save(now)
        self._records -= self._pump.journal.next - following
        self._remember(line, name, identity, pairs)
        return pairs

    def _keep(self, now: int) -> None:
        """What is answered is in flash; a change that could not be written is refused, and undone where it can be."""
        self._pump.evaluate(now)
        self._pump.save(now)
        if self._must_be_kept and self._pump.conditions.has(defs.BIT_JOURNAL_UNFIT):
            if self._undo is not None:
                self._undo()
            raise validation.Refused(defs.REFUSE_NOT_KEPT, [])

    def _remember(self, line: bytes, name: object, identity: "int | None", answer: "Pairs") -> None:
        """Only what has an id can be meant twice; a stop is carried out each time."""
        if identity is None or not isinstance(name, str) or name not in self._methods:
            return
        if defs.COMMANDS[name][1] or name in _ONCE:
            self._answered.add(wire.trimmed(line), answer, self._pump.uptime.s)

    def heed(self, line: bytes, now: int) -> None:
        """Executes a stop whose answer can't be sent (D9), and ignores everything else."""
        self._access.begin_line()
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
        self._permit(_role(waiting.command, waiting.fields))
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
        self._make(change, waiting.command)
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
            frame = wire.decode(line, self._access.verify)
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
            self._require_records(name)
            found = self._run(name, fields, now)
        except validation.Refused as refusal:
            refusal.name_command(name)
            raise
        if not isinstance(found, pending_change.Change):
            self._must_be_kept = self._must_be_kept or name in _KEPT
            return found
        if found.service:
            self._pressed()  # an earlier press was not meant for this change
        if found.raises:
            return self.pending.propose(name, fields, found, self._pump.settings_made, now)
        self._make(found, name)
        return [("draft", None), ("code", None), ("old", found.old), ("new", found.read_back())]

    def _make(self, change: "pending_change.Change", name: str) -> None:
        change.do()
        self._must_be_kept = name in _KEPT
        self._undo = change.undo

    def _require_records(self, name: str) -> None:
        """Refuses what may cause more records than the log should take."""
        now_s = self._pump.uptime.s
        grown = (now_s - self._counted_s) // _RECORD_S
        self._counted_s += grown * _RECORD_S
        self._records = min(self._records + grown, _MOST_RECORDS)
        if self._records <= 0 and defs.COMMANDS[name][1] and name not in _ALWAYS:
            raise validation.Refused(defs.REFUSE_TOO_OFTEN, [])

    def _pressed(self) -> bool:
        try:
            return self._button.pressed()
        except hal.PartError:
            return False

    def _check(self, frame: wire.Frame, name: str, identity: "int | None") -> "Fields":
        _, role, bare, _, known = defs.COMMANDS[name]
        if not bare and (not frame.checked or identity is None):
            raise validation.Refused(defs.REFUSE_NO_CHECKSUM, [])
        refusal = self._access.use(identity)
        if refusal:
            raise validation.Refused(refusal, [])
        self._permit(role)
        fields = validation.fields(frame.fields, known)
        self._permit(_role(name, fields))
        return fields

    def _permit(self, role: int) -> None:
        """Refuses what needs a higher role than that of the line's session, where keys are required (C5, C7)."""
        refusal = self._access.permit(role)
        if refusal:
            raise validation.Refused(refusal, [("role", defs.ROLE_NAMES[role])])

    def _run(self, name: str, fields: "Fields", now: int) -> "Pairs | pending_change.Change":
        """Runs a command that is allowed in the present state; a refusal gets the command's name."""
        try:
            state = self._pump.supervisor.state
            if not defs.COMMANDS[name][3] >> state & 1:
                raise validation.Refused(defs.REFUSE_WRONG_STATE, [("state", state)])
            if name in _KEPT and self._pump.conditions.has(defs.BIT_JOURNAL_UNFIT):
                raise validation.Refused(defs.REFUSE_NOT_KEPT, [])
            if defs.COMMANDS[name][1]:
                self._access.pairing.cancel()  # the button may now be meant for this
                return self._methods[name](fields, now)
            found: "Pairs | None" = self._containment.run(self._methods[name], fields, now, defs.COMMANDS[name][0])
            if found is None:
                raise validation.Refused(defs.REFUSE_QUERY_FAILED, [])
            return found
        except validation.Refused as refusal:
            refusal.name_command(name)
            raise


def _role(name: str, fields: "Fields") -> int:
    """The role that a command with these fields needs."""
    role: int = defs.COMMANDS[name][1]
    if name == "param_set" and params.number_of(fields["name"]) in defs.SERVICE_PARAMS:
        return defs.ROLE_SERVICE
    return role
