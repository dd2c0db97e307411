"""Balances: answers of each protocol, a balance that is found by asking, the simulated one, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import mean, pstdev

import pytest
from pumpctl import errors
from pumpctl.balance import port, protocols
from pumpctl.balance.port import Place
from pumpctl.balance.protocols import Reading
from pumpctl.balance.simulated import WATER_UG_NL, Imperfections, SimulatedBalance

NAMES = tuple(protocols.PROTOCOLS)
Make = Callable[..., SimulatedBalance]


class World:
    """A time and a volume that a test sets."""

    def __init__(self) -> None:
        self.time_ms, self.delivered_nl = 5_000, 0.0

    def __call__(self) -> tuple[int, float]:
        return self.time_ms, self.delivered_nl


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make(world: World) -> Iterator[Make]:
    made: list[SimulatedBalance] = []

    def start(protocol: str, **faults: float | str | bool) -> SimulatedBalance:
        perfect = {"noise_ug": 0.0, "drift_ug_h": 0.0, **faults}
        made.append(SimulatedBalance(world, protocol, faults=Imperfections(**perfect)))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for balance in made:
        balance.close()


@pytest.mark.parametrize(
    ("name", "line", "reading"),
    [
        ("mt-sics", "S S     100.00 g", Reading(100_000_000, True, "g")),
        ("mt-sics", "S D    -12.345 mg", Reading(-12_345, False, "mg")),
        ("mt-sics", "S I", None),
        ("mt-sics", "ES", None),
        ("mt-sics", 'I4 A "B021002593"', None),
        ("sbi", "+  100.0000 g ", Reading(100_000_000, True, "g")),
        ("sbi", "N     -    1.2345 g  ", None),  # 21 characters: a byte was lost
        ("sbi", "N     -    1.2345 g   ", Reading(-1_234_500, True, "g")),
        ("sbi", "+  100.0000   ", Reading(100_000_000, False, "g")),
        ("ohaus", "    100.00 g", Reading(100_000_000, True, "g")),
        ("ohaus", "     -1.5 mg ?  NET", Reading(-1_500, False, "mg")),
        ("ohaus", "ES", None),
    ],
)
def test_an_answer_is_read(name: str, line: str, reading: Reading | None) -> None:
    assert protocols.PROTOCOLS[name].parse(line, "g" if name == "sbi" else "") == reading


@pytest.mark.parametrize(
    ("name", "line", "cause"),
    [
        ("mt-sics", "S +", "overload"),
        ("mt-sics", "S -", "underload"),
        ("mt-sics", "S S      3.527 oz", "unit"),
        ("sbi", "      High    ", "overload"),
        ("sbi", "      Low     ", "underload"),
        ("sbi", "+    3.5270 ozt ", "unit"),
        ("sbi", "+  100.0000   ", "unit"),
        ("ohaus", "Err8.3", "overload"),
        ("ohaus", "      3.527 oz", "unit"),
    ],
)
def test_an_answer_that_is_no_weight_says_why(name: str, line: str, cause: str) -> None:
    with pytest.raises(errors.BalanceUnfit) as raised:
        protocols.PROTOCOLS[name].parse(line, "")
    assert raised.value.cause == cause


@pytest.mark.parametrize("name", NAMES)
def test_a_balance_is_found_by_asking_weighs_and_is_tared(world: World, make: Make, name: str) -> None:
    simulated = make(name)
    with port.open_at(Place(simulated.port)) as balance:
        assert balance.protocol.name == name
        world.delivered_nl = 1_000_000
        assert balance.read() == Reading(round(WATER_UG_NL * 100_000) * 10, True, "g")
        simulated.faults.stable = False
        assert balance.read().stable is False
        balance.tare()
        assert balance.read().mass_ug == 0
        world.delivered_nl += 250
        assert balance.read().mass_ug == 250


@pytest.mark.parametrize("name", NAMES)
def test_overload_wrong_unit_and_silence_are_told(make: Make, world: World, name: str) -> None:
    simulated = make(name)
    with port.open_at(Place(simulated.port, name)) as balance:
        simulated.faults.unit = "oz"
        with pytest.raises(errors.BalanceUnfit, match="set it to g or mg"):
            balance.read()
        simulated.faults.unit, simulated.faults.capacity_ug = "mg", 100
        world.delivered_nl = 1000
        with pytest.raises(errors.BalanceUnfit, match="more than it can weigh"):
            balance.read()


def test_a_balance_that_is_unplugged_or_silent_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_ANSWER_S", 0.1)
    simulated = make("mt-sics")
    with port.open_at(Place(simulated.port)) as balance:
        simulated.faults.silent = True
        with pytest.raises(errors.BalanceLost):
            balance.read()
        simulated.close()
        with pytest.raises(errors.BalanceLost):
            balance.read()
    with pytest.raises(errors.BalanceMissing, match="can't be opened"):
        port.open_at(Place("/dev/nothing"))


def test_no_balance_and_two_balances_are_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_ANSWER_S", 0.1)
    silent, one, other = make("mt-sics", silent=True), make("ohaus"), make("sbi")
    with pytest.raises(errors.BalanceMissing, match="No balance answers at any"):
        port.the_only_one([silent.port])
    with pytest.raises(errors.BalanceMissing, match="Several"):
        port.the_only_one([one.port, other.port])
    with port.the_only_one([silent.port, other.port]) as balance:
        assert balance.protocol.name == "sbi"


def test_a_place_is_read_from_text() -> None:
    assert port.place_of("/dev/ttyUSB0") == Place("/dev/ttyUSB0")
    assert port.place_of("/dev/ttyUSB0,sbi,1200,7o1") == Place("/dev/ttyUSB0", "sbi", 1200, "7O1")
    with pytest.raises(errors.UsageProblem, match="9X1"):
        port.place_of("/dev/ttyUSB0,9X1")


def test_the_simulated_balance_has_noise_drift_evaporation_and_a_resolution(make: Make, world: World) -> None:
    simulated = make("mt-sics", noise_ug=20.0, drift_ug_h=10.0, evaporation_ug_h=110.0)
    with port.open_at(Place(simulated.port)) as balance:
        masses = [balance.read().mass_ug for _ in range(400)]
        assert pstdev(masses) == pytest.approx(20, rel=0.2)
        assert {mass % 10 for mass in masses} == {0}
        world.time_ms += 10 * 3_600_000
        assert mean(balance.read().mass_ug for _ in range(400)) == pytest.approx(-1000, abs=5)
