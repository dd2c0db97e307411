"""Event records: every byte, and how they are found by number, also across gaps and damage."""

import struct

from journal_store import Flash
from pump.journal import crc16, event_log, flash_ring, layout

REQUIREMENTS = ("L1",)


def _ring(store, size=256):
    return flash_ring.Ring(store, bytearray(b"\xff" * 256), (7, 2, 4, size, 2))


def _event_log(store):
    ring = _ring(store, layout.EVENTS[3])
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


def test_the_newest_event_may_lie_behind_damaged_ones_in_the_sector_before():
    for count, damaged, newest in ((3, (1, 2, 3), 0), (129, (128, 129), 127), (256, (255, 256, 254), 253)):
        store = Flash()
        ring = _events(store, range(1, count + 1))
        for sequence in damaged:
            store.data[ring.place_of((sequence - 1) // 127, (sequence - 1) % 127 + 1) + 8] ^= 1
        log = _found(store)
        assert (log.newest, log.damaged, log.boot) == (newest, len(damaged), 5 if newest else 0)


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


def _damage(store, ring, sector, slots):
    for slot in slots:
        store.data[ring.place_of(sector, slot) + 8] ^= 1


def test_before_anything_is_read_there_is_nothing():
    store = Flash()
    _, log = _event_log(store)
    assert (log.newest, log.boot, log.damaged, log.oldest()) == (0, 0, 0, 0)
    log.write(True, 70, 0, 0, 1, 0, 0, 1)
    assert log.oldest() == 70


def test_the_oldest_is_read_once_and_anew_after_another_recovery():
    for rounds in (0, 1):  # sectors that were overwritten
        store = Flash()
        ring = _events(store, range(1, 127 * (3 + rounds) + 2))
        ring, log = _event_log(store)
        for damaged in range(2):
            ring.scan()
            log.recover()
            assert ring.tail == rounds
            assert log.oldest() == 127 * rounds + 1 + damaged
            store.bytes_read = 0
            assert log.oldest() == 127 * rounds + 1 + damaged and store.bytes_read == 0
            _damage(store, ring, rounds, (1,))


def test_a_number_is_looked_for_where_it_must_be():
    store = Flash()
    _events(store, range(1, 127 * 3 + 1))
    log = _found(store)
    for sequence, sectors in ((127 * 3, 1), (127 * 2 + 1, 1), (200, 2), (127, 3), (60, 3)):
        store.bytes_read = 0
        assert log.find(sequence) == _row(sequence)
        assert store.bytes_read == (2 * sectors + 1) * layout.EVENTS[3], sequence


def test_a_sector_without_a_sound_event_is_passed_over():
    store = Flash()
    ring = _events(store, range(1, 127 * 3 + 1))
    _damage(store, ring, 0, range(1, 128))
    log = _found(store)
    assert log.oldest() == 128 and log.find(127) is None and log.find(128) == _row(128)


def test_the_last_event_of_a_sector_may_be_its_only_sound_one():
    store = Flash()
    ring = _events(store, range(1, 127 * 3 + 1))
    _damage(store, ring, 0, range(1, 127))
    log = _found(store)
    assert log.oldest() == 127 and log.find(127) == _row(127) and log.find(126) is None


def test_nothing_is_read_behind_the_end_of_the_flash():
    store = Flash(6)  # the ring's last sector is the flash's last: there a read beyond it is an error
    numbers = list(range(1, 127 * 4 + 1)) + list(range(600, 610))
    ring = _events(store, numbers)
    for sector, last in ((3, 127 * 4), (4, 609)):
        log = _found(store)
        assert log.find(last) == _row(last) and log.find(550) is None
        _damage(store, ring, 3, range(1, 128))
        assert log.find(550) is None and log.find(603) == _row(603), sector


def test_a_damaged_event_in_a_guessed_place_hides_no_other():
    store = Flash()
    ring = _events(store, [1, 2, 3, 4, 5, 8, 9, 10])  # 6 and 7 are missing: the search for 9 starts two slots too far
    _damage(store, ring, 0, (8,))
    assert _found(store).find(9) == _row(9)
    store = Flash()
    ring, log = _event_log(store)
    log.write(True, 1, 2, 1, 9, 1, -1, 5)
    store.data[ring.place_of(0, 2) + 10] ^= 1  # not blank, and skipped: the search for 2 starts a slot too early
    log.write(True, 2, 4, 2, 9, 2, -2, 5)
    assert _found(store).find(2) == _row(2)


def test_the_record_that_follows_a_number_is_found_across_gaps_sectors_and_damage():
    assert _found(Flash()).following(0) is None
    for sequences in (list(range(1, 300)), list(range(1, 9000, 31)), [7, 8, 100, 101, 102, 500]):
        store = Flash()
        ring = _events(store, sequences)
        log = _found(store)
        for sequence in range(0, sequences[-1] + 3, 1 + len(sequences) // 7):
            expected = next((number for number in sequences if number >= sequence), None)
            found = log.following(sequence)
            assert found == (None if expected is None else _row(expected)), sequence
        damaged = [sequences[at] for at in (0, 3, 4, len(sequences) - 1)]
        for at in (0, 3, 4, len(sequences) - 1):
            place = ring.place_of(at // 127, 1 + at % 127)
            store.data[place + 5] ^= 1
        log = _found(store)
        sound = [number for number in sequences if number not in damaged]
        for sequence in damaged + [number + 1 for number in damaged]:
            expected = next((number for number in sound if number >= sequence), None)
            assert log.following(sequence) == (None if expected is None else _row(expected)), sequence
