"""Turns the changes of light and sound into pulses with their times, and into bursts of pulses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

BURST_GAP_MS = 1500  # in one burst, pulses follow each other within a second


class Pulse(NamedTuple):
    """One on-time: its beginning in device time, and its exact length."""

    rise_ms: int
    length_ms: int


def pulses(changes: Iterable[tuple[int, str, int]], name: str) -> list[Pulse]:
    """The complete pulses of red, yellow or tone, without one that began before the first change or is still on."""
    found = []
    rise_ms = None
    for ms, output, on in changes:
        if output == name and on:
            rise_ms = ms
        elif output == name and rise_ms is not None:
            found.append(Pulse(rise_ms, ms - rise_ms))
            rise_ms = None
    return found


def bursts(found: Iterable[Pulse]) -> list[list[Pulse]]:
    """Groups pulses into bursts, by the pauses between them."""
    groups: list[list[Pulse]] = []
    fell_ms = None
    for pulse in found:
        if fell_ms is None or pulse.rise_ms - fell_ms > BURST_GAP_MS:
            groups.append([])
        groups[-1].append(pulse)
        fell_ms = pulse.rise_ms + pulse.length_ms
    return groups
