"""The world of hil/plant with steps that are counted on a pin."""

from micropython import const
from plant import actions, world

_PAUSE_MS = const(50)  # after a pause of this length, the next step begins a new stroke
_SHORTEST_US = const(100)
_LONGEST_US = const(1000000)
_LONGEST_MS = const(600000)


class SteppedWorld(world.World):
    """A world advanced by step counts: steps counted in one pass are made in the next pass of the same length."""

    def __init__(self, config: "dict[str, int]", seed: int) -> None:
        super().__init__(config, seed)
        actions.of_pins(self.actions)
        self._quiet_ms = _PAUSE_MS

    def go_on(self, span_ms: int, steps: int, reverse: bool) -> None:
        """Lets time pass in which these steps were counted."""
        while span_ms > _LONGEST_MS:
            self.advance(_LONGEST_MS)
            span_ms -= _LONGEST_MS
        self.advance(span_ms)
        self._quiet_ms = min(_PAUSE_MS, self._quiet_ms + span_ms)
        if steps:
            self._catch_up()
            self._add(span_ms, steps, reverse)
            self._quiet_ms = 0

    def _add(self, span_ms: int, steps: int, reverse: bool) -> None:
        drive = self._drive
        if drive.moving and reverse != drive.reverse:
            # Rare, because the pump rests before it reverses: the remaining steps are made at once.
            drive.lengthen(0, _SHORTEST_US)
            while drive.moving:
                self.advance(drive.piece_ms())
                self._catch_up()
        to_go = drive.steps_to_go()
        steps += to_go
        interval_us = max(_SHORTEST_US, min(_LONGEST_US, span_ms * 1000 // steps))
        if self._quiet_ms >= _PAUSE_MS or reverse != drive.reverse:
            self.start_stroke(-steps if reverse else steps, interval_us)
            return
        drive.lengthen(steps - to_go, interval_us)
