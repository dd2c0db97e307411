"""The runs of the occlusion campaign: what each does to a line, and what is measured.

A run is (kind, compliance in pL/Pa, tau in ms, rate in uL/day, value, seed, drive) and always gives the same row. The
random numbers depend on all of these but the drive, so stepper and valves meet the same events.
"""

from __future__ import annotations

import random

from occlusion import changes, rig, rivals as occlusion_rivals

Run = tuple[str, int, int, int, int, int, str]
Drawn = tuple[str, int, int, int, int, int]  # a run without its drive
Row = dict[str, object]

COMPLIANCES = (20, 50, 100, 200, 500, 1000, 2000)
TAUS = (200, 700, 2000, 6000, 20000)
RATES = (50, 200, 500, 1000, 2000, 5000, 12000, 24000)
# A line that needs more than this for its rate has no margin to the limit of 69 kPa.
_DRIVEN_PA = 20000
_PATIENCE = 800  # strokes after a full block; 200 uL
DEFAULT = (100, 2000, 1000)
# Pump-years without a block, by rate: high rates take long to compute, low rates long to meet all disturbances.
CLEAN_YEARS = {50: 7.0, 200: 2.7, 1000: 0.45, 5000: 0.08, 24000: 0.02}
_CLEAN_COMPLIANCES = (20, 100, 500, 1000, 2000)
_CLEAN_TAUS = (200, 2000, 6000, 20000)
_CLEAN_STROKES = 20000
_CURVE_STROKES = 40  # 10 uL
_VALVES_SHARE = 0.2  # share of the stepper's seeds and years
_RIVALS_IN = 8  # one in this many clean runs is also given to the rivals


def carries(compliance_pl_pa: int, tau_ms: int, ul_day: int) -> bool:
    """Whether a healthy line carries this rate with at most 20 kPa; its resistance is tau / C."""
    return tau_ms * ul_day * 1000 // 86400 // compliance_pl_pa <= _DRIVEN_PA


def grid(rates: tuple[int, ...] = RATES) -> list[tuple[int, int, int]]:
    """All lines, each at all rates that it carries."""
    return [(c, tau, rate) for c in COMPLIANCES for tau in TAUS for rate in rates if carries(c, tau, rate)]


def runs(share: float = 1) -> list[Run]:
    """The whole campaign, or a share of its seeds (at least one of each kind)."""
    valves = [(*run, "valves") for run in _runs(share * _VALVES_SHARE)]
    return [(*run, "stepper") for run in _runs(share)] + valves


def _runs(share: float) -> list[Drawn]:
    found: list[Drawn] = []
    found += [("sudden", *DEFAULT, 0, seed) for seed in range(max(1, int(1000 * share)))]
    found += [("partial", *DEFAULT, 1000, seed) for seed in range(max(1, int(200 * share)))]
    for seed in range(max(1, int(10 * share))):
        found += [("sudden", *line, 0, 5000 + seed) for line in grid()]
    for relieved in (0, 1):
        found += [("released", *line, relieved, 6000) for line in grid()]
    for seed in range(max(1, int(2 * share))):
        found += [("grown", *line, m, 7000 + seed) for m in (60, 240, 720) for line in grid((50, 500, 1000, 5000))]
        found += [("partial", *line, 1000, 8000 + seed) for line in grid((50, 200, 1000, 5000, 24000))]
    return found + _clean_runs(share)


def _clean_runs(share: float) -> list[Drawn]:
    """Runs without a block; the value is their number of strokes."""
    found: list[Drawn] = []
    for rate, years in CLEAN_YEARS.items():
        lines = [(c, tau) for c in _CLEAN_COMPLIANCES for tau in _CLEAN_TAUS if carries(c, tau, rate)]
        strokes = int(years * share * 365 * rate * 1000 / rig.STROKE_NL) // len(lines) + 1
        parts = -(-strokes // _CLEAN_STROKES)
        for number, (c, tau) in enumerate(lines):
            found += [("clean", c, tau, rate, strokes // parts + 1, 100 * number + part) for part in range(parts)]
    return found


def perform(run: Run) -> Row:
    """Performs one run; returns its results."""
    *drawn, drive = run
    kind, compliance, tau, rate, value, seed = drawn
    row: Row = {"run": list(run)}
    world_seed = 100000 * (RATES.index(rate) + 1) + 1000 * (compliance % 977) + tau + seed
    one = rig.Rig(compliance, tau, rate, world_seed, drive)
    row.update(KINDS[kind](one, value, random.Random(repr(tuple(drawn)))))
    row["samples"] = one.samples
    row["strokes"] = one.strokes
    return row


def new_findings(one: rig.Rig, before: dict[str, bool], stopped: bool) -> tuple[list[str], dict[str, bool]]:
    """The findings that were not there before, and what stands now; a stop is acknowledged at once."""
    now = one.found()
    new = [name for name, stands in now.items() if stands and not before[name]]
    if stopped and now != before:
        one.clear_findings()
        now = one.found()
    return new, now


def clean(one: rig.Rig, strokes: int, chance: random.Random) -> Row:
    """No block, but other rates, boluses, pauses, bridges and primes: every finding is false."""
    before = one.found()
    rivals = occlusion_rivals.rivals(one) if chance.randrange(_RIVALS_IN) == 0 else []
    curve = occlusion_rivals.Curve(one) if rivals else None
    alarms = {rival.name: 0 for rival in rivals}
    alarmed = dict.fromkeys(alarms, False)
    found: list[tuple[int, str]] = []
    closest = 0
    detector = one.line.detector
    rates = [rate for rate in RATES if carries(one.compliance_pl_pa, one.line_tau_ms, rate)]
    operator = changes.Operator(one, rates, chance)
    for number in range(strokes):
        word = one.look()
        new, before = new_findings(one, before, bool(word))
        found += [(number, name) for name in new]
        closest = max(closest, 100 * detector.staircase.sum // detector.staircase.mark)
        for rival in rivals:
            alarm = rival.alarms(one.line.stroke.pre_stroke_pa, word)
            alarms[rival.name] += alarm and not alarmed[rival.name]
            alarmed[rival.name] = alarm
        if curve:
            curve.look(one)
        one.stroke()
        if operator.after_stroke() and curve:
            curve.follow(one, operator.filled)
    row: Row = {"found": found, "rivals": alarms, "curve": curve.times if curve else {}, "done": operator.done}
    return {**row, "days": one.passed_ms / 86400000, "closest_percent": closest}


def sudden(one: rig.Rig, value: int, chance: random.Random) -> Row:
    """The line shuts at a random moment of a stroke period."""
    curve = occlusion_rivals.Curve(one)
    false = _warm(one, chance.randrange(60, 240), curve)
    before_nl = one.missing_nl()
    one.wait(rig.ticks.add(one.now, chance.randrange(300, one.period_ms - 1)))
    one.world.do("block")
    curve.begin()
    return {"false": false, **_until_stopped(one, before_nl, _PATIENCE, curve)}


def grown(one: rig.Rig, minutes: int, chance: random.Random) -> Row:
    """The resistance doubles ten times in this many minutes; then the line is shut."""
    false = _warm(one, chance.randrange(60, 240))
    before_nl = one.missing_nl()
    one.world.do("block_over", minutes)
    return {"false": false, **_until_stopped(one, before_nl, _PATIENCE + minutes * 60000 // one.period_ms)}


def partial(one: rig.Rig, percent: int, chance: random.Random) -> Row:
    """The resistance is multiplied, but the flow passes: strokes to the warning."""
    false = _warm(one, chance.randrange(60, 240))
    one.world.do("narrow", percent)
    warned = stopped = None
    for number in range(200):
        word = one.look()
        if warned is None and one.conditions.noted(rig.defs.NOTE_LINE_NARROW):
            warned = number
        if word:
            stopped = number
            break
        one.stroke()
    return {"false": false, "warned": warned, "stopped": stopped}


def _warm(one: rig.Rig, strokes: int, curve: occlusion_rivals.Curve | None = None) -> int:
    """Strokes of a healthy line; returns the number of false findings."""
    false = 0
    for _ in range(strokes):
        if one.look() or one.conditions.noted(rig.defs.NOTE_PRESSURE_BLIND):
            false += 1
            one.clear_findings()
            one.conditions.note(rig.defs.NOTE_PRESSURE_BLIND, False)
        if curve:
            curve.look(one)
        one.stroke()
    return false


def _until_stopped(one: rig.Rig, before_nl: int, patience: int, curve: occlusion_rivals.Curve | None = None) -> Row:
    """Runs until the pump's own detector stops it, and then on for the rivals."""
    began, since = one.strokes, one.now
    row: Row = {"strokes_to_alarm": None, "missing_nl": None, "by": None}
    rivals = {rival.name: rival for rival in occlusion_rivals.rivals(one)} if curve else {}
    least = _CURVE_STROKES if curve else 0
    late: dict[str, int] = {}
    for _ in range(patience):
        word = one.look()
        if word and row["missing_nl"] is None:
            row["strokes_to_alarm"] = one.strokes - began
            row["seconds"] = rig.ticks.diff(one.now, since) // 1000
            row["missing_nl"] = one.missing_nl() - before_nl
            row["by"] = next(name for bit, name in rig.STOPS.items() if word & bit)
        for name in [name for name, rival in rivals.items() if rival.alarms(one.line.stroke.pre_stroke_pa, word)]:
            late[name] = one.strokes - began
            del rivals[name]
        if curve:
            curve.look(one)
        if row["missing_nl"] is not None and not rivals and one.strokes - began >= least:
            break
        one.stroke()
    row["rivals"] = late
    row["curve"] = curve.first if curve else {}
    return row


def released(one: rig.Rig, value: int, chance: random.Random) -> Row:
    """The volume released after a sudden block and its alarm: at once, or (value 1) after the relief.

    Less tau x rate, the volume that a healthy line holds for its flow and releases whenever the pump stops.
    """
    rows: Row = {}
    held_nl = one.ul_day * one.line_tau_ms // 86400
    _warm(one, 100)
    one.world.do("block")
    for _ in range(_PATIENCE):
        if one.look():
            break
        one.stroke()
    rows["reversed_strokes"] = one.relieve() if value else 0
    rows["released_nl"] = one.release_nl() - held_nl
    return rows


KINDS = {"clean": clean, "sudden": sudden, "grown": grown, "partial": partial, "released": released}
