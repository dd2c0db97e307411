"""What is wrong with a pump, and what to do: its journal, its last reset, its self-test, its alarms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pumpctl import defs
from pumpctl.protocol import answers, names
from pumpctl.pump import Pump

_UNFIT = {
    "unreadable": "it can't be read, or holds what is no journal",
    "foreign": "it was written by another version of the firmware",
    "write": "a write to the flash has failed",
    "clearing": "it is being cleared",
}
_RESCUE = "Save it with `log rescue --raw FILE`; then flash the firmware it came from, or `doctor --clear` it."
_TEST_EVENTS = ("part_failed", "test_failed")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `action` is empty where all is well."""

    name: str
    text: str
    action: str = ""

    @property
    def good(self) -> bool:
        """Whether all is well."""
        return not self.action


def findings(pump: Pump) -> list[Finding]:
    """Everything that the pump can tell about its health, the most basic first."""
    found = [_definitions(pump)]
    kept = pump.journal()
    status = pump.status()
    found += [_journal(kept), _records(kept), _reset(kept)]
    log = _since_reset(pump.log())
    found += [_time(log), *_tests(status, log)]
    found += [Finding("alarm", f"{row.name}: {row.text.rstrip('.')}", row.action) for row in pump.alarms()]
    return found


def _since_reset(log: list[answers.LogRow]) -> list[answers.LogRow]:
    """The records of this boot."""
    starts = [place for place, row in enumerate(log) if row.name == "power_on"]
    return log[starts[-1] :] if starts else log


def _time(log: list[answers.LogRow]) -> Finding:
    """Nothing is made up about the time without power: it is unknown until a host tells it."""
    if any(row.name == "time_set" for row in log):
        return Finding("time of day", "told since the last reset")
    return Finding("time of day", "unknown since the last reset (`doctor --set-time` tells it)")


def _definitions(pump: Pump) -> Finding:
    if pump.hello.foreign:
        return Finding("definitions", "not those of this program", "Install the pumpctl of the pump's firmware.")
    return Finding("definitions", "the same as here")


def _journal(kept: answers.Journal) -> Finding:
    if not kept.size_bytes:
        return Finding("journal", "none: this board keeps nothing without power")
    if kept.unfit == "none":
        return Finding("journal", f"{kept.area}, {kept.size_bytes // 1024} KiB")
    if kept.unfit == "settings":
        place = kept.unfit_index
        name = "their number" if place is None else names.name_of(defs.PARAMS, place, "parameter")
        why = f"its settings make no sense to this firmware: {name}"
    elif kept.unfit == "state":
        why = f"its state makes no sense to this firmware: number {kept.unfit_index}"
    else:
        why = _UNFIT.get(kept.unfit, kept.unfit)
    action = "Wait a moment and look again." if kept.unfit == "clearing" else _RESCUE
    if kept.unfit == "write":
        action = "Switch the pump off and on; if it comes again, replace the board."
    return Finding("journal", f"unfit: {why}; nothing was formatted, and delivery is held", action)


def _records(kept: answers.Journal) -> Finding:
    text = f"{kept.damaged} left out, {kept.uncertain} strokes uncertain at the last reset"
    if kept.damaged:
        return Finding("records", text, "Read the log; if more are left out at each reset, replace the board.")
    return Finding("records", text)


def _reset(kept: answers.Journal) -> Finding:
    boot = f", boot {kept.boot}" if kept.boot else ""
    text = f"{kept.reset_name}{boot}"
    if kept.reset_name in ("watchdog", "fault"):
        return Finding("last reset", text, "The firmware hung or failed: report the log.")
    return Finding("last reset", text)


def _tests(status: answers.Status, log: list[answers.LogRow]) -> Iterator[Finding]:
    """What the self-tests have found since the last reset."""
    failed = [row for row in log if row.name in _TEST_EVENTS]
    for row in failed:
        fault = defs.PART_FAULTS.get(row.b) if row.name == "part_failed" else None
        action = fault.text if fault else "Switch the pump off and on; replace the board."
        yield Finding("self-test", row.detail, action)
    if not failed:
        over = "tested" in status.bit_names
        yield Finding("self-test", "passed" if over else "not over yet")
