"""Damaged, torn or misplaced records are reported and skipped, and never read as others (L3)."""

from journal_store import boot, since, tend, used
from plant.parts import flash
from pump.journal import flash_area, layout as journal_layout

REQUIREMENTS = ("L3",)


def test_a_damaged_stroke_counts_and_is_reported():
    store = used()
    at = _last_stroke(store)
    store.data[at] ^= 4
    journal = boot(store)
    assert journal.area == flash_area.DAMAGED and journal.damaged == 1 and journal.recovered
    assert since(journal) == (10, 2, 500000, 0)


def _last_stroke(store):
    """The address of the newest stroke: all after it is blank."""
    at = (journal_layout.STROKES[1] + 1) * 4096
    while store.data[at - 16 : at] == b"\xff" * 16:
        at -= 16
    return at - 16


def test_an_event_that_is_damaged_is_reported_and_the_others_are_found():
    store = used()
    at = journal_layout.EVENTS[1] * 4096 + 32 * 5
    store.data[at + 20] ^= 1
    journal = boot(store)
    rows = [journal.read(sequence) for sequence in range(1, 21)]
    assert rows[4] == (5, 0, 0, 0, 0, 0)
    assert [row[3] for row in rows if row[0] != 5] == [number for number in range(1, 21) if number != 5]


def test_events_that_did_not_reach_the_flash_leave_gaps_that_are_reported():
    store = used()
    journal = boot(store)
    store.refusals = 3
    assert [journal.write(9) for _ in range(5)] == [False, False, False, True, True]
    assert journal.conditions.word == 0, "the next successful write clears the condition"
    journal = boot(store)
    assert journal.next == 26
    assert [journal.read(sequence)[3] for sequence in range(19, 26)] == [19, 20, 0, 0, 0, 9, 9]


def test_the_older_settings_count_when_the_newest_are_torn():
    for tear, found in ((flash.TEAR_NONE, False), (flash.TEAR_SUBSET, True), (flash.TEAR_HALF, None)):
        store = used()
        journal = boot(store)
        store.cut(0, tear)
        try:
            journal.save_settings(list(range(60)))
        except flash.PowerCut:
            pass
        journal = boot(store)
        assert journal.settings == (7, -8, 9)
        assert found is None or (journal.settings_found == flash_area.FOUND_OLDER) == found
        assert journal.save_settings([1]) and boot(store).settings == (1,)
        assert boot(store).settings_found == flash_area.FOUND_NEWEST


def _next_event():
    """The address of the next event in a `used` flash, after the header and 20 events."""
    return journal_layout.EVENTS[1] * 4096 + 32 * 21


def test_a_slot_that_is_not_blank_is_passed_over():
    for place in range(16, 32):  # after the bytes that the search for the end reads
        store = used()
        store.data[_next_event() + place] ^= 8
        journal = boot(store)
        assert journal.write(40, 1, 2) and journal.write(41)
        journal = boot(store)
        assert [journal.read(sequence)[3] for sequence in (20, 21, 22)] == [20, 40, 41]


def test_the_number_and_the_boot_of_a_damaged_event_are_not_used_again():
    store = used()
    journal = boot(store)
    assert journal.boots == 2 and journal.write(40)
    store.data[_next_event() + 30] ^= 1  # outside the record
    assert boot(store).next == 22
    store.data[_next_event() + 3] ^= 1
    journal = boot(store)
    assert (journal.next, journal.boots, journal.damaged) == (22, 3, 1)


def test_a_record_in_another_ones_place_is_none():
    store = used()
    at = _next_event()
    store.data[at : at + 32] = bytes(store.data[at - 32 : at])
    journal = boot(store)
    assert journal.damaged == 1 and journal.next == 22
    assert journal.read(21)[3] == 0 and journal.read(20)[3] == 20


def test_what_memory_has_is_read_from_there():
    store = used()
    journal = boot(store)
    for number in range(200):
        assert journal.write(50, number)
        journal.tend(1000, True)
    first, last = journal_layout.EVENTS[1], journal_layout.EVENTS[1] + journal_layout.EVENTS[2]
    for at in range(first * 4096 + 32, last * 4096):
        store.data[at] &= 0xFE  # every record of the flash is damaged
    numbers = (journal.next - 129, journal.next - 128, journal.next - 1)
    assert [journal.read(sequence)[3] for sequence in numbers] == [0, 50, 50]


def test_each_thing_that_is_damaged_counts_once():
    layout = journal_layout
    offsets = {"events": 20 * 32, "snapshots": 0, "settings": 2 * 256}
    for name, ring in (("events", layout.EVENTS), ("snapshots", layout.SNAPSHOTS), ("settings", layout.SETTINGS)):
        store = used()
        journal = boot(store)
        assert journal.save_settings([1]) and journal.save([1, 2])
        at = ring[1] * 4096 + offsets[name]
        if name == "snapshots":  # the newest of them
            at += (journal._snapshot_ring.slot - 1) * 256
        store.data[at + 4] ^= 1
        journal = boot(store)
        assert journal.area == flash_area.DAMAGED and journal.damaged == 1, name
        assert (journal.snapshot_found == flash_area.FOUND_OLDER) == (name == "snapshots")
        assert (journal.settings_found == flash_area.FOUND_OLDER) == (name == "settings")
    store = used()
    store.data[journal_layout.STROKES[1] * 4096 + 5] ^= 1  # of a header's first copy
    journal = boot(store)
    assert journal.area == flash_area.DAMAGED and journal.damaged == 1


def test_a_bit_that_has_flipped_in_a_blank_slot_hides_nothing_that_is_written_later():
    for ahead in range(9):
        for place in (0, 15, 16, 100, 255):
            store = used()
            journal = boot(store)
            tend(journal)
            for ring in (journal._settings_ring, journal._snapshot_ring):
                store.data[ring.place_of(ring.head, ring.slot + ahead) + place] ^= 8
            for number in range(12):
                assert journal.save_settings([number]) and journal.save([number])
                journal.tend(1000, True)
            journal = boot(store)
            assert (journal.settings, journal.snapshot) == ((11,), (11,)), (ahead, place)
