"""The rig: each pass advances the world by the counted steps and sets the sensor outputs to its readings."""

import gc

from micropython import const
from plant import settings as plant_settings, world as plant_world

from rig import stepped_world

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    import machine

    from rig import level_output, mpr_target, step_input

PASS_MS = const(5)
_LEVEL_MS = const(100)
_RESET_MS = const(10)
_POWER_OFF_MS = const(2000)  # until the pump's capacitors are discharged and its USB host has noticed
_CIRCLE = const(0x3FFFFFFF)  # of ticks_ms


class Rig:
    """button, reset: open-drain pins, 0 pulls low. power: 1 cuts the supply. At first all are released."""

    def __init__(
        self,
        steps: "step_input.StepInput",
        pressure: "mpr_target.MprTarget",
        level: "level_output.LevelOutput",
        button: "machine.Pin",
        reset: "machine.Pin",
        power: "machine.Pin",
        ticks_ms: "Callable[[], int]",
        sleep_ms: "Callable[[int], None]",
    ) -> None:
        self._steps = steps
        self._pressure = pressure
        self._level = level
        self._button = button
        self._reset = reset
        self._power = power
        self._ticks_ms = ticks_ms
        self._sleep_ms = sleep_ms
        self._last = ticks_ms()
        self._level_in_ms = 0
        self._is_off = False
        self._longest_ms = 0
        # In addition to those of the world.
        self._actions: "dict[str, Callable[[], None]]" = {
            "button_down": lambda: self._button.value(0),
            "button_up": lambda: self._button.value(1),
            "reset": self._pull_reset,
            "power_off": self._cut_power,
            "power_on": self._give_power,
            "power_cycle": self._cycle_power,
        }
        self.begin(1, {})

    def begin(self, seed: int, settings: "dict[str, int]") -> None:
        """Starts a new world and releases the pump; after ValueError (bad settings) the old world continues."""
        full = plant_settings.complete(settings)
        self.world = None  # a Pico has no memory for two worlds
        gc.collect()
        self.world = stepped_world.SteppedWorld(full, seed)
        gc.collect()
        self.release()
        self._steps.read()
        self._last = self._ticks_ms()
        self._longest_ms = 0
        self._pressure.stick(False)
        self.run()

    def run(self) -> None:
        """Runs one pass."""
        now = self._ticks_ms()
        span_ms = now - self._last & _CIRCLE
        self._last = now
        if span_ms > self._longest_ms:
            self._longest_ms = span_ms
        self.world.go_on(span_ms, self._steps.read(), self._steps.is_reverse())
        if self._is_off:
            return
        self._show_pressure()
        self._level_in_ms -= span_ms
        if self._level_in_ms <= 0:
            self._level_in_ms = _LEVEL_MS
            self._show_level()

    def do(self, action: str, value: int) -> None:
        """Executes an action on the rig or its world; ValueError for an unknown one."""
        if action in self._actions:
            self._actions[action]()
            return
        self.world.do(action, value)
        if action.startswith("pressure_"):
            self._pressure.stick(action == "pressure_stuck")
        self._level_in_ms = 0
        self.run()

    def truth(self) -> "dict[str, int]":
        """The world's ground truth, and the state of the rig."""
        truth = self.world.truth()
        truth["pressure_conversions"] = self._pressure.conversions
        truth["pump_is_off"] = int(self._is_off)
        truth["pass_longest_ms"] = self._longest_ms
        return truth

    def release(self) -> None:
        """Releases button and RUN, and switches the pump's supply on."""
        self._button.value(1)
        self._reset.value(1)
        self._give_power()

    def _show_pressure(self) -> None:
        try:
            pa = self.world.read_pressure_pa()
        except plant_world.PartOff:
            self._pressure.answer(False)
        else:
            self._pressure.give(pa)
            self._pressure.answer(True)
        self._pressure.poll()

    def _show_level(self) -> None:
        try:
            self._level.show(self.world.read_level_nl())
        except plant_world.PartOff:
            self._level.silence()

    def _pull_reset(self) -> None:
        self._reset.value(0)
        self._sleep_ms(_RESET_MS)
        self._reset.value(1)

    def _cut_power(self) -> None:
        # No output of the rig may supply the pump through its pins.
        self._is_off = True
        self._button.value(1)
        self._pressure.answer(False)
        self._level.silence()
        self._power.value(1)

    def _give_power(self) -> None:
        self._power.value(0)
        self._is_off = False
        self._level_in_ms = 0

    def _cycle_power(self) -> None:
        self._cut_power()
        self._sleep_ms(_POWER_OFF_MS)
        self._give_power()
