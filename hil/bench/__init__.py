"""What a bench test has in its hands: a pump, a world, time that passes, and a book for what was measured."""

from bench.annunciator import Pulse, bursts, pulses
from bench.bench import Bench, alarm, strokes_due
from bench.evidence import Evidence

__all__ = ["Bench", "Evidence", "Pulse", "alarm", "bursts", "pulses", "strokes_due"]
