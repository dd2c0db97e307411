"""Actions on the line and upstream of the pump; at each moment all volumes add up to the pL."""

from plant import world
from plant.arithmetic import fraction
from plant.fluid import air

_VOLUMES = ("pumped", "delivered", "leaked", "air_in_line", "reservoir", "added")


def _world(**settings: int) -> world.World:
    config = dict(world.QUIET)
    config.update(settings)
    return world.World(config, 1)


def _check(the_world: world.World) -> dict[str, int]:
    truth = the_world.truth()
    pl = {name: truth[name + "_nl"] * 1000 + truth[name + "_rest_pl"] for name in _VOLUMES}
    assert pl["pumped"] == pl["delivered"] + pl["leaked"] + truth["stored_pl"] - pl["air_in_line"]
    assert pl["added"] == pl["reservoir"] + pl["pumped"] - truth["inlet_vacuum_pl"]
    return truth


def _strokes(the_world: world.World, count: int, wait_ms: int = 20000, steps: int = 100) -> dict[str, int]:
    truth = _check(the_world)
    for _ in range(count):
        the_world.start_stroke(steps, 2000)
        the_world.advance(wait_ms)
        truth = _check(the_world)
    return truth


def test_volumes_balance_through_every_action_in_a_world_with_all_disturbances() -> None:
    the_world = world.World({"posture_shortest_s": 5, "reservoir_nl": 60000, "line_dead_nl": 5000}, 3)
    for action, value in (
        ("leak", 20), ("block", 0), ("unblock", 0), ("air", 1500), ("leak", 0), ("block_over", 2), ("leak", 7),
        ("unblock", 0), ("disconnect", 0), ("block", 0), ("connect", 0), ("kink", 1), ("air", 800), ("narrow", 400),
        ("block_upstream", 0), ("leak", 200), ("unblock_upstream", 0), ("free_flow", 1), ("disconnect", 0),
        ("unblock", 0), ("drain", 50000), ("free_flow", 0), ("connect", 0), ("refill", 30000), ("narrow", 20),
        ("block_upstream", 0), ("leak", 0), ("free_flow", 1), ("refill", 0), ("unblock_upstream", 0),
    ):
        the_world.do(action, value)
        _strokes(the_world, 6, 1777)
        _strokes(the_world, 2, 333, -70)
        _strokes(the_world, 2, 31000)


def test_a_line_closes_over_an_hour_and_is_felt_at_the_end() -> None:
    the_world = _world()
    the_world.do("block_over", 60)
    pressures: list[int] = []
    opened: list[int] = []
    for _ in range(61):
        truth = _strokes(the_world, 3)
        pressures.append(truth["line_pressure_pa"])
        opened.append(truth["line_open_percent"])
    assert opened == sorted(opened, reverse=True)
    assert opened[29] in (3, 4) and opened[58] == 0 and truth["line_blocked"] == 1  # 2^-5 halfway
    assert pressures[14] < 13600 and pressures[29] < 21000 and pressures[59] > 80000
    the_world.do("unblock")
    the_world.advance(60000)
    truth = _strokes(the_world, 1)
    assert truth["line_open_percent"] == 100 and truth["line_tau_ms"] == 2000 and truth["line_pressure_pa"] < 13010


def test_closing_stretches_tau_as_narrowing_does() -> None:
    for minutes, percent in ((4, 200), (8, 400), (12, 800)):  # an octave in four minutes
        closing = _world()
        closing.do("block_over", 40)
        for _ in range(minutes):
            closing.advance(60000)
        narrow = _world()
        narrow.do("narrow", percent)
        assert closing.truth()["line_tau_ms"] == narrow.truth()["line_tau_ms"] == 20 * percent
        for the_world in (closing, narrow):
            the_world.start_stroke(100, 100)
            the_world.advance(10 + 2000)
        assert abs(closing.truth()["stored_pl"] - narrow.truth()["stored_pl"]) < 250


def test_a_kink_opens_by_itself() -> None:
    the_world = _world()
    the_world.do("kink", 3)
    truth = _strokes(the_world, 8)
    assert truth["line_blocked"] == 1 and truth["delivered_nl"] == 0 and truth["stored_pl"] == 2000000
    the_world.advance(20000)
    truth = _strokes(the_world, 1)
    assert truth["line_blocked"] == 0 and truth["delivered_nl"] > 2200
    the_world.do("kink", 3)
    the_world.do("unblock")
    the_world.do("block")
    assert _strokes(the_world, 20)["line_blocked"] == 1


def test_strokes_shrink_behind_a_shut_inlet() -> None:
    the_world = _world()
    the_world.do("block_upstream")
    pumped: list[int] = []
    for _ in range(8):
        before = the_world.truth()["pumped_nl"]
        pumped.append(_strokes(the_world, 1)["pumped_nl"] - before)
    assert pumped[:4] == [250, 125, 62, 31] and pumped[-1] <= 2
    truth = the_world.truth()
    assert truth["upstream_blocked"] == 1 and truth["reservoir_nl"] == 16000000
    assert truth["inlet_vacuum_pl"] == truth["pumped_nl"] * 1000 + truth["pumped_rest_pl"]
    the_world.do("unblock_upstream")
    after = _check(the_world)
    assert after["inlet_vacuum_pl"] == 0 and after["pumped_nl"] == truth["pumped_nl"]
    assert _strokes(the_world, 4)["pumped_nl"] == truth["pumped_nl"] + 1000 + (truth["pumped_rest_pl"] > 999)


def test_reverse_against_a_shut_inlet_ends() -> None:
    the_world = _world()
    the_world.do("block_upstream")
    truth = _strokes(the_world, 10, 20000, -100)
    assert truth["pumped_nl"] == -500 and truth["steps_idle"] >= 700


def test_a_bubble_softens_the_line_and_leaves_after_the_dead_volume() -> None:
    the_world = _world()
    the_world.do("air", 10000)
    truth = _check(the_world)
    # 10 uL / (101,325 + 13,000 Pa) = 87 pL/Pa beside the line's 100.
    assert truth["line_tau_ms"] == 3740 and truth["air_in_line_nl"] == 10000
    assert truth["stored_pl"] == 0 and truth["leaked_nl"] == 10000 and truth["delivered_nl"] == 0
    the_world.do("block")
    first_pa = the_world.read_pressure_pa()
    _strokes(the_world, 1)
    assert the_world.read_pressure_pa() - first_pa == 250000 // 187
    the_world.do("unblock")
    delivered_nl = 0
    pumped_nl = 0
    while the_world.truth()["air_in_line_nl"]:
        pumped_nl = _strokes(the_world, 1)["pumped_nl"]
        if not delivered_nl and the_world.truth()["air_in_line_nl"] < 10000:
            delivered_nl = the_world.truth()["delivered_nl"]
    assert 299500 <= delivered_nl <= 300500 and 310000 <= pumped_nl <= 310500
    truth = _strokes(the_world, 4)
    assert truth["line_tau_ms"] == 2000
    assert pumped_nl + 1000 - 10000 <= truth["delivered_nl"] + 10000 <= pumped_nl + 1001


def test_air_from_an_empty_reservoir_pushes_fluid_on_and_is_not_delivered() -> None:
    the_world = _world(reservoir_nl=10000, line_dead_nl=20000)
    truth = _strokes(the_world, 200)
    # 10 uL of its fluid and the 20 uL that were in the line; the air behind them is not delivered.
    assert truth["pumped_nl"] == 10000 and truth["air_nl"] == 40000
    assert 29000 <= truth["delivered_nl"] <= 30000
    assert 18000 <= truth["air_in_line_nl"] <= 21000


def test_more_bubbles_than_are_told_apart_join() -> None:
    bubbles = air.Bubbles(100000)
    for _ in range(20):
        bubbles.enter(1000)
        assert bubbles.flow_out(4000) == 0 or bubbles.total_pl < 20000
    gone_pl = 0
    for _ in range(100):
        gone_pl += bubbles.flow_out(3000)
    assert bubbles.total_pl == 0 and gone_pl > 0
    bubbles.enter(500)
    assert bubbles.flow_out(-7000) == 0 and bubbles.flow_out(100000) == 0 and bubbles.flow_out(7500) > 0


def test_a_leak_is_a_second_way_at_the_pumps_end() -> None:
    the_world = _world()
    the_world.do("leak", 10)
    the_world.advance(60000)
    truth = _check(the_world)
    # Conductances 10 to 1: 10/11 of 13 kPa; 5 pL/(Pa s) of it bleed back out of the vessel.
    assert abs(truth["line_pressure_pa"] - 11818) <= 2 and truth["line_tau_ms"] == 1818
    assert abs(truth["flow_pl_s"] + 59090) < 100
    before_nl = truth["leaked_nl"]
    the_world.advance(600000)
    assert abs(_check(the_world)["leaked_nl"] - before_nl - 35454) < 60
    the_world.do("block")
    the_world.advance(600000)
    truth = _check(the_world)
    assert truth["line_pressure_pa"] <= 0 and truth["flow_pl_s"] == 0
    _strokes(the_world, 10)
    the_world.advance(600000)
    assert _check(the_world)["leaked_nl"] - truth["leaked_nl"] in (2499, 2500, 2501)
    the_world.do("leak", 0)
    truth = _check(the_world)
    assert _strokes(the_world, 4)["stored_pl"] - truth["stored_pl"] == 1000000


def test_a_disconnected_line_ends_in_the_open_air() -> None:
    the_world = _world(pulse_pa=2500)
    the_world.do("disconnect")
    the_world.advance(60000)
    seen = [the_world.read_pressure_pa()]
    for _ in range(20):
        the_world.advance(70)
        seen.append(the_world.read_pressure_pa())
    assert seen == [0] * 21
    truth = _strokes(the_world, 10, 60000)
    assert truth["leaked_nl"] == 1300 + 2500 and truth["delivered_nl"] == 0 and truth["disconnected"] == 1
    the_world.do("connect")
    the_world.advance(60000)
    truth = _check(the_world)
    assert truth["delivered_nl"] == -1300 and truth["stored_pl"] == 0 and truth["disconnected"] == 0


def test_an_inverted_drive_moves_backwards_from_its_next_motion_on_and_counts_its_steps() -> None:
    for kind in (0, 1):
        the_world = _world(drive_kind=kind, pl_per_step=250000 if kind else 2500, drive_inverted=1)
        for inverted, pumped_nl in ((1, -250), (0, 0), (1, -250)):
            the_world.do("drive_invert", inverted)
            before = the_world.read_steps()
            if kind:
                the_world.start_cycle()
            else:
                the_world.start_stroke(100, 2000)
            the_world.advance(20000)
            assert the_world.truth()["pumped_nl"] == pumped_nl
            assert kind or the_world.read_steps() - before == 100


def test_free_flow_runs_from_the_reservoir() -> None:
    the_world = _world(free_flow_nl_s=1000, reservoir_nl=100000)
    the_world.do("free_flow", 1)
    the_world.advance(30000)
    truth = _check(the_world)
    assert truth["pumped_nl"] == 30000 and truth["steps_counted"] == 0
    # 1 uL/s through 20 Pa s/nL are 20 kPa.
    assert abs(truth["line_pressure_pa"] - 33000) < 400 and abs(truth["flow_pl_s"] - 1000000) < 20000
    truth = _strokes(the_world, 2, 10000)
    assert truth["pumped_nl"] == 50500
    the_world.do("free_flow", 0)
    assert _strokes(the_world, 1)["pumped_nl"] == 50750


def test_values_out_of_range_are_refused_and_change_nothing() -> None:
    the_world = _world()
    refused = 0
    for action, value in (("leak", 201), ("leak", -1), ("kink", 0), ("kink", 43201), ("block_over", 0),
                        ("block_over", 43201), ("air", -1), ("air", 300001), ("narrow", 9), ("drain", -1)):
        before = the_world.truth()
        try:
            the_world.do(action, value)
        except ValueError:
            refused += 1
        assert the_world.truth() == before, action
    assert refused == 10


def test_a_share_is_exact_at_its_ends_and_never_more() -> None:
    for amount in (0, 1, 32767, 32768, 1000000007, -1, -1000000007):
        assert fraction.of(amount, fraction.WHOLE) == amount and fraction.of(amount, 0) == 0
        assert abs(fraction.of(amount, 12345) * 32768 - amount * 12345) < 32768 * 2
