"""Rings of the journal: headers and checksums to the byte, scanning, erasing, damage."""

import struct

from journal_store import Flash
from pump import defs, hal
from pump.journal import crc16, flash_ring

REQUIREMENTS = ("L3",)
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
        header = struct.pack("<4sBBHIBB", b"PUMP", 2, 7, 32, number, _FIRST, _SECTORS)
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
    assert _scanned(store)[0] == flash_ring.UNREADABLE  # power loss breaks one header at most


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
    for place in (0, 3):  # no header of a journal
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


def test_parts_of_two_generations_are_unreadable():
    old = Flash()
    _put(_ring(old), 1)
    for turn, found in ((3, flash_ring.SOUND), (4, flash_ring.SOUND), (5, flash_ring.UNREADABLE)):
        store = Flash()
        ring = _ring(store)
        _put(ring, 15 * turn + 1)
        store.data[_FIRST * 4096 : (_FIRST + 1) * 4096] = old.data[_FIRST * 4096 : (_FIRST + 1) * 4096]
        if turn == 4:  # sector 0 at the place of sector 4
            assert _scanned(store)[0] in (flash_ring.SOUND, flash_ring.UNREADABLE)
        else:
            assert _scanned(store)[0] == found, turn


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
