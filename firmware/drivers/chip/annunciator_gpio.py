"""Light and sound of the alarms: `run` plays the patterns that were set and never waits.

The processor sleeps between the changes of a pattern: `run` makes the change that is due and returns the time until
the next one. PWM makes the tone only, because it can't blink at 2 Hz. If `run` is no longer called, light and tone stay
as they are, which is the safe state.
"""

from micropython import const
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    import machine

_TEST = (400, 0x10000000)  # ms on, ms off: once
_HALF = const(32768)  # duty of 50 %
_LATE_MS = const(1000)  # a pattern with a longer delay starts from its beginning


class Pattern:
    """Plays one pattern on one output, which takes 0 or 1."""

    def __init__(self, put: "Callable[[int], object]") -> None:
        self._put = put
        self._spans: "tuple[int, ...]" = ()
        self._at = -1  # index in the spans, -1 before the first change
        self._due = 0  # when the next change is due
        put(0)

    def set(self, spans: "tuple[int, ...] | None") -> None:
        """Begins a pattern at once; None turns it off."""
        self._spans = spans or ()
        self._at = -1
        self._put(0 if spans is None else 1)

    def run(self, now: int) -> int:
        """Makes the change that is due; returns the milliseconds to the next one, -1 for none."""
        spans = self._spans
        if not spans:
            return -1
        if self._at < 0 or ticks.diff(now, self._due) > _LATE_MS:
            self._at = 0
            self._put(1)
            self._due = ticks.add(now, spans[0])
        while ticks.diff(now, self._due) >= 0:
            self._at = (self._at + 1) % len(spans)
            self._put(1 - (self._at & 1))
            self._due = ticks.add(self._due, spans[self._at])
        return ticks.diff(self._due, now)


class Annunciator:
    """A hal.Annunciator. red, yellow: outputs, high for light. buzzer: a PWM set to the tone, 150 to 1000 Hz."""

    def __init__(self, red: "machine.Pin", yellow: "machine.Pin", buzzer: "machine.PWM") -> None:
        self._duty_u16 = buzzer.duty_u16
        self._red = Pattern(red.value)
        self._yellow = Pattern(yellow.value)
        self._tone = Pattern(self._put_tone)
        self._patterns = (self._red, self._yellow, self._tone)

    def check(self) -> None:
        """Turns lights and tone on for a moment. There is no feedback: the user must see and hear them."""
        for pattern in self._patterns:
            pattern.set(_TEST)

    def show(self, red_ms: "tuple[int, ...] | None", yellow_ms: "tuple[int, ...] | None") -> None:
        """Lights: times on and off alternately, repeated; () is constantly on, None is off."""
        self._red.set(red_ms)
        self._yellow.set(yellow_ms)

    def sound(self, spans_ms: "tuple[int, ...] | None") -> None:
        """Tone, in the same form; None is silence."""
        self._tone.set(spans_ms)

    def run(self, now: int) -> int:
        """Makes the changes that are due; returns the milliseconds to the next one, -1 for none."""
        wait_ms = -1
        for pattern in self._patterns:
            left_ms = pattern.run(now)
            if left_ms >= 0 and (wait_ms < 0 or left_ms < wait_ms):
                wait_ms = left_ms
        return wait_ms

    def _put_tone(self, on: int) -> None:
        self._duty_u16(_HALF if on else 0)
