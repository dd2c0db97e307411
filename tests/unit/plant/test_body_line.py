"""Kinks, sacs, tips, walls, worn drives and poor sensors: what they do, and that no volume is lost or made."""

from plant import world
from plant.arithmetic import noise
from plant.body import day

_STROKE_MS = 21600


def _quiet(**config: int) -> world.World:
    full = dict(world.QUIET)
    full.update(config)
    return world.World(full, 5)


def _no_answer(the_world: world.World) -> bool:
    try:
        the_world.read_pressure_pa()
    except world.PartOff:
        return True
    return False


def _stroke(the_world: world.World, count: int = 1, steps: int = 100) -> list[int]:
    values = []
    for _ in range(count):
        the_world.start_stroke(steps, 2000)
        the_world.advance(_STROKE_MS)
        values.append(the_world.read_pressure_pa())
    return values


def _unaccounted_pl(the_world: world.World) -> int:
    """pumped - delivered - leaked - stored + air; 0 unless volume was lost or made."""
    truth = the_world.truth()
    total_pl = -truth["stored_pl"]
    for name, sign in (("pumped", 1), ("delivered", -1), ("leaked", -1), ("air_in_line", 1)):
        total_pl += sign * (1000 * truth[name + "_nl"] + truth[name + "_rest_pl"])
    return total_pl


def _missing_nl(the_world: world.World) -> int:
    truth = the_world.truth()
    return truth["pumped_nl"] - truth["delivered_nl"]


def test_a_kink_near_the_pump_leaves_part_of_the_compliance() -> None:
    the_world = _quiet()
    the_world.do("kink_near", 100)
    assert _stroke(the_world, 2) == [38000, 63000]  # 250 nL in 0.01 uL/kPa: 25 kPa a stroke
    assert the_world.truth()["line_blocked"] == 1


def test_a_hard_kink_stalls_the_drive_within_two_strokes() -> None:
    the_world = _quiet()
    the_world.do("kink_near", 1)
    values = _stroke(the_world, 3)
    assert 230000 < values[0] < 270000
    assert 313000 <= values[1] == values[2] < 330000


def test_what_was_beyond_a_kink_drains_and_the_rest_comes_when_it_opens() -> None:
    the_world = _quiet(line_tau_ms=20000)
    the_world.start_stroke(100, 2000)
    the_world.advance(300)
    the_world.do("kink_near", 300)
    the_world.advance(400000)
    assert 70 < _missing_nl(the_world) < 76  # 30 % of the stroke
    the_world.do("unblock")
    the_world.advance(400000)
    assert _missing_nl(the_world) == 0


def test_a_sac_takes_its_share_of_a_stroke() -> None:
    for percent, rise_pa in ((30, 1923), (100, 1250)):
        the_world = _quiet()
        the_world.do("sac", percent)
        values = _stroke(the_world, 10)
        assert abs(values[-1] - 13000 - 10 * rise_pa) <= 20
        assert _missing_nl(the_world) == 2500
        assert the_world.truth()["line_blocked"] == 1


def test_a_sac_lets_the_pulse_through() -> None:
    def span(action: str, value: int) -> int:
        the_world = _quiet(pulse_pa=2500)
        the_world.do(action, value)
        values = []
        for _ in range(400):
            the_world.advance(37)
            values.append(the_world.read_pressure_pa())
        return max(values) - min(values)

    opened = span("unblock", 0)
    assert span("block", 0) == 0
    # In the high frequencies the flow through the catheter decides, and not the sac.
    assert 8 * opened // 10 < span("sac", 100) < 12 * opened // 10


def test_a_tip_holds_the_line_at_its_opening_pressure_and_lets_all_later_strokes_pass() -> None:
    the_world = _quiet()
    the_world.do("crack", 8000)
    values = _stroke(the_world, 20)
    assert values[-1] == 21000
    assert _missing_nl(the_world) in (800, 801)
    assert the_world.truth()["line_blocked"] == 0


def test_a_tip_lets_nothing_back() -> None:
    the_world = _quiet()
    the_world.do("crack", 1000)
    assert _stroke(the_world, 4, -100)[-1] == 13000 - 4 * 2500
    before_nl = the_world.truth()["delivered_nl"]
    the_world.do("crack", 0)
    the_world.advance(60000)
    assert the_world.truth()["delivered_nl"] < before_nl


def test_a_bubble_at_the_tip_passes() -> None:
    the_world = _quiet()
    the_world.do("slug", 500)
    values = _stroke(the_world, 6)
    assert values[0] == 14500 and values[-1] == 13000


def test_a_block_that_comes_and_goes_does_both() -> None:
    for action, value in (("come_and_go", 60), ("flutter", 5000)):
        the_world = _quiet()
        the_world.do(action, value)
        shut = 0
        for _ in range(600):
            the_world.advance(value if action == "flutter" else 20000)
            shut += the_world.truth()["line_blocked"]
        assert 150 < shut < 450
        the_world.do("unblock")
        the_world.advance(600000)
        assert the_world.truth()["line_blocked"] == 0


def test_a_slow_wall_lets_the_pressure_of_a_blocked_line_fall() -> None:
    the_world = _quiet(wall_slow_percent=20, wall_late_percent=10)
    the_world.do("block")
    the_world.start_stroke(400, 500)
    the_world.advance(250)
    values = []
    for span_ms in (0, 20000, 600000, 600000):
        the_world.advance(span_ms)
        values.append(the_world.read_pressure_pa() - 13000)
    assert values[0] > 9500
    # 1 uL in 0.1 uL/kPa, and 120 or 130 % of it.
    assert 8000 < values[1] < 8700
    assert abs(values[3] - 7692) < 100
    assert _missing_nl(the_world) == 1000


def test_a_wall_stiffens_with_pressure() -> None:
    the_world = _quiet(wall_stiff_percent=50)
    the_world.do("block")
    values = _stroke(the_world, 40)
    assert abs(values[0] - 13000 - 2531) < 30
    # At a stretch of 100 kPa the compliance is half.
    assert abs(values[39] - values[38] - 4969) < 60
    assert abs(values[39] - 13000 - 150000) < 600


def test_a_stiff_wall_gives_all_back() -> None:
    the_world = _quiet(wall_stiff_percent=50, wall_slow_percent=20, wall_late_percent=20)
    the_world.do("block")
    _stroke(the_world, 20)
    the_world.do("unblock")
    for _ in range(12):
        the_world.advance(600000)
    assert abs(_missing_nl(the_world)) <= 1
    assert abs(the_world.read_pressure_pa() - 13000) <= 20


def test_a_stage_that_sticks_moves_the_same_volume_in_leaps() -> None:
    the_world = _quiet()
    the_world.do("stick", 3000)
    moved = []
    for _ in range(400):
        before_nl = the_world.truth()["pumped_nl"]
        _stroke(the_world)
        moved.append(the_world.truth()["pumped_nl"] - before_nl)
    assert sum(step == 0 for step in moved) > 300
    assert max(moved) > 2000
    assert 97000 <= sum(moved) <= 100000


def test_slack_is_taken_up_once() -> None:
    the_world = _quiet(drive_slack_nl=600)
    _stroke(the_world, 10)
    assert the_world.truth()["pumped_nl"] == 2500 - 600


def test_ripple_and_snaps_change_strokes_but_not_their_sum() -> None:
    for name, value in (("drive_ripple_percent", 60), ("drive_snap_nl", 100)):
        the_world = _quiet(**{name: value})
        moved = []
        for _ in range(200):
            before_nl = the_world.truth()["pumped_nl"]
            _stroke(the_world)
            moved.append(the_world.truth()["pumped_nl"] - before_nl)
        assert max(moved) - min(moved) > 150
        assert abs(sum(moved) - 50000) < 600


def test_slow_noise_of_the_sensor_has_the_size_that_is_set() -> None:
    the_world = _quiet(pressure_flicker_pa=100)
    values = []
    for _ in range(4000):
        the_world.advance(60000)
        values.append(the_world.read_pressure_pa() - 13000)
    assert 80**2 < sum(value * value for value in values) // len(values) < 120**2


def test_telegraph_noise_has_two_levels() -> None:
    the_world = _quiet(pressure_telegraph_pa=300)
    values = []
    for _ in range(2000):
        the_world.advance(20000)
        values.append(the_world.read_pressure_pa())
    assert set(values) == {13000, 13300}
    assert 500 < values.count(13300) < 1500


def test_flips_bursts_missing_answers_and_limits_are_as_frequent_as_set() -> None:
    the_world = _quiet(pressure_flips_ppm=20000, pressure_missing_ppm=30000, pressure_highest_pa=60000)
    wrong = missing = 0
    for _ in range(5000):
        try:
            wrong += the_world.read_pressure_pa() != 13000
        except world.PartOff:
            missing += 1
    assert 60 < wrong < 140 and 110 < missing < 190
    the_world.do("block")
    assert max(_stroke_or_0(the_world) for _ in range(60)) == 60000


def _stroke_or_0(the_world: world.World) -> int:
    try:
        return _stroke(the_world)[0]
    except world.PartOff:
        return 0


def test_single_disturbances_last_as_many_readings_as_they_are_told() -> None:
    the_world = _quiet()
    the_world.do("pressure_flip", 14)
    assert [the_world.read_pressure_pa() for _ in range(2)] == [13000 ^ 1 << 14, 13000]
    the_world.do("pressure_burst", 5)
    assert sum(the_world.read_pressure_pa() != 13000 for _ in range(20)) == 5
    the_world.do("pressure_missing", 2)
    assert _no_answer(the_world) and _no_answer(the_world)
    assert the_world.read_pressure_pa() == 13000


def test_a_rough_sensor_can_have_every_fault_and_is_rough_again() -> None:
    the_world = _quiet(pressure_telegraph_pa=1)
    the_world.do("pressure_off")
    assert _no_answer(the_world)
    the_world.do("pressure_works")
    values = set()
    for _ in range(200):
        the_world.advance(600000)
        values.add(the_world.read_pressure_pa())
    assert values == {13000, 13001}


# Names with the least and the largest number.
_ANY = (
    ("kink_near", 1, 300), ("sac", 30, 100), ("crack", 0, 10000), ("slug", 10, 3000), ("come_and_go", 0, 300),
    ("flutter", 0, 3000), ("stick", 0, 3000), ("slacken", 0, 3000), ("leak", 0, 100), ("block", 0, 0),
    ("unblock", 0, 0), ("air", 0, 400), ("disconnect", 0, 0), ("connect", 0, 0), ("narrow", 50, 1000),
    ("block_over", 1, 30), ("kink", 1, 10), ("free_flow", 0, 1), ("strain", 300, 10000), ("block_upstream", 0, 0),
    ("unblock_upstream", 0, 0),
)  # fmt: skip


def test_no_volume_is_lost_or_made_whatever_happens() -> None:
    for seed in range(4):
        chance = noise.Noise(seed, 60)
        config = day.settings(seed)
        config["line_compliance_pl_pa"] = (20, 100, 500, 2000)[chance.below(4)]
        config["line_tau_ms"] = (1000, 2000, 20000)[chance.below(3)]
        the_world = world.World(config, seed)
        for number in range(240):
            if number % 3 == 0:
                action, low, high = _ANY[chance.below(len(_ANY))]
                the_world.do(action, low + chance.below(high - low + 1))
            the_world.start_stroke(-100 if chance.below(10) == 0 else 100, 2000)
            the_world.advance((250, 2000, 20000)[chance.below(3)])
            the_world.steps_done()
            assert _unaccounted_pl(the_world) == 0, number


def test_numbers_out_of_range_are_refused() -> None:
    refused = 0
    rows = (("kink_near", 0), ("sac", 0), ("crack", -1), ("strain", 299), ("posture", 8001), ("stick", 3001))
    for action, value in rows:
        try:
            _quiet().do(action, value)
        except ValueError as error:
            refused += action in str(error)
    assert refused == len(rows)
