"""The busy body: settings and timed actions of everyday life, drawn from a seed, the same on every interpreter.

    config = day.settings(seed)            # for world.World
    for at_s, action, value in day.actions(seed, number): ...   # of this day, in order of time; 0 s is 8 in the morning

The rates and their sources are in docs/body.md.
"""

from plant.arithmetic import noise

TYPE_CHECKING = False
if TYPE_CHECKING:
    Timed = tuple[int, str, int]  # s of the day, action, value

DAY_S = 86400
_AWAKE_S = 14 * 3600
_STREAM = 50

# (name, thousandths a day, only when awake, lowest and highest value): at a random time of the day.
_EVERYDAY = (
    ("walk", 8000, True, 60, 900),
    ("stairs", 4000, True, 15, 60),
    ("exercise", 300, True, 1200, 3600),
    ("cough", 20000, False, 1, 4),
    ("strain", 2000, True, 3000, 10000),
    ("lift", 10000, True, 300, 3000),
    ("handgrip", 8000, True, 20, 120),
    ("posture", 60000, True, -3000, 3000),
    ("turn", 12000, False, -1500, 1500),
    ("bath", 700, True, 200, 500),
    ("elevator", 4000, True, 3, 40),
    ("saw_tooth", 2000, False, 1, 60),
    ("faint", 5, True, 300, 600),
    ("flight", 11, True, 15000, 25000),
    ("ectopic", 6000, False, 1, 3),
)
_BATH_S = 1200
_SAW_TEETH = (1, 3)
_FLIGHT_S = (3600, 10800)
_ELEVATOR_S = (300, 7200)

# (setting, one seed in this many has it, lowest and highest value)
_BODIES = (
    ("heart_ms", 1, 750, 1250),
    ("heart_spread_percent", 1, 2, 8),
    ("heart_runoff_ms", 1, 1200, 2500),
    ("notch_pa", 1, 0, 1200),
    ("ectopic_per_hour", 3, 1, 120),
    ("heart_pauses_per_day", 10, 1, 6),
    ("heart_pause_ms", 1, 2000, 3000),
    ("fibrillation", 10, 1, 1),
    ("breath_pa", 1, 200, 900),
    ("breath_ms", 1, 3000, 6000),
    ("mayer_pa", 1, 100, 800),
    ("wander_pa", 1, 300, 1200),
    ("night_pa", 1, 800, 2600),
    ("effort_pa", 1, 2000, 6000),
    ("faint_pa", 1, 4000, 6500),
    ("saw_tooth_pa", 1, 1000, 8000),
    ("strain_pa", 1, 3000, 16000),
    ("cough_pa", 1, 5000, 27000),
    ("strain_wall_percent", 2, 10, 100),
    ("walk_pa", 1, 300, 3000),
    ("walk_ms", 1, 480, 600),
    ("wall_slow_percent", 2, 2, 15),
    ("wall_slow_ms", 1, 3000, 20000),
    ("wall_late_percent", 2, 2, 20),
    ("wall_late_ms", 1, 120000, 1800000),
    ("wall_stiff_percent", 2, 5, 50),
)
_PARTS = (
    ("pressure_noise_pa", 1, 50, 100),
    ("pressure_flicker_pa", 2, 10, 100),
    ("pressure_telegraph_pa", 8, 50, 300),
    ("pressure_telegraph_s", 1, 10, 600),
    ("pressure_flips_ppm", 2, 1, 5),
    ("pressure_bursts_ppm", 4, 1, 2),
    ("pressure_missing_ppm", 2, 1, 50),
    ("drive_slack_nl", 2, 10, 500),
    ("drive_snap_nl", 4, 5, 60),
    ("drive_ripple_percent", 2, 5, 60),
    ("drive_stick_nl", 8, 300, 1000),
)


def settings(seed: int, body: bool = True, parts: bool = True) -> "dict[str, int]":
    """Settings of a body, and of a sensor and a drive that are worn; without `body` or `parts` those stay plain."""
    chance = noise.Noise(seed, _STREAM)
    drawn = {"heart": 1} if body else {}
    for rows, used in ((_BODIES, body), (_PARTS, parts)):
        for name, one_in, low, high in rows:
            has = chance.below(one_in) == 0
            value = low + chance.below(high - low + 1)
            if has and used:
                drawn[name] = value
    return drawn


def actions(seed: int, number: int) -> "list[Timed]":
    """All actions of this day, in order of time; those that end something may come on the next day."""
    chance = noise.Noise(seed + 1000003 * number, _STREAM + 1)
    found: "list[Timed]" = []
    for name, rate, awake, low, high in _EVERYDAY:
        times = rate // 1000 * (75 + chance.below(51)) // 100
        if chance.below(1000) < rate % 1000:
            times += 1
        for _ in range(times):
            at_s = chance.below(_AWAKE_S if awake else DAY_S)
            value = low + chance.below(high - low + 1)
            found += _done(chance, at_s, name, value)
    found.sort()
    return found


def _done(chance: noise.Noise, at_s: int, name: str, value: int) -> "list[Timed]":
    """What a row of the table does."""
    if name == "walk":
        return _exercise(at_s, value, 1300 + chance.below(400))
    if name in ("stairs", "exercise"):
        return _exercise(at_s, value, 1600 + chance.below(600))
    if name == "lift":
        return [(at_s, "strain", value), (at_s, "handgrip", 5)]
    if name == "turn":
        return [(at_s, "posture", value)]
    if name == "bath":
        return [(at_s, "bath", value), (at_s + _BATH_S, "bath", 0)]
    if name == "saw_tooth":
        return [(at_s, name, value), (at_s + value * 60 * _between(chance, _SAW_TEETH), name, 0)]
    if name == "flight":
        return [(at_s, "cabin", value), (at_s + 1800 + _between(chance, _FLIGHT_S), "cabin", 0)]
    if name == "elevator":
        return [(at_s, name, value), (at_s + _between(chance, _ELEVATOR_S), name, -value)]
    return [(at_s, name, value)]


def _exercise(at_s: int, seconds: int, millihertz: int) -> "list[Timed]":
    return [(at_s, "walk", seconds), (at_s, "heart_rate", millihertz), (at_s + seconds + 30, "heart_rate", 0)]


def _between(chance: noise.Noise, limits: "tuple[int, int]") -> int:
    return limits[0] + chance.below(limits[1] - limits[0] + 1)
