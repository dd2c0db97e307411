"""A simulated balance: it weighs what a simulated pump delivered, and speaks each protocol at a pty.

The reading has noise, a drift of the zero, a loss by evaporation, and the resolution of the display, all in micrograms.
"""

from __future__ import annotations

import os
import random
import select
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pumpctl import errors
from pumpctl.balance.protocols import PROTOCOLS

WATER_UG_NL = 0.997155  # of water at 20 °C as weighed in air (ISO 8655-6: 1 / 1.0029 µL/mg)
_LINE_BYTES = 200


@dataclass
class Imperfections:
    """The errors of the balance and of its vessel; a test may change them while it runs."""

    noise_ug: float = 20.0  # rms of a reading
    drift_ug_h: float = 2.0
    evaporation_ug_h: float = 0.0
    resolution_ug: int = 10
    capacity_ug: int = 220_000_000
    unit: str = "g"
    stable: bool = True
    silent: bool = False


class SimulatedBalance:
    """Serves a pty until `close`; `port` is its path. `weighed` returns (time in ms, delivered volume in nL)."""

    def __init__(
        self,
        weighed: Callable[[], tuple[int, float]],
        protocol: str = "mt-sics",
        seed: int = 1,
        faults: Imperfections | None = None,
    ) -> None:
        """Open the pty; raises SimulatorMissing on a system without one."""
        try:
            import pty
            import tty
        except ImportError:
            raise errors.SimulatorMissing(
                "This system has no pseudo terminals, so the simulated balance can't have a port; use Linux or macOS."
            ) from None
        self.faults = faults or Imperfections()
        self._weighed = weighed
        self._answer = {"mt-sics": self._mt_sics, "sbi": self._sbi, "ohaus": self._ohaus}[PROTOCOLS[protocol].name]
        self._random = random.Random(seed)
        self._tare_ug = 0.0
        self._began_ms = weighed()[0]
        self._device, self._user = pty.openpty()
        tty.setraw(self._user)
        self.port = os.ttyname(self._user)
        self._ending = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; may be called again."""
        if not self._ending:
            self._ending = True
            self._thread.join()
            os.close(self._device)
            os.close(self._user)

    def tare(self) -> None:
        """Set its weight to zero, as an operator does by its key."""
        self._tare_ug = self._gross_ug()

    def _gross_ug(self) -> float:
        time_ms, delivered_nl = self._weighed()
        hours = (time_ms - self._began_ms) / 3_600_000
        faults = self.faults
        return delivered_nl * WATER_UG_NL + (faults.drift_ug_h - faults.evaporation_ug_h) * hours

    def _shown_ug(self) -> int | None:
        """What the display shows; None beyond the capacity."""
        faults = self.faults
        gross_ug = self._gross_ug()
        shown_ug = gross_ug - self._tare_ug + self._random.gauss(0, faults.noise_ug)
        if gross_ug > faults.capacity_ug:
            return None
        return round(shown_ug / faults.resolution_ug) * faults.resolution_ug

    def _serve(self) -> None:
        waiting = b""
        while not self._ending:
            ready, _, _ = select.select([self._device], [], [], 0.05)
            if not ready:
                continue
            try:
                waiting += os.read(self._device, _LINE_BYTES)
                *lines, waiting = waiting.split(b"\n")
                for line in lines:
                    answer = "" if self.faults.silent else self._answer(line.strip(b"\r").decode("ascii", "replace"))
                    if answer:
                        os.write(self._device, answer.encode("ascii") + b"\r\n")
            except OSError:
                return
            except errors.PumpError:
                return  # the pump it weighs for has ended

    def _mt_sics(self, command: str) -> str:
        if command == "T":
            self.tare()
            return "T S " + self._number(0, 10)
        if command not in ("S", "SI"):
            return "ES"
        shown_ug = self._shown_ug()
        return "S +" if shown_ug is None else f"S {'S' if self.faults.stable else 'D'} {self._number(shown_ug, 10)}"

    def _sbi(self, command: str) -> str:
        if command == "\x1bU":
            self.tare()
        if command != "\x1bP":
            return ""
        shown_ug = self._shown_ug()
        if shown_ug is None:
            return "      High    "
        sign = "-" if shown_ug < 0 else "+"
        unit = self.faults.unit if self.faults.stable else ""
        return f"{sign}{abs(shown_ug) / 1_000_000:>9.5f} {unit:<3}"

    def _ohaus(self, command: str) -> str:
        if command == "T":
            self.tare()
        if command not in ("IP", "P"):
            return "" if command == "T" else "ES"
        shown_ug = self._shown_ug()
        return "Err8.3" if shown_ug is None else f"{self._number(shown_ug, 11)} {'' if self.faults.stable else '?'}"

    def _number(self, ug: int, width: int) -> str:
        return f"{ug / 1_000_000:>{width}.5f} {self.faults.unit}"
