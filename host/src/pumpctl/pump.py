"""A pump on a link: one method per command; the fields of answers end in their units."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from pumpctl import errors, queries
from pumpctl.frozen import frozen
from pumpctl.protocol import answers, changes, exchange, timing, transport, wire
from pumpctl.protocol.changes import Agree, Change, always_agree
from pumpctl.therapy import plan

if TYPE_CHECKING:  # imported where a key is used, so that a pump without one is reached sooner
    from pumpctl.protocol import session as sessions

_PAIR_POLL_S = 0.25
_SECONDS_PER_DAY = 86_400


@frozen
class Acknowledged:
    """How many alarms were acknowledged, and how many are still active."""

    acknowledged: int
    standing: int


class Pump(queries.Queries):
    """Controls a pump. Every method raises Refused, NoAnswer, LinkLost or BadAnswer.

    With foreign definitions, commands that change something are not sent and raise ForeignDefinitions.

    A method that returns a Change may need two steps. The pump reads back the new values and waits for a confirmation.
    If they are not those that were sent, the pending change is dropped (ReadBackMismatch). Otherwise `agree` decides:
    True confirms the change, False drops it (NotConfirmed). The default is to confirm.

        with Pump.connect(transport.SerialTransport("/dev/ttyACM0")) as pump:
            pump.rate(1500)
            print(pump.status().delivered_nl)
    """

    @classmethod
    def connect(
        cls,
        transport: transport.Transport,
        timeout_s: float = timing.TIMEOUT_S,
        first_id: int | None = None,
        on_log: Callable[[str], None] | None = None,
        token: str | None = None,
    ) -> Self:
        """Send `hello` and return the pump, which owns the transport; it is closed also when this fails.

        `timeout_s` limits each request, `first_id` is the id of the first one (None draws one), `on_log` gets the
        device's log lines, `token` is for a service that owns the pump's port.
        """
        line = exchange.Exchange(transport, timeout_s, first_id, on_log)
        try:
            return cls(line, answers.Hello.from_answer(line.greet(token)), served=bool(token))
        except BaseException:
            transport.close()
            raise

    def close(self) -> None:
        """Close the port."""
        self._exchange.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # ---- delivery ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start delivery by the plan."""
        self._request("start")

    def stop(self) -> None:
        """Stop delivery after the present stroke; allowed in every state, and sent with foreign definitions too."""
        self._request("stop")

    def pause(self) -> None:
        """Pause delivery."""
        self._request("pause")

    def resume(self) -> None:
        """Continue after a pause or a stopping alarm."""
        self._request("resume")

    def rate(self, ul_day: int, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Change the rate; a higher one needs two steps."""
        return self._change("rate", agree, ul_day=ul_day, **_given(override=override))

    def bolus(self, volume_nl: int, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Give a volume on top of the basal rate."""
        return self._change("bolus", agree, volume_nl=volume_nl, **_given(override=override))

    def bolus_cancel(self) -> int:
        """Cancel the present bolus; returns the volume given in nL."""
        return queries.whole(self._request("bolus_cancel"), "given_nl")

    def prime(self, volume_nl: int, purpose: str = "prime", agree: Agree = always_agree) -> Change:
        """Move a counted volume at the prime rate, to fill the line or, as `bridge`, to pass its dead volume."""
        return self._change("prime", agree, volume_nl=volume_nl, purpose=purpose)

    # ---- plan and parameters ----------------------------------------------------------------------------------------

    def therapy_load(self, wanted: plan.Plan, override: str | None = None, agree: Agree = always_agree) -> Change:
        """Set a plan; it replaces the present one."""
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
        """Set a plan by its profile, see plan.simple."""
        wanted = plan.simple(profile, rate_ul_day, phase_h, cycles, fluid, volume_nl, hours)
        return self.therapy_load(wanted, override, agree)

    def param_set(self, name: str, value: int, agree: Agree = always_agree) -> Change:
        """Change one parameter; a change that can raise the dose needs two steps."""
        return self._change("param_set", agree, name=name, value=value)

    # ---- alarms -----------------------------------------------------------------------------------------------------

    def ack(self, alarm: int = 0) -> Acknowledged:
        """Acknowledge an alarm by its number, 0 for all active ones."""
        answer = self._request("ack", alarm=alarm)
        return Acknowledged(queries.whole(answer, "acknowledged"), queries.whole(answer, "standing"))

    def silence(self) -> int:
        """Silence the sound; returns for how many seconds."""
        return queries.whole(self._request("silence"), "silence_s")

    # ---- journal ----------------------------------------------------------------------------------------------------

    def journal_clear(self, agree: Agree = always_agree) -> Change:
        """Erase the journal; the log is deleted, the present state and settings are stored again."""
        return self._change("journal_clear", agree)

    def reset(self, agree: Agree = always_agree) -> Change:
        """Reset the processor half a second after the answer; `new["resumes"]` is 1 when delivery resumes by itself."""
        return self._change("reset", agree)

    def time_set(self, day: int, second: int) -> None:
        """Set the time of day (UTC) of the records: days since 1970-01-01, seconds of that day."""
        self._request("time_set", day=day, second=second)

    def keep_clock(self) -> None:
        """Set the time of day of the records from this computer's clock, if it is unknown since the last reset.

        A pump with foreign definitions, firmware that doesn't tell, a missing key and a refusal leave it unknown.
        """
        known = answers.Hello.from_answer(self._request("hello")).time_known
        if known is False and not self.foreign:
            with suppress(errors.Refused, errors.KeyMissing, errors.KeyUnfit, errors.ProofWrong):
                self.time_set(*divmod(int(time.time()), _SECONDS_PER_DAY))

    # ---- refill -----------------------------------------------------------------------------------------------------

    def refill_begin(self) -> int:
        """Stop delivery for a refill; returns the volume in nL that is left by the ledger."""
        return queries.whole(self._request("refill_begin"), "ledger_nl")

    def refill_withdrawn(self, volume_nl: int) -> answers.Withdrawal:
        """Enter the withdrawn volume; the pump compares it with the ledger."""
        return answers.Withdrawal.from_answer(self._request("refill_withdrawn", volume_nl=volume_nl))

    def refill_finish(self, volume_nl: int, fluid: str, early: bool = False, agree: Agree = always_agree) -> Change:
        """Enter the volume and fluid in the reservoir now; delivery continues only after a start."""
        extra: dict[str, wire.Value] = {"early": True} if early else {}
        return self._change("refill_finish", agree, volume_nl=volume_nl, fluid=fluid, **extra)

    def refill_cancel(self) -> None:
        """Cancel the refill; the ledger stays as it was before."""
        self._request("refill_cancel")

    # ---- keys -------------------------------------------------------------------------------------------------------

    def pair(self, name: str, role: str, on_wait: Callable[[], None] = lambda: None) -> sessions.HostKey:
        """Pair this host and return its key, which this object uses from now on; `key_files.save` stores it.

        `on_wait` is called when the pump has begun and waits for a press of its button. Raises PairingOver, ProofWrong.
        """
        from pumpctl.protocol import session as sessions

        pairing = sessions.Pairing(name, role)
        self.pair_begin(name, role, pairing.public.hex())
        on_wait()
        state = self._until_over(lambda state: state.stage == "ready")
        key = pairing.agree(str(state.public), self.hello.unique_id)
        if not sessions.is_pump_proof(key, self.pair_finish(sessions.host_proof(key))):
            raise errors.ProofWrong
        self._key, self._session = key, None
        self.hello = replace(self.hello, keyed=True)
        return key

    def pair_begin(self, name: str, role: str, public: str) -> None:
        """Begin a pairing with this host's public key in hex; `pair` does all of it."""
        self._request("pair_begin", name=name, role=role, public=public)

    def pair_finish(self, proof: str) -> str:
        """Finish a pairing; returns the pump's proof."""
        return str(self._request("pair_finish", proof=proof).get("proof"))

    def key_revoke(self, name: str) -> None:
        """Take away the key of a host."""
        self._request("key_revoke", name=name)

    def keys_erase(self, on_wait: Callable[[], None] = lambda: None) -> None:
        """Take away all keys; the pump's button must be held for 5 s. Raises PairingOver."""
        self._request("keys_erase")
        on_wait()
        with suppress(errors.PairingOver):
            self._until_over(lambda _state: False)
        if self.keys().hosts or self.keys().area in ("damaged", "unreadable"):
            raise errors.PairingOver
        self._key = self._session = None
        self.hello = answers.Hello.from_answer(self._request("hello"))

    def _until_over(self, reached: Callable[[answers.PairState], bool]) -> answers.PairState:
        """Return the state of a pairing that has reached a stage; raises PairingOver when it has ended before."""
        while True:
            state = self.pair_state()
            if reached(state):
                return state
            if state.stage == "idle":
                raise errors.PairingOver
            self.poll(_PAIR_POLL_S)

    # ---- pending change ---------------------------------------------------------------------------------------------

    def confirm(self, draft: int, code: int) -> str:
        """Confirm a pending change by its number and the code of its read-back; returns the command's name."""
        return str(self._request("confirm", draft=draft, code=code).get("done"))

    def draft_drop(self) -> None:
        """Drop the pending change."""
        self._request("draft_drop")

    def _change(self, command: str, agree: Agree, **asked: wire.Value) -> Change:
        """Ask for a change, compare the read-back, let `agree` decide, confirm."""
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
            with suppress(errors.PumpError):  # the first error is reported; the pump drops the change after ten minutes
                self.draft_drop()
            raise
        self.confirm(pending.number, pending.code)
        return Change(pending.old, pending.new)


def _given(**fields: wire.Value) -> dict[str, wire.Value]:
    return {name: value for name, value in fields.items() if value is not None}
