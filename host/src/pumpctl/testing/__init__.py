"""Bench tests with pytest: a pump, its world, time, and the record of measurements. The plugin is `plugin.py`.

    plugin.py       options, markers and fixtures for pytest
    bench.py        Bench: talk to the pump, let time pass, change the world, read the ground truth
    dut.py          Dut: what a target provides to a Bench
    targets/        unix, emulated, pico
    annunciator.py  finds pulses and bursts in the changes of light and sound
    evidence.py     the measurements of a run, with their limits; compares runs
    history.py      a page of all runs
    job_symbols.py  the jobs of the firmware and their addresses in an image
    new_test.py     the file that `pumpctl bench new-test` writes
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pumpctl.testing.annunciator import Pulse, bursts, pulses
    from pumpctl.testing.bench import Bench, alarm, strokes_due
    from pumpctl.testing.evidence import Evidence

__all__ = ["Bench", "Evidence", "Pulse", "alarm", "bursts", "pulses", "strokes_due"]

_MODULES = {
    "annunciator": ("Pulse", "bursts", "pulses"),
    "bench": ("Bench", "alarm", "strokes_due"),
    "evidence": ("Evidence",),
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: pytest loads the plugin in every session, also in one without a bench."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"pumpctl.testing.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
