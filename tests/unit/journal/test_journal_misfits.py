"""Rings that are sound but contradict each other: the area is unreadable and not written to (L3)."""

from journal_store import Flash, boot, fill, is_left_alone, strokes, tend, used
from pump.journal import flash_area, layout

REQUIREMENTS = ("L3",)


def _unreadable(store):
    store.operations = 0
    is_left_alone(store, flash_area.UNREADABLE)


def _with_snapshot(store, change):
    """Writes the newest snapshot again with other numbers."""
    pages = boot(store)._snapshots
    numbers = change(list(pages.numbers()))
    pages.resize(len(numbers))
    for index, number in enumerate(numbers):
        pages.put(index, number)
    pages.save(True)
    return store


def _at(sector, slot=2):
    return lambda numbers: [sector, slot] + numbers[2:]


def test_a_snapshot_that_is_too_short_for_its_own_numbers():
    _unreadable(_with_snapshot(used(), lambda numbers: numbers[: layout.OWN - 1]))
    journal = boot(_with_snapshot(used(), lambda numbers: numbers[: layout.OWN]))
    assert journal.area == flash_area.SOUND and journal.snapshot == ()


def test_strokes_of_a_second_sector_without_any_snapshot():
    store = Flash()
    journal = boot(store)
    tend(journal)
    strokes(journal, 255)  # a sector has 254
    assert journal._stroke_ring.head == 1
    fill(store, 0, layout.SNAPSHOTS[2] * 4096, lambda at: 0xFF)
    _unreadable(store)


def test_a_snapshot_with_strokes_that_do_not_exist():
    for sector, slot, fits in ((0, 12, True), (0, 13, False), (1, 2, False)):  # 10 strokes after the header
        store = _with_snapshot(used(), _at(sector, slot))
        if fits:
            assert boot(store).area == flash_area.SOUND
        else:
            _unreadable(store)


def _gone_round():
    """Strokes in every sector of their ring, whose oldest sectors were erased; returns its tail."""
    store = used()
    journal = boot(store)
    ring = journal._stroke_ring
    for sector in range(1, ring.sectors + 2):
        while ring.ready < sector:
            ring.prepare()
        ring.slot = ring.slots  # as if the previous sector were full
        strokes(journal, 1)
        assert journal.save([sector])
    assert ring.head > ring.sectors
    return store, ring.tail


def test_a_snapshot_that_is_older_than_the_strokes_that_are_kept():
    store, tail = _gone_round()
    assert boot(store).area == flash_area.SOUND
    _unreadable(_with_snapshot(store, _at(tail - 2)))
