"""What a bench test has in its hands: a pump, a world, time that passes, and a book for what was measured."""

from bench.bench import Bench, alarm
from bench.evidence import Evidence

__all__ = ["Bench", "Evidence", "alarm"]
