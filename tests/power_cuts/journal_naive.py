"""The baseline of the journal's figures: everything in one slot of the flash."""

from __future__ import annotations

import json
from typing import Any

from plant.parts import flash

_PL_PER_UL = 1_000_000


class Naive:
    """One slot with all data, erased and written again for each change."""

    def __init__(self, store: flash.Flash) -> None:
        self._store = store
        self.recovered = False
        self.boots = 0
        self.next = 1
        self.snapshot: Any = None
        self.settings: Any = None
        self._events: dict[int, tuple[int, ...]] = {}
        self._strokes_pl = 0
        self.uncertain = 0
        self.forced_erases = 0

    def recover(self) -> None:
        sector = bytearray(flash.BLOCK)
        self._store.read(0, sector)
        try:
            saved = json.loads(sector[: sector.index(0xFF)])
        except ValueError:
            saved = None
        if saved:
            self.recovered = True
            self.boots, self.next, snapshot, settings, events, self._strokes_pl, self.uncertain = saved
            self.snapshot, self.settings = (None if row is None else tuple(row) for row in (snapshot, settings))
            self._events = {int(number): tuple(row) for number, row in events.items()}
        self.boots += 1

    @property
    def since_ul(self) -> int:
        return self._strokes_pl // _PL_PER_UL

    @property
    def since_pl(self) -> int:
        return self._strokes_pl % _PL_PER_UL

    def oldest(self) -> int:
        return 1

    def read(self, sequence: int) -> tuple[int, ...]:
        return self._events.get(sequence, (sequence, 0, 0, 0, 0, 0))

    def _write(self) -> bool:
        events = dict(list(self._events.items())[-20:])
        row = [self.boots, self.next, self.snapshot, self.settings, events, self._strokes_pl, self.uncertain]
        text = json.dumps(row).encode()
        self._store.erase(0)
        for at in range(0, len(text), flash.PAGE):
            self._store.program(at, text[at : at + flash.PAGE].ljust(flash.PAGE, b"\xff"))
        return True

    def write(self, event: int, a: int = 0, b: int = 0) -> bool:
        self._events[self.next] = (self.next, 0, 0, event, a, b)
        self.next += 1
        return self._write()

    def intent(self, volume_pl: int) -> bool:
        self._strokes_pl += volume_pl
        self.uncertain = 1
        return self._write()

    def done(self) -> bool:
        self.uncertain = 0
        return self._write()

    def save(self, values: tuple[int, ...]) -> bool:
        self.snapshot, self._strokes_pl = values, 0
        return self._write()

    def save_settings(self, values: tuple[int, ...]) -> bool:
        self.settings = values
        return self._write()

    def tend(self, quiet_ms: int, supply_good: bool) -> bool:
        return False
