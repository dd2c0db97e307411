"""The rooms of the journal by themselves: rings, strokes, events and pages on a small flash, to the byte."""

import struct

from journal_store import Flash
from pump import crc16, defs, event_log, flash_ring, hal, snapshot, stroke_log, uptime

_FIRST = 2
_SECTORS = 4
_NO_LIMIT = 0x3FFFFFFF


def _ring(store, size=256, ahead=2, number=7):
    return flash_ring.Ring(store, bytearray(b"\xff" * 256), (number, _FIRST, _SECTORS, size, ahead))


def _refused(call, *words):
    try:
        call(*words)
    except hal.PartError as error:
        return error.args[0]
    raise AssertionError("not refused")


def _put(ring, count, value=0x11):
    for _ in range(count):
        ring.program(ring.place(True), bytearray([value] * len(ring.record)))


def _places(ring):
    return ring.head, ring.slot, ring.ready, ring.tail, ring.damaged


def _scanned(store, size=256):
    ring = _ring(store, size)
    return ring.scan(), ring


# ---- the check ---------------------------------------------------------------------------------------------------


def test_the_check_is_the_usual_one():
    text = b"..123456789.."
    for begin, crc in ((0xFFFF, 0x29B1), (0, 0x31C3), (0x1D0F, 0xE5CC)):
        assert crc16.of(text, 2, 11, begin) == crc
        assert crc16.of(text, 7, 11, crc16.of(text, 2, 7, begin)) == crc
        assert crc16.of(text, 3, 3, begin) == begin


# ---- rings -------------------------------------------------------------------------------------------------------


def test_a_ring_begins_as_if_the_sector_before_the_first_were_full():
    for size, first, slots in ((16, 2, 256), (32, 1, 128), (256, 1, 16)):
        ring = _ring(Flash(), size)
        assert (ring.first, ring.slots, ring.sectors, ring.ahead, ring.number) == (first, slots, _SECTORS, 2, 7)
        assert (ring.head, ring.slot, ring.ready, ring.tail) == (-1, slots, -1, 0)
        assert (ring.damaged, ring.forced, ring.failed, ring.keep_from) == (0, 0, False, _NO_LIMIT)
        assert len(ring.record) == size and ring.scan() == flash_ring.EMPTY


def test_places_go_round_and_a_seed_names_one_of_them():
    ring = _ring(Flash(), 32)
    for sector in range(10):
        for slot in (0, 1, 127):
            assert ring.place_of(sector, slot) == (_FIRST + sector % 4) * 4096 + slot * 32
            assert ring.seed(sector, slot) == sector * 128 + slot
    assert ring.seed(512, 3) == 3


def test_a_header_is_written_twice_and_says_what_the_ring_is():
    store = Flash()
    ring = _ring(store, 32)
    for number in range(2):
        ring.prepare()
        at = (_FIRST + number) * 4096
        header = struct.pack("<4sBBHIBB", b"PUMP", 1, 7, 32, number, _FIRST, _SECTORS)
        header += struct.pack("<H", crc16.of(header, 0, 14, 0xFFFF))
        assert bytes(store.data[at : at + 32]) == header * 2
        assert bytes(store.data[at + 32 : at + 4096]) == b"\xff" * 4064
        assert (ring.ready, ring.tail, ring.head) == (number, 0, -1)
        assert store.erases == store.programs == number + 1
    assert ring.forced == 0
    assert bytes(ring._page) == b"\xff" * 256


def test_records_fill_a_sector_in_order_and_the_next_one_is_made_when_it_must():
    for size in (16, 32, 256):
        store = Flash()
        ring = _ring(store, size)
        assert _refused(ring.place, False) == defs.FAULT_NO_POWER
        assert store.operations == 0
        per_sector = ring.slots - ring.first
        for number in range(2 * per_sector):
            sector, slot = number // per_sector, ring.first + number % per_sector
            at = ring.place(True)
            assert at == ring.place_of(sector, slot) and (ring.head, ring.slot) == (sector, slot)
            assert ring.place(False) == at
            ring.program(at, bytearray([number & 127] * size))
            assert bytes(store.data[at : at + size]) == bytes([number & 127] * size)
            assert ring.forced == sector + 1
        assert _refused(ring.place, False) == defs.FAULT_NO_POWER
        found, other = _scanned(store, size)
        assert found == flash_ring.SOUND and _places(other) == _places(ring) == (1, ring.slots, 1, 0, 0)
        assert other.read(1, ring.slots - 1) and bytes(other.record) == bytes([(2 * per_sector - 1) & 127] * size)


def test_a_scan_finds_every_place_that_a_ring_can_reach():
    store = Flash()
    ring = _ring(store)
    for _ in range(8 * 15):
        _put(ring, 1)
        while ring.lacks():
            ring.prepare()
        found, other = _scanned(store)
        assert found == flash_ring.SOUND and _places(other) == _places(ring)
        assert ring.tail == max(0, ring.ready - 3) and ring.ready <= ring.head + 2


def test_what_is_prepared_is_what_is_wanted_ahead_and_no_sector_that_is_needed():
    for ahead, ready in ((1, 1), (2, 2), (3, 2)):
        ring = _ring(Flash(), ahead=ahead)
        _put(ring, 1)
        while ring.lacks():
            ring.prepare()
        assert ring.ready == ready, ahead
    ring = _ring(Flash(), ahead=9)
    _put(ring, 16)
    while ring.lacks():
        ring.prepare()
    assert (ring.head, ring.ready) == (1, 3)
    assert _refused(ring.prepare) == defs.FAULT_BUSY
    _put(ring, 15)
    assert ring.head == 2 and ring.lacks()
    ring.keep_from = 0
    assert not ring.lacks()
    ring.keep_from = 1
    assert ring.lacks()
    ring.prepare()
    assert (ring.ready, ring.tail) == (4, 1)


def test_a_buffer_is_blank_again_also_behind_an_operation_that_failed():
    for size in (16, 32):
        store = Flash()
        ring = _ring(store, size)
        _put(ring, 3)
        slot = ring.slot
        store.refusals = 1
        assert _refused(ring.program, ring.place(True), bytearray(size)) == defs.FAULT_NOT_CONFIRMED
        assert ring.slot == slot
        store.refusals = 1
        assert _refused(ring.clear_bytes, ring.place_of(0, 3) + 12, 4) == defs.FAULT_NOT_CONFIRMED
        store.refusals = 1
        assert _refused(ring.prepare) == defs.FAULT_NOT_CONFIRMED
        assert ring.ready == 0 and bytes(ring._page) == b"\xff" * 256


def test_bytes_are_cleared_and_no_others():
    store = Flash()
    ring = _ring(store, 16)
    _put(ring, 20)
    before = bytearray(store.data)
    at = ring.place_of(0, 17) + 12
    ring.clear_bytes(at, 4)
    before[at : at + 4] = bytes(4)
    assert store.data == before and bytes(ring._page) == b"\xff" * 256


def test_broken_headers_leave_nothing_that_is_this_version_s():
    store = Flash()
    ring = _ring(store)
    _put(ring, 40)
    assert ring.head == 2
    erased = []
    program = store.program
    store.program = lambda at, page: (erased.append(at // 4096 - _FIRST), program(at, page))
    ring.break_headers()
    assert erased == [3, 0, 1, 2]
    for sector in range(_SECTORS):
        at = (_FIRST + sector) * 4096
        assert bytes(store.data[at : at + 32]) == bytes(32)
    assert _scanned(store)[0] == flash_ring.UNREADABLE


def _written(count=40):
    store = Flash()
    _put(_ring(store), count)
    return store


def test_the_second_header_stands_in_for_the_first():
    store = _written()
    store.data[(_FIRST + 1) * 4096 + 8] ^= 1
    found, ring = _scanned(store)
    assert found == flash_ring.SOUND and _places(ring) == (2, 11, 2, 0, 1)
    store.data[(_FIRST + 1) * 4096 + 16 + 8] ^= 1
    found, ring = _scanned(store)
    assert found == flash_ring.SOUND and _places(ring) == (2, 11, 2, 0, 1)
    store.data[_FIRST * 4096 + 3] ^= 1
    assert _scanned(store)[0] == flash_ring.SOUND
    store.data[_FIRST * 4096 + 16 + 3] ^= 1
    assert _scanned(store)[0] == flash_ring.UNREADABLE  # a cut breaks one header at most


def test_the_second_header_stands_in_for_a_blank_first():
    store = _written()
    at = (_FIRST + 1) * 4096
    store.data[at : at + 16] = b"\xff" * 16
    found, ring = _scanned(store)
    assert found == flash_ring.SOUND and _places(ring) == (2, 11, 2, 0, 1)


def test_every_field_of_a_header_counts():
    for place in (4, 5, 6, 7, 8, 12, 13):
        store = _written()
        for at in (_FIRST * 4096, _FIRST * 4096 + 16):
            store.data[at + place] += 1
            struct.pack_into("<H", store.data, at + 14, crc16.of(store.data, at, at + 14, 0xFFFF))
        assert _scanned(store)[0] == flash_ring.FOREIGN, place
    for place in (0, 3):  # not ours at all
        store = _written(1)
        for at in (_FIRST * 4096, _FIRST * 4096 + 16):
            store.data[at + place] += 1
            struct.pack_into("<H", store.data, at + 14, crc16.of(store.data, at, at + 14, 0xFFFF))
        assert _scanned(store)[0] == flash_ring.UNREADABLE, place


def test_a_sector_that_was_on_its_way_to_be_the_newest_is_not_missed():
    store = Flash()
    ring = _ring(store)
    _put(ring, 15 * 6)
    assert (ring.ready, ring.tail) == (5, 2)
    at = ring.place_of(2, 0)
    store.data[at : at + 4096] = b"\xff" * 4096
    found, other = _scanned(store)
    assert found == flash_ring.SOUND and _places(other) == (5, 16, 5, 3, 0)
    at = ring.place_of(3, 0)
    store.data[at : at + 4096] = b"\xff" * 4096
    found, other = _scanned(store)
    assert found == flash_ring.SOUND and other.damaged == 1


def test_parts_of_two_lives_are_unreadable():
    old = Flash()
    _put(_ring(old), 1)
    for life, found in ((3, flash_ring.SOUND), (4, flash_ring.SOUND), (5, flash_ring.UNREADABLE)):
        store = Flash()
        ring = _ring(store)
        _put(ring, 15 * life + 1)
        store.data[_FIRST * 4096 : (_FIRST + 1) * 4096] = old.data[_FIRST * 4096 : (_FIRST + 1) * 4096]
        if life == 4:  # sector 0 where 4 has been
            assert _scanned(store)[0] in (flash_ring.SOUND, flash_ring.UNREADABLE)
        else:
            assert _scanned(store)[0] == found, life


def test_something_without_any_header_is_unreadable():
    for sector in range(_SECTORS):
        store = Flash()
        store.data[(_FIRST + sector) * 4096 + 256] = 0
        assert _scanned(store)[0] == flash_ring.UNREADABLE


def test_a_bit_in_the_unused_part_does_not_lead_the_search_astray():
    for count in range(1, 15):
        store = _written(count)
        for slot in range(count + 2, 16):
            store.data[_FIRST * 4096 + slot * 256] ^= 1
            found, ring = _scanned(store)
            assert found == flash_ring.SOUND and ring.slot in (count + 1, slot + 1), (count, slot)
            assert ring.slot == count + 1 or slot == count + 2
            store.data[_FIRST * 4096 + slot * 256] ^= 1


# ---- strokes -----------------------------------------------------------------------------------------------------


def _stroke_log(store):
    time = uptime.Uptime(0)
    ring = _ring(store, stroke_log.RECORD_BYTES)
    return ring, time, stroke_log.StrokeLog(ring, time)


def test_a_stroke_is_sixteen_bytes_and_done_in_the_same():
    store = Flash()
    ring, time, log = _stroke_log(store)
    time.s = 123456
    assert not log.is_open() and log.damaged == 0
    log.intent(250333, 0x12345, True)
    at = ring.place_of(0, 2)
    record = struct.pack("<IIH", 250333, 123456, 0x2345)
    record += struct.pack("<H", crc16.of(record, 0, 10, ring.seed(0, 2)))
    assert bytes(store.data[at : at + 16]) == record + b"\xff" * 4
    assert log.is_open()
    log.done()
    assert bytes(store.data[at : at + 16]) == record + bytes(4) and not log.is_open()
    operations = store.operations
    log.done()
    assert store.operations == operations


def _counted(store, sector=-1, slot=256, stroke_pl=9, open_before=False, **already):
    ring, _, log = _stroke_log(store)
    assert ring.scan() == flash_ring.SOUND
    tally = stroke_log.Tally()
    for name, value in already.items():
        setattr(tally, name, value)
    fits = log.count(tally, sector, slot, stroke_pl, open_before)
    return fits, (tally.strokes, tally.ul, tally.pl, tally.uncertain), log.damaged


def test_strokes_are_counted_from_a_place_on():
    store = Flash()
    _, _, log = _stroke_log(store)
    for number in range(200):
        log.intent(300000 + number, 1, True)
        if number not in (50, 199):
            log.done()
    total_pl = sum(300000 + number for number in range(200))
    assert _counted(store) == (True, (200, total_pl // 1000000, total_pl % 1000000, 2), 0)
    assert _counted(store, 0, 2 + 199) == (True, (1, 0, 300199, 1), 0)
    assert _counted(store, 0, 2 + 200) == (True, (0, 0, 0, 0), 0)
    assert _counted(store, 0, 2 + 200, open_before=True) == (True, (0, 0, 0, 1), 0)
    assert _counted(store, 0, 2 + 199, open_before=True) == (True, (1, 0, 300199, 1), 0)
    assert _counted(store, 0, 2, open_before=True) == _counted(store, 0, 2)  # there is a header before it
    assert _counted(store, 0, 2 + 199, strokes=5, ul=7, pl=800000, uncertain=3) == (True, (6, 8, 100199, 4), 0)


def test_more_strokes_than_there_can_be_don_t_fit():
    store = Flash()
    _, _, log = _stroke_log(store)
    for _ in range(257):
        log.intent(1, 1, True)
        log.done()
    assert _counted(store)[0] is False
    fits, found, _ = _counted(store, 0, 3)
    assert fits and found[0] == 256
    assert _counted(store, 0, 3, strokes=1000)[0]
    assert _counted(store, 1, 2)[1][0] == 3


def test_a_damaged_stroke_counts_with_the_size_that_is_given():
    store = Flash()
    ring, _, log = _stroke_log(store)
    for _ in range(3):
        log.intent(1000, 1, True)
        log.done()
    for place in range(12):
        store.data[ring.place_of(0, 3) + place] ^= 1
        assert _counted(store) == (True, (3, 0, 2009, 0), 1), place
        store.data[ring.place_of(0, 3) + place] ^= 1


def test_a_mark_with_a_flipped_bit_or_two_is_done_and_one_with_more_is_not():
    store = Flash()
    ring, _, log = _stroke_log(store)
    log.intent(1000, 1, True)
    log.done()
    mark = ring.place_of(0, 2) + 12
    for bits, uncertain, damaged in ((0, 0, 0), (1, 0, 1), (128, 0, 1), (3, 0, 1), (7, 1, 0), (255, 1, 0)):
        for place in range(4):
            store.data[mark + place] = bits
            assert _counted(store) == (True, (1, 0, 1000, uncertain), damaged), (bits, place)
            store.data[mark + place] = 0


def test_a_tally_carries_to_microlitres():
    tally = stroke_log.Tally()
    assert (tally.strokes, tally.ul, tally.pl, tally.uncertain) == (0, 0, 0, 0)
    for number in range(1, 20):
        tally.add(1300000)
        assert (tally.strokes, tally.ul * 1000000 + tally.pl) == (number, 1300000 * number) and tally.pl < 1000000
    tally.uncertain = 3
    tally.clear()
    assert (tally.strokes, tally.ul, tally.pl, tally.uncertain) == (0, 0, 0, 0)


# ---- events ------------------------------------------------------------------------------------------------------


def _event_log(store):
    ring = _ring(store, event_log.RECORD_BYTES)
    return ring, event_log.EventLog(ring)


def _events(store, sequences):
    ring, log = _event_log(store)
    for sequence in sequences:
        log.write(True, sequence, 2 * sequence, sequence % 1000, 9, sequence, -sequence, 5)
    return ring


def _found(store):
    ring, log = _event_log(store)
    ring.scan()
    log.recover()
    return log


def _row(sequence):
    return (sequence, 2 * sequence, sequence % 1000, 9, sequence, -sequence)


def test_an_event_is_thirty_two_bytes():
    store = Flash()
    ring, log = _event_log(store)
    log.write(True, 1, 2, 3, 4, 5, -6, 7)
    record = struct.pack("<IIHHiiI", 1, 2, 3, 4, 5, -6, 7)
    record += struct.pack("<H", crc16.of(record, 0, 24, ring.seed(0, 1)))
    at = ring.place_of(0, 1)
    assert bytes(store.data[at : at + 32]) == record + b"\xff" * 6


def test_every_event_is_found_by_its_number_also_across_gaps():
    none = _found(Flash())
    assert (none.newest, none.boot, none.damaged, none.oldest(), none.find(1)) == (0, 0, 0, 0, None)
    for sequences in (list(range(1, 300)), list(range(1, 300, 2)), [7, 8, 100, 101, 102, 500]):
        store = Flash()
        _events(store, sequences)
        log = _found(store)
        assert (log.newest, log.boot, log.damaged, log.oldest()) == (sequences[-1], 5, 0, sequences[0])
        for sequence in range(sequences[-1] + 3):
            assert log.find(sequence) == (_row(sequence) if sequence in sequences else None), sequence


def test_the_oldest_event_goes_with_its_sector():
    store = Flash()
    ring, log = _event_log(store)
    for sequence in range(1, 127 * 6 + 2):
        log.write(True, sequence, 2 * sequence, sequence % 1000, 9, sequence, -sequence, 5)
        assert log.oldest() == max(1, 127 * ((sequence - 1) // 127 - 3) + 1)
        if sequence % 50 == 0:
            assert log.find(log.oldest()) == _row(log.oldest()) and log.find(sequence) == _row(sequence)
            assert log.find(log.oldest() - 1) is None


def test_damaged_events_are_counted_and_passed_over():
    for damaged in ((300,), (299, 300), (127, 128, 1), (1, 2, 3), (150,)):
        store = Flash()
        ring = _events(store, range(1, 301))
        for sequence in damaged:
            store.data[ring.place_of((sequence - 1) // 127, (sequence - 1) % 127 + 1) + 8] ^= 1
        log = _found(store)
        at_end = [sequence for sequence in damaged if sequence > 298]
        assert (log.newest, log.damaged) == (300 - len(at_end), len(at_end))
        assert log.oldest() == (4 if 3 in damaged else 2 if 1 in damaged else 1)
        for sequence in range(1, 301):
            assert log.find(sequence) == (None if sequence in damaged else _row(sequence)), sequence


# ---- pages -------------------------------------------------------------------------------------------------------


def _pages(store):
    ring = _ring(store)
    return ring, snapshot.Pages(ring, bytearray(256))


def test_a_page_is_its_check_its_count_and_its_numbers():
    store = Flash()
    ring, pages = _pages(store)
    assert pages.count() == 0 and pages.numbers() == () and pages.damaged == 0
    pages.resize(3)
    for index, value in enumerate((-1, 1 << 30, -(1 << 31))):
        pages.put(index, value)
    assert pages.count() == 3 and pages.numbers() == (-1, 1 << 30, -(1 << 31))
    pages.save(True)
    numbers = struct.pack("<Hiii", 3, -1, 1 << 30, -(1 << 31))
    at = ring.place_of(0, 1)
    assert bytes(store.data[at + 2 : at + 16]) == numbers
    assert struct.unpack("<H", bytes(store.data[at : at + 2]))[0] == crc16.of(numbers, 0, 14, ring.seed(0, 1))


def test_the_newest_sound_page_is_taken_of_every_length():
    for count in (0, 1, 62, 63):
        store = Flash()
        ring, pages = _pages(store)
        for turn in range(40):
            pages.resize(count)
            for index in range(count):
                pages.put(index, turn * 1000 + index)
            pages.save(True)
        found = _pages(store)[1]
        assert not found.load()
        ring, found = _pages(store)
        ring.scan()
        assert found.load() and found.damaged == 0
        assert found.count() == count and found.numbers() == tuple(39000 + index for index in range(count))
    try:
        pages.resize(64)
        raise AssertionError("too many")
    except ValueError:
        pass


def test_damaged_pages_are_counted_and_the_one_before_them_is_taken():
    for bad in (0, 1, 14, 15, 16, 20):
        store = Flash()
        ring, pages = _pages(store)
        pages.resize(2)
        for turn in range(32):  # the last of them is the second of the third sector
            pages.put(0, turn)
            pages.put(1, -turn)
            pages.save(True)
        for turn in range(32 - bad, 32):
            at = ring.place_of(turn // 15, turn % 15 + 1)
            place = (0, 1, 2, 4, 11)[turn % 5]
            store.data[at + place] ^= 16
        ring, found = _pages(store)
        ring.scan()
        assert found.load() and found.damaged == bad
        assert found.numbers() == (31 - bad, bad - 31)


def test_a_count_beyond_the_page_is_damage():
    store = Flash()
    ring, pages = _pages(store)
    pages.resize(1)
    pages.save(True)
    at = ring.place_of(0, 1)
    for count in (64, 255, 256):
        struct.pack_into("<H", store.data, at + 2, count)
        ring, found = _pages(store)
        ring.scan()
        assert not found.load() and found.damaged == 1
    struct.pack_into("<H", store.data, at + 2, 257)
    struct.pack_into("<H", store.data, at, crc16.of(store.data, at + 2, at + 8, ring.seed(0, 1)))  # right for one
    assert not found.load() and found.damaged == 1
