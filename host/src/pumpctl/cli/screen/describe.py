"""The pump's answers as text: amounts with units, states, the plan, dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from pumpctl import defs, units
from pumpctl.protocol import answers

Pairs = list[tuple[str, str]]
_DOING = {
    "self_test": "testing itself",
    "standby": "in standby",
    "keep_open": "keeping the line open",
    "stopped_alarm": "stopped by an alarm",
    "fault": "in fault",
}


_AT_LOW_MARK = " (the low mark, with all boluses that are allowed)"


def status_json(status: answers.Status) -> dict[str, Any]:
    """Return a status for JSON: its fields, the volume delivered and the names of its numbers."""
    names = {
        "delivered_nl": status.delivered_nl,
        "state_name": status.state_name,
        "bit_names": list(status.bit_names),
        "note_names": list(status.note_names),
        "alarm_name": status.alarm_name,
        "priority_name": status.priority_name,
    }
    return {**asdict(status), **names}


def status_pairs(status: answers.Status, dose: answers.Dose) -> Pairs:
    """Return the names and texts of a status."""
    state = defs.STATES.get(status.state)
    pairs = [
        ("state", f"{status.state_name}: {state.text}" if state else status.state_name),
        ("rate", rate(status)),
        (
            "delivered",
            f"{units.ml(status.delivered_nl)} in {units.count(status.strokes, 'stroke')} since the journal began",
        ),
        ("next stroke", "none" if status.stroke_in_ms is None else _until_stroke(status.stroke_in_ms)),
    ]
    if dose.bolus_left_nl:
        what = "prime" if status.state_name == "priming" else "bolus"
        pairs.append((what, f"{units.volume(dose.bolus_left_nl)} left"))
    pairs += [
        ("reservoir", reservoir(status)),
        ("catheter tip", catheter_tip(status.fluid, dose)),
        ("refill by", f"{refill_by(dose.refill_in_s)}{_AT_LOW_MARK if dose.refill_in_s else ''}"),
        ("empty in", time_left(status)),
        ("pressure", pressure(status)),
        ("alarm", alarm(status)),
        ("conditions", ", ".join(name for name in status.bit_names if name != "tested") or "none"),
        ("notes", ", ".join(status.note_names) or "none"),
    ]
    return [*pairs, ("uptime", units.duration(status.uptime_s))]


def time_left(status: answers.Status) -> str:
    """Return the time until the reservoir is empty, by the lower of both estimates."""
    if status.left_s is None:
        return "unknown"
    why = ", by the level sensor: it shows less than the ledger" if status.left_by == "level" else ""
    return f"{units.duration(status.left_s)} at the set rate without boluses{why}"


def dose_pairs(status: answers.Status, dose: answers.Dose) -> Pairs:
    """Return the names and texts of a dose: what was given, what may be given, and the measurements beside it."""
    next_one = "now" if dose.lockout_s == 0 else f"in {units.duration(dose.lockout_s)}"
    boluses = f"{dose.boluses_left or 'none'} left within 24 h" + (
        f", next allowed {next_one}" if dose.boluses_left else ""
    )
    running = (
        f"{units.volume(dose.bolus_left_nl)} left of a bolus or prime" if dose.bolus_left_nl else "no bolus, no prime"
    )
    celsius = dose.temperature_centi_c
    return [
        ("last hour", f"{units.volume(dose.hour_nl)} of at most {units.volume(dose.hour_limit_nl)}"),
        ("last day", f"{units.volume(dose.day_nl)} of at most {units.volume(dose.day_limit_nl)}"),
        ("counted", f"{units.ml(dose.moved_ul * 1000)} since power-on, by the independent counter"),
        ("in progress", running),
        ("boluses", boluses),
        ("catheter tip", catheter_tip(status.fluid, dose)),
        ("refill by", refill_by(dose.refill_in_s)),
        ("trim", f"{dose.trim_ppm} ppm of the volume per stroke" if dose.trim_ppm else "none"),
        ("supply", "not measured" if dose.supply_mv is None else f"{dose.supply_mv} mV"),
        ("temperature", "not measured" if celsius is None else f"{celsius // 100}.{celsius % 100:02} °C"),
    ]


def therapy_pairs(therapy: answers.Therapy) -> Pairs:
    """Return the names and texts of a plan's progress."""
    pairs = [
        ("profile", therapy.profile),
        ("rate", units.rate(therapy.rate_ul_day)),
        ("phase", f"{therapy.phase + 1} of {therapy.phases}"),
        ("fluid", therapy.fluid),
        ("next fluid", therapy.next_fluid or "none"),
        ("phase left", "no end" if therapy.phase_left_s is None else units.duration(therapy.phase_left_s)),
    ]
    if therapy.volume_left_nl is not None:
        pairs.append(("volume left", units.volume(therapy.volume_left_nl)))
    return pairs


def rate(status: answers.Status) -> str:
    """Return the set rate, and a note while the keep-open rate is given instead."""
    if not status.rate_ul_day:
        return "not set"
    note = "; the keep-open rate is given" if status.state_name == "keep_open" else ""
    return units.rate(status.rate_ul_day) + note


def state(status: answers.Status) -> str:
    """Return the state and the rate as the end of a sentence that begins with `The pump is`."""
    doing = _DOING.get(status.state_name, status.state_name)
    if not status.rate_ul_day:
        return doing
    how = "at" if status.state_name == "infusing" else "with the rate set to"
    return f"{doing} {how} {units.rate(status.rate_ul_day)}"


def alarm(status: answers.Status) -> str:
    """Return the alarm that is shown, and its priority."""
    if not status.alarm:
        return "none"
    return f"{status.alarm_name}, {status.priority_name} priority" + (", silenced" if status.silenced else "")


def reservoir(status: answers.Status) -> str:
    """Return the fluid and volume in the reservoir, by the ledger and by the level sensor."""
    if status.fluid == "none":
        by_ledger = "not entered yet"
    else:
        by_ledger = f"{status.fluid}, {units.ml(status.ledger_nl)} by the ledger"
    level = "no level reading" if status.level_nl is None else f"{units.ml(status.level_nl)} by the level sensor"
    return f"{by_ledger}, {level}"


def catheter_tip(fluid: str, dose: answers.Dose) -> str:
    """Return the fluid at the catheter tip, and when that of the reservoir will arrive there (V4)."""
    if dose.tip_fluid == fluid:
        return "unknown" if fluid == "none" else fluid
    old = "unknown" if dose.tip_fluid == "none" else f"still {dose.tip_fluid}"
    when = "after the start" if dose.hold_over_s is None else f"in {units.duration(dose.hold_over_s)}"
    return f"{old}; {fluid} {when}"


def _utc() -> datetime:
    return datetime.now(UTC)


def refill_by(seconds: int | None, now: Callable[[], datetime] = _utc) -> str:
    """Return the date in UTC, as in the log, on which the low mark is reached if all allowed boluses are given (V5)."""
    if seconds is None:
        return "unknown without a rate"
    if seconds == 0:
        return "now"
    return f"{now() + timedelta(seconds=seconds):%a %d %b %Y, %H:%M} UTC, in {units.duration(seconds)}"


def withdrawal(found: answers.Withdrawal) -> str:
    """Return the withdrawn volume compared with the ledger (V4)."""
    if found.difference_nl == 0:
        return f"This matches the ledger, {units.ml(found.ledger_nl)}."
    more = "more" if found.difference_nl > 0 else "less"
    share = f"{found.percent} % of the {units.ml(found.commanded_nl)} commanded since the last refill"
    apart = units.volume(abs(found.difference_nl))
    return f"This is {apart} {more} than the ledger's {units.ml(found.ledger_nl)}: {share}."


def pressure(status: answers.Status) -> str:
    """Return the last line pressure and the baseline before a stroke."""
    if status.pressure_pa is None:
        return "no reading"
    baseline = "" if status.baseline_pa is None else f" (baseline before a stroke {units.kpa(status.baseline_pa)})"
    return units.kpa(status.pressure_pa) + baseline


def log_line(row: answers.LogRow, time: datetime | None, boot: int | None) -> str:
    """Return a record of the log as one line, with its time of day, the number of the start and the uptime."""
    day = "time unknown" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"
    days, seconds = divmod(row.uptime_s, 86400)
    clock = f"{days:>3} d {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{row.ms:03}"
    return f"{row.sequence:>6}  {day:<23}  start {boot or '?':<3}  {clock}  {row.name:<18}  {row.detail}".rstrip()


def log_json(row: answers.LogRow, time: datetime | None, boot: int | None) -> dict[str, object]:
    """Return a record of the log for JSON; `time` and `boot` are null where they are unknown."""
    text = time and f"{time:%Y-%m-%dT%H:%M:%SZ}"
    return {**asdict(row), "name": row.name, "detail": row.detail, "time": text, "boot": boot}


def priority(alarm: answers.AlarmRow) -> str:
    """Return an alarm's priority as a word; one that isn't in the definitions counts as high."""
    return alarm.definition.priority if alarm.definition else "high"


def alarm_head(alarm: answers.AlarmRow, uptime_s: int) -> str:
    """Return an alarm's name, priority, number, condition and age."""
    ago = "before the last reset" if alarm.raised_s < 0 else f"{units.duration(max(0, uptime_s - alarm.raised_s))} ago"
    return f"{alarm.name}  {priority(alarm)} priority, {alarm.alarm}, {condition(alarm)}, raised {ago}"


def condition(alarm: answers.AlarmRow) -> str:
    """Return whether an alarm is active and was acknowledged, and how often it came, if more than once."""
    cause = "active" if alarm.stands else "cleared"
    times = f"came {alarm.times} times, " if alarm.times > 1 else ""
    return f"{times}{cause}, {'acknowledged' if alarm.acknowledged else 'not acknowledged'}"


def _until_stroke(ms: int) -> str:
    return "in less than a second" if ms < 1000 else f"in {units.duration(ms // 1000)}"
