"""The bench that a measurement runs on: pump, balance, time, and what is done to the line.

A simulated stand moves the time itself, so that days cost seconds. On a real one an operator does what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from pumpctl import errors, ports, sim
from pumpctl.balance import port as balances
from pumpctl.balance.simulated import SimulatedBalance
from pumpctl.protocol.changes import Agree, always_agree
from pumpctl.pump import Pump

FILL_NL = 16_000_000
_BACK_PRESSURE_PA = 13_000
_PA_PER_CM = 98.0665  # of water
# A vessel on a bench: no pulse, no breathing, no posture, no change of the air pressure.
_STILL = {"vessel_mean_pa": _BACK_PRESSURE_PA, "pulse_pa": 0, "breath_pa": 0, "posture_pa": 0, "ambient_pa": 0}


# Twice the most that can be primed, 2 mL, at the slowest prime rate, 1 mL/day.
_LONGEST_PRIME_MS = 4 * 86_400_000


class Stand(Protocol):
    """What a measurement needs. Times are milliseconds of the bench since it was opened."""

    pump: Pump
    balance: balances.Balance
    back_pressure_kpa: float | None

    def now_ms(self) -> int:
        """Return the time."""

    def wait_ms(self, ms: int) -> None:
        """Let time pass."""

    def clock_jump_ms(self) -> int:
        """Return by how much this computer's clock has moved against the time that passed, since the last call."""

    def away_ms(self, since_ms: int) -> int:
        """Return how much time of the bench passed since this time of the computer's clock, while no run was on."""

    def reopen_balance(self) -> None:
        """Open the balance again after it was lost; raises BalanceMissing."""

    def prepare(self, rate_ul_day: int, agree: Agree) -> None:
        """Set a plan without end at this rate; the pump is in standby afterwards."""

    def prime(self, volume_nl: int, agree: Agree) -> None:
        """Prime the line with a volume, and wait for the end; raises NoReaction, Refused, NotConfirmed."""

    def block(self, closed: bool) -> None:
        """Close the line at its end, or open it."""

    def raise_end(self, cm: int) -> None:
        """Bring the end of the line to this height above that of the start; negative is below."""

    def close(self) -> None:
        """Close pump and balance; may be called again."""


class SimulatedStand:
    """A simulated pump in host time, with a simulated balance at the end of its line."""

    def __init__(self, port: str, protocol: str = "mt-sics") -> None:
        """Start it from a port such as `sim:seed=3,drive_error_ppm=0`; raises SimulatorMissing, UsageProblem."""
        emulated = port.startswith(ports.EMULATED)
        options = sim.options_of(port.partition(":")[2], emulated)
        settings = {**_STILL, **options.settings}
        self.back_pressure_kpa: float | None = settings["vessel_mean_pa"] / 1000
        self._simulation = sim.Simulation(
            options.seed, settings, emulated=emulated, options=options.words()
        )
        try:
            self.simulated_balance = SimulatedBalance(self._weighed, protocol, options.seed)
            self.balance = balances.open_at(balances.Place(self.simulated_balance.port, protocol))
            self.pump = Pump.connect(self._simulation.transport())
        except BaseException:
            self._simulation.close()
            raise

    def now_ms(self) -> int:
        """As in Stand."""
        return self._simulation.elapsed_ms

    def wait_ms(self, ms: int) -> None:
        """As in Stand."""
        self._simulation.run(ms)

    def clock_jump_ms(self) -> int:
        """As in Stand."""
        return 0

    def away_ms(self, since_ms: int) -> int:
        """As in Stand; a simulated pump begins anew."""
        return 0

    def reopen_balance(self) -> None:
        """As in Stand."""
        self.balance.close()
        self.balance = balances.open_at(self.balance.place)

    def prepare(self, rate_ul_day: int, agree: Agree) -> None:
        """As in Stand; the reservoir is filled first."""
        self.pump.refill_begin()
        self.wait_ms(2000)
        if self.pump.status().fluid != "none":
            self.pump.refill_withdrawn(self._simulation.truth()["reservoir_nl"])
        self._simulation.do("refill", FILL_NL)
        self.pump.refill_finish(FILL_NL, "saline")
        self.pump.therapy_set("continuous", rate_ul_day, override="soft_rate")

    def prime(self, volume_nl: int, agree: Agree) -> None:
        """As in Stand; no user is asked."""
        _prime(self, volume_nl, always_agree)

    def block(self, closed: bool) -> None:
        """As in Stand."""
        self._simulation.do("block" if closed else "unblock")

    def raise_end(self, cm: int) -> None:
        """As in Stand."""
        self._simulation.do("posture", round(cm * _PA_PER_CM))

    def close(self) -> None:
        """As in Stand."""
        self.balance.close()
        self.simulated_balance.close()
        self.pump.close()
        self._simulation.close()

    def truth(self) -> dict[str, int]:
        """Return the true values of the world, without the balance's errors."""
        return self._simulation.truth()

    def _weighed(self) -> tuple[int, float]:
        truth = self.truth()
        return self._simulation.elapsed_ms, truth["delivered_nl"] + truth["delivered_rest_pl"] / 1000


class RealStand:
    """A pump and a balance at ports, and an operator who acts on the line: `ask` shows what to do and waits."""

    back_pressure_kpa: float | None = None

    def __init__(self, pump: Pump, balance: balances.Balance, ask: Callable[[str], None]) -> None:
        self.pump = pump
        self.balance = balance
        self._ask = ask
        self._began_s = time.monotonic()
        self._ahead_s = time.time() - time.monotonic()

    def now_ms(self) -> int:
        """As in Stand."""
        return round((time.monotonic() - self._began_s) * 1000)

    def wait_ms(self, ms: int) -> None:
        """As in Stand."""
        time.sleep(max(0, ms) / 1000)

    def clock_jump_ms(self) -> int:
        """As in Stand: a clock that was set, or a computer that slept."""
        ahead_s = time.time() - time.monotonic()
        jump_ms = round((ahead_s - self._ahead_s) * 1000)
        self._ahead_s = ahead_s
        return jump_ms

    def away_ms(self, since_ms: int) -> int:
        """As in Stand."""
        return max(0, time.time_ns() // 1_000_000 - since_ms)

    def reopen_balance(self) -> None:
        """As in Stand."""
        self.balance.close()
        self.balance = balances.open_at(self.balance.place)

    def prepare(self, rate_ul_day: int, agree: Agree) -> None:
        """As in Stand; reservoir and line are the operator's."""
        self._ask("Fill reservoir and line, put the end of the line into the vessel on the balance.")
        self.pump.therapy_set("continuous", rate_ul_day, override="soft_rate", agree=agree)

    def prime(self, volume_nl: int, agree: Agree) -> None:
        """As in Stand."""
        _prime(self, volume_nl, agree)

    def block(self, closed: bool) -> None:
        """As in Stand."""
        self._ask("Close the line at its end now." if closed else "Open the line again now.")

    def raise_end(self, cm: int) -> None:
        """As in Stand."""
        where = f"{abs(cm)} cm {'above' if cm > 0 else 'below'}" if cm else "back to"
        self._ask(f"Bring the end of the line and the balance {where} their first height.")

    def close(self) -> None:
        """As in Stand."""
        self.balance.close()
        self.pump.close()


def _prime(on: Stand, volume_nl: int, agree: Agree) -> None:
    on.pump.prime(volume_nl, agree=agree)
    until_ms = on.now_ms() + _LONGEST_PRIME_MS
    while (state := on.pump.status().state_name) == "priming" and on.now_ms() < until_ms:
        on.wait_ms(1000)
    if state != "standby":
        raise errors.NoReaction(f"The prime did not end: the pump is {state}; see `pumpctl alarms`.")
