"""The tools of a bench test: a pump, its world, time, and the record of measurements.

    bench.py        Bench: talk to the pump, let time pass, change the world, read the ground truth
    dut.py          Dut: what a target provides to a Bench
    annunciator.py  finds pulses and bursts in the changes of light and sound
    evidence.py     the measurements of a run, with their limits
    job_symbols.py  the jobs of the firmware and their addresses in an image
"""

from bench.annunciator import Pulse, bursts, pulses
from bench.bench import Bench, alarm, strokes_due
from bench.evidence import Evidence

__all__ = ["Bench", "Evidence", "Pulse", "alarm", "bursts", "pulses", "strokes_due"]
