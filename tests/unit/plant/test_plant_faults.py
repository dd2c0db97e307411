"""Every part of the simulated pump with every fault, and its repair."""

from plant import world
from plant.parts import faults, sensors

_QUIET = dict(world.QUIET)
_READERS = {
    "pressure": "read_pressure_pa",
    "level": "read_level_nl",
    "flow": "read_flow_pl_s",
    "supply": "read_supply_mv",
    "temperature": "read_temperature_centi_c",
}
_TRUE = {"pressure": 13000, "level": 16000000, "flow": 0, "supply": 5000, "temperature": 2200}


def _world(**settings: int) -> world.World:
    config = dict(_QUIET)
    config.update(settings)
    return world.World(config, 1)


def _read(the_world: world.World, part: str) -> int:
    return getattr(the_world, _READERS[part])()


def _is_off(the_world: world.World, part: str) -> bool:
    try:
        _read(the_world, part)
    except world.PartOff as error:
        assert error.args[0] == part
        return True
    return False


def test_a_broken_wire_is_a_fault_of_the_sensors_with_a_voltage_alone() -> None:
    the_world = _world()
    assert sorted(name for name in the_world.actions if name.endswith("_open") and name[:-5] in _READERS) == [
        "level_open",
        "supply_open",
    ]
    for part in ("level", "supply"):
        the_world.do(part + "_open")
        try:
            _read(the_world, part)
            raise AssertionError(part)
        except faults.PartOpen as error:
            assert error.args[0] == part
        the_world.do(part + "_works")
        assert _read(the_world, part) == _TRUE[part]


def _stroke(the_world: world.World, steps: int = 100) -> None:
    the_world.start_stroke(steps, 2000)
    the_world.advance(20000)


def test_there_is_an_action_for_every_part_and_fault() -> None:
    actions = world.World({}, 1).actions
    for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
        for word in ("works", "off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"):
            assert part + "_" + word in actions
    assert len(faults.WORDS) == 8


def test_a_sensor_is_off_works_and_comes_and_goes() -> None:
    for part in _READERS:
        the_world = _world()
        assert _read(the_world, part) == _TRUE[part]
        the_world.do(part + "_off")
        assert _is_off(the_world, part)
        the_world.do(part + "_intermittent")
        times_off = 0
        for _ in range(400):
            times_off += _is_off(the_world, part)
        assert 140 < times_off < 260, part
        the_world.do(part + "_works")
        assert _read(the_world, part) == _TRUE[part]


def test_a_sensor_is_wrong_by_so_much() -> None:
    for part in _READERS:
        the_world = _world()
        the_world.do(part + "_wrong")
        assert _read(the_world, part) == _TRUE[part] + sensors.KINDS[part][1]
        the_world.do(part + "_wrong", -777)
        assert _read(the_world, part) == _TRUE[part] - 777


def test_every_nth_reading_has_one_inverted_bit_or_comes_too_late() -> None:
    for part in _READERS:
        the_world = _world()
        true = _read(the_world, part)
        the_world.do(part + "_late", 3)
        assert [_is_off(the_world, part) for _ in range(9)] == [False, False, True] * 3
        the_world.do(part + "_flips", 4)
        if part == "flow":  # its checksum doesn't fit then
            assert [_is_off(the_world, part) for _ in range(8)] == [False, False, False, True] * 2
            continue
        seen = [_read(the_world, part) ^ true for _ in range(400)]
        assert [change for at, change in enumerate(seen) if at % 4 < 3] == [0] * 300
        flipped = set(seen[3::4])
        assert all(change & change - 1 == 0 < change < 1 << 25 for change in flipped), part
        assert len(flipped) > 8
        the_world.do(part + "_works")
        assert _read(the_world, part) == true


def test_a_share_below_one_in_two_is_refused() -> None:
    for action in ("pressure_flips", "level_late", "drive_flips", "drive_late"):
        try:
            _world().do(action, 1)
            raise AssertionError(action)
        except ValueError:
            pass


def test_a_held_bus_silences_pressure_and_flow_for_its_time() -> None:
    the_world = _world()
    the_world.do("bus_held_ms", 2000)
    for part in ("pressure", "flow"):
        assert _is_off(the_world, part)
    assert not _is_off(the_world, "level")
    the_world.advance(2000)
    assert not _is_off(the_world, "pressure") and not _is_off(the_world, "flow")
    the_world.do("bus_held")
    the_world.advance(600000)
    assert _is_off(the_world, "flow") and _is_off(the_world, "pressure")
    the_world.do("bus_works")
    assert not _is_off(the_world, "flow")


def test_a_driver_whose_exchange_is_disturbed_starts_at_the_next_try() -> None:
    for action in ("drive_flips", "drive_late"):
        the_world = _world()
        the_world.do(action, 3)
        started = []
        for _ in range(9):
            try:
                _stroke(the_world)
                started.append(True)
            except world.PartOff:
                started.append(False)
        assert started == [True, True, False] * 3
        assert the_world.truth()["steps_counted"] == 600


def test_a_sensor_gives_garbage_far_outside_of_its_range() -> None:
    for part in _READERS:
        the_world = _world()
        the_world.do(part + "_garbage")
        seen = [_read(the_world, part) for _ in range(100)]
        reach = 10000 * sensors.KINDS[part][2]
        assert max(seen) > reach * 8 // 10 and min(seen) < -reach * 8 // 10, part
        assert len(set(seen)) > 90


def _change(the_world: world.World) -> None:
    """Changes the true value of every sensor permanently."""
    the_world.do("block")
    _stroke(the_world, 1000)
    the_world.do("drain", 8000000)
    the_world.do("supply", 4000)
    the_world.do("heat", 4000)
    the_world.do("unblock")
    the_world.do("leak", 100)
    the_world.advance(600000)


def test_a_stuck_sensor_stays_and_a_late_one_is_ten_reads_behind() -> None:
    for part in _READERS:
        the_world = _world()
        for word, reads in (("stuck", 1000), ("delayed", 10)):
            the_world.do(part + "_works")
            before = _read(the_world, part)
            the_world.do(part + "_" + word)
            _change(the_world)
            seen = 0
            while seen < 1000 and _read(the_world, part) == before:
                seen += 1
            assert seen == reads, (part, word)
            the_world = _world()


def test_a_sensor_that_was_never_read_is_stuck_or_late_at_its_first_value() -> None:
    for word in ("stuck", "delayed", "slow"):
        for part in _READERS:
            the_world = _world()
            the_world.do(part + "_" + word)
            for _ in range(5):
                assert _read(the_world, part) == _TRUE[part]


def test_a_slow_sensor_follows_with_a_minute() -> None:
    for every_ms in (100, 1000, 10000):
        the_world = _world()
        the_world.read_supply_mv()
        the_world.do("supply_slow")
        the_world.do("supply", 15000)
        for _ in range(60000 // every_ms):
            the_world.advance(every_ms)
            seen_mv = the_world.read_supply_mv()
        # 5000 + 10000 (1 - 1/e) = 11321; with rare reads it lags a little more.
        assert abs(seen_mv - 11321) < 100 + every_ms // 20, every_ms
        for _ in range(600000 // every_ms):
            the_world.advance(every_ms)
            seen_mv = the_world.read_supply_mv()
        assert abs(seen_mv - 15000) <= 2


def test_the_counter_counts_or_not() -> None:
    the_world = _world()
    _stroke(the_world)
    for word, counted in (("works", 200), ("wrong", 400), ("works", 500), ("stuck", 500), ("works", 700)):
        the_world.do("counter_" + word)
        _stroke(the_world)
        assert the_world.read_steps() == counted, (word, the_world.read_steps())
    for word in ("slow", "delayed"):
        the_world.do("counter_" + word)
        before = the_world.steps_counted()
        _stroke(the_world)
        assert the_world.read_steps() == before + 100
        _stroke(the_world)
        assert the_world.read_steps() == before + 200
    the_world.do("counter_garbage")
    seen = [the_world.read_steps() for _ in range(50)]
    assert len(set(seen)) > 45 and max(seen) > 1 << 29
    for word, least, most in (("off", 100, 100), ("intermittent", 30, 70)):
        the_world.do("counter_" + word)
        times_off = 0
        for _ in range(100):
            try:
                the_world.read_steps()
            except world.PartOff as error:
                assert str(error) == "counter"
                times_off += 1
        assert least <= times_off <= most


def _starts(the_world: world.World, count: int) -> int:
    started = 0
    for _ in range(count):
        try:
            _stroke(the_world)
            started += 1
        except world.PartOff as error:
            assert str(error) == "drive"
    return started


def test_a_drive_that_is_off_or_comes_and_goes_does_not_start() -> None:
    the_world = _world()
    the_world.do("drive_off")
    assert _starts(the_world, 5) == 0
    the_world.do("drive_intermittent")
    assert _starts(the_world, 10) == 5
    assert the_world.truth()["pumped_nl"] == 1250
    the_world.do("drive_works")
    the_world.start_stroke(100, 2000)
    the_world.advance(100)
    the_world.do("drive_off")
    the_world.advance(1000)
    assert the_world.truth()["pumped_nl"] == 1375


def test_a_drive_moves_another_volume_by_the_right_pulses() -> None:
    for value, pumped_nl in ((0, 375), (150, 375), (40, 100), (300, 750)):
        the_world = _world()
        the_world.do("drive_wrong", value)
        _stroke(the_world)
        truth = the_world.truth()
        assert truth["pumped_nl"] == pumped_nl and truth["steps_counted"] == 100


def test_a_drive_that_runs_wild_makes_other_pulses_than_it_says() -> None:
    the_world = _world()
    the_world.do("drive_garbage")
    steps: list[int] = []
    for _ in range(60):
        before = the_world.read_steps()
        _stroke(the_world)
        steps.append(the_world.read_steps() - before)
        assert the_world.steps_done() == 100
    assert 0 <= min(steps) < 20 and 180 < max(steps) <= 200
    assert 85 * 60 < sum(steps) < 115 * 60
    assert the_world.truth()["pumped_nl"] * 2 == sum(steps) * 5


def test_a_slow_drive_takes_four_times_as_long_and_a_late_one_begins_a_second_later() -> None:
    for word, moments in (("slow", ((7, 0), (8, 1), (400, 50), (799, 99), (800, 100))),
                          ("delayed", ((1001, 0), (1002, 1), (1100, 50), (1199, 99), (1200, 100)))):
        the_world = _world()
        the_world.do("drive_" + word)
        the_world.start_stroke(100, 2000)
        now_ms = 0
        for at_ms, steps in moments:
            the_world.advance(at_ms - now_ms)
            now_ms = at_ms
            assert the_world.steps_done() == steps == the_world.steps_counted(), (word, at_ms)
        assert the_world.truth()["pumped_nl"] == 250


def test_faults_refuse_values_that_leave_thirty_bits() -> None:
    the_world = _world()
    refused = 0
    for action, value in (("drive_wrong", 301), ("drive_wrong", -1), ("level_wrong", 100000001), ("heat", 15001),
                        ("supply", -1)):
        try:
            the_world.do(action, value)
        except ValueError:
            refused += 1
    assert refused == 5


def test_glitches_are_one_garbage_reading_in_so_many() -> None:
    the_world = _world()
    the_world.do("pressure_glitches", 17)
    bad = [at for at in range(170) if not 0 <= the_world.read_pressure_pa() <= 60000]
    assert bad and all(at % 17 == 16 for at in bad)
    assert len(bad) >= 7  # a few of the ten lie in the range by chance
    the_world.do("pressure_works")
    assert all(0 <= the_world.read_pressure_pa() <= 60000 for _ in range(100))
    for value in (1, 0, -5):
        try:
            the_world.do("level_glitches", value)
        except ValueError:
            continue
        raise AssertionError(value)
