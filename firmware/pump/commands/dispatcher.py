"""Takes the requests of the link: checks them against the definitions, then has the room of their subject answer.

Each request is checked whole before anything is changed: known command, known fields, types, limits, state. A refusal
carries its number and what was at fault.
"""

from micropython import const

from pump import defs
from pump.commands import delivery, pending_change, queries, refill, settings, validation
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump import app

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]


class Commands:
    """One method per command, named as the command, here or in the room of its subject.

    It takes its checked fields and the time, and returns the answer's pairs, or the Change that it would make: one
    that raises the dose becomes a draft, any other is made at once.
    """

    def __init__(self, app: "app.App") -> None:
        self._app = app
        self._methods: "dict[str, Callable[[Fields, int], Pairs | pending_change.Change]]" = {}
        rooms = (
            self,
            queries.Views(app),
            settings.Settings(app),
            delivery.Doses(app),
            refill.Refills(app),
        )
        for room in rooms:
            for name in defs.COMMANDS:
                if hasattr(room, name):
                    self._methods[name] = getattr(room, name)

    def answer(self, line: bytes, now: int) -> "Pairs":
        """The answer to one line; b"" stands for a line that was too long."""
        identity: "int | None" = None
        try:
            frame = self._decode(line)
            identity = validation.identity(frame.fields)
            name, fields = self._check(frame, identity)
            pairs: "Pairs" = [("id", identity), ("ok", True)]
            pairs.extend(self._carry_out(name, fields, now))
        except validation.Refused as refusal:
            number, details = refusal.args
            pairs = [("id", identity), ("ok", False), ("refused", number)]
            pairs.extend(details)
        self._app.judge(now)
        self._app.keeping.run(now)  # what is acknowledged is in flash
        return pairs

    def heed(self, line: bytes, now: int) -> None:
        """Obeys a stop whose answer nobody would read (D9), and passes over all else."""
        try:
            if self._decode(line).fields.get("cmd") == "stop":
                self._methods["stop"]({}, now)
        except validation.Refused:
            pass

    # ---- drafts ------------------------------------------------------------------------------------------------

    def confirm(self, fields: "Fields", now: int) -> "Pairs":
        """Asks the command once more, as if it were new, and makes the change if it is still the one that was shown."""
        waiting = self._app.drafts
        number = fields["draft"]
        waiting.check(number, fields["code"])
        waiting.take()
        self._app.judge(now)  # the alarm of a draft that has waited long doesn't stand against the draft itself
        try:
            self._check_state(waiting.command)
            change = self._methods[waiting.command](waiting.fields, now)
            if not isinstance(change, pending_change.Change) or change.old != waiting.old:
                raise validation.Refused(defs.REFUSE_NO_DRAFT, [("cmd", "confirm"), ("value", number)])
        except validation.Refused:
            self._app.journal.write(defs.EVENT_DRAFT_DROPPED, number, defs.DROP_REASON_NO_LONGER_FITS)
            raise
        change.do()
        return [("done", waiting.command)]

    def draft(self, fields: "Fields", now: int) -> "Pairs":
        waiting = self._app.drafts
        if waiting.number == 0:
            return [("draft", None), ("command", None), ("age_s", None)]
        return [("draft", waiting.number), ("command", waiting.command), ("age_s", waiting.age_s(now))]

    def draft_drop(self, fields: "Fields", now: int) -> "Pairs":
        if self._app.drafts.number == 0:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [("cmd", "draft_drop")])
        self._app.drafts.drop(defs.DROP_REASON_PERSON)
        return []

    # ---- the inside --------------------------------------------------------------------------------------------

    def _carry_out(self, name: str, fields: "Fields", now: int) -> "Pairs":
        found = self._methods[name](fields, now)
        if not isinstance(found, pending_change.Change):
            return found
        if found.raises:
            return self._app.drafts.propose(name, fields, found, now)
        found.do()
        return [("draft", None), ("code", None), ("old", found.old), ("new", found.new)]

    def _decode(self, line: bytes) -> wire.Frame:
        if not line:
            raise validation.Refused(defs.REFUSE_TOO_LONG, [])
        try:
            return wire.decode(line)
        except wire.WireError as error:
            raise validation.Refused(error.args[0], [])

    def _check(self, frame: wire.Frame, identity: "int | None") -> "tuple[str, Fields]":
        name = frame.fields.get("cmd")
        if not isinstance(name, str) or name not in self._methods:
            raise validation.Refused(defs.REFUSE_UNKNOWN_COMMAND, [("cmd", validation.echo(name))])
        _, _, bare, _, known = defs.COMMANDS[name]
        if frame.code is not None:
            raise validation.Refused(defs.REFUSE_NO_SESSION, [("cmd", name)])
        if not bare and (not frame.checked or identity is None):
            raise validation.Refused(defs.REFUSE_NO_CHECKSUM, [("cmd", name)])
        fields = validation.fields(name, frame.fields, known)
        self._check_state(name)
        return name, fields

    def _check_state(self, name: str) -> None:
        state = self._app.supervisor.state
        if not defs.COMMANDS[name][3] >> state & 1:
            raise validation.Refused(defs.REFUSE_WRONG_STATE, [("cmd", name), ("state", state)])
