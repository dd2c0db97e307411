"""Bytes that can not be foreseen: from a stored seed, the chip's noise, and the time, through SHA-256.

The noise of a ring oscillator is weak, and on some boards it may be stuck. The seed, which is replaced in flash before
it is used, makes every run's bytes new all the same; without noise they are secret only from those who can't read the
flash.
"""

from micropython import const

from pump.link import mac

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

_READ = const(64)  # bytes of noise for each draw
# Repetition count test (NIST SP 800-90B, 4.4.1) for one bit of entropy a byte and a false alarm in 2^20 readings.
_MOST_EQUAL = const(20)


class RandomPool:
    """`seed` is what the flash held and holds no more; `label` differs from board to board and from run to run."""

    def __init__(
        self, seed: bytes, label: bytes, read_noise: "Callable[[bytearray], None]", ticks: "Callable[[], int]"
    ) -> None:
        self._read_noise = read_noise
        self._ticks = ticks
        self._count = 0
        self._raw = bytearray(_READ)
        self._state = mac.digest(b"pool" + seed + label)
        self.stuck = False  # the noise repeated one value when it was read last

    def draw(self) -> bytes:
        """32 new bytes."""
        self._read_noise(self._raw)
        self.stuck = is_stuck(self._raw)
        self._count += 1
        added = self._count.to_bytes(4, "little") + self._ticks().to_bytes(4, "little")
        self._state = mac.digest(self._state + self._raw + added)
        return mac.digest(b"out" + self._state)


def is_stuck(noise: "bytes | bytearray") -> bool:
    """Whether one value stands there 21 times in a row."""
    run = 0
    for at in range(1, len(noise)):
        run = run + 1 if noise[at] == noise[at - 1] else 0
        if run == _MOST_EQUAL:
            return True
    return False
