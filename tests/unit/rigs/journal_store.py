"""A journal over the simulated flash, as the tests start it; and flash that refuses."""

from plant.arithmetic import noise
from plant.parts import flash
from pump import defs, hal
from pump.core import conditions, uptime
from pump.journal import journal

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
    """A journal after power-on; `facts` of it are the conditions."""
    facts = conditions.Conditions(0)
    book = journal.Journal(store, uptime.Uptime(0), facts, UNFIT)
    book.facts = facts
    if store:
        store.bytes_read = 0
    book.recover(settings_count)
    if store:
        assert store.bytes_read <= 2 * 4096, store.bytes_read
    return book


def tend(book):
    """Erases all that is wanted; how many."""
    count = 0
    while book.tend(1000, True):
        count += 1
    return count


def since(book):
    """Strokes since the snapshot, their volume in uL and pL, and how many of them are uncertain."""
    return book.strokes_since, book.since_ul, book.since_pl, book.uncertain


def strokes(book, count, volume_pl=STROKE_PL):
    for _ in range(count):
        assert book.intent(volume_pl) and book.done()
        book.tend(1000, True)


def used(store=None):
    """A flash with some strokes, events, a snapshot and settings in it."""
    store = store or Flash()
    book = boot(store)
    tend(book)
    for number in range(20):
        assert book.write(1 + number, number, -number)
    assert book.save_settings([7, -8, 9])
    assert book.save([0, 2, 3])
    strokes(book, 10)
    return store


def fill(store, begin, end, make):
    for at in range(begin, end):
        store.data[at] = make(at)


def chance(seed=5):
    """A function of chance bytes."""
    source = noise.Noise(seed, 1)
    return lambda at: source.below(1000) % 256


def is_left_alone(store, area):
    """The area has this name, and whatever the pump does, not a bit of it changes."""
    before = bytes(store.data)
    book = boot(store)
    assert book.area == area and not book.recovered and book.boots == 0, book.area
    assert book.facts.has(UNFIT)
    assert not book.write(1, 2, 3) and book.read(1) == (1, 0, 0, 1, 2, 3)
    assert not book.intent(STROKE_PL) and not book.done() and not book.save([1]) and not book.save_settings([1])
    assert not book.tend(10000, True) and not book.lacks_erased
    assert store.operations == 0 and store.data == before
    return book
