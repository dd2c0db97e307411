"""Checks a pump's journal, last reset, self-test and alarms; each finding says what to do."""

from __future__ import annotations

from collections.abc import Iterator

from pumpctl import defs, units
from pumpctl.frozen import frozen
from pumpctl.protocol import answers, names, refusals
from pumpctl.pump import Pump

_UNFIT = {
    "unreadable": "it can't be read, or is no journal",
    "foreign": "it was written by another version of the firmware",
    "write": "a write to the flash failed",
    "clearing": "it is being cleared",
}
_RESCUE = "Save it with `log rescue --raw FILE`; then flash the firmware that wrote it, or type `doctor --clear`."
_DELIVERING = ("infusing", "keep_open", "priming")
_NOT_HOLDING = ("tested", "rate_reduced")
# The next command in a state in which no condition holds delivery.
_NEXT = {
    "self_test": "Wait for the end of the self-test, then type `doctor` again.",
    "standby": "Type `start`.",
    "paused": "Type `resume`.",
    "refilling": "Type `refill` to go on with the refill.",
    "stopped_alarm": "Type `resume`.",
}
_TRIES = 3
_RECURS = 3  # disturbed exchanges with a part; a single one happens on any bench
_TEST_EVENTS = ("part_failed", "test_failed")


@frozen
class Finding:
    """The result of one check; `action` is what to do next, also `ahead` of a pump that has nothing wrong."""

    name: str
    text: str
    action: str = ""
    ahead: bool = False

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.ahead or not self.action


def findings(pump: Pump) -> list[Finding]:
    """Return the results of all checks, the most basic first; they begin again if the pump is reset meanwhile."""
    status = pump.status()
    for _ in range(_TRIES):
        found = _examined(pump, status)
        before, status = status, pump.status()
        if not status.shows_reset_since(before):
            return found
    action = "The pump restarts again and again; read `log --follow` for the causes."
    return [*found, Finding("resets", f"{_TRIES} while the pump was examined", action)]


def _examined(pump: Pump, status: answers.Status) -> list[Finding]:
    found = [_state(status), *_keys(pump), _definitions(pump)]
    journal = pump.journal()
    found += [_journal(journal), _records(journal), _reset(journal)]
    log = since_reset(pump.log())
    found += [_time(log), *_tests(status, log)]
    if not pump.hello.foreign:  # another firmware may not know the command
        found += _exchanges(pump.exchanges())
    found += [Finding("alarm", f"{row.name}: {row.text.rstrip('.')}", row.action) for row in pump.alarms()]
    return found


def _state(status: answers.Status) -> Finding:
    """The state, the conditions that hold delivery, and the next command."""
    state = defs.STATES.get(status.state)
    text = f"{status.state_name}: {state.text.rstrip('.') if state else 'unknown to this program'}"
    if status.state_name in _DELIVERING:
        return Finding("state", text)
    holding = [name for name in status.bit_names if name not in _NOT_HOLDING]
    if not holding:
        return Finding("state", text, _NEXT.get(status.state_name, "See `alarms`."), ahead=True)
    todo = dict.fromkeys(filter(None, map(refusals.advice, holding)))
    return Finding("state", f"{text}; held by {', '.join(holding)}", " ".join(todo) or "See `alarms`.", ahead=True)


def _keys(pump: Pump) -> Iterator[Finding]:
    """Yield that no host is paired with a pump that requires it."""
    if pump.hello.keyed and not pump.hello.foreign and not pump.keys().hosts:
        text = "no host is paired, so the pump is read and stopped, no more"
        yield Finding("keys", text, "Type `pair` and press the pump's button.", ahead=True)


def since_reset(log: list[answers.LogRow]) -> list[answers.LogRow]:
    """Return the records since the last power-on or reset."""
    starts = [place for place, row in enumerate(log) if row.name == "power_on"]
    return log[starts[-1] :] if starts else log


def _time(log: list[answers.LogRow]) -> Finding:
    """The pump can't measure the time without power, so the time of day is unknown until a host sets it."""
    if any(row.name == "time_set" for row in log):
        return Finding("time of day", "set since the last reset")
    return Finding("time of day", "unknown since the last reset (`doctor --set-time` sets it)")


def _definitions(pump: Pump) -> Finding:
    if pump.hello.foreign:
        return Finding("definitions", "differ from this program's", "Install the pumpctl of the pump's firmware.")
    return Finding("definitions", "match this program")


def _journal(journal: answers.Journal) -> Finding:
    if not journal.size_bytes:
        return Finding("journal", "none: this board stores nothing while the power is off")
    if journal.unfit == "none":
        return Finding("journal", f"{journal.area}, {journal.size_bytes // 1024} KiB")
    if journal.unfit == "settings":
        place = journal.unfit_index
        name = "their number" if place is None else names.name_of(defs.PARAMS, place, "parameter")
        why = f"its settings are invalid for this firmware: {name}"
    elif journal.unfit == "state":
        why = f"its state is invalid for this firmware: number {journal.unfit_index}"
    else:
        why = _UNFIT.get(journal.unfit, journal.unfit)
    action = "Wait a moment and type `doctor` again." if journal.unfit == "clearing" else _RESCUE
    if journal.unfit == "write":
        action = "Switch the pump off and on; if it happens again, replace the board."
    return Finding("journal", f"unfit: {why}; nothing was erased, and delivery is blocked", action)


def _records(journal: answers.Journal) -> Finding:
    text = f"{journal.damaged} damaged, {units.count(journal.uncertain, 'stroke')} uncertain at the last reset"
    if journal.damaged:
        return Finding("records", text, "Read the log; if each reset finds more damaged records, replace the board.")
    return Finding("records", text)


def _reset(journal: answers.Journal) -> Finding:
    boot = f", boot {journal.boot}" if journal.boot else ""
    text = f"{journal.reset_name}{boot}"
    if journal.reset_name in ("watchdog", "fault"):
        return Finding("last reset", text, "The firmware hung or failed; report this with the log.")
    return Finding("last reset", text)


def _exchanges(rows: list[answers.ExchangeRow]) -> list[Finding]:
    """The parts with disturbed exchanges, each with its rate, or that there are none."""
    found = []
    for row in rows:
        if not row.disturbed:
            continue
        percent = f"{100 * row.disturbed / row.exchanges:.2g} %"
        text = f"{row.name}: {row.disturbed} of {row.exchanges} disturbed since power-on ({percent})"
        action = "Check the part's cable, its supply and what runs beside it." if row.disturbed >= _RECURS else ""
        found.append(Finding("exchanges", text, action))
    return found or [Finding("exchanges", "none disturbed since power-on")]


def _tests(status: answers.Status, log: list[answers.LogRow]) -> Iterator[Finding]:
    """Yield the failures of self-tests since the last reset, or that there are none."""
    failed = [row for row in log if row.name in _TEST_EVENTS]
    for row in failed:
        fault = defs.PART_FAULTS.get(row.b) if row.name == "part_failed" else None
        action = fault.text if fault else "Switch the pump off and on; if it fails again, replace the board."
        yield Finding("self-test", row.detail, action)
    if not failed:
        done = "tested" in status.bit_names
        yield Finding("self-test", "passed" if done else "still running")
