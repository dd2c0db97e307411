"""The line stretches, drains into the vessel, damps the pulse, and keeps its volume while it is blocked."""

from plant import settings, world
from plant.arithmetic import sine
from plant.fluid import line

# exp(-n / 8) in 10^-9.
_EXP_EIGHTHS = (
    1000000000,
    882496903,
    778800783,
    687289279,
    606530660,
    535261429,
    472366553,
    416862020,
    367879441,
)


def _line(compliance_pl_pa: int, tau_ms: int) -> line.Line:
    return line.Line(settings.complete({"line_compliance_pl_pa": compliance_pl_pa, "line_tau_ms": tau_ms}), 13000)


def _with(name: str, value: int) -> dict[str, int]:
    config = dict(world.QUIET)
    config[name] = value
    return config


def test_stored_volume_decays_as_exp() -> None:
    for tau_ms in (200, 2000, 20000):
        for eighths in range(9):
            the_line = _line(100, tau_ms)
            the_line.stored_pl = 900000000
            the_line.relax(tau_ms * eighths // 8)
            assert abs(the_line.stored_pl - _EXP_EIGHTHS[eighths] * 9 // 10) <= 4, (tau_ms, eighths)


def test_long_decay_ends_at_zero() -> None:
    for tau_ms in (200, 2000, 20000):
        the_line = _line(100, tau_ms)
        the_line.stored_pl = 250000
        the_line.relax(tau_ms * 7)
        assert abs(the_line.stored_pl - 228) <= 1  # 250000 exp(-7) = 227.97
        the_line.relax(tau_ms * 21)
        assert the_line.stored_pl == 0
        assert the_line.delivered.nl() == 250


def test_many_short_times_decay_like_one_long() -> None:
    for tau_ms in (200, 20000):
        for stored_pl in (250000, -250000):
            one = _line(20, tau_ms)
            one.stored_pl = stored_pl
            one.relax(2 * tau_ms)
            many = _line(20, tau_ms)
            many.stored_pl = stored_pl
            for _ in range(2 * tau_ms):
                many.relax(1)
            assert abs(one.stored_pl - many.stored_pl) <= 3
            assert abs(abs(one.stored_pl) - 33834) <= 2  # 250000 exp(-2)


def test_a_stroke_is_2500_pa_at_the_defaults() -> None:
    the_world = world.World(_with("pulse_pa", 0), 1)
    the_world.do("block")
    first_pa = the_world.read_pressure_pa()
    for number in range(1, 11):
        the_world.start_stroke(100, 2000)
        the_world.advance(21600)
        assert the_world.read_pressure_pa() - first_pa == 2500 * number


def test_pressure_after_a_stroke_falls_with_tau() -> None:
    the_world = world.World(world.QUIET, 1)
    assert the_world.read_pressure_pa() == 13000
    the_world.start_stroke(100, 2000)
    the_world.advance(2100)  # 2 s = tau after its middle; a ramp of 0.1 tau adds 0.04 %
    assert abs(the_world.read_pressure_pa() - 13000 - 920) <= 2
    the_world.advance(4000)
    assert abs(the_world.read_pressure_pa() - 13000 - 124) <= 2


def test_compliance_and_tau_are_those_of_the_config() -> None:
    for compliance_pl_pa in (20, 2000):
        the_world = world.World(_with("line_compliance_pl_pa", compliance_pl_pa), 1)
        the_world.do("block")
        the_world.start_stroke(100, 200)
        the_world.advance(20)
        assert the_world.read_pressure_pa() == 13000 + 250000 // compliance_pl_pa


def test_narrow_multiplies_tau() -> None:
    for percent, left_pl in ((100, 91970), (200, 151633), (1000, 226209)):
        the_world = world.World(world.QUIET, 1)
        the_world.do("narrow", percent)
        the_world.start_stroke(100, 100)
        the_world.advance(10)
        the_world.advance(1995)
        # 250000 exp(-2 s / tau) after a stroke of 10 ms.
        assert abs(the_world.truth()["stored_pl"] - left_pl) <= 250


def test_block_keeps_and_unblock_drains() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.do("block")
    for _ in range(4):
        the_world.start_stroke(100, 100)
        the_world.advance(600000)
    truth = the_world.truth()
    assert truth["stored_pl"] == 1000000 and truth["delivered_nl"] == 0
    assert the_world.read_pressure_pa() == 23000
    the_world.do("unblock")
    the_world.advance(2000)
    truth = the_world.truth()
    assert abs(truth["stored_pl"] - 367879) <= 2
    assert truth["stored_pl"] + truth["delivered_nl"] * 1000 + truth["delivered_rest_pl"] == 1000000


def test_reverse_pulls_back_from_the_vessel() -> None:
    the_world = world.World(world.QUIET, 1)
    the_world.start_stroke(-100, 100)
    the_world.advance(10)
    assert abs(the_world.read_pressure_pa() - 10500) <= 10
    the_world.advance(60000)
    truth = the_world.truth()
    assert truth["stored_pl"] == 0 and truth["delivered_nl"] == -250
    assert truth["reservoir_nl"] == 16000250


def test_a_blocked_drive_stalls_instead_of_bursting() -> None:
    config = _with("drive_stall_pa", 100000)
    the_world = world.World(config, 1)
    the_world.do("block")
    for _ in range(100):
        the_world.start_stroke(100, 1000)
        the_world.advance(1000)
    truth = the_world.truth()
    assert 113000 <= the_world.read_pressure_pa() <= 113000 + 5000
    assert truth["steps_counted"] == 10000 and truth["steps_idle"] > 5000
    for _ in range(100):
        the_world.start_stroke(-100, 1000)
        the_world.advance(1000)
    assert 13000 - 90000 - 5000 <= the_world.read_pressure_pa() <= 13000 - 90000


def test_posture_settles_with_tau_and_is_not_seen_when_blocked() -> None:
    config = _with("posture_pa", 2000)
    config["posture_shortest_s"] = 60
    the_world = world.World(config, 4)
    the_world.advance(1)
    seen: list[int] = []
    for _ in range(3600):
        first_pa = the_world.read_pressure_pa()
        the_world.advance(1000)
        now_pa = the_world.read_pressure_pa()
        # tau 2 s: at most 1 - exp(-1/2) of the 4 kPa from lying to standing in a second.
        assert abs(now_pa - first_pa) <= 1580
        if now_pa not in seen:
            seen.append(now_pa)
    assert 11000 in seen and 13000 in seen and 15000 in seen
    the_world.do("block")
    held_pa = the_world.read_pressure_pa()
    for _ in range(600):
        the_world.advance(60000)
        assert the_world.read_pressure_pa() == held_pa
    the_world.do("unblock")
    assert the_world.read_pressure_pa() == held_pa
    the_world.advance(60000)
    truth = the_world.truth()
    assert the_world.read_pressure_pa() == truth["vessel_slow_pa"]


def test_sine_and_root() -> None:
    # 10^6 sin(2 pi n / 12)
    expected = (0, 500000, 866025, 1000000, 866025, 500000, 0, -500000, -866025, -1000000, -866025, -500000)
    for n in range(12):
        assert abs(sine.sine(n * 4096 // 12) * 15625 // 256 - expected[n]) < 1500
    for n in (0, 1, 2, 3, 4, 15, 16, 17, 10**9, 10**20 + 1):
        assert sine.root(n) ** 2 <= n < (sine.root(n) + 1) ** 2


def test_gain_and_lag_of_the_line() -> None:
    # tau, period, gain in 10^-4, lag in 10^-4 of a turn
    for tau_ms, period_ms, gain, lag in (
        (0, 1000, 10000, 0),
        (200, 1000, 6227, 1430),
        (2000, 1000, 793, 2374),
        (20000, 667, 53, 2492),
        (200, 4000, 9540, 485),
        (2000, 4000, 3033, 2010),
    ):
        assert abs(sine.gain_through(tau_ms, period_ms) * 10000 // sine.ONE - gain) <= 2
        assert abs(sine.lag_through(tau_ms, period_ms) * 10000 // sine.TURN - lag) <= 5


def _amplitude_pa(the_world: world.World, time_ms: int) -> int:
    lowest = highest = the_world.read_pressure_pa()
    for _ in range(time_ms // 10):
        the_world.advance(10)
        pa = the_world.read_pressure_pa()
        lowest = min(lowest, pa)
        highest = max(highest, pa)
    return (highest - lowest) // 2


def test_the_line_hides_the_pulse_as_a_first_order_low_pass() -> None:
    for tau_ms, amplitude_pa in ((200, 1557), (500, 758), (2000, 198), (20000, 20)):
        config = _with("pulse_pa", 2500)
        config["pulse_shortest_ms"] = config["pulse_longest_ms"] = 1000
        config["line_tau_ms"] = tau_ms
        the_world = world.World(config, 2)
        assert abs(_amplitude_pa(the_world, 1000) - amplitude_pa) <= 2 + amplitude_pa // 200
        the_world.do("block")
        assert _amplitude_pa(the_world, 1000) == 0


def test_breathing_passes_and_ambient_follows_its_daily_sine() -> None:
    the_world = world.World(_with("breath_pa", 500), 2)
    assert abs(_amplitude_pa(the_world, 4000) - 152) <= 2
    the_world = world.World(_with("ambient_pa", 3000), 2)
    lowest = highest = the_world.read_pressure_pa()
    for _ in range(144):
        the_world.advance(600000)
        pa = the_world.read_pressure_pa()
        lowest = min(lowest, pa)
        highest = max(highest, pa)
    assert 9990 <= lowest <= 10020 and 15980 <= highest <= 16010
