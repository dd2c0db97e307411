"""The journal over flash: what survives a reset, when sectors are erased, and failing writes."""

import journal_store
from journal_store import STROKE_PL, Flash, boot, since, strokes, tend, used
from plant.parts import flash
from pump import defs, hal
from pump.journal import flash_area, flash_ring, layout
from pump.journal.journal import MOST_NUMBERS

REQUIREMENTS = ("S6", "L1", "L2")


def test_without_flash_all_works_and_nothing_lasts():
    journal = boot(None)
    assert not journal.recovered and journal.boots == 0 and journal.area == flash_area.NONE
    assert journal.write(1) and journal.intent(STROKE_PL) and journal.done()
    assert journal.save([1]) and journal.save_settings([1])
    assert journal.read(1) == (1, 0, 0, 1, 0, 0)
    assert not journal.tend(1000, True) and not journal.lacks_erased and journal.conditions.word == 0
    journal.clear()
    assert not journal.is_clearing


def test_a_blank_area_is_reported_and_is_ready_after_some_erases():
    store = Flash()
    journal = boot(store)
    assert (journal.recovered, journal.area, journal.boots) == (False, flash_area.BLANK, 1)
    assert journal.lacks_erased and tend(journal) == 13 and not journal.lacks_erased
    assert store.erases == 13 and not journal.conditions.word
    journal = boot(store)
    assert (journal.recovered, journal.area, journal.boots) == (False, flash_area.SOUND, 1)


def test_all_is_there_after_a_reset():
    store = used()
    journal = boot(store)
    assert journal.recovered and journal.area == flash_area.SOUND and journal.damaged == 0 and journal.boots == 2
    assert journal.snapshot == (0, 2, 3) and journal.snapshot_found == flash_area.FOUND_NEWEST
    assert journal.settings == (7, -8, 9) and journal.settings_found == flash_area.FOUND_NEWEST
    assert since(journal) == (10, 2, 500000, 0)
    assert (journal.oldest(), journal.next) == (1, 21)
    for number in range(20):
        assert journal.read(number + 1) == (number + 1, 0, 0, number + 1, number, -number)
    assert journal.write(30) and journal.read(21)[3] == 30


def test_old_events_come_from_flash_and_the_oldest_go_first():
    store = Flash()
    journal = boot(store)
    most = 127 * layout.EVENTS[2]
    for number in range(1, 2 * most):
        assert journal.write(5, number, -number)
        journal.tend(1000, True)
        if number % 500 == 0:
            journal = boot(store)
    assert journal.forced_erases == 0
    journal = boot(store)
    assert journal.next == 2 * most
    kept = journal.next - journal.oldest()
    assert most - 2 * 127 <= kept <= most
    for sequence in list(range(journal.oldest(), journal.next, 61)) + [journal.next - 1]:
        assert journal.read(sequence) == (sequence, 0, 0, 5, sequence, -sequence)


def test_settings_go_round_for_ever_and_may_be_of_any_length():
    store = Flash()
    journal = boot(store)
    for number in range(1, 64):
        assert journal.save_settings(list(range(number)))
        journal.tend(1000, True)
        assert boot(store).settings == tuple(range(number))
    assert journal.forced_erases == 1  # the first, before any `tend`
    try:
        journal.save_settings([0] * 64)
        raise AssertionError
    except ValueError:
        pass


def test_settings_of_another_length_are_shown_and_not_taken():
    store = used()
    journal = boot(store, 4)
    assert journal.settings is None and journal.settings_raw == (7, -8, 9)
    assert journal.settings_found == flash_area.FOUND_OTHER_LENGTH and journal.recovered
    assert boot(store, 3).settings == (7, -8, 9)


def test_nothing_is_erased_in_a_hurry_or_on_a_falling_supply():
    store = Flash()
    journal = boot(store)
    assert not journal.tend(499, True) and not journal.tend(1000, False)
    assert not journal.write(1) and not journal.intent(STROKE_PL) and not journal.save([1]) and store.operations == 0
    assert journal.conditions.has(journal_store.UNFIT)
    assert journal.tend(500, True) and store.erases == 1
    assert journal.write(1) and journal.intent(STROKE_PL) and journal.done() and journal.save([1])
    assert not journal.conditions.has(journal_store.UNFIT)
    assert journal.forced_erases == 2  # one ring had a sector erased ahead, three were written to


def test_sectors_wear_alike():
    store = Flash()
    journal = boot(store)
    for number in range(20):
        strokes(journal, 254)
        for _ in range(8):
            journal.save([number])
            journal.tend(1000, True)
    for _, first, sectors, _, ahead in (layout.STROKES, layout.SNAPSHOTS):
        wear = store.wear[first : first + sectors]
        assert max(wear) - min(wear) <= 1, wear
        assert ahead < sectors - 2
    assert journal.forced_erases == 2  # the first of two rings, before any `tend`


def test_the_rings_share_the_area_without_a_gap():
    at = 0
    for _, first, sectors, size, _ in (
        layout.SNAPSHOTS, layout.STROKES, layout.EVENTS, layout.FAULTS, layout.SETTINGS,
    ):  # fmt: skip
        assert first == at and 256 % size == 0
        at += sectors
    assert at == 64 and layout.STROKES[3] == 16


def test_a_sector_that_is_still_needed_is_not_erased():
    store = Flash()
    ring = flash_ring.Ring(store, bytearray(b"\xff" * 256), (1, 0, 4, 256, 3))
    for _ in range(2 * 15):
        ring.program(ring.place(True), bytearray(256))
    assert ring.head == ring.ready == 1
    while ring.lacks():
        ring.prepare()
    assert ring.ready == 3, "not over sector 0 while it is the last but one"
    ring.keep_from = 0
    for _ in range(2 * 15):
        ring.program(ring.place(True), bytearray(256))
    assert not ring.lacks()
    try:
        ring.place(True)
        raise AssertionError
    except hal.PartError:
        assert store.erases == 4
    ring.keep_from = 1
    assert ring.lacks() and ring.place(True) == 256


def test_a_journal_without_a_bit_of_its_own_sets_none():
    condition_bits = journal_store.conditions.Conditions(0)
    store = Flash()
    store.data[:] = bytes(len(store.data))
    journal = journal_store.Journal(store, journal_store.uptime.Uptime(0), condition_bits)
    assert journal.recover() is False and not journal.write(1) and condition_bits.word == 0
    store = used()
    journal = journal_store.Journal(store, journal_store.uptime.Uptime(0), condition_bits)
    assert journal.recover() and journal.settings == (7, -8, 9)


def test_of_the_rings_that_lack_a_sector_the_one_with_the_fewest_is_tended_first():
    store = Flash()
    journal = boot(store)
    for _ in range(5):
        assert journal.tend(1000, True)
    rings = (layout.SNAPSHOTS, layout.STROKES, layout.EVENTS, layout.FAULTS, layout.SETTINGS)
    assert [store.wear[first] for _, first, _, _, _ in rings] == [1, 1, 1, 1, 1]


def test_a_snapshot_takes_so_many_numbers_and_no_more():
    journal = boot(used())
    most = MOST_NUMBERS
    assert journal.save(list(range(most))) and boot(journal._store).snapshot == tuple(range(most))
    try:
        journal.save([0] * (most + 1))
        raise AssertionError
    except ValueError:
        pass


def test_what_is_found_has_a_number_of_its_own():
    areas = (flash_area.NONE, flash_area.BLANK, flash_area.SOUND, flash_area.DAMAGED, flash_area.UNREADABLE)
    told = (defs.AREA_NONE, defs.AREA_BLANK, defs.AREA_SOUND, defs.AREA_DAMAGED, defs.AREA_UNREADABLE)
    assert areas == told and flash_area.FOREIGN == defs.AREA_FOREIGN and len(set(told + (defs.AREA_FOREIGN,))) == 6
    rings = (flash_ring.EMPTY, flash_ring.SOUND, flash_ring.UNREADABLE, flash_ring.FOREIGN)
    assert len(set(rings)) == 4
    found = (flash_area.FOUND_NOTHING, flash_area.FOUND_NEWEST, flash_area.FOUND_OLDER, flash_area.FOUND_OTHER_LENGTH)
    assert len(set(found)) == 4


def test_an_erase_ahead_of_need_that_fails_is_reported():
    store = Flash()
    journal = boot(store)
    store.refusals = 1
    assert not journal.tend(1000, True) and journal.conditions.has(journal_store.UNFIT)
    assert tend(journal) == 13 and journal.write(1) and journal.intent(STROKE_PL) and journal.save([1])
    assert not journal.conditions.has(journal_store.UNFIT)


def _flooded(faults, others):
    """A flash with so many faults, and behind each of them so many other events."""
    store = Flash()
    journal = boot(store)
    numbers = []
    for number in range(faults):
        numbers.append(journal.next)
        assert journal.fault(3, number)
        for _ in range(others):
            assert journal.write(5)
        journal.tend(1000, True)
    return store, journal, numbers


def test_a_flood_of_other_events_pushes_no_fault_out_of_the_log():
    store, journal, numbers = _flooded(60, 100)
    for found in (journal, boot(store)):
        assert found.oldest() > numbers[40] and found.following(0) == numbers[0] == 1
        for number, sequence in enumerate(numbers):
            assert found.read(sequence)[3:5] == (3, number)
            assert found.following(sequence) == sequence
            if sequence + 1 < found.oldest():
                assert found.following(sequence + 1) == min(numbers[number + 1], found.oldest())


def test_a_thousand_faults_are_kept_and_the_oldest_go_first():
    store, journal, numbers = _flooded(1500, 2)
    found = boot(store)
    kept = [sequence for sequence in numbers if found.following(sequence) == sequence]
    assert 1000 <= len(kept) < 1500 and kept == numbers[-len(kept) :]
    assert found.following(0) == kept[0] < found.oldest()


def test_a_fault_that_is_cut_between_its_two_rings_is_found_and_its_number_is_not_used_again():
    for operation in (0, 1):
        for tear in flash.TEARS:
            store = used()
            journal = boot(store)
            tend(journal)
            assert journal.fault(3, 1)
            sequence = journal.next
            store.cut(operation, tear)
            try:
                journal.fault(3, 2)
                raise AssertionError
            except flash.PowerCut:
                pass
            store.uncut()
            found = boot(store)
            if operation:
                assert found.read(sequence)[3:5] == (3, 2), tear
                assert found.next > sequence
            assert found.fault(3, 4) and found.read(found.next - 1)[3:5] == (3, 4)


def test_a_ring_of_faults_that_fails_is_reported_and_the_event_is_kept():
    store = used()
    journal = boot(store)
    tend(journal)
    store.refusals = 1
    assert journal.fault(3, 1) is False and journal.conditions.has(journal_store.UNFIT)
    assert boot(store).read(journal.next - 1)[3:5] == (3, 1)
    journal.retry()
    assert not journal.conditions.has(journal_store.UNFIT) and journal.next == 22
    assert boot(store)._faults.following(0)[:1] == (21,)
    store.refusals = 2
    assert journal.fault(3, 2) is False
    store.refusals = 1
    journal.retry()  # the ring of faults takes it, that of events not yet
    assert journal.conditions.has(journal_store.UNFIT)
    journal.retry()
    assert not journal.conditions.has(journal_store.UNFIT)
    assert boot(store).read(22)[3:5] == (3, 2) and journal.fault(3, 3) is True
    assert boot(None).fault(3, 1) is True
