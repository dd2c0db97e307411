"""The journal over flash: what lasts, what is shown after a reset, what is never erased, what refuses."""

import journal_store
from journal_store import STROKE_PL, Flash, boot, strokes, tend, used
from plant import flash
from pump import flash_area, flash_ring, hal, journal_layout, stroke_log

REQUIREMENTS = ("S6", "L1", "L3", "L4")


def _since(book):
    return book.strokes_since, book.since_ul, book.since_pl, book.uncertain


def test_without_flash_all_works_and_nothing_lasts():
    book = boot(None)
    assert not book.recovered and book.boots == 0 and book.area == flash_area.NONE
    assert book.write(1) and book.intent(STROKE_PL) and book.done() and book.save([1]) and book.save_settings([1])
    assert book.read(1) == (1, 0, 0, 1, 0, 0)
    assert not book.tend(1000, True) and not book.needs_erase and book.facts.word == 0
    book.clear()
    assert not book.is_clearing


def test_a_blank_area_is_told_and_is_ready_after_some_erases():
    store = Flash()
    book = boot(store)
    assert (book.recovered, book.area, book.boots) == (False, flash_area.BLANK, 1)
    assert book.needs_erase and tend(book) == 12 and not book.needs_erase
    assert store.erases == 12 and not book.facts.word
    book = boot(store)
    assert (book.recovered, book.area, book.boots) == (False, flash_area.SOUND, 1)


def test_all_is_there_after_a_reset():
    store = used()
    book = boot(store)
    assert book.recovered and book.area == flash_area.SOUND and book.damaged == 0 and book.boots == 2
    assert book.snapshot == (0, 2, 3) and book.snapshot_found == flash_area.FOUND_NEWEST
    assert book.settings == (7, -8, 9) and not book.settings_fell_back
    assert _since(book) == (10, 2, 500000, 0)
    assert (book.oldest(), book.next) == (1, 21)
    for number in range(20):
        assert book.read(number + 1) == (number + 1, 0, 0, number + 1, number, -number)
    assert book.write(30) and book.read(21)[3] == 30


def test_an_intent_without_done_is_uncertain_until_a_snapshot_holds_it():
    store = used()
    assert boot(store).intent(STROKE_PL)
    for _ in range(3):
        book = boot(store)
        assert _since(book) == (11, 2, 750000, 1)
    book.save([4])
    assert _since(boot(store)) == (0, 0, 0, 0)


def test_a_snapshot_during_a_stroke_does_not_hide_that_it_is_uncertain():
    store = used()
    book = boot(store)
    assert book.intent(STROKE_PL) and book.save([5])
    assert _since(boot(store)) == (0, 0, 0, 1)
    assert book.done()
    assert _since(boot(store)) == (0, 0, 0, 0)


def test_strokes_are_counted_on_when_nobody_saves():
    store = Flash()
    book = boot(store)
    assert book.save([9, 8])
    strokes(book, 700)
    book.intent(STROKE_PL)
    book.intent(STROKE_PL)
    strokes(book, 3 * stroke_log.CARRY_STROKES)
    total = 702 + 3 * stroke_log.CARRY_STROKES
    book = boot(store)
    assert book.snapshot == (9, 8) and _since(book) == (total, total // 4, total % 4 * 250000, 2)
    strokes(book, 300)
    assert boot(store).strokes_since == total + 300


def test_a_stroke_before_any_snapshot_is_counted():
    store = Flash()
    book = boot(store)
    strokes(book, 3, 100000)
    book = boot(store)
    assert book.recovered and book.snapshot == () and _since(book) == (3, 0, 300000, 0)


def test_strokes_may_change_their_size():
    store = used()
    book = boot(store)
    for volume_pl in (100000, 500000, 110000, 105000, 100000, 499999):
        strokes(book, 2, volume_pl)
    book = boot(store)
    assert book.since_ul * 1000000 + book.since_pl == 2500000 + 2 * 1414999


def test_a_damaged_stroke_counts_and_is_told():
    store = used()
    at = _last_stroke(store)
    store.data[at] ^= 4
    book = boot(store)
    assert book.area == flash_area.DAMAGED and book.damaged == 1 and book.recovered
    assert _since(book) == (10, 2, 500000, 0)


def _last_stroke(store):
    """Where the newest stroke lies: behind it all is blank."""
    at = (journal_layout.STROKES[1] + 1) * 4096
    while store.data[at - 16 : at] == b"\xff" * 16:
        at -= 16
    return at - 16


def test_old_events_come_from_flash_and_the_oldest_go_first():
    store = Flash()
    book = boot(store)
    most = 127 * 20
    for number in range(1, 2 * most):
        assert book.write(5, number, -number)
        book.tend(1000, True)
        if number % 500 == 0:
            book = boot(store)
    assert book.forced_erases == 0
    book = boot(store)
    assert book.next == 2 * most
    kept = book.next - book.oldest()
    assert most - 2 * 127 <= kept <= most
    for sequence in list(range(book.oldest(), book.next, 61)) + [book.next - 1]:
        assert book.read(sequence) == (sequence, 0, 0, 5, sequence, -sequence)


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
    assert book.facts.word == 0, "the fact goes with the next success"
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


def test_settings_go_round_for_ever_and_may_be_of_any_length():
    store = Flash()
    book = boot(store)
    for number in range(1, 64):
        assert book.save_settings(list(range(number)))
        book.tend(1000, True)
        assert boot(store).settings == tuple(range(number))
    assert book.forced_erases == 1  # the first, nobody had tended
    try:
        book.save_settings([0] * 64)
        raise AssertionError
    except ValueError:
        pass


def test_settings_of_another_length_are_shown_and_not_taken():
    store = used()
    book = boot(store, 4)
    assert book.settings is None and book.settings_raw == (7, -8, 9)
    assert book.settings_found == flash_area.FOUND_OTHER_LENGTH and book.recovered
    assert boot(store, 3).settings == (7, -8, 9)


def test_nothing_is_erased_in_a_hurry_or_on_a_falling_supply():
    store = Flash()
    book = boot(store)
    assert not book.tend(499, True) and not book.tend(1000, False)
    assert not book.write(1) and not book.intent(STROKE_PL) and not book.save([1]) and store.operations == 0
    assert book.facts.has(journal_store.UNFIT)
    assert book.tend(500, True) and store.erases == 1
    assert book.write(1) and book.intent(STROKE_PL) and book.done() and book.save([1])
    assert not book.facts.has(journal_store.UNFIT)
    assert book.forced_erases == 2  # one ring was tended, three were written to


def test_a_stroke_that_can_not_be_written_is_not_to_be_made():
    store = used()
    book = boot(store)
    store.refusals = 1
    assert not book.intent(STROKE_PL) and book.facts.has(journal_store.UNFIT)
    assert book.intent(STROKE_PL) and not book.facts.has(journal_store.UNFIT)
    store.refusals = 1
    assert not book.done()
    assert _since(boot(store)) == (11, 2, 750000, 1)


def test_sectors_wear_alike():
    store = Flash()
    book = boot(store)
    for number in range(20):
        strokes(book, 254)
        for _ in range(8):
            book.save([number])
            book.tend(1000, True)
    for _, first, sectors, _, ahead in (journal_layout.STROKES, journal_layout.SNAPSHOTS):
        wear = store.wear[first : first + sectors]
        assert max(wear) - min(wear) <= 1, wear
        assert ahead < sectors - 2
    assert book.forced_erases == 2  # the first of two rings, before anybody tended


def test_the_rings_share_the_area_without_a_gap():
    at = 0
    for _, first, sectors, size, _ in (
        journal_layout.SNAPSHOTS, journal_layout.STROKES, journal_layout.EVENTS, journal_layout.SETTINGS,
    ):  # fmt: skip
        assert first == at and 256 % size == 0
        at += sectors
    assert at == 64 and stroke_log.RECORD_BYTES == 16


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


def _pages_of(book):
    return book._snapshot_ring.head * 15 + book._snapshot_ring.slot


def test_a_snapshot_is_written_again_before_recovery_would_have_to_read_too_much():
    book = boot(used())
    assert book.save([1])
    pages = _pages_of(book)
    for number in range(stroke_log.CARRY_STROKES):
        strokes(book, 1)
        assert _pages_of(book) == pages, number
    strokes(book, 1)
    assert _pages_of(book) == pages + 1
    strokes(book, stroke_log.CARRY_STROKES - 1)
    assert _pages_of(book) == pages + 1
    strokes(book, 1)
    assert _pages_of(book) == pages + 2
    assert book._stroke_ring.keep_from == book._stroke_ring.head - 1


def test_a_snapshot_is_written_again_for_a_larger_stroke_and_for_one_smaller_by_a_fifth():
    for volume_pl, again in ((250000, 0), (250001, 1), (200000, 0), (199999, 1)):
        book = boot(used())
        assert book.save([1])
        strokes(book, 1, 250000)
        pages = _pages_of(book)
        strokes(book, 1, volume_pl)
        assert _pages_of(book) == pages + again, volume_pl


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


def test_a_journal_without_a_bit_of_its_own_sets_none():
    facts = journal_store.conditions.Conditions(0)
    store = Flash()
    store.data[:] = bytes(len(store.data))
    book = journal_store.journal.Journal(store, journal_store.uptime.Uptime(0), facts)
    assert book.recover() is False and not book.write(1) and facts.word == 0
    store = used()
    book = journal_store.journal.Journal(store, journal_store.uptime.Uptime(0), facts)
    assert book.recover() and book.settings == (7, -8, 9)


def test_strokes_of_the_first_sector_are_counted_when_the_only_snapshot_is_lost():
    store = Flash()
    strokes(boot(store), 3)
    store.data[journal_layout.SNAPSHOTS[1] * 4096 + 256] ^= 1
    book = boot(store)
    assert book.area == flash_area.DAMAGED and book.snapshot is None
    assert (book.strokes_since, book.uncertain) == (3, 0)


def test_recovery_knows_what_is_still_needed():
    store = Flash()
    book = boot(store)
    assert book.save([1])
    strokes(book, 600)
    book = boot(store)
    assert book._stroke_ring.head == 2 and book._stroke_ring.keep_from == 1
    assert book._snapshots.numbers()[journal_layout.SECTOR] == 2


def test_of_the_rings_that_lack_a_sector_the_one_with_the_fewest_is_tended_first():
    store = Flash()
    book = boot(store)
    for _ in range(4):
        assert book.tend(1000, True)
    rings = (journal_layout.SNAPSHOTS, journal_layout.STROKES, journal_layout.EVENTS, journal_layout.SETTINGS)
    assert [store.wear[first] for _, first, _, _, _ in rings] == [1, 1, 1, 1]


def test_a_snapshot_takes_so_many_numbers_and_no_more():
    book = boot(used())
    most = journal_store.journal.MOST_NUMBERS
    assert book.save(list(range(most))) and boot(book._store).snapshot == tuple(range(most))
    try:
        book.save([0] * (most + 1))
        raise AssertionError
    except ValueError:
        pass


def test_what_is_found_has_a_number_of_its_own():
    areas = (flash_area.NONE, flash_area.BLANK, flash_area.SOUND, flash_area.DAMAGED, flash_area.UNREADABLE)
    assert len(set(areas + (flash_area.FOREIGN,))) == 6
    rings = (flash_ring.EMPTY, flash_ring.SOUND, flash_ring.UNREADABLE, flash_ring.FOREIGN)
    assert len(set(rings)) == 4
    found = (flash_area.FOUND_NOTHING, flash_area.FOUND_NEWEST, flash_area.FOUND_OLDER, flash_area.FOUND_OTHER_LENGTH)
    assert len(set(found)) == 4


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


def test_an_erase_ahead_of_need_that_fails_is_told():
    store = Flash()
    book = boot(store)
    store.refusals = 1
    assert not book.tend(1000, True) and book.facts.has(journal_store.UNFIT)
    assert tend(book) == 12 and book.write(1) and book.intent(STROKE_PL) and book.save([1])
    assert not book.facts.has(journal_store.UNFIT)
