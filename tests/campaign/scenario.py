"""A random scenario from a seed: a world, a plan and timed actions, as numbers and strings for JSON."""

from plant.arithmetic import noise
from plant.body import day

from campaign.oracles import expected_alarms

HOUR_S = 3600
# Operator actions: (verb, weight, least and largest number).
_ACTIONS = (
    ("rate", 20, 0, 0),
    ("pause", 12, 30, 3000),
    ("stop", 6, 30, 5400),
    ("bolus", 16, 500, 60000),
    ("refill", 6, 1, 30),
    ("silence", 4, 0, 0),
    ("draft", 4, 60, 900),
    ("hostile", 24, 20, 3000),
    ("switch_off", 4, 0, 0),
    ("reset", 4, 0, 3),
    ("look", 4, 0, 0),
    ("hang", 3, 1, 4),  # so many in a row
    ("stop_early", 3, 30, 5400),
    ("settings", 4, 0, 3),
    ("changed_bolus", 4, 500, 60000),
    ("time_set", 3, 1, 40),
    ("refill_broken", 4, 1, 30),
    ("restart", 4, 0, 0),
)
# Pa ms / pL. With a bolus at the highest rate, 16 mL/day in all, the pressure drop in the catheter is 3.7 kPa. A larger
# drop is correctly detected as a block.
_MOST_RESISTANCE = 20
_VISIT_EVERY_S = 6 * HOUR_S
# (faults, operator actions, power cuts) a day; each scenario draws one of these rows.
_FAULT_MIXES = ((0, 1, 0), (1, 2, 1), (3, 4, 4), (8, 6, 2), (0, 2, 30))
CUTS = ("cut_none", "cut_half", "cut_subset", "cut_whole")  # how much of the operation is done, as in plant.parts.flash
_SOON = 120  # flash operations until power fails
_RECOVERY = 40  # the most flash operations of a restart


class Chance:
    """Random numbers of a scenario, from the plant's own generator, so that it is the same on every interpreter."""

    def __init__(self, seed: int, stream: int) -> None:
        self.below = noise.Noise(seed, stream).below

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included; the span may exceed what `below` can take."""
        span = high - low + 1
        if span <= 1000000:
            return low + self.below(span)
        return low + (self.below(1000000) * span + self.below(1000000) * span // 1000000) // 1000000

    def octaves(self, low: int, high: int) -> int:
        """A whole number from low to high; each doubling has the same probability."""
        doublings = 0
        while low << doublings + 1 <= high:
            doublings += 1
        start = low << self.below(doublings + 1)
        return self.between(start, min(high, 2 * start))

    def pick(self, rows: "list[object] | tuple[object, ...]") -> object:
        return rows[self.below(len(rows))]


def draw(seed: int, days: int, body: int = 0) -> "dict[str, object]":
    """The scenario by name; a row is [s, verb, number, duration in s].

    With `body` the patient of this seed carries the pump: its actions (plant.body.day) come besides the rows.
    """
    chance = Chance(seed, 40)
    drive = "valves" if chance.below(10) < 3 else "stepper"
    compliance_pl_pa = chance.octaves(20, 2000)
    resistance_ms = chance.octaves(2, _MOST_RESISTANCE)
    tau_ms = max(200, min(compliance_pl_pa * resistance_ms, 20000))
    settings = {"line_compliance_pl_pa": compliance_pl_pa, "line_tau_ms": tau_ms}
    rows = []
    faults, actions, cuts = chance.pick(_FAULT_MIXES)
    _add_faults(chance, rows, expected_alarms.of(drive, body), faults, days)
    _add_actions(chance, rows, actions, days)
    _add_cuts(chance, rows, cuts, days)
    rows.sort()
    if body:
        # The drive stays exact, because the dose oracle compares volumes to the picolitre.
        drawn = day.settings(body)
        settings.update({name: drawn[name] for name in drawn if not name.startswith("drive_")})
    return {
        "seed": seed,
        "days": days,
        "drive": drive,
        "settings": settings,
        "plan": _plan(chance),
        "blinks": chance.below(4) == 0,
        "rows": rows,
        "body": body,
    }


def _plan(chance: Chance) -> "list[object]":
    """[profile, uL/day, hours of a phase, nL that end it, whether the pump resumes by itself after a reset]"""
    rate_ul_day = 1000 if chance.below(2) else chance.octaves(100, 2000)
    profile = ("continuous", "continuous", "intrahepatic", "timed")[chance.below(4)]
    longest_h = min(336, 19000 * 24 // rate_ul_day)
    hours = chance.between(longest_h // 6, longest_h)
    volume_nl = rate_ul_day * hours * 1000 // 24 if profile == "timed" and chance.below(2) else 0
    return [profile, rate_ul_day, hours, volume_nl, chance.below(2)]


def _add_faults(
    chance: Chance, rows: "list[list[object]]", table: "dict[str, expected_alarms.Cause]", per_day: int, days: int
) -> None:
    names = sorted(table)
    busy = []  # [repair, from s, to s]: only one fault of a part at a time
    for _ in range(per_day * days):
        verb = chance.pick(names)
        at_s = HOUR_S + chance.below(days * 86400 - HOUR_S)
        end_s = at_s + chance.octaves(60, (12 if table[verb].volume_percent else 3) * HOUR_S)
        part = table[verb].repair or verb
        if any(other == part and at_s <= to_s and from_s <= end_s for other, from_s, to_s in busy):
            continue
        busy.append([part, at_s, end_s])
        rows.append([at_s, verb, table[verb].value, end_s - at_s])


def _add_actions(chance: Chance, rows: "list[list[object]]", per_day: int, days: int) -> None:
    weights = [verb for verb, weight, _, _ in _ACTIONS for _ in range(weight)]
    for _ in range(per_day * days):
        verb = chance.pick(weights)
        _, _, low, high = [row for row in _ACTIONS if row[0] == verb][0]
        number = chance.octaves(100, 4000) if verb == "rate" else chance.between(low, high)
        rows.append([HOUR_S + chance.below(days * 86400 - HOUR_S), verb, number, 0])
    for at_s in range(_VISIT_EVERY_S, days * 86400, _VISIT_EVERY_S):
        rows.append([at_s, "look", 0, 0])


def _add_cuts(chance: Chance, rows: "list[list[object]]", per_day: int, days: int) -> None:
    """Power fails during a flash operation, and half of the times again during the restart."""
    for _ in range(per_day * days):
        again = chance.below(2) and chance.between(1, _RECOVERY)
        rows.append([HOUR_S + chance.below(days * 86400 - HOUR_S), chance.pick(CUTS), chance.below(_SOON), again])
