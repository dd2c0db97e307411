"""The journal with damaged, torn or misplaced records: told, passed over, and never taken for others (L3)."""

from journal_store import boot, since, tend, used
from plant.parts import flash
from pump.journal import flash_area, layout as journal_layout

REQUIREMENTS = ("L3",)


def test_a_damaged_stroke_counts_and_is_told():
    store = used()
    at = _last_stroke(store)
    store.data[at] ^= 4
    book = boot(store)
    assert book.area == flash_area.DAMAGED and book.damaged == 1 and book.recovered
    assert since(book) == (10, 2, 500000, 0)


def _last_stroke(store):
    """Where the newest stroke lies: behind it all is blank."""
    at = (journal_layout.STROKES[1] + 1) * 4096
    while store.data[at - 16 : at] == b"\xff" * 16:
        at -= 16
    return at - 16


def test_an_event_that_is_damaged_is_told_and_the_others_are_found():
    store = used()
    at = journal_layout.EVENTS[1] * 4096 + 32 * 5
    store.data[at + 20] ^= 1
    book = boot(store)
    rows = [book.read(sequence) for sequence in range(1, 21)]
    assert rows[4] == (5, 0, 0, 0, 0, 0)
    assert [row[3] for row in rows if row[0] != 5] == [number for number in range(1, 21) if number != 5]


def test_events_that_did_not_reach_the_flash_leave_gaps_that_are_told():
    store = used()
    book = boot(store)
    store.refusals = 3
    assert [book.write(9) for _ in range(5)] == [False, False, False, True, True]
    assert book.conditions.word == 0, "the fact goes with the next success"
    book = boot(store)
    assert book.next == 26
    assert [book.read(sequence)[3] for sequence in range(19, 26)] == [19, 20, 0, 0, 0, 9, 9]


def test_the_older_settings_count_when_the_newest_are_torn():
    for tear, found in ((flash.TEAR_NONE, False), (flash.TEAR_SUBSET, True), (flash.TEAR_HALF, None)):
        store = used()
        book = boot(store)
        store.cut(0, tear)
        try:
            book.save_settings(list(range(60)))
        except flash.PowerCut:
            pass
        book = boot(store)
        assert book.settings == (7, -8, 9)
        assert found is None or book.settings_fell_back == found
        assert book.save_settings([1]) and boot(store).settings == (1,) and not boot(store).settings_fell_back


def _next_event():
    """Where the next event of a `used` flash will lie: after the header and 20 of them."""
    return journal_layout.EVENTS[1] * 4096 + 32 * 21


def test_a_slot_that_is_not_blank_is_passed_over():
    for place in range(16, 32):  # behind what the search for the end looks at
        store = used()
        store.data[_next_event() + place] ^= 8
        book = boot(store)
        assert book.write(40, 1, 2) and book.write(41)
        book = boot(store)
        assert [book.read(sequence)[3] for sequence in (20, 21, 22)] == [20, 40, 41]


def test_the_number_and_the_boot_of_a_lost_event_are_not_given_again():
    store = used()
    book = boot(store)
    assert book.boots == 2 and book.write(40)
    store.data[_next_event() + 30] ^= 1  # not of the record
    assert boot(store).next == 22
    store.data[_next_event() + 3] ^= 1
    book = boot(store)
    assert (book.next, book.boots, book.damaged) == (22, 3, 1)


def test_a_record_in_another_ones_place_is_none():
    store = used()
    at = _next_event()
    store.data[at : at + 32] = bytes(store.data[at - 32 : at])
    book = boot(store)
    assert book.damaged == 1 and book.next == 22
    assert book.read(21)[3] == 0 and book.read(20)[3] == 20


def test_what_memory_has_is_read_from_there():
    store = used()
    book = boot(store)
    for number in range(200):
        assert book.write(50, number)
        book.tend(1000, True)
    first, last = journal_layout.EVENTS[1], journal_layout.EVENTS[1] + journal_layout.EVENTS[2]
    for at in range(first * 4096 + 32, last * 4096):
        store.data[at] &= 0xFE  # every record of the flash is damaged
    assert [book.read(sequence)[3] for sequence in (book.next - 129, book.next - 128, book.next - 1)] == [0, 50, 50]


def test_each_thing_that_is_damaged_counts_once():
    layout = journal_layout
    offsets = {"events": 20 * 32, "snapshots": 0, "settings": 2 * 256}
    for name, ring in (("events", layout.EVENTS), ("snapshots", layout.SNAPSHOTS), ("settings", layout.SETTINGS)):
        store = used()
        book = boot(store)
        assert book.save_settings([1]) and book.save([1, 2])
        at = ring[1] * 4096 + offsets[name]
        if name == "snapshots":  # the newest of them
            at += (book._snapshot_ring.slot - 1) * 256
        store.data[at + 4] ^= 1
        book = boot(store)
        assert book.area == flash_area.DAMAGED and book.damaged == 1, name
        assert (book.snapshot_found == flash_area.FOUND_OLDER) == (name == "snapshots")
        assert book.settings_fell_back == (name == "settings")
    store = used()
    store.data[journal_layout.STROKES[1] * 4096 + 5] ^= 1  # of a header's first copy
    book = boot(store)
    assert book.area == flash_area.DAMAGED and book.damaged == 1


def test_a_bit_that_has_flipped_in_a_blank_slot_hides_nothing_that_is_written_later():
    for ahead in range(9):
        for place in (0, 15, 16, 100, 255):
            store = used()
            book = boot(store)
            tend(book)
            for ring in (book._settings_ring, book._snapshot_ring):
                store.data[ring.place_of(ring.head, ring.slot + ahead) + place] ^= 8
            for number in range(12):
                assert book.save_settings([number]) and book.save([number])
                book.tend(1000, True)
            book = boot(store)
            assert (book.settings, book.snapshot) == ((11,), (11,)), (ahead, place)
