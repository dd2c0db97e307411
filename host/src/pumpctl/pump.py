"""A pump on a link: one method per command; answers are records with units in their names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pumpctl import errors, queries
from pumpctl.protocol import answers, changes, exchange, transport, wire
from pumpctl.protocol.changes import Agree, Change, always_agree
from pumpctl.therapy import plan

TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Acknowledged:
    """How many alarms an acknowledgement took, and how many still stand."""

    acknowledged: int
    standing: int


class Pump(queries.Queries):
    """Every method raises Refused, NoAnswer, LinkLost or BadAnswer; with foreign definitions those that change
    something raise ForeignDefinitions instead of sending anything.

    What returns a Change may take two steps: the pump echoes what it understood, and an echo that is not what was
    asked is dropped (ReadBackMismatch). Then `agree` is asked, which without a person always agrees; on no the draft is
    dropped (NotConfirmed), else it is confirmed.

        with Pump.connect(link.SerialTransport("/dev/ttyACM0")) as pump:
            pump.rate(1500)
            print(pump.status().delivered_nl)
    """

    @classmethod
    def connect(
        cls,
        transport: transport.Transport,
        timeout_s: float = TIMEOUT_S,
        first_id: int = 1,
        on_log: Callable[[str], None] | None = None,
    ) -> Self:
        """Greet the pump and return it; it owns the transport from now on, also when this fails.

        `timeout_s` holds for each answer, `first_id` is that of the first request, `on_log` gets lines of device log.
        """
        line = exchange.Exchange(transport, timeout_s, first_id, on_log)
        try:
            return cls(line, answers.Hello.from_answer(line.greet()))
        except BaseException:
            transport.close()
            raise

    def close(self) -> None:
        """Give the port back."""
        self._exchange.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- delivery ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin delivery by the plan."""
        self._request("start")

    def stop(self) -> None:
        """End delivery after the stroke that is under way; taken in every state, and always sent."""
        self._request("stop")

    def pause(self) -> None:
        """Hold delivery."""
        self._request("pause")

    def resume(self) -> None:
        """Go on after a pause or a stopping alarm."""
        self._request("resume")

    def rate(self, ul_day: int, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Change the rate; a higher one takes two steps."""
        return self._change("rate", agree, ul_day=ul_day, **_given(override=override))

    def bolus(self, volume_nl: int, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Give a volume on top of the basal rate."""
        return self._change("bolus", agree, volume_nl=volume_nl, **_given(override=override))

    def bolus_cancel(self) -> int:
        """End the bolus that runs; returns what was given of it in nL."""
        return queries.whole(self._request("bolus_cancel"), "given_nl")

    def prime(self, volume_nl: int, purpose: str = "prime", agree: Agree = always_agree) -> Change:
        """Move a counted volume at the prime rate, to fill the line or, as a `bridge`, through its dead volume."""
        return self._change("prime", agree, volume_nl=volume_nl, purpose=purpose)

    # ---- plan and parameters ----------------------------------------------------------------------------------------

    def therapy_load(self, wanted: plan.Plan, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Set a plan; the one before it is forgotten."""
        return self._change("therapy_set", agree, **wanted.fields(), **_given(override=override))

    def therapy_set(
        self,
        profile: str,
        rate_ul_day: int,
        phase_h: int = plan.PHASE_H,
        cycles: int = 1,
        fluid: str = "saline",
        volume_nl: int = 0,
        hours: int = 0,
        override: str | None = None,
        agree: Agree = always_agree,
    ) -> Change:
        """Set a plan of one of the usual shapes, see plan.simple."""
        wanted = plan.simple(profile, rate_ul_day, phase_h, cycles, fluid, volume_nl, hours)
        return self.therapy_load(wanted, override, agree)

    def param_set(self, name: str, value: int, agree: Agree = always_agree) -> Change:
        """Change one parameter; one that can raise the dose takes two steps."""
        return self._change("param_set", agree, name=name, value=value)

    # ---- alarms -----------------------------------------------------------------------------------------------------

    def ack(self, alarm: int = 0) -> Acknowledged:
        """Acknowledge an alarm by its number, 0 for all that stand."""
        answer = self._request("ack", alarm=alarm)
        return Acknowledged(queries.whole(answer, "acknowledged"), queries.whole(answer, "standing"))

    def silence(self) -> int:
        """Turn the sound off; returns for how many seconds."""
        return queries.whole(self._request("silence"), "silence_s")

    # ---- journal ----------------------------------------------------------------------------------------------------

    def journal_clear(self, agree: Agree = always_agree) -> Change:
        """Erase the journal: the log is lost, and what is in force now is kept anew."""
        return self._change("journal_clear", agree)

    def time_set(self, day: int, second: int) -> None:
        """Tell the pump the time of day (UTC) for its records: days since 1970 began, seconds of that day."""
        self._request("time_set", day=day, second=second)

    # ---- refill -----------------------------------------------------------------------------------------------------

    def refill_begin(self) -> int:
        """Stop delivery for a refill; returns the volume in nL that the ledger says is left."""
        return queries.whole(self._request("refill_begin"), "ledger_nl")

    def refill_withdrawn(self, volume_nl: int) -> answers.Withdrawal:
        """Enter what came out of the reservoir; it is compared with the ledger."""
        return answers.Withdrawal.from_answer(self._request("refill_withdrawn", volume_nl=volume_nl))

    def refill_finish(self, volume_nl: int, fluid: str, early: bool = False, agree: Agree = always_agree) -> Change:
        """Enter what the reservoir holds now; a start is needed to go on."""
        extra: dict[str, wire.Value] = {"early": True} if early else {}
        return self._change("refill_finish", agree, volume_nl=volume_nl, fluid=fluid, **extra)

    def refill_cancel(self) -> None:
        """Break the refill off."""
        self._request("refill_cancel")

    # ---- drafts -----------------------------------------------------------------------------------------------------

    def confirm(self, draft: int, code: int) -> str:
        """Confirm a draft by its number and the code of its echo; returns the name of the command that was done."""
        return str(self._request("confirm", draft=draft, code=code).get("done"))

    def draft_drop(self) -> None:
        """Throw the draft away."""
        self._request("draft_drop")

    def _change(self, command: str, agree: Agree, **asked: wire.Value) -> Change:
        """Ask for a change, compare the echo, have it agreed to, confirm it."""
        pending = changes.PendingChange.from_answer(command, self._request(command, **asked))
        differing = changes.differences(command, asked, pending.new)
        if pending.number is None or pending.code is None:
            if differing:
                raise errors.ReadBackMismatch(command, differing, done=True)
            return Change(pending.old, pending.new)
        try:
            if differing:
                raise errors.ReadBackMismatch(command, differing, done=False)
            if not agree(pending):
                raise errors.NotConfirmed(command)
        except BaseException:
            with suppress(errors.PumpError):  # what went wrong first is what is told; the pump drops it by itself
                self.draft_drop()
            raise
        self.confirm(pending.number, pending.code)
        return Change(pending.old, pending.new)


def _given(**fields: wire.Value) -> dict[str, wire.Value]:
    return {name: value for name, value in fields.items() if value is not None}
