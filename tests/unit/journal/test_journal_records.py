"""Stroke records and pages of numbers: every byte, counting, damage."""

import struct

from journal_store import Flash
from pump.core import uptime
from pump.journal import crc16, flash_ring, layout, snapshot, stroke_log

REQUIREMENTS = ("L1", "L3")


def _ring(store, size=256):
    return flash_ring.Ring(store, bytearray(b"\xff" * 256), (7, 2, 4, size, 2))


# ---- strokes -----------------------------------------------------------------------------------------------------


def _stroke_log(store):
    time = uptime.Uptime(0)
    ring = _ring(store, layout.STROKES[3])
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
