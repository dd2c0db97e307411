"""Pumped volume is stored or delivered, filled volume is present or was pumped: exact to the pL."""

from plant import world
from plant.arithmetic import volume

_VOLUMES = ("pumped", "delivered", "leaked", "air_in_line", "reservoir", "added")


def _check(the_world: world.World) -> dict[str, int]:
    truth = the_world.truth()
    pl = {name: truth[name + "_nl"] * 1000 + truth[name + "_rest_pl"] for name in _VOLUMES}
    assert pl["pumped"] == pl["delivered"] + pl["leaked"] + truth["stored_pl"] - pl["air_in_line"]
    assert pl["added"] == pl["reservoir"] + pl["pumped"] - truth["inlet_vacuum_pl"]
    return truth


def _strokes(the_world: world.World, count: int, steps: int, wait_ms: int) -> None:
    for _ in range(count):
        the_world.start_stroke(steps, 2000)
        the_world.advance(wait_ms)
        _check(the_world)


def test_volumes_balance_through_every_action() -> None:
    the_world = world.World({"drive_loss_ppm": 5000, "reservoir_nl": 40000}, 7)
    _strokes(the_world, 20, 100, 21600)
    for action, value in (
        ("block", 0),
        ("narrow", 1000),
        ("unblock", 0),
        ("block", 0),
        ("block", 0),
        ("drain", 123),
        ("narrow", 20),
        ("unblock", 0),
        ("unblock", 0),
        ("refill", 31999),
        ("narrow", 100),
        ("drive_stuck", 0),
        ("drive_works", 0),
    ):
        the_world.do(action, value)
        _check(the_world)
        _strokes(the_world, 6, 100, 1777)
        _strokes(the_world, 2, -70, 333)


def test_stroke_volume_is_exact_in_a_quiet_world() -> None:
    the_world = world.World(world.QUIET, 1)
    _strokes(the_world, 40, 100, 21600)
    truth = _check(the_world)
    assert truth["pumped_nl"] == 10000 and truth["pumped_rest_pl"] == 0
    assert truth["reservoir_nl"] == 15990000


def test_error_of_the_drive_is_kept_to_the_fraction() -> None:
    config = dict(world.QUIET)
    config["pl_per_step"] = 2501
    config["drive_error_ppm"] = -1700  # 2501 pL less 4.2517 pL, in thousandths 2496.748
    the_world = world.World(config, 1)
    _strokes(the_world, 40, 100, 21600)
    truth = _check(the_world)
    assert truth["pumped_nl"] * 1000 + truth["pumped_rest_pl"] == 40 * 249674 + 40 * 800 // 1000


def test_drive_drifts_with_the_days() -> None:
    config = dict(world.QUIET)
    config["drive_drift_ppm_day"] = 1000
    the_world = world.World(config, 1)
    for _ in range(10 * 144):
        the_world.advance(600000)
    _strokes(the_world, 1, 100, 1000)
    truth = _check(the_world)
    assert truth["pumped_nl"] == 252 and truth["pumped_rest_pl"] == 500


def test_random_error_of_strokes_spreads_as_set() -> None:
    config = dict(world.QUIET)
    config["drive_random_ppm"] = 10000
    config["reservoir_nl"] = 20000000
    the_world = world.World(config, 3)
    before_pl = 0
    total = 0
    squares = 0
    for _ in range(400):
        the_world.start_stroke(100, 2000)
        the_world.advance(1000)
        truth = the_world.truth()
        pumped_pl = truth["pumped_nl"] * 1000 + truth["pumped_rest_pl"]
        error_pl = pumped_pl - before_pl - 250000
        before_pl = pumped_pl
        total += error_pl
        squares += error_pl * error_pl // 1000
    # 1 % of 250,000 pL is 2500 pL; four standard errors of mean (125) and of spread (14 %) around it.
    assert abs(total // 400) < 500
    assert 5400 < squares // 400 < 7150


def test_lost_steps_are_counted_but_move_nothing() -> None:
    config = dict(world.QUIET)
    config["drive_loss_ppm"] = 100000
    the_world = world.World(config, 5)
    _strokes(the_world, 50, 100, 1000)
    truth = _check(the_world)
    assert truth["steps_counted"] == 5000
    assert 450 <= truth["steps_idle"] <= 550
    assert truth["pumped_nl"] * 1000 + truth["pumped_rest_pl"] == (5000 - truth["steps_idle"]) * 2500


def test_backlash_takes_the_first_steps_after_a_turn() -> None:
    config = dict(world.QUIET)
    config["drive_backlash_steps"] = 30
    the_world = world.World(config, 5)
    for steps, moved_steps in ((100, 100), (-100, 30), (-20, 10), (10, 10), (50, 40), (50, 90)):
        the_world.start_stroke(steps, 1000)
        the_world.advance(200)
        assert _check(the_world)["pumped_nl"] * 2 == moved_steps * 5
        assert the_world.steps_done() == abs(steps)
    assert the_world.steps_counted() == 330


def test_steps_come_in_time_and_stop() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.start_stroke(100, 2000)
    assert the_world.steps_done() == 0
    the_world.advance(1)
    assert the_world.steps_done() == 0
    the_world.advance(1)
    assert the_world.steps_done() == 1
    the_world.advance(97)
    assert the_world.steps_done() == 49
    the_world.stop_motion()
    the_world.advance(1000)
    assert the_world.steps_done() == 49 and the_world.steps_counted() == 49
    assert _check(the_world)["pumped_nl"] == 122
    assert _check(the_world)["moving"] == 0


def test_steps_of_uneven_time_do_not_drift() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.start_stroke(100000, 333)
    for _ in range(3330):
        the_world.advance(7)
    assert the_world.steps_done() == 3330 * 7 * 1000 // 333
    the_world.advance(600000)
    assert the_world.steps_done() == 100000


def test_empty_reservoir_gives_air() -> None:
    config = dict(world.QUIET)
    config["reservoir_nl"] = 1100
    the_world = world.World(config, 1)
    _strokes(the_world, 10, 100, 21600)
    truth = _check(the_world)
    assert truth["reservoir_nl"] == 0 and truth["pumped_nl"] == 1100
    assert truth["air_nl"] == 2500 - 1100
    the_world.do("refill", 500)
    _strokes(the_world, 1, 100, 21600)
    truth = _check(the_world)
    assert truth["reservoir_nl"] == 250 and truth["air_nl"] == 1400


def test_a_full_reservoir_takes_no_more_back() -> None:
    config = dict(world.QUIET)
    config["reservoir_capacity_nl"] = 1000000
    config["reservoir_nl"] = 1000000
    the_world = world.World(config, 1)
    _strokes(the_world, 1, -1000000, 600000)
    truth = _check(the_world)
    assert 1050000 <= truth["reservoir_nl"] < 1060000
    assert truth["steps_idle"] > 0


def test_refill_and_drain() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.do("refill")
    assert _check(the_world)["reservoir_nl"] == 20000000
    the_world.do("refill", 1234567)
    assert _check(the_world)["reservoir_nl"] == 1234567
    the_world.do("drain", 234567)
    assert _check(the_world)["reservoir_nl"] == 1000000
    the_world.do("drain", 9999999)
    assert _check(the_world)["reservoir_nl"] == 0
    for action, value in (("refill", 20000001), ("refill", -1), ("drain", -1)):
        try:
            the_world.do(action, value)
        except ValueError:
            continue
        raise AssertionError(action)


def test_volume_holds_ten_years_of_the_highest_rate() -> None:
    total = volume.Volume()
    for _ in range(87600):  # 24 mL/day for ten years, a mL at a time
        total.add(999999999)
        total.add(1)
    assert total.ul == 87600000 and total.pl == 0
    assert total.ul < 1 << 30
    assert total.nl() == 87600000000
    total.add(-1)
    assert total.ul == 87599999 and total.pl == 999999 and total.rest_pl() == 999
