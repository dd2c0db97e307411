"""The valve drive: its phases, its sense lines, stuck valves, and the free flow that they may cause."""

from plant import world


def _world(**settings: int) -> world.World:
    config = dict(world.QUIET)
    config["drive_kind"] = 1
    config["pl_per_step"] = 250000
    config.update(settings)
    return world.World(config, 1)


def _cycles(the_world: world.World, count: int) -> dict[str, int]:
    for _ in range(count):
        the_world.start_cycle()
        the_world.advance(20000)
    return the_world.truth()


def test_phases_of_a_cycle() -> None:
    the_world = _world()
    assert the_world.sense() == 0 and the_world.cycles_done() == 0
    the_world.start_cycle()
    seen: list[int] = []
    for _ in range(19):
        seen.append(the_world.sense() + 10 * the_world.cycles_done())
        the_world.advance(10)
    assert seen == [1] * 8 + [0] * 2 + [2] * 8 + [10]
    assert the_world.sense_wrong() == 0
    truth = the_world.truth()
    assert (truth["pumped_nl"], truth["cycles"], truth["sense"], truth["moving"]) == (250, 1, 0, 0)


def test_the_volume_comes_in_the_outlet_phase_to_the_picolitre() -> None:
    the_world = _world(drive_error_ppm=-1700)
    the_world.start_cycle()
    the_world.advance(100)
    assert the_world.truth()["pumped_nl"] == 0
    the_world.advance(40)
    assert 120 <= the_world.truth()["pumped_nl"] <= 125
    the_world.advance(1000)
    truth = _cycles(the_world, 39)
    assert truth["pumped_nl"] * 1000 + truth["pumped_rest_pl"] == 40 * 249575
    assert the_world.read_steps() == 40


def test_a_cycle_in_reverse_takes_a_chamber_full_back_into_the_reservoir() -> None:
    the_world = _world()
    the_world.do("block")
    before = _cycles(the_world, 4)
    the_world.start_cycle(True)
    seen = []
    for _ in range(19):
        seen.append(the_world.sense())
        the_world.advance(10)
    assert seen == [2] * 8 + [0] * 2 + [1] * 8 + [0]
    truth = the_world.truth()
    assert truth["pumped_nl"] - before["pumped_nl"] == -250
    assert truth["reservoir_nl"] - before["reservoir_nl"] == 250
    assert truth["line_pressure_pa"] < before["line_pressure_pa"]


def test_stopping_closes_and_what_is_in_the_chamber_comes_with_the_next_cycle() -> None:
    the_world = _world()
    the_world.start_cycle()
    the_world.advance(120)
    the_world.stop_motion()
    the_world.advance(1000)
    truth = the_world.truth()
    assert the_world.sense() == 0 and the_world.cycles_done() == 0 and truth["cycles"] == 0
    assert 0 < truth["pumped_nl"] < 250
    assert _cycles(the_world, 1)["pumped_nl"] == truth["pumped_nl"] + 250


def test_stuck_valves_show_on_the_sense_lines() -> None:
    # Action, wrong bits, nL of 3 cycles, openings of the outlet. 80 ms of both open are 40 nL of free flow, which only
    # an outlet gives that was open before the cycle. The cycle ends with the phase in which a valve sticks.
    for action, wrong, pumped_nl, openings in (
        ("inlet_open", 1, 0, 0),
        ("inlet_shut", 1, 0, 0),
        ("outlet_open", 2, 3 * 40, 1),
        ("outlet_shut", 2, 0, 0),
    ):
        the_world = _world()
        the_world.do(action)
        truth = _cycles(the_world, 3)
        assert truth["sense_wrong"] == wrong == the_world.sense_wrong(), action
        assert truth["pumped_nl"] == pumped_nl and truth["cycles"] == 0, action
        assert truth["moving"] == 0 and the_world.cycles_done() == 1, action
        assert the_world.read_steps() == openings, action
        assert the_world.sense() == (wrong if action.endswith("open") else 0)
        the_world.do("valves_work")
        before_nl = truth["pumped_nl"]
        truth = _cycles(the_world, 1)
        assert truth["sense_wrong"] == 0 and truth["pumped_nl"] == before_nl + 250


def test_a_valve_that_sticks_open_within_a_cycle_keeps_the_other_one_shut() -> None:
    for reverse, action, opens in ((False, "inlet_open", 1), (True, "outlet_open", 2)):
        the_world = _world()
        the_world.start_cycle(reverse)
        the_world.advance(40)
        the_world.do(action)
        seen = set()
        for _ in range(30):
            the_world.advance(10)
            seen.add(the_world.sense())
        assert seen == {opens}, action
        assert the_world.sense_wrong() == opens and the_world.truth()["free_flow"] == 0


def test_both_stuck_open_is_free_flow_until_one_shuts() -> None:
    the_world = _world()
    the_world.do("inlet_open")
    the_world.advance(10000)
    assert the_world.truth()["pumped_nl"] == 0
    the_world.do("outlet_open")
    the_world.advance(60000)
    truth = the_world.truth()
    assert truth["pumped_nl"] == 30000 and truth["free_flow"] == 1  # 500 nL/s
    assert abs(the_world.read_flow_pl_s() - 500000) < 20000
    the_world.stop_motion()
    the_world.advance(1000)
    assert the_world.truth()["pumped_nl"] == 30500
    the_world.do("outlet_shut")
    the_world.advance(60000)
    assert the_world.truth()["pumped_nl"] == 30500


def test_free_flow_goes_on_under_a_cycle_and_stops_at_the_pressure_of_a_block() -> None:
    the_world = _world()
    the_world.do("free_flow", 1)
    the_world.start_cycle()
    the_world.advance(2000)
    assert the_world.truth()["pumped_nl"] == 1250
    the_world.do("block")
    the_world.advance(600000)
    truth = the_world.truth()
    assert 313000 <= truth["line_pressure_pa"] < 313000 + 3000
    the_world.do("free_flow", 0)
    the_world.advance(1000)
    assert the_world.truth()["pumped_nl"] == truth["pumped_nl"]


def test_faults_of_the_valve_drive() -> None:
    for action, value, pumped_nl in (("drive_stuck", 0, 0), ("drive_wrong", 200, 1000)):
        the_world = _world()
        the_world.do(action, value)
        assert _cycles(the_world, 2)["pumped_nl"] == pumped_nl
    assert _world().truth()["sense_wrong"] == 0
    the_world = _world()
    the_world.do("drive_stuck")
    the_world.start_cycle()
    the_world.advance(1000)
    assert the_world.sense_wrong() == 1 and the_world.read_steps() == 0
    for action, done_ms in (("drive_slow", 720), ("drive_delayed", 1180)):
        the_world = _world()
        the_world.do(action)
        the_world.start_cycle()
        the_world.advance(done_ms - 1)
        assert the_world.cycles_done() == 0
        the_world.advance(1)
        assert the_world.cycles_done() == 1 and the_world.truth()["pumped_nl"] == 250
    the_world = _world(drive_loss_ppm=500000)
    assert 20 * 250 < _cycles(the_world, 60)["pumped_nl"] < 40 * 250


def test_each_drive_refuses_what_is_the_other_ones() -> None:
    refused = 0
    for call in (lambda: _world().start_stroke(100, 2000), lambda: world.World({}, 1).start_cycle(),
                 lambda: world.World({}, 1).do("inlet_open")):
        try:
            call()
        except ValueError:
            refused += 1
    assert refused == 3
