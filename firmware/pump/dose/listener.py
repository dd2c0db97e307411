"""What the delivery expects of the parts that measure around its strokes. For readers and the type checker only."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Trim(Protocol):
        """What the flow sensor asks for: another volume per stroke."""

        changed: bool
        trim_ppm: int

    class Listener(Protocol):
        """A part that measures around the strokes."""

        def expect(self, due: int, period_ms: int, ul_day: int) -> None:
            """The next stroke comes at this tick, at this period and flow."""

        def set_interval(self, quiet_ms: int) -> None:
            """The flow has changed: so long between strokes from now on."""

        def adjust_interval(self, quiet_ms: int) -> None:
            """The volume of a stroke was trimmed: so long between strokes at the same flow."""

        def rest(self, now: int) -> None:
            """Delivery is held."""

        def relearn(self, new_stroke: bool) -> None:
            """The stroke has another size, or else the line was filled."""
