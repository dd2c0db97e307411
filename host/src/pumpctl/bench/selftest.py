"""The self-test of a bench: part by part, what the pump's own test found, and what a user sees at scope and meter.

The expectations are those of boards/rpi_pico/wiring.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pumpctl import defs, errors
from pumpctl.diagnostics import doctor
from pumpctl.frozen import frozen
from pumpctl.protocol import answers, names
from pumpctl.protocol.changes import Agree
from pumpctl.pump import Pump

STROKES = 20  # of the test of motion: a 5 uL drop with strokes of 0.25 uL
_POLL_S = 0.5
_OWN_TEST_S = 60  # the pump's own test takes some seconds, and a second more for a part that doesn't answer
_NEW_VALUE_S = 10  # at rest the pressure is read every 2 s; the level after power-on three times, 4.9 s apart
_MOTION_S = 900  # twice what the strokes take at the slowest prime rate, 1 mL/day

PASSED, FAILED, OPEN = "passed", "failed", "open"


@frozen
class Step:
    """A part of the walk: the parts whose own test belongs to it, and what a user does and sees.

    `reading` is a field of the status that the text shows as {value}, `scale` of them to a `unit`. With `low` and
    `high` it is read again after what the user does, and must have changed by so much.
    """

    name: str
    parts: tuple[str, ...] = ()
    look: str = ""
    reading: str = ""
    unit: str = ""
    scale: int = 1000
    low: float = 0
    high: float = 0


# In the order in which a board is brought up: what a later step needs comes first.
STEPS = (
    Step(
        "processor",
        ("clock", "store", "file_system", "watchdog", "link"),
        "The light on the Pico (GP25) changes at least every 5 s.",
    ),
    Step(
        "supply",
        ("supply", "temperature"),
        "Meter at VSYS (pin 39) against GND: 4.06 to 5.25 V. At 3V3 (pin 36): 3.2 to 3.4 V.",
    ),
    Step(
        "enable",
        ("drive",),
        "Meter at ENABLE (GP12): 2.7 V or more while nothing moves.",
    ),
    Step(
        "driver",
        ("driver",),
        "12 V on: the supply shows some milliamperes. At rest the motor has no current: its shaft turns by hand.",
    ),
    Step("step_counter", ("step_counter",)),
    Step(
        "pressure",
        ("bus", "pressure"),
        "Raise the open end of the filled line by 50 cm: 4.9 kPa more than {value} now.",
        "pressure_pa",
        "kPa",
        1000,
        3.9,
        5.9,
    ),
    Step(
        "level",
        ("level",),
        "The level sensor reads {value}: the reservoir holds that, within 0.5 mL.",
        "level_nl",
        "mL",
        1_000_000,
    ),
    Step("button", ("button",), "Meter at GP14: 3.3 V; below 0.3 V while the button is pressed."),
    Step(
        "annunciator",
        ("annunciator",),
        "When the pump was switched on, red light, yellow light and buzzer came on for a moment.",
    ),
)
_WITH_A_STEP = {part for step in STEPS for part in step.parts}
# With the parameters: pulses of a stroke, and microseconds from one to the next.
_MOTION_LOOK = (
    "Scope at STEP (GP10): {strokes} bursts of {steps_per_stroke} pulses, {step_interval_us} us apart. Current probe "
    "at a coil: 0.3 A RMS in a burst, none between. The stage moved forward."
)


@frozen
class Found:
    """The result of a check. `value` with `low`, `high` and `unit` is what was measured; 1 for yes, 0 for no."""

    name: str
    verdict: str
    text: str
    action: str = ""
    value: float | None = None
    low: float | None = 1
    high: float | None = 1
    unit: str = "yes"


# Asks the user: True for yes or done, False for no, None for "can't be looked at". The last argument is whether the
# answer is a verdict.
Ask = Callable[[str, bool], bool | None]


def walk(pump: Pump, ask: Ask, move: Agree | None = None) -> Iterator[Found]:
    """Yield the result of each check as it is made; without `move` nothing is moved.

    A part that failed the pump's own test is not looked at. Raises LinkLost, NoAnswer.
    """
    tested = "tested" in _until(pump, lambda status: "tested" in status.bit_names, _OWN_TEST_S).bit_names
    failed = _failed_parts(pump)
    for step in STEPS:
        own = _own_test(f"{step.name}.own_test", [row for row in failed if row[0] in step.parts], tested)
        yield own
        if step.look and own.verdict != FAILED:
            yield _looked(pump, step, ask)
    others = [row for row in failed if row[0] not in _WITH_A_STEP]
    if others:
        yield _own_test("other.own_test", others, tested)
    if move is not None:
        yield from _motion(pump, ask, move, bool(failed))


def _until(pump: Pump, done: Callable[[answers.Status], bool], within_s: int) -> answers.Status:
    """Return the status in which something is done, or the one after `within_s` of the pump's time."""
    status = pump.status()
    end_ms = status.total_uptime_ms + within_s * 1000
    while not done(status) and status.total_uptime_ms < end_ms:
        pump.poll(_POLL_S)
        status = pump.status()
    return status


def _failed_parts(pump: Pump) -> list[tuple[str, str, str]]:
    """Return part, fault and what to do of each part that failed since the last reset."""
    found = []
    for row in doctor.since_reset(pump.log()):
        if row.name == "part_failed":
            fault = defs.PART_FAULTS.get(row.b)
            part = names.name_of(defs.PARTS, row.a, "part")
            found.append((part, names.name_of(defs.PART_FAULTS, row.b, "fault"), fault.text if fault else ""))
    return found


def _own_test(name: str, failed: Sequence[tuple[str, str, str]], tested: bool) -> Found:
    if failed:
        text = "; ".join(f"{part}: {fault}" for part, fault, _ in failed)
        advice = " ".join(dict.fromkeys(action for _, _, action in failed))
        return Found(name, FAILED, text, f"{advice} Then reset the pump and begin again.", 0)
    if not tested:
        return Found(name, OPEN, "the pump's own test has not ended")
    return Found(name, PASSED, "the pump's own test found no fault", value=1)


def _seen(name: str, look: str, ask: Ask) -> Found:
    answer = ask(look, True)
    if answer is None:
        return Found(name, OPEN, look)
    return Found(name, PASSED if answer else FAILED, look, value=int(answer))


def _looked(pump: Pump, step: Step, ask: Ask) -> Found:
    """What the user sees; or the change of a sensor's value by what the user does."""
    if not step.reading:
        return _seen(f"{step.name}.seen", step.look, ask)
    before = _read(_until(pump, lambda status: _read(status, step) is not None, _NEW_VALUE_S), step)
    if before is None:
        return Found(f"{step.name}.value", FAILED, "the sensor gives no value", "Check its wiring.", 0)
    look = step.look.format(value=f"{before:.2f} {step.unit}")
    if not step.high:
        return _seen(f"{step.name}.seen", look, ask)
    return _change(pump, step, look, before, ask)


def _change(pump: Pump, step: Step, look: str, before: float, ask: Ask) -> Found:
    name = f"{step.name}.change"
    if ask(look, False) is None:
        return Found(name, OPEN, look)

    def change_of(status: answers.Status) -> float:
        after = _read(status, step)
        return 0.0 if after is None else round(after - before, 3)

    change = change_of(_until(pump, lambda status: step.low <= change_of(status) <= step.high, _NEW_VALUE_S))
    good = step.low <= change <= step.high
    text = f"{change:+.2f} {step.unit}, expected {step.low} to {step.high} {step.unit}"
    action = "" if good else "Check its range in board.py, and its wiring."
    return Found(name, PASSED if good else FAILED, text, action, change, step.low, step.high, step.unit)


def _read(status: answers.Status, step: Step) -> float | None:
    """The pump's reading in the unit of the step."""
    value = getattr(status, step.reading)
    return None if value is None else value / step.scale


def _motion(pump: Pump, ask: Ask, agree: Agree, unfit: bool) -> Iterator[Found]:
    """Some strokes, counted by the pump and looked at by the user."""
    name = "motion.given"
    if unfit:
        yield Found(name, OPEN, "nothing is moved with a part that failed")
        return
    params = {row.name: row.value for row in pump.params()}
    before_nl, alarms = pump.status().ledger_nl, {row.name for row in pump.alarms()}
    volume_nl = STROKES * params["steps_per_stroke"] * params["pl_per_step"] // 1000
    try:
        pump.prime(volume_nl, agree=agree)
    except (errors.Refused, errors.NotConfirmed) as error:
        yield Found(name, OPEN, str(error))
        return
    after = _until(pump, lambda status: status.state_name != "priming", _MOTION_S)
    given_nl = before_nl - after.ledger_nl
    new = [row for row in pump.alarms() if row.name not in alarms]
    text = f"{given_nl} of {volume_nl} nL" + "".join(f"; alarm {row.name}" for row in new)
    good = abs(given_nl - volume_nl) <= 1 and not new  # the ledger is rounded down
    advice = "" if good else " ".join(dict.fromkeys(row.action for row in new)) or "See `pumpctl doctor`."
    yield Found(name, PASSED if good else FAILED, text, advice, given_nl, volume_nl - 1, volume_nl + 1, "nL")
    yield _seen("motion.seen", _MOTION_LOOK.format(strokes=STROKES, **params), ask)


def about(pump: answers.Hello) -> dict[str, str]:
    """Return what identifies the pump, for the record."""
    return {"board": pump.board, "version": pump.version, "unique_id": pump.unique_id}
