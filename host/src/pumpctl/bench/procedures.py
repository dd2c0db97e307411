"""Occlusion, boluses and free flow by weight; each returns its figures and a table.

The occlusion is that of IEC 60601-2-24:2012, clause 201.12.4.4: the end of the line is closed during delivery; the time
to the alarm and the volume that comes when it is opened again are measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean

from pumpctl import defs, errors
from pumpctl.bench.stand import Stand

MINUTE_MS = 60_000
_POLL_MS = 1000
_SLOW_POLL_MS = 10_000
_READINGS = 5  # whose mean is a weight
_LONGEST_ALARM_MS = 24 * 3_600_000
_LONGEST_BOLUS_MS = 4 * 3_600_000
_RELEASE_MS = 5 * MINUTE_MS
_ALARMS = {"occlusion", "pressure_limit"}

Say = Callable[[str], None]


@dataclass
class Findings:
    """Figures that may have a limit, and a table with its columns."""

    figures: dict[str, float | None]
    columns: tuple[str, ...]
    table: list[list[str]] = field(default_factory=list)


def occlusion(stand: Stand, density_g_ml: float, settle_ms: int, say: Say) -> Findings:
    """Close the line while the pump delivers; raises NoReaction when no alarm comes within a day."""
    say("Delivering until the flow is steady.")
    stand.wait_ms(settle_ms)
    stand.pump.events()
    stand.block(True)
    closed_ms = stand.pump.status().total_uptime_ms
    before_ug = _mass_ug(stand)
    say("The line is closed; waiting for the alarm.")
    name, alarm_ms = _alarm(stand, stand.now_ms() + _LONGEST_ALARM_MS)
    stand.wait_ms(_RELEASE_MS)  # for the pump's own relief
    shut_ug = _mass_ug(stand)
    stand.block(False)
    stand.wait_ms(_RELEASE_MS)
    released_ul = (_mass_ug(stand) - shut_ug) / 1000 / density_g_ml
    alarm_s = (alarm_ms - closed_ms) / 1000
    table = [[name, f"{alarm_s:.0f}", f"{released_ul:.2f}", f"{(shut_ug - before_ug) / 1000 / density_g_ml:.2f}"]]
    figures: dict[str, float | None] = {"occlusion_alarm_s": alarm_s, "occlusion_released_ul": released_ul}
    return Findings(figures, ("alarm", "after s", "released µL", "passed while closed µL"), table)


def boluses(stand: Stand, density_g_ml: float, volume_nl: int, count: int, say: Say) -> Findings:
    """Give some boluses, each after the lock-out of the one before, and weigh each without the basal delivery."""
    found = Findings({"bolus_percent": None}, ("bolus", "programmed µL", "delivered µL", "error %"))
    worst = 0.0
    for number in range(1, count + 1):
        while lockout_s := stand.pump.dose().lockout_s:
            stand.wait_ms(lockout_s * 1000)
        say(f"Bolus {number} of {count}.")
        began_ms, before_ug = stand.now_ms(), _mass_ug(stand)
        stand.pump.bolus(volume_nl)
        _wait_for_the_bolus(stand)
        stand.wait_ms(_RELEASE_MS)  # until the line has relaxed
        basal_ul = stand.pump.status().rate_ul_day * (stand.now_ms() - began_ms) / 86_400_000
        given_ul = (_mass_ug(stand) - before_ug) / 1000 / density_g_ml - basal_ul
        percent = 100 * (given_ul * 1000 - volume_nl) / volume_nl
        worst = max(worst, percent, key=abs)
        found.table.append([str(number), f"{volume_nl / 1000:.2f}", f"{given_ul:.2f}", f"{percent:+.2f}"])
        found.figures["bolus_percent"] = worst
    return found


def free_flow(stand: Stand, density_g_ml: float, height_cm: int, wait_ms: int, say: Say) -> Findings:
    """Weigh what passes the stopped pump with the line's end below and above the pump by a height (siphon)."""
    found = Findings({"free_flow_ul": None}, ("height cm", "minutes", "passed µL"))
    worst = 0.0
    for cm in (-height_cm, height_cm):
        say(f"The pump is stopped; the end of the line at {cm:+d} cm.")
        stand.raise_end(cm)
        stand.wait_ms(_RELEASE_MS)  # until the line has taken its new volume
        before_ug = _mass_ug(stand)
        stand.wait_ms(wait_ms)
        passed_ul = (_mass_ug(stand) - before_ug) / 1000 / density_g_ml
        worst = max(worst, passed_ul, key=abs)
        found.table.append([f"{cm:+d}", f"{wait_ms // MINUTE_MS}", f"{passed_ul:+.3f}"])
    stand.raise_end(0)
    found.figures["free_flow_ul"] = worst
    return found


def _mass_ug(stand: Stand) -> float:
    return mean(stand.balance.read().mass_ug for _ in range(_READINGS))


def _alarm(stand: Stand, until_ms: int) -> tuple[str, int]:
    """Return the name of the alarm that stops the pump, and when it came by the pump's clock."""
    while stand.now_ms() < until_ms:
        stand.wait_ms(_POLL_MS)
        for row in stand.pump.events():
            alarm = defs.ALARMS.get(row.a)
            if row.name == "alarm_raised" and alarm is not None and alarm.name in _ALARMS:
                return alarm.name, row.uptime_s * 1000 + row.ms
    raise errors.NoReaction("No alarm of an occlusion came within a day; the line may not have been closed.")


def _wait_for_the_bolus(stand: Stand) -> None:
    until_ms = stand.now_ms() + _LONGEST_BOLUS_MS
    while stand.pump.dose().bolus_left_nl:
        if stand.now_ms() > until_ms:
            raise errors.NoReaction(f"A bolus was not given within {_LONGEST_BOLUS_MS // 3_600_000} h.")
        stand.wait_ms(_SLOW_POLL_MS)
