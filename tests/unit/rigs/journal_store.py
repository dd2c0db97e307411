"""A journal over the simulated flash, and a flash whose operations fail."""

from plant.arithmetic import noise
from plant.parts import flash
from pump import defs, hal
from pump.core import conditions, uptime
from pump.journal.journal import Journal

UNFIT = 1
STROKE_PL = 250000


class Flash(flash.Flash):
    """The simulated flash. Fault: the next `refusals` operations change nothing and raise."""

    refusals = 0

    def program(self, at, page):
        self._refuse()
        super().program(at, page)

    def erase(self, at):
        self._refuse()
        super().erase(at)

    def _refuse(self):
        if self.refusals:
            self.refusals -= 1
            raise hal.PartError(defs.FAULT_NOT_CONFIRMED)


def boot(store, settings_count=0):
    """A journal after power-on; `conditions` has the bits that it sets."""
    flags = conditions.Conditions(0)
    journal = Journal(store, uptime.Uptime(0), flags, UNFIT)
    journal.conditions = flags
    if store:
        store.bytes_read = 0
    journal.recover(settings_count)
    if store:
        assert store.bytes_read <= 2 * 4096, store.bytes_read
    return journal


def tend(journal):
    """Erases all sectors that should be erased ahead; returns how many."""
    count = 0
    while journal.tend(1000, True):
        count += 1
    return count


def since(journal):
    """Strokes since the snapshot, their volume in uL and pL, and the number of uncertain ones."""
    return journal.strokes_since, journal.since_ul, journal.since_pl, journal.uncertain


def strokes(journal, count, volume_pl=STROKE_PL):
    for _ in range(count):
        assert journal.intent(volume_pl) and journal.done()
        journal.tend(1000, True)


def used(store=None):
    """A flash with some strokes, events, a snapshot and settings in it."""
    store = store or Flash()
    journal = boot(store)
    tend(journal)
    for number in range(20):
        assert journal.write(1 + number, number, -number)
    assert journal.save_settings([7, -8, 9])
    assert journal.save([0, 2, 3])
    strokes(journal, 10)
    return store


def fill(store, begin, end, make):
    for at in range(begin, end):
        store.data[at] = make(at)


def chance(seed=5):
    """A function that returns random bytes."""
    source = noise.Noise(seed, 1)
    return lambda at: source.below(1000) % 256


def is_left_alone(store, area):
    """Asserts that the area is recognised as this kind, and that no call changes a bit of it."""
    before = bytes(store.data)
    journal = boot(store)
    assert journal.area == area and not journal.recovered and journal.boots == 0, journal.area
    assert journal.conditions.has(UNFIT)
    assert not journal.write(1, 2, 3) and journal.read(1) == (1, 0, 0, 1, 2, 3)
    assert not journal.intent(STROKE_PL) and not journal.done()
    assert not journal.save([1]) and not journal.save_settings([1])
    assert not journal.tend(10000, True) and not journal.lacks_erased
    assert store.operations == 0 and store.data == before
    return journal
