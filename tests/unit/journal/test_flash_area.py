"""Areas that are blank, damaged, unreadable or foreign are reported as such; none is erased without a request."""

import journal_store
from journal_store import STROKE_PL, Flash, boot, chance, fill, is_left_alone, tend, used
from plant.arithmetic import noise
from plant.parts import flash
from pump.journal import flash_area

REQUIREMENTS = ("L2", "L3")
_SIZE = 64 * 4096


def test_zeros():
    store = Flash()
    fill(store, 0, _SIZE, lambda at: 0)
    is_left_alone(store, flash_area.UNREADABLE)


def test_chance_bytes():
    store = Flash()
    fill(store, 0, _SIZE, chance())
    is_left_alone(store, flash_area.UNREADABLE)


def test_text():
    store = Flash()
    fill(store, 0, _SIZE, lambda at: 32 + at % 90)
    is_left_alone(store, flash_area.UNREADABLE)


def test_blank_headers_over_something():
    store = Flash()
    fill(store, 30 * 4096 + 32, 30 * 4096 + 200, chance())
    is_left_alone(store, flash_area.UNREADABLE)


def test_half_of_one_and_half_of_nothing_known():
    for begin, end in ((0, 32), (32, 64), (37, 51), (9, 37)):
        store = used()
        fill(store, begin * 4096, end * 4096, chance())
        store.operations = 0
        is_left_alone(store, flash_area.UNREADABLE)


def test_half_of_one_and_half_of_another():
    old = used()
    store = used()
    journal = boot(store)
    for number in range(60):
        journal_store.strokes(journal, 30)
        journal.save([number])
    store.data[: 9 * 4096], old.data[: 9 * 4096] = old.data[: 9 * 4096], store.data[: 9 * 4096]
    for mixed in (old, store):  # snapshots with more strokes than exist, and with far too few
        mixed.operations = 0
        is_left_alone(mixed, flash_area.UNREADABLE)


def test_parts_of_two_generations_of_a_ring():
    store = used()
    young = bytes(store.data)
    journal = boot(store)
    for number in range(200):
        journal.save([number])
        journal.tend(1000, True)
    store.data[:8192] = young[:8192]
    store.operations = 0
    is_left_alone(store, flash_area.UNREADABLE)


def _other(store, place, value):
    """Changes a byte of every header and corrects its checksum."""
    from pump.journal import crc16

    for sector in range(64):
        for at in (sector * 4096, sector * 4096 + 16):
            if store.data[at] != 0xFF:
                store.data[at + place] = value
                crc = crc16.of(store.data, at, at + 14, 0xFFFF)
                store.data[at + 14], store.data[at + 15] = crc & 255, crc >> 8


def test_another_version():
    store = used()
    _other(store, 4, 1)
    store.operations = 0
    is_left_alone(store, flash_area.FOREIGN)


def test_another_layout():
    store = used()
    _other(store, 13, 33)
    store.operations = 0
    is_left_alone(store, flash_area.FOREIGN)


def test_only_a_request_clears_it():
    store = Flash()
    fill(store, 0, _SIZE, chance())
    journal = is_left_alone(store, flash_area.UNREADABLE)
    journal.clear()
    assert journal.is_clearing and store.erases == 0 and not journal.write(2)
    assert not journal.tend(100, True) and not journal.tend(1000, False)
    for _ in range(65):
        assert journal.is_clearing and journal.tend(1000, True)
    assert not journal.is_clearing and journal.area == flash_area.BLANK and store.erases == 64
    assert not journal.conditions.has(journal_store.UNFIT) and journal.write(3)
    assert store.data[61 * 4096 :] == b"\xff" * (3 * 4096)


def test_a_log_is_cleared_sector_by_sector_and_all_else_stays():
    for count in (0, 10, 3000):  # a young ring, and rings that have gone round
        store = used()
        journal = boot(store)
        for number in range(count):
            assert journal.fault(7, number)
            journal.tend(1000, True)
        following = journal.next
        journal.clear()
        assert journal.is_clearing and journal.is_writable() and not journal.conditions.has(journal_store.UNFIT)
        assert journal.write(8, 1), "the next record is kept"
        erases = store.erases
        assert tend(journal) <= 14 + 10 + 2 and store.erases > erases and not journal.is_clearing
        assert journal.forced_erases <= 1
        for found in (journal, boot(store)):
            assert (found.oldest(), found.next) == (following, following + 1)
            assert found.read(following)[3:5] == (8, 1)
        assert found.snapshot == (0, 2, 3) and found.settings == (7, -8, 9)
        assert journal_store.since(found) == (10, 2, 500000, 0) and found.area == flash_area.SOUND


def test_a_log_that_is_cleared_and_cut_before_its_next_record_uses_no_number_twice():
    store = used()
    journal = boot(store)
    following = journal.next
    assert journal.save([0, 2, 3])
    journal.clear()
    tend(journal)
    assert boot(store).next == following


def _cleared_by_half(kept, operation, tear):
    """What is found after a clearing was cut in this operation."""
    store = Flash()
    store.data[:] = kept
    journal = boot(store)
    store.cut(operation, tear)
    try:
        journal.clear()
        tend(journal)
    except flash.PowerCut:
        return boot(store), store
    raise AssertionError("no cut")


def _long_used():
    """A flash whose rings of events and faults have gone round."""
    store = used()
    journal = boot(store)
    for number in range(2500):
        assert journal.fault(7, number)
        journal.tend(1000, True)
    return store


def test_clearing_a_log_that_is_cut_anywhere_loses_nothing_else():
    for kept in (bytes(used().data), bytes(_long_used().data)):
        for operation in range(0, 50, 3):
            for tear in flash.TEARS:
                try:
                    journal, store = _cleared_by_half(kept, operation, tear)
                except AssertionError:
                    assert operation > 25  # a young ring of events has so many operations
                    continue
                assert journal.recovered and journal.is_writable(), (operation, tear)
                assert journal.snapshot == (0, 2, 3) and journal.settings == (7, -8, 9), (operation, tear)
                assert journal.strokes_since == 10 and journal.uncertain == 0, (operation, tear)
                assert journal.write(3) and boot(store).read(journal.next - 1)[3] == 3


def test_clearing_a_foreign_area_that_is_cut_leaves_no_valid_one():
    store = used()
    _other(store, 4, 1)
    kept = bytes(store.data)
    for operation in (0, 1, 2, 7, 8, 9, 10, 30, 62, 63, 64, 70, 71, 72):
        for tear in flash.TEARS:
            journal, store = _cleared_by_half(kept, operation, tear)
            assert not journal.recovered, (operation, tear)
            assert journal.area != flash_area.BLANK or operation >= 71
    journal.clear()
    tend(journal)
    assert not boot(store).recovered and boot(store).is_writable()


def test_a_first_start_that_is_cut_is_begun_again():
    for operation in range(30):
        for tear in flash.TEARS:
            store = Flash(64, operation)
            store.cut(operation, tear)
            try:
                used(store)
                raise AssertionError
            except flash.PowerCut:
                pass
            journal = boot(store)
            assert journal.is_writable() and not journal.conditions.word, (operation, tear, journal.area)
            tend(journal)
            assert journal.write(3) and journal.save([operation]) and journal.intent(STROKE_PL)
        journal = boot(store)
        assert journal.snapshot == (operation,) and journal.strokes_since == journal.uncertain == 1


def test_a_supply_that_flickers_at_power_on_costs_nothing():
    source = noise.Noise(3, 2)
    for store in (used(), Flash()):
        total = boot(store).strokes_since
        for count in range(150):
            journal = boot(store)
            assert journal.is_writable()
            assert (journal.snapshot[0] if journal.snapshot else 0) + journal.strokes_since == total
            store.cut(source.below(3), flash.TEARS[source.below(4)])
            try:
                journal.write(1, journal.boots)
                if journal.recovered and total:
                    journal.save([total, count])
                store.uncut()
            except flash.PowerCut:
                pass
        store.uncut()
        assert boot(store).write(2) and boot(store).settings == ((7, -8, 9) if total else None)
        assert boot(store).read(boot(store).next - 1)[3] == 2


def test_a_flash_that_can_not_be_read_is_unreadable():
    from pump import defs, hal

    class Broken(Flash):
        def read(self, at, buffer):
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)

    assert boot(Broken()).area == flash_area.UNREADABLE


def _full():
    """A flash whose rings have all wrapped, except that of the events; and the number in its snapshot."""
    store = Flash()
    journal = boot(store)
    for number in range(28 * 254 // 60):
        journal_store.strokes(journal, 60)
        assert journal.save([number]) and journal.save_settings([number])
        journal.tend(1000, True)
    assert journal.forced_erases == 2, "the first strokes and their snapshot, before any `tend`"
    return store, number


def test_full_rings_with_the_newest_sector_torn():
    full, number = _full()
    for tear in flash.TEARS:
        for operation in (0, 1):  # the erase, and the header
            store = Flash()
            store.data[:] = full.data
            journal = boot(store)
            count = 0
            try:
                while True:
                    assert journal.intent(STROKE_PL) and journal.done()
                    count += 1
                    store.cut(operation, tear)
                    journal.tend(1000, True)
                    store.uncut()
            except flash.PowerCut:
                pass
            journal = boot(store)
            assert journal.area == flash_area.SOUND, (tear, operation)
            assert journal.snapshot == journal.settings == (number,), (tear, operation)
            assert journal.strokes_since == count and journal.uncertain == 0


def test_two_headers_that_no_cut_can_have_broken():
    store = used()
    for sector in (45, 50):
        fill(store, sector * 4096, sector * 4096 + 64, chance())
    store.operations = 0
    is_left_alone(store, flash_area.UNREADABLE)
