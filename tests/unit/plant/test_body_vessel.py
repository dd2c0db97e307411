"""The body: beats, waves, strain, walking and slow courses reach the sensor as they reach that of a real pump."""

from plant import world
from plant.body import day


def _quiet(**config: int) -> world.World:
    full = dict(world.QUIET)
    full["line_tau_ms"] = 200
    full.update(config)
    return world.World(full, 3)


def _steady(**config: int) -> world.World:
    """Beats that are all alike, without breathing."""
    full = {"heart": 1, "heart_spread_percent": 0}
    full.update(config)
    return _quiet(**full)


def _falls(values: list[int]) -> list[int]:
    return [values[i] - values[i + 1] for i in range(len(values) - 1)]


def _readings(the_world: world.World, count: int, every_ms: int = 25) -> list[int]:
    values = []
    for _ in range(count):
        the_world.advance(every_ms)
        values.append(the_world.read_pressure_pa())
    return values


def _after(action: str, value: int, wait_ms: int, **config: int) -> int:
    """The change of the reading so long after an action, in a quiet world."""
    the_world = _quiet(**config)
    earlier_pa = the_world.read_pressure_pa()
    the_world.do(action, value)
    while wait_ms:
        span_ms = min(600000, wait_ms)
        the_world.advance(span_ms)
        wait_ms -= span_ms
    return the_world.read_pressure_pa() - earlier_pa


def test_beats_keep_the_mean_pressure_at_every_rate() -> None:
    for rest_ms in (455, 900, 1250):
        the_world = _steady(heart_ms=rest_ms)
        values = _readings(the_world, 4000)
        assert abs(sum(values) // len(values) - 13000) < 150, rest_ms


def test_the_pulse_pressure_is_that_of_an_artery() -> None:
    values = _readings(_steady(notch_pa=0), 400)
    # 3 to 6 kPa at the artery (25 to 45 mmHg), damped by a line of 0.2 s.
    assert 2500 < max(values) - min(values) < 6000


def test_a_line_with_a_long_time_constant_damps_the_pulse() -> None:
    spans = []
    for tau_ms in (200, 2000, 20000):
        values = _readings(_steady(line_tau_ms=tau_ms), 4000)[2000:]
        spans.append(max(values) - min(values))
    assert spans[0] > 5 * spans[1] > 25 * spans[2]


def test_the_notch_follows_the_systole() -> None:
    def second_rises(notch_pa: int) -> int:
        values = _readings(_steady(notch_pa=notch_pa), 720)
        return sum(values[i - 1] < values[i] > values[i + 1] for i in range(1, len(values) - 1))

    assert second_rises(2000) > second_rises(0) + 15  # 20 beats in 18 s


def test_a_pause_of_the_heart_lowers_the_pressure_for_its_time() -> None:
    the_world = _steady()
    usual_pa = min(_readings(the_world, 400))
    the_world.do("heart_pause", 3000)
    values = _readings(the_world, 240)
    assert min(values) < usual_pa - 3000
    assert 40 < sum(value < usual_pa for value in values) < 240


def test_an_ectopic_beat_comes_early_and_weak() -> None:
    the_world = _steady()
    usual = _readings(the_world, 400)
    the_world.do("ectopic", 1)
    values = _readings(the_world, 160)
    assert min(values) < min(usual) - 300 or max(values) > max(usual) + 300


def test_fibrillation_makes_every_beat_different() -> None:
    def spread(on: int) -> int:
        the_world = _steady(fibrillation=on)
        _readings(the_world, 400)
        peaks = [max(_readings(the_world, 60)) for _ in range(40)]
        return max(peaks) - min(peaks)

    assert spread(1) > 4 * spread(0)


def test_a_jump_over_a_long_time_ends_within_the_range_of_the_pulse() -> None:
    values = _readings(_steady(), 400)
    late = _readings(_steady(), 200, 20000)
    assert min(values) - 400 < min(late) and max(late) < max(values) + 400
    assert max(late) - min(late) > (max(values) - min(values)) // 2


def test_slow_courses_reach_their_levels() -> None:
    assert abs(_after("handgrip", 180, 150000) - 4000) < 20
    assert abs(_after("handgrip", 30, 30000) - 1000) < 40
    assert abs(_after("handgrip", 120, 300000)) < 20
    assert abs(_after("faint", 600, 300000) + 6500) < 20
    assert abs(_after("posture", -3000, 10000) + 3000) < 20
    assert abs(_after("bath", 300, 60000) - 3000) < 20
    assert abs(_after("saw_tooth", 10, 300000) - 2000) < 50
    assert abs(_after("saw_tooth", 10, 640000)) < 200


def test_the_saw_tooth_repeats_until_it_is_ended() -> None:
    the_world = _quiet(saw_tooth_pa=8000)
    the_world.do("saw_tooth", 1)
    values = _readings(the_world, 600, 1000)
    assert sum([fall > 1000 for fall in _falls(values)]) >= 9
    the_world.do("saw_tooth", 0)
    the_world.advance(120000)
    assert abs(the_world.read_pressure_pa() - 13000) < 10


def test_wandering_has_the_size_that_is_set() -> None:
    the_world = _quiet(wander_pa=1000)
    values = _readings(the_world, 3000, 20000)
    mean_pa = sum(values) // len(values)
    squares = sum((value - mean_pa) ** 2 for value in values) // len(values)
    assert 800**2 < squares < 1150**2


def test_the_night_lowers_the_pressure() -> None:
    the_world = _quiet(night_pa=2000)
    hours = [_readings(the_world, 1, 600000) and _readings(the_world, 5, 600000)[-1] for _ in range(24)]
    assert hours[12] == 13000 and hours[18] == 11000 and hours[23] == 13000


def test_strain_and_cough_reach_the_open_line() -> None:
    assert abs(_after("strain", 5000, 4000, strain_pa=27000) - 27000) < 30
    assert abs(_after("strain", 5000, 8000, strain_pa=27000)) < 30
    the_world = _quiet(cough_pa=27000)
    the_world.do("cough", 3)
    values = [int(value > 25000) for value in _readings(the_world, 120)]
    assert _falls(values).count(-1) == 3


def test_strain_reaches_a_blocked_line_only_through_its_wall() -> None:
    for percent in (0, 40):
        the_world = _quiet(strain_pa=10000, strain_wall_percent=percent)
        the_world.do("block")
        the_world.do("strain", 5000)
        the_world.advance(4000)
        assert the_world.read_pressure_pa() == 13000 + 100 * percent


def test_walking_shakes_a_blocked_line_too() -> None:
    for action in ("block", "unblock"):
        the_world = _quiet(walk_pa=1000)
        the_world.do(action)
        the_world.do("walk", 60)
        values = _readings(the_world, 1000)
        rises = _falls([int(value >= 13000) for value in values]).count(-1)
        # 47 or 48 steps in 25 s, some with two crossings.
        assert 40 < rises < 110
        assert 13700 < max(values) < 14600 and 11400 < min(values) < 12300
        the_world.advance(60000)
        assert the_world.read_pressure_pa() == 13000


def test_cabin_and_elevator_are_seen_without_a_vent_only() -> None:
    for vented, change_pa in ((0, -20000), (1, 0)):
        assert _after("cabin", 20000, 1500000, pressure_vented=vented) == change_pa
        assert _after("elevator", 30, 60000, pressure_vented=vented) == (0 if vented else -360)


def test_ambient_drift_is_not_seen_through_a_vent() -> None:
    for vented in (0, 1):
        the_world = _quiet(ambient_pa=3000, pressure_vented=vented)
        values = _readings(the_world, 144, 600000)
        assert (max(values) - min(values) > 5000) == (vented == 0)


def test_a_body_is_made_by_its_first_action_without_a_jump() -> None:
    plain, other = world.World({}, 9), world.World({}, 9)
    other.do("walk", 0)
    for _ in range(50):
        plain.advance(997)
        other.advance(997)
        assert plain.read_pressure_pa() == other.read_pressure_pa()


def test_days_are_repeatable_and_differ() -> None:
    assert day.actions(4, 2) == day.actions(4, 2)
    assert day.actions(4, 2) != day.actions(4, 3) and day.actions(4, 2) != day.actions(5, 2)
    assert day.settings(4) != day.settings(5)


def test_every_action_of_a_year_is_accepted_and_as_frequent_as_documented() -> None:
    counts: dict[str, int] = {}
    the_world = world.World(day.settings(1), 1)
    for number in range(365):
        for at_s, action, value in day.actions(1, number):
            assert 0 <= at_s < 2 * day.DAY_S
            counts[action] = counts.get(action, 0) + 1
            if number % 30 == 0:
                the_world.do(action, value)
    per_day = {action: count / 365 for action, count in counts.items()}
    assert 65 < per_day["posture"] < 75
    assert 15 < per_day["cough"] < 25
    assert 10 < per_day["walk"] < 14
    assert 0 < counts["faint"] < 8 and 0 < counts["cabin"] < 20


def test_settings_of_every_seed_are_within_their_limits() -> None:
    for seed in range(300):
        world.World(day.settings(seed), seed)
        assert "pressure_flicker_pa" not in day.settings(seed, parts=False)
        assert "heart" not in day.settings(seed, body=False)
