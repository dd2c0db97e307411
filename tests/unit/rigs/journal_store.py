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
    condition_bits = conditions.Conditions(0)
    made = journal.Journal(store, uptime.Uptime(0), condition_bits, UNFIT)
    made.conditions = condition_bits
    if store:
        store.bytes_read = 0
    made.recover(settings_count)
    if store:
        assert store.bytes_read <= 2 * 4096, store.bytes_read
    return made


def tend(made):
    """Erases all that is wanted; how many."""
    count = 0
    while made.tend(1000, True):
        count += 1
    return count


def since(made):
    """Strokes since the snapshot, their volume in uL and pL, and how many of them are uncertain."""
    return made.strokes_since, made.since_ul, made.since_pl, made.uncertain


def strokes(made, count, volume_pl=STROKE_PL):
    for _ in range(count):
        assert made.intent(volume_pl) and made.done()
        made.tend(1000, True)


def used(store=None):
    """A flash with some strokes, events, a snapshot and settings in it."""
    store = store or Flash()
    made = boot(store)
    tend(made)
    for number in range(20):
        assert made.write(1 + number, number, -number)
    assert made.save_settings([7, -8, 9])
    assert made.save([0, 2, 3])
    strokes(made, 10)
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
    made = boot(store)
    assert made.area == area and not made.recovered and made.boots == 0, made.area
    assert made.conditions.has(UNFIT)
    assert not made.write(1, 2, 3) and made.read(1) == (1, 0, 0, 1, 2, 3)
    assert not made.intent(STROKE_PL) and not made.done() and not made.save([1]) and not made.save_settings([1])
    assert not made.tend(10000, True) and not made.needs_erase and not made.lacks_erased
    assert store.operations == 0 and store.data == before
    return made
