"""True and measured flow, supply and temperature, and the front of the new fluid."""

from plant import world


def _world(**settings: int) -> world.World:
    config = dict(world.QUIET)
    config.update(settings)
    return world.World(config, 1)


def _strokes(the_world: world.World, count: int) -> dict[str, int]:
    for _ in range(count):
        the_world.start_stroke(100, 2000)
        the_world.advance(60000)
    return the_world.truth()


def test_flow_is_what_runs_off_and_what_the_pulse_presses_in() -> None:
    the_world = _world()
    the_world.start_stroke(100, 100)
    the_world.advance(10)
    assert abs(the_world.read_flow_pl_s() - 125000) < 500  # 250 nL / 2 s
    the_world = _world(pulse_pa=2500, pulse_shortest_ms=1000, pulse_longest_ms=1000)
    total_nl = 0
    largest = 0
    for _ in range(1000):
        the_world.advance(10)
        flow_pl_s = the_world.read_flow_pl_s()
        largest = max(largest, abs(flow_pl_s))
        total_nl += flow_pl_s // 100000
    # 198 Pa reach the pump's end; 2 pi / 1 s * 100 pL/Pa of that; nothing on the mean.
    assert abs(largest - 124400) < 1500 and abs(total_nl) < 1000
    the_world.do("block")
    assert the_world.read_flow_pl_s() == 0


def test_the_sensor_of_flow_has_its_errors() -> None:
    the_world = _world(flow_offset_pl_s=700, flow_drift_pl_s_day=144, flow_scale_ppm=20000, flow_quantum_pl_s=50)
    assert the_world.read_flow_pl_s() == 700
    for _ in range(144 * 10):
        the_world.advance(600000)
    assert the_world.read_flow_pl_s() == 2150  # 700 + 1440 to the nearest 50


def test_supply_and_temperature_are_what_was_set() -> None:
    the_world = _world(supply_noise_mv=20)
    assert 4900 < the_world.read_supply_mv() < 5100 and the_world.read_temperature_centi_c() == 2200
    the_world.do("supply", 3100)
    the_world.do("heat", -450)
    assert 3000 < the_world.read_supply_mv() < 3200 and the_world.read_temperature_centi_c() == -450
    truth = the_world.truth()
    assert (truth["supply_mv"], truth["temperature_centi_c"]) == (3100, -450)


def test_the_front_of_the_new_fluid_starts_at_the_refill() -> None:
    the_world = _world()
    assert _strokes(the_world, 4)["fluid_front_nl"] == 1000
    the_world.do("refill", 19000000)
    assert the_world.truth()["fluid_front_nl"] == 0
    assert _strokes(the_world, 8)["fluid_front_nl"] == 2000
