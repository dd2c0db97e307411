"""What a bench test has in its hands: a pump, a world, time that passes, and a book for what was measured."""

from bench.bench import Bench, alarm, strokes_due
from bench.evidence import Evidence
from bench.lamps import Pulse, bursts, pulses

__all__ = ["Bench", "Evidence", "Pulse", "alarm", "bursts", "pulses", "strokes_due"]
