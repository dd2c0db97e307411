"""The one place where a stroke is booked: totals, reservoir with its dead volume, and the plan's volume."""

from pump.core import volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.reservoir import reservoir
    from pump.therapy import plan


class StrokeAccount:
    """`strokes` and `delivered` count what reaches the patient, `primed` what filled an empty line; over all resets.

    A stroke is booked when it is commanded, so the totals are never below what was really given.
    """

    def __init__(self, reservoir: "reservoir.Reservoir", plan: "plan.TherapyPlan") -> None:
        self._reservoir = reservoir
        self._plan = plan
        self.strokes = 0
        self.delivered = volume.Volume()
        self.primed = volume.Volume()

    def trim(self, ppm: int) -> None:
        """From the next stroke on its volume is so many millionths above the calibrated one."""
        self._reservoir.trim_ppm = ppm

    def book(self, volume_pl: int, dose: bool) -> None:
        """One stroke that is commanded now."""
        self._total(1, volume_pl, dose)
        self._take(volume_pl, dose)

    def book_since(self, strokes: int, volume_pl: int, dose: bool) -> None:
        """Strokes of this volume in all that were made, or may have been, after the state was saved."""
        self._total(strokes, volume_pl, dose)
        each_pl = volume_pl // strokes
        for _ in range(strokes - 1):
            self._take(each_pl, dose)
        self._take(volume_pl - each_pl * (strokes - 1), dose)

    def _total(self, strokes: int, volume_pl: int, dose: bool) -> None:
        if dose:
            self.strokes += strokes
            self.delivered.add(volume_pl)
        else:
            self.primed.add(volume_pl)

    def _take(self, volume_pl: int, dose: bool) -> None:
        self._reservoir.take(volume_pl)
        if dose:
            self._plan.took(volume_pl)

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them."""
        numbers[at] = self.strokes
        numbers[at + 1] = self.delivered.ul
        numbers[at + 2] = self.delivered.pl
        numbers[at + 3] = self.primed.ul
        numbers[at + 4] = self.primed.pl
        return at + 5

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self.strokes = numbers[at]
        self.delivered.ul, self.delivered.pl = numbers[at + 1 : at + 3]
        self.primed.ul, self.primed.pl = numbers[at + 3 : at + 5]
        return at + 5
