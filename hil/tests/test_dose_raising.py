"""Which parameters can raise the dose, and in which direction, by experiment: each is set to both of its ends.

A scene is some hours of a pump whose drive has no error of its own; what counts is the volume that the world saw
pumped. When a scene gives more with one value of a parameter than with a lower one, raising that parameter raises the
dose; when it gives more with a lower value, lowering it does. Such a change must wait for a confirmation (C1), whatever
params.toml was written to say.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from pumpctl import defs, errors
from pumpctl.protocol.changes import PendingChange
from pumpctl.testing import Bench
from pumpctl.testing.targets import TARGETS

REQUIREMENTS = ("C1",)
pytestmark = [
    pytest.mark.needs("fresh", "world", "jumps", "exact_time", "part_faults", "power_cuts"),
    pytest.mark.long("26 runs for each of the parameters"),
]

# Steps and pL of a stroke bound each other; these are their ends beside the other's default.
ENDS = {"steps_per_stroke": (8, 200), "pl_per_step": (200, 5000)}
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
LARGER_TANK = {"reservoir_capacity_nl": 40_000_000}
# Confirmed although no scene gives more.
WITHOUT_A_SCENE = {
    "flow_trim": "a flow sensor moves the volume of a stroke within days",
    "flow_gain_ppm": "a flow sensor moves the volume of a stroke within days",
    "occlusion_rise_pa": "only lines whose strokes show no draining are evaluated by the level of the pressure",
    "dead_volume_nl": "the dose at the catheter tip: which fluid it is",
}

MOMENTS = 6  # at least as many as any scene has

Given = list[int]


def given_nl(scene: str, name: str, value: int | None) -> Given:
    """What the world saw pumped by each moment of this scene, with this value of the parameter, or with none."""
    play, settings = SCENES[scene]
    bench = TARGETS["unix"].start("", 1, EXACT_DRIVE | settings)
    try:
        if value is not None:
            set_to(bench, name, value)
        given = []
        with suppress(errors.Refused):  # what can't be done with this value gives nothing more
            for _ in play(bench):
                given.append(bench.truth()["pumped_nl"])
        return given + [bench.truth()["pumped_nl"]] * (MOMENTS - len(given))
    finally:
        bench.close()


def set_to(bench: Bench, name: str, value: int) -> None:
    """Sets the parameter in standby, with the button where it needs that."""
    bench.pump.param_set(name, value, lambda pending: press(bench, pending))


def press(bench: Bench, pending: PendingChange) -> bool:
    """Agrees to the change, with the button where it needs that."""
    if pending.new.get("press_button"):
        bench.do("press")
    return True


def attempt(do: Callable[[], object]) -> None:
    """Does it, unless it is refused."""
    with suppress(errors.Refused):
        do()


# ---- the scenes: each yields at the moments at which the volume is compared ------------------------------------------


Play = Callable[[Bench], Iterator[None]]


def rates(bench: Bench) -> Iterator[None]:
    attempt(lambda: bench.infuse(1000))
    attempt(lambda: bench.pump.rate(5000))
    bench.wait(minutes=10)
    yield
    attempt(lambda: bench.pump.rate(24000, override="soft_rate"))
    bench.wait(minutes=5)
    yield


def boluses(bench: Bench) -> Iterator[None]:
    bench.infuse(50)
    attempt(lambda: bench.pump.bolus(20_000))
    bench.wait(minutes=1)
    yield
    bench.wait(hours=1)
    attempt(lambda: bench.pump.bolus(20_000))
    bench.wait(hours=3, minutes=5)
    yield
    for volume_nl in (60_000, 20_000):
        attempt(functools.partial(bench.pump.bolus, volume_nl, override="soft_bolus"))
        bench.wait(hours=4, minutes=5)
        yield
    attempt(lambda: bench.pump.bolus(60_000))  # last, because by default it is refused, and locks nothing out
    bench.wait(minutes=10)
    yield


BESIDE = (("supply", 3800, 5000), ("heat", 400, 2200), ("heat", 5000, 2200), ("drain", 700_000, 0))


def boluses_beside_alarms(bench: Bench) -> Iterator[None]:
    """With each of these there is an alarm by default, and no bolus.

    By default no bolus is given, so the first that a value allows shows its direction; that it locks out those after it
    in the same run hides nothing.
    """
    bench.infuse(50)
    for action, value, back in BESIDE:
        bench.do(action, value)
        bench.wait(minutes=8)
        attempt(lambda: bench.pump.bolus(20_000))
        bench.wait(minutes=10)
        yield
        bench.do(action, back)
        bench.wait(minutes=1)
        bench.pump.ack()
        bench.wait(minutes=5)


def bolus_with_little_left(rate_ul_day: int, volume_nl: int) -> Play:
    """Below the low mark by volume, or by time."""

    def play(bench: Bench) -> Iterator[None]:
        bench.infuse(rate_ul_day, volume_nl)
        bench.wait(minutes=5)
        attempt(lambda: bench.pump.bolus(20_000))
        bench.wait(minutes=10)
        yield

    return play


def to_the_last_drop(bench: Bench) -> Iterator[None]:
    attempt(lambda: bench.infuse(24000, 530_000))
    bench.wait(minutes=10)
    yield


def more_than_it_holds(bench: Bench) -> Iterator[None]:
    attempt(lambda: bench.infuse(1000, 21_000_000))
    bench.wait(minutes=10)
    yield


def after_the_end(bench: Bench) -> Iterator[None]:
    bench.refill(16_000_000)
    bench.pump.therapy_set("timed", 2000, volume_nl=20_000)
    bench.pump.start()
    bench.wait(hours=1)
    yield


def primes(bench: Bench) -> Iterator[None]:
    bench.refill(16_000_000)
    for volume_nl, purpose in ((1_200_000, "prime"), (100_000, "bridge")):
        attempt(functools.partial(bench.pump.prime, volume_nl, purpose))
        bench.wait(minutes=3)
        yield
        bench.pump.stop()


def a_block(bench: Bench) -> Iterator[None]:
    """Up to the alarm; gone without an operator; and the first stroke of the resume, which takes up the slack."""
    bench.infuse(1000)
    bench.wait(minutes=20)
    bench.do("block")
    bench.wait(minutes=10)
    yield
    bench.do("unblock")
    bench.wait(minutes=20)
    yield
    bench.pump.ack()
    attempt(bench.pump.resume)
    bench.wait(seconds=40)
    yield


def a_block_that_goes(bench: Bench) -> Iterator[None]:
    """As soon as it has stopped the pump."""
    bench.infuse(1000)
    bench.wait(minutes=20)
    bench.do("block")
    with suppress(AssertionError):
        bench.run_until(lambda: bench.state == "stopped_alarm", 1200, what="an alarm", step_s=10)
    bench.do("unblock")
    bench.wait(minutes=10)
    yield


def with_a_low_supply(bench: Bench) -> Iterator[None]:
    bench.infuse(1000)
    bench.do("supply", 4250)
    bench.wait(minutes=5)
    yield


def after_a_reset(bench: Bench) -> Iterator[None]:
    bench.infuse(1000)
    bench.wait(minutes=2)
    bench.do("watchdog_reset")
    bench.wait(minutes=5)
    yield


SCENES: dict[str, tuple[Play, dict[str, int]]] = {
    "rates": (rates, {}),
    "boluses": (boluses, {}),
    "boluses beside alarms": (boluses_beside_alarms, {}),
    "bolus with 1.5 mL": (bolus_with_little_left(50, 1_500_000), {}),
    "bolus with a day left": (bolus_with_little_left(2000, 3_000_000), {}),
    "to the last drop": (to_the_last_drop, {}),
    "more than it holds": (more_than_it_holds, LARGER_TANK),
    "after the end": (after_the_end, {}),
    "primes": (primes, {}),
    "block": (a_block, {}),
    "block that goes": (a_block_that_goes, {}),
    "low supply": (with_a_low_supply, {}),
    "reset": (after_a_reset, {}),
}


# ---- the experiment --------------------------------------------------------------------------------------------------


by_default_nl = functools.cache(lambda scene: given_nl(scene, "", None))


def ends(name: str) -> tuple[int, int]:
    """The lowest and the highest value that is allowed beside the defaults of the others."""
    entry = next(row for row in defs.PARAMS.values() if row.name == name)
    low, high = ENDS.get(name, (entry.min, entry.max))
    return allowed(name, low, "min"), allowed(name, high, "max")


def allowed(name: str, value: int, limit: str) -> int:
    """This value, or the one that the pump names when it refuses it."""
    bench = TARGETS["unix"].start("", 1, {})
    try:
        set_to(bench, name, value)
    except errors.Refused as refused:
        return int(refused.fields[limit])
    finally:
        bench.close()
    return value


def raising(name: str) -> dict[str, list[str]]:
    """The scenes that give more after a change of this parameter, by the direction of the change."""
    entry = next(row for row in defs.PARAMS.values() if row.name == name)
    low, high = ends(name)
    found: dict[str, list[str]] = {"up": [], "down": []}
    for scene in SCENES:
        default_nl = by_default_nl(scene)
        rows = [
            given_nl(scene, name, low) if low < entry.default else default_nl,
            default_nl,
            given_nl(scene, name, high) if high > entry.default else default_nl,
        ]
        for at, nls in enumerate(zip(*rows, strict=True)):
            if list(nls) != sorted(nls, reverse=True):
                found["up"].append(f"{scene} {at}: {nls}")
            if list(nls) != sorted(nls):
                found["down"].append(f"{scene} {at}: {nls}")
    return found


@pytest.mark.parametrize("name", [row.name for row in defs.PARAMS.values()])
def test_a_parameter_that_raises_the_dose_is_confirmed_in_that_direction(name: str, target_name: str) -> None:
    entry = next(row for row in defs.PARAMS.values() if row.name == name)
    confirmed = {"any": {"up", "down"}, "none": set()}.get(entry.raises, {entry.raises})
    found = raising(name)
    unconfirmed = {way: scenes for way, scenes in found.items() if scenes and way not in confirmed}
    assert not unconfirmed, (name, entry.raises)
    for way in sorted(confirmed):
        assert found[way] or name in WITHOUT_A_SCENE, f"{name}: no scene gives more when it goes {way}"
