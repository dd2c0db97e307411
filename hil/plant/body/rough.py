"""What a poor pressure sensor adds: 1/f and telegraph noise, flipped bits, bursts, missing answers, limits."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plant.arithmetic import noise

_MILLION = 1000000
_OCTAVES = 6  # random values that stay for 1, 4, 16, ... 1024 s; their sum has a spectrum near 1/f
_BURST = 12  # readings in a burst
_BURST_PA = 20000
_FLIPPED_BITS = 17  # of a value in Pa, up to 131 kPa


class Rough:
    """The sensor asks `misses`, then `error_pa` before it rounds, then `spoiled` with its value."""

    def __init__(self, config: "dict[str, int]", chance: "noise.Noise", day_ms: "Callable[[], int]") -> None:
        self._chance = chance
        self._day_ms = day_ms
        self._flicker_pa = config["pressure_flicker_pa"] * 1000 // 2449  # of each octave: the root of 6
        self._telegraph_pa = config["pressure_telegraph_pa"]
        self._telegraph_s = config["pressure_telegraph_s"]
        self._flips_ppm = config["pressure_flips_ppm"]
        self._bursts_ppm = config["pressure_bursts_ppm"]
        self._missing_ppm = config["pressure_missing_ppm"]
        self._lowest_pa = config["pressure_lowest_pa"]
        self._highest_pa = config["pressure_highest_pa"]
        self._values_pa = [0] * _OCTAVES
        self._second = 0
        self._sum_pa = 0
        self._raised = False
        self.flip_bit = -1  # in the next reading
        self.burst = 0  # bad readings that follow
        self.missing = 0  # readings without an answer that follow

    @staticmethod
    def wanted(config: "dict[str, int]") -> bool:
        """Whether one of these settings isn't at its default."""
        names = ("flicker_pa", "telegraph_pa", "flips_ppm", "bursts_ppm", "missing_ppm")
        limits = config["pressure_lowest_pa"] > -_MILLION or config["pressure_highest_pa"] < _MILLION
        return limits or any(config["pressure_" + name] for name in names)

    def misses(self) -> bool:
        """Whether this reading has no answer."""
        if self.missing:
            self.missing -= 1
            return True
        return self._missing_ppm > 0 and self._chance.below(_MILLION) < self._missing_ppm

    def error_pa(self) -> int:
        """The slow noise now."""
        second = self._day_ms() // 1000
        if second != self._second:
            self._pass_seconds(second)
        return self._sum_pa + (self._telegraph_pa if self._raised else 0)

    def _pass_seconds(self, second: int) -> None:
        changed = second ^ self._second
        passed_s = max(1, second - self._second)
        self._second = second
        if self._flicker_pa:
            octave = 0
            while octave < _OCTAVES and changed >> 2 * octave:
                value_pa = self._chance.normal(self._flicker_pa)
                self._sum_pa += value_pa - self._values_pa[octave]
                self._values_pa[octave] = value_pa
                octave += 1
        # After many times the mean stay both states are equally likely.
        if self._telegraph_pa and self._chance.below(self._telegraph_s + passed_s) < passed_s:
            self._raised = self._chance.below(2) == 0

    def spoiled(self, value_pa: int) -> int:
        """The reading after the board's disturbances, within the range of the sensor."""
        chance = self._chance
        if self._bursts_ppm and not self.burst and chance.below(_MILLION) < self._bursts_ppm:
            self.burst = 1 + chance.below(_BURST)
        if self._flips_ppm and chance.below(_MILLION) < self._flips_ppm:
            self.flip_bit = chance.below(_FLIPPED_BITS)
        if self.burst:
            self.burst -= 1
            value_pa += chance.below(2 * _BURST_PA + 1) - _BURST_PA
        if self.flip_bit >= 0:
            value_pa ^= 1 << self.flip_bit
            self.flip_bit = -1
        return max(self._lowest_pa, min(self._highest_pa, value_pa))
