"""Sensors, random numbers, settings and actions of the simulated world."""

from plant import world
from plant.arithmetic import noise


def _with(name: str, value: int) -> dict[str, int]:
    config = dict(world.QUIET)
    config[name] = value
    return config


def _refused(config: dict[str, int], word: str) -> None:
    try:
        world.World(config, 1)
    except ValueError as error:
        assert word in str(error)
    else:
        raise AssertionError(word)


def test_settings_are_checked_by_name() -> None:
    _refused({"line_tau_s": 2}, "line_tau_s")
    _refused({"line_tau_ms": 20001}, "line_tau_ms")
    _refused({"drive_random_ppm": -1}, "drive_random_ppm")
    _refused({"reservoir_nl": 20000001}, "reservoir_nl")
    _refused({"pulse_shortest_ms": 1200}, "pulse_longest_ms")
    _refused({"drive_kind": 2}, "drive_kind")
    _refused({"line_dead_nl": 400001}, "line_dead_nl")
    _refused({"free_flow_nl_s": -1}, "free_flow_nl_s")
    _refused({"supply_mv": 20001}, "supply_mv")


def test_bad_calls_are_refused() -> None:
    the_world = world.World({}, 1)
    refused = 0
    for action, dt_ms, steps, interval_us in (
        ("explode", 0, 0, 100),
        ("narrow", 0, 0, 100),
        ("block", -1, 0, 100),
        ("block", 600001, 0, 100),
        ("block", 0, 100, 99),
        ("block", 0, 1000001, 1000),
    ):
        try:
            the_world.do(action, 9)
            the_world.advance(dt_ms)
            the_world.start_stroke(steps, interval_us)
        except ValueError:
            refused += 1
    assert refused == 6


def test_noise_is_near_gaussian_and_without_memory() -> None:
    chance = noise.Noise(1, 0)
    total = 0
    squares = 0
    beyond_two = 0
    neighbours = 0
    before = 0
    for _ in range(10000):
        value = chance.normal(100)
        total += value
        squares += value * value
        neighbours += value * before
        beyond_two += abs(value) > 200
        before = value
    assert abs(total) < 4 * 10000
    assert abs(squares - 100000000) < 6000000
    assert abs(neighbours) < 4000000
    assert 380 < beyond_two < 520


def test_neighbouring_seeds_and_streams_differ() -> None:
    first = [noise.Noise(seed, stream).below(1000) for seed in range(20) for stream in range(4)]
    assert len(set(first)) > 70
    assert abs(sum(first) - 80 * 500) < 4 * 2600
    chance = noise.Noise(5, 0)
    tally = [0] * 3
    for _ in range(3000):
        tally[chance.below(3)] += 1
    assert min(tally) > 890


def test_pressure_noise_is_50_pa_rms() -> None:
    the_world = world.World(_with("pressure_noise_pa", 50), 9)
    squares = 0
    total = 0
    for _ in range(4000):
        error_pa = the_world.read_pressure_pa() - 13000
        total += error_pa
        squares += error_pa * error_pa
    assert abs(total) < 4000 * 4
    assert 2300 * 4000 < squares < 2700 * 4000


def test_pressure_offset_drift_scale_and_steps() -> None:
    config = _with("pressure_offset_pa", -400)
    config["pressure_drift_pa_day"] = 24
    config["pressure_scale_ppm"] = 10000
    config["pressure_quantum_pa"] = 7
    the_world = world.World(config, 1)
    assert the_world.read_pressure_pa() == (13000 - 400 + 130 + 3) // 7 * 7
    for _ in range(10 * 144 + 72):
        the_world.advance(600000)
    assert the_world.read_pressure_pa() == (13000 - 400 + 252 + 130 + 3) // 7 * 7


def test_level_comes_in_steps_with_its_errors() -> None:
    config = _with("level_quantum_nl", 5000)
    config["level_scale_ppm"] = 2000
    config["level_offset_nl"] = -7000
    the_world = world.World(config, 1)
    assert the_world.read_level_nl() == 16025000
    the_world.do("drain", 1000000)
    assert the_world.read_level_nl() == 15025000  # 15,000,000 + 30,000 - 7,000 to the nearest 5,000
    the_world.do("drain", 20000000)
    assert the_world.read_level_nl() == -5000


def test_level_noise_is_as_large_as_set() -> None:
    for noise_nl in (8000, 64000):
        the_world = world.World(_with("level_noise_nl", noise_nl), 9)
        squares_ul = 0
        for _ in range(2000):
            error_ul = (the_world.read_level_nl() - 16000000) // 1000
            squares_ul += error_ul * error_ul
        noise_ul = noise_nl // 1000
        assert abs(squares_ul - 2000 * noise_ul * noise_ul) < 200 * noise_ul * noise_ul


def test_sensor_faults() -> None:
    the_world = world.World({}, 1)
    level_nl = the_world.read_level_nl()
    the_world.do("pressure_off")
    the_world.do("level_stuck")
    for _ in range(3):
        the_world.start_stroke(1000, 2000)
        the_world.advance(60000)
        assert the_world.read_level_nl() == level_nl
        try:
            the_world.read_pressure_pa()
        except world.PartOff as error:
            assert str(error) == "pressure"
        else:
            raise AssertionError("read")
    the_world.do("pressure_works")
    the_world.do("level_works")
    assert 5000 < the_world.read_pressure_pa() < 25000
    assert the_world.read_level_nl() != level_nl


def test_a_stuck_drive_counts_and_moves_nothing() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.do("drive_stuck")
    the_world.start_stroke(100, 2000)
    the_world.advance(1000)
    assert the_world.steps_counted() == 100 and the_world.truth()["pumped_nl"] == 0
    the_world.do("drive_works")
    the_world.start_stroke(100, 2000)
    the_world.advance(1000)
    assert the_world.truth()["pumped_nl"] == 250


def _day(seed: int) -> list[int]:
    the_world = world.World({}, seed)
    seen: list[int] = []
    for _ in range(200):
        the_world.start_stroke(100, 2000)
        the_world.advance(1000)
        seen.append(the_world.read_pressure_pa())
        the_world.advance(20600)
        seen.append(the_world.read_pressure_pa())
        seen.append(the_world.read_level_nl())
    return seen


def test_a_seed_reproduces_and_another_differs() -> None:
    assert _day(11) == _day(11)
    assert _day(11) != _day(12)


def test_looking_at_one_sensor_does_not_shift_another() -> None:
    config = _with("pressure_noise_pa", 50)
    config["level_noise_nl"] = 5000
    one = world.World(config, 3)
    other = world.World(config, 3)
    for _ in range(50):
        one.advance(700)
        other.advance(700)
        one.read_level_nl()
        assert one.read_pressure_pa() == other.read_pressure_pa()


def test_time_goes_on_for_years() -> None:
    the_world = world.World({"posture_shortest_s": 240}, 1)
    for _ in range(3 * 52596):  # three years
        the_world.advance(600000)
    truth = the_world.truth()
    assert truth["t_ms"] == 3 * 52596 * 600000
    assert 3000 < the_world.read_pressure_pa() - 3 * 365 * 20 < 23000
