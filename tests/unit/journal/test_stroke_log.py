"""The journal's strokes: counted once over any reset, uncertain until they are known to be done (L4)."""

import journal_store
from journal_store import STROKE_PL, Flash, boot, since, strokes, used
from pump.journal import flash_area, layout, stroke_log

REQUIREMENTS = ("L4",)


def test_an_intent_without_done_is_uncertain_until_a_snapshot_holds_it():
    store = used()
    assert boot(store).intent(STROKE_PL)
    for _ in range(3):
        book = boot(store)
        assert since(book) == (11, 2, 750000, 1)
    book.save([4])
    assert since(boot(store)) == (0, 0, 0, 0)


def test_a_snapshot_during_a_stroke_does_not_hide_that_it_is_uncertain():
    store = used()
    book = boot(store)
    assert book.intent(STROKE_PL) and book.save([5])
    assert since(boot(store)) == (0, 0, 0, 1)
    assert book.done()
    assert since(boot(store)) == (0, 0, 0, 0)


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
    assert book.snapshot == (9, 8) and since(book) == (total, total // 4, total % 4 * 250000, 2)
    strokes(book, 300)
    assert boot(store).strokes_since == total + 300


def test_a_stroke_before_any_snapshot_is_counted():
    store = Flash()
    book = boot(store)
    strokes(book, 3, 100000)
    book = boot(store)
    assert book.recovered and book.snapshot == () and since(book) == (3, 0, 300000, 0)


def test_strokes_may_change_their_size():
    store = used()
    book = boot(store)
    for volume_pl in (100000, 500000, 110000, 105000, 100000, 499999):
        strokes(book, 2, volume_pl)
    book = boot(store)
    assert book.since_ul * 1000000 + book.since_pl == 2500000 + 2 * 1414999


def test_a_stroke_that_can_not_be_written_is_not_to_be_made():
    store = used()
    book = boot(store)
    store.refusals = 1
    assert not book.intent(STROKE_PL) and book.conditions.has(journal_store.UNFIT)
    assert book.intent(STROKE_PL) and not book.conditions.has(journal_store.UNFIT)
    store.refusals = 1
    assert not book.done()
    assert since(boot(store)) == (11, 2, 750000, 1)


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


def test_strokes_count_towards_the_next_snapshot_over_a_reset():
    store = used()
    book = boot(store)
    assert book.save([1])
    strokes(book, stroke_log.CARRY_STROKES + 20)  # with a snapshot that was written again before the last 20
    book = boot(store)
    pages = _pages_of(book)
    strokes(book, stroke_log.CARRY_STROKES - 20)
    assert _pages_of(book) == pages
    strokes(book, 1)
    assert _pages_of(book) == pages + 1


def test_a_snapshot_is_written_again_for_a_larger_stroke_and_for_one_smaller_by_a_fifth():
    for volume_pl, again in ((250000, 0), (250001, 1), (200000, 0), (199999, 1)):
        book = boot(used())
        assert book.save([1])
        strokes(book, 1, 250000)
        pages = _pages_of(book)
        strokes(book, 1, volume_pl)
        assert _pages_of(book) == pages + again, volume_pl


def test_strokes_of_the_first_sector_are_counted_when_the_only_snapshot_is_lost():
    store = Flash()
    strokes(boot(store), 3)
    store.data[layout.SNAPSHOTS[1] * 4096 + 256] ^= 1
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
    assert book._snapshots.numbers()[layout.SECTOR] == 2
