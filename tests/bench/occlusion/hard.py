"""Runs of the pressure monitor in the hard world of plant.body, each class of effects by its own name.

A run is (kind, class, compliance in pL/Pa, tau in ms, rate in uL/day, seed, drive). The kinds are `clean` (flow passes
all the time, so that each finding is false), `block` (nothing passes from a random moment on), and `block, busy` (the
same in a busy body). The rows have the same form whatever the class, so that `summary` can be made of them. Two rivals
get the same strokes: the absolute limit alone, and the detector of the release before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from occlusion import rig, rivals, runs

Run = tuple[str, str, int, int, int, int, str]
# (action, lowest and highest number, mean time in s until it is done again)
Repeated = tuple[str, int, int, int]

RATES = (50, 250, 1000, 5000, 24000)
COMPLIANCES = (20, 100, 500, 2000)
TAUS = (200, 2000, 20000)
# Pump-years of the busy body in the whole campaign, by rate; ten in all.
BUSY_YEARS = {50: 7.0, 250: 2.2, 1000: 0.6, 5000: 0.16, 24000: 0.04}
_FLIGHTS_SHARE = 0.2  # the same for days with flights and a sealed sensor: two years, of four flights each
_BUSY_STROKES = 20000  # of a run at most, and 30 days at most
_CLEAN_STROKES = 4000  # of a run of one class
_LINES_SHARE = 0.25  # of the lines, drawn anew for each seed; the default line is always among them
_CLEAN_SEEDS = 2
_BLOCK_SEEDS = 5
_WARM_STROKES = (60, 240)
_PATIENCE_NL = 200000
_LIMIT_PA = rig.LIMIT_PA

# Clean classes: settings of the world, and actions that are repeated.
CLEAN: dict[str, tuple[dict[str, int], tuple[Repeated, ...]]] = {
    "plain": ({}, ()),
    "heart": ({"heart": 1, "heart_spread_percent": 8, "notch_pa": 1200}, (("heart_rate", 800, 2200, 600),)),
    "ectopic beats": ({"heart": 1, "ectopic_per_hour": 600}, ()),
    "pauses of the heart": ({"heart": 1}, (("heart_pause", 2000, 3000, 900),)),
    "fibrillation": ({"heart": 1, "fibrillation": 1}, ()),
    "breath and Mayer waves": ({"heart": 1, "mayer_pa": 1000, "breath_pa": 1000}, ()),
    "random swings": ({"wander_pa": 1500}, ()),
    "saw-tooth swings": ({"saw_tooth_pa": 8000}, (("saw_tooth", 1, 60, 7200),)),
    "handgrip": ({"effort_pa": 6000}, (("handgrip", 20, 180, 1800),)),
    "faint": ({}, (("faint", 300, 600, 14400),)),
    "night": ({"night_pa": 2600}, ()),
    "cough": ({"cough_pa": 27000, "strain_wall_percent": 50}, (("cough", 1, 6, 900),)),
    "strain": ({"strain_pa": 27000, "strain_wall_percent": 50}, (("strain", 300, 10000, 900),)),
    "walk": ({"walk_pa": 3000, "heart": 1}, (("walk", 60, 900, 1800),)),
    "posture": ({}, (("posture", -5000, 5000, 600),)),
    "bath": ({}, (("bath", 0, 500, 3600),)),
    "elevator": ({}, (("elevator", -40, 40, 1800),)),
    "cabin": ({}, (("cabin", 0, 25000, 14400),)),
    "cabin, vented": ({"pressure_vented": 1}, (("cabin", 0, 25000, 14400),)),
    "slow wall": ({"wall_slow_percent": 15, "wall_late_percent": 20}, ()),
    "stiffening wall": ({"wall_stiff_percent": 50}, ()),
    "tip that opens at 3 kPa": ({}, (("crack", 3000, 3000, 86400),)),
    "tip that opens at 10 kPa": ({}, (("crack", 10000, 10000, 86400),)),
    "bubble at the tip": ({"slug_pa": 3000}, (("slug", 100, 1000, 14400),)),
    "noise of 100 Pa": ({"pressure_noise_pa": 100, "pressure_flicker_pa": 100}, ()),
    "telegraph noise": ({"pressure_telegraph_pa": 500}, ()),
    "flipped bits": ({"pressure_flips_ppm": 100}, ()),
    "bursts": ({"pressure_bursts_ppm": 50}, ()),
    "missing answers": ({"pressure_missing_ppm": 2000}, ()),
    "stick and slip, 0.3 uL": ({"drive_stick_nl": 300}, ()),
    "stick and slip, 3 uL": ({"drive_stick_nl": 3000}, ()),
    "slack at the start": ({"drive_slack_nl": 3000}, ()),
    "snap to a full step": ({"drive_snap_nl": 60}, ()),
    "ripple": ({"drive_ripple_percent": 100}, ()),
}
# Blocks: the action and its number. Those of the second table let flow pass at times, so that a stop may come late.
BLOCKS: dict[str, tuple[str, int]] = {
    "at the tip": ("block", 0),
    "kink, 30 % left": ("kink_near", 300),
    "kink, 10 % left": ("kink_near", 100),
    "kink, 1 % left": ("kink_near", 10),
    "kink, 1 pL/Pa left": ("kink_near", 1),
    "sac of 0.3 C": ("sac", 30),
    "sac of 0.6 C": ("sac", 60),
    "sac of 1 C": ("sac", 100),
    "grown in 1 h": ("block_over", 60),
    "grown in 12 h": ("block_over", 720),
    "grown in 3 days": ("block_over", 4320),
}
PASSING: dict[str, tuple[str, int]] = {
    "comes and goes, 10 min": ("come_and_go", 600),
    "comes and goes, 2 h": ("come_and_go", 7200),
    "flutter, 1 s": ("flutter", 1000),
}
# A sealed sensor sees the cabin's pressure, and no detector can tell that from the line's: what is claimed ends there
# (docs/body.md). So these days are a class of their own.
_BUSY, _FLIGHTS = "busy body", "flights, sealed sensor"


def lines() -> list[tuple[int, int, int]]:
    """All lines (compliance, tau, rate) that carry their rate."""
    return [(c, tau, rate) for c in COMPLIANCES for tau in TAUS for rate in RATES if runs.carries(c, tau, rate)]


def all_runs(share: float = 1) -> list[Run]:
    """The whole campaign, or a share of its lines and years (at least one run of each class)."""
    found: list[Run] = []
    for seed in range(_BLOCK_SEEDS if share >= 1 else 1):
        some = _some(share, seed)
        if seed < _CLEAN_SEEDS:
            found += [("clean", name, *line, seed, "stepper") for name in CLEAN for line in some]
        for kind in ("block", "block, busy"):
            found += [(kind, name, *line, seed, "stepper") for name in (*BLOCKS, *PASSING) for line in some]
    return found + _busy_runs(share)


def _some(share: float, seed: int) -> list[tuple[int, int, int]]:
    """The default line, and a random share of the others."""
    chance = random.Random(seed)
    return [line for line in lines() if line == runs.DEFAULT or chance.random() < _LINES_SHARE * share]


def _busy_runs(share: float) -> list[Run]:
    """The years of each rate in runs of the same length, over all lines in turn."""
    found: list[Run] = []
    for name, part in ((_BUSY, share), (_FLIGHTS, share * _FLIGHTS_SHARE)):
        for rate, years in BUSY_YEARS.items():
            picked = [(c, tau) for c, tau, at in lines() if at == rate]
            strokes = years * part * 365 * rate * 1000 / rig.STROKE_NL
            for number in range(max(1, round(strokes / _busy_strokes(rate)))):
                c, tau = picked[number % len(picked)]
                found.append(("clean", name, c, tau, rate, 1000 + number, "stepper"))
    return found


def perform(run: Run) -> runs.Row:
    """Performs one run; returns its results."""
    kind, name, compliance, tau, rate, seed, drive = run
    chance = random.Random(repr(run[:-1]))
    config, repeated = CLEAN.get(name, ({}, ()))
    days = name in (_BUSY, _FLIGHTS)
    timed = _repeat(repeated, chance) if repeated else None
    if days or kind == "block, busy":
        config, timed = _body(seed, rate, chance.random() < 0.5, name == _FLIGHTS)
    one = rig.Rig(compliance, tau, rate, chance.randrange(1 << 30), drive, config=config)
    if timed:
        one.act(timed)
    row: runs.Row = {"run": list(run)}
    if kind == "clean":
        row.update(_clean(one, _busy_strokes(rate) if days else _CLEAN_STROKES))
    else:
        row.update(_block(one, name, chance))
    row["samples"], row["strokes"] = one.samples, one.strokes
    return row


def _busy_strokes(ul_day: int) -> int:
    return min(_BUSY_STROKES, 30 * ul_day * 1000 // rig.STROKE_NL)


def _body(seed: int, ul_day: int, vented: bool, flights: bool) -> tuple[dict[str, int], Iterator[rig.Timed]]:
    """Settings and days of a busy body. The sensor is vented, as the bench pump's, or sealed; `flights`: sealed in any
    case. A sealed one meets flights only then.
    """
    config = rig.days.settings(seed + 7919 * RATES.index(ul_day))
    if vented and not flights:
        return config | {"pressure_vented": 1}, _days(seed)
    return config, (row for row in _days(seed) if flights or row[1] != "cabin")


def _days(seed: int) -> Iterator[rig.Timed]:
    """The actions of one day after the other; what a day leaves for the next one is done in its time."""
    left: list[tuple[int, str, int]] = []
    number = 0
    while True:
        start_s = number * rig.days.DAY_S
        left = sorted(left + [(start_s + row[0], *row[1:]) for row in rig.days.actions(seed, number)])
        number += 1
        while left and left[0][0] < start_s + rig.days.DAY_S:
            at_s, action, value = left.pop(0)
            yield at_s * 1000, action, value


def _repeat(rows: tuple[Repeated, ...], chance: random.Random) -> Iterator[rig.Timed]:
    """Each action again and again, from half to one and a half times its mean time after the last."""
    due = [[chance.randrange(500 * every_s), action, low, high, every_s] for action, low, high, every_s in rows]
    while True:
        due.sort()
        at_ms, action, low, high, every_s = due[0]
        yield at_ms, action, chance.randint(low, high)
        due[0][0] = at_ms + chance.randrange(500 * every_s, 1500 * every_s)


def _clean(one: rig.Rig, strokes: int) -> runs.Row:
    """Every finding is false. It is acknowledged at once, and delivery goes on."""
    found: list[tuple[int, str]] = []
    before = one.found()
    others = _rivals(one)
    alarms = {rival.name: 0 for rival in others}
    alarmed = dict.fromkeys(alarms, False)
    for number in range(strokes):
        word = one.look()
        new, before = runs.new_findings(one, before, bool(word))
        found += [(number, name) for name in new]
        for rival in others:
            alarm = rival.alarms(one.line.stroke.pre_stroke_pa, word)
            alarms[rival.name] += alarm and not alarmed[rival.name]
            alarmed[rival.name] = alarm
        one.stroke()
    stops = sum(name in rig.STOPS.values() for _, name in found)
    return {"found": found, "stops": stops, "days": one.passed_ms / 86400000, "rivals": alarms}


def _rivals(one: rig.Rig) -> list[rivals.Threshold | rivals.Past]:
    return [rivals.Threshold(), rivals.Past(one)]


def _block(one: rig.Rig, name: str, chance: random.Random) -> runs.Row:
    """Some strokes, then a block at a random moment; strokes, time and volume until the stop."""
    false = 0
    others = _rivals(one)
    for _ in range(chance.randrange(*_WARM_STROKES)):
        word = one.look()
        for rival in others:
            rival.alarms(one.line.stroke.pre_stroke_pa, word)
        if word:
            false += 1
            one.clear_findings()
        one.stroke()
    before_nl = one.missing_nl()
    one.wait(rig.ticks.add(one.now, chance.randrange(300, one.period_ms - 1)))
    action, value = (BLOCKS | PASSING)[name]
    one.world.do(action, value)
    row: runs.Row = {"false": false, "warm_days": one.passed_ms / 86400000}
    return {**row, **_until_stopped(one, before_nl, action, value, others)}


def _until_stopped(
    one: rig.Rig, before_nl: int, action: str, value: int, others: list[rivals.Threshold | rivals.Past]
) -> runs.Row:
    """Runs until the pump's own detector stops it, and then on for the rivals, which find it or run out of patience."""
    began, since_ms = one.strokes, one.passed_ms
    over_limit_nl = 0
    row: runs.Row = {"by": None}
    late: dict[str, int | None] = dict.fromkeys((rival.name for rival in others), None)
    patience = _PATIENCE_NL // rig.STROKE_NL
    if action in ("block_over", "come_and_go"):
        patience += value * (60000 if action == "block_over" else 10000) // one.period_ms
    for _ in range(patience):
        word = one.look()
        missing_nl = one.missing_nl() - before_nl
        if word and row["by"] is None:
            row = {
                "by": next(name for bit, name in rig.STOPS.items() if word & bit),
                "strokes_to_alarm": one.strokes - began, "seconds": (one.passed_ms - since_ms) // 1000,
                "missing_nl": missing_nl, "over_limit_nl": over_limit_nl,
            }  # fmt: skip
        for rival in others:
            if rival.alarms(one.line.stroke.pre_stroke_pa, word) and late[rival.name] is None:
                late[rival.name] = missing_nl
        if row["by"] is not None and None not in late.values():
            break
        if one.world.truth()["line_pressure_pa"] > _LIMIT_PA:
            over_limit_nl += rig.STROKE_NL
        one.stroke()
    return {"missing_nl": missing_nl, "over_limit_nl": over_limit_nl, **row, "rivals": late}


# ---- what the rows say -----------------------------------------------------------------------------------------------


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each kind and class, in the order of the tables above; `rivals` has the others' stops, or misses."""
    order = [("clean", name) for name in (*CLEAN, _BUSY, _FLIGHTS)]
    order += [(kind, name) for kind in ("block", "block, busy") for name in (*BLOCKS, *PASSING)]
    groups = {key: [row for row in rows if tuple(row["run"][:2]) == key] for key in order}
    return [_of_class(*key, group) for key, group in groups.items() if group]


def _of_class(kind: str, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {"kind": kind, "class": name, "runs": len(rows)}
    whole["samples_per_stroke"] = round(sum(row["samples"] for row in rows) / sum(row["strokes"] for row in rows), 1)
    if kind == "clean":
        years = sum(row["days"] for row in rows) / 365
        warnings = sum(len(row["found"]) - row["stops"] for row in rows)
        stops = sum(row["stops"] for row in rows)
        rates = {"stops_a_year": round(stops / years, 2), "warnings_a_year": round(warnings / years, 2)}
        theirs = {other: sum(row["rivals"][other] for row in rows) for other in rows[0]["rivals"]}
        return {**whole, "years": round(years, 3), "stops": stops, "warnings": warnings, **rates, "rivals": theirs}
    found = [row for row in rows if row["by"]]
    names = ("occluded", "pressure_high")
    others = {other: [row["rivals"][other] for row in rows] for other in rows[0]["rivals"]}
    return {
        **whole,
        "missed": len(rows) - len(found),
        "wrong_name": sum(row["by"] not in names for row in found),
        "false_before": sum(row["false"] for row in rows),
        "strokes_max": max((row["strokes_to_alarm"] for row in found), default=None),
        "missing_nl_max": max((row["missing_nl"] for row in found), default=None),
        "over_limit_nl_max": max(row["over_limit_nl"] for row in rows),
        "rivals": {
            other: {"missed": values.count(None), "missing_nl_max": max((nl for nl in values if nl), default=None)}
            for other, values in others.items()
        },
    }
