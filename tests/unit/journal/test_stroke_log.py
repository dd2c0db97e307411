"""Strokes of the journal: counted once over any reset, uncertain until they are done (L4)."""

import journal_store
from journal_store import STROKE_PL, Flash, boot, since, strokes, used
from pump.journal import flash_area, layout, stroke_log

REQUIREMENTS = ("L4",)


def test_an_intent_without_done_is_uncertain_until_a_snapshot_holds_it():
    store = used()
    assert boot(store).intent(STROKE_PL)
    for _ in range(3):
        journal = boot(store)
        assert since(journal) == (11, 2, 750000, 1)
    journal.save([4])
    assert since(boot(store)) == (0, 0, 0, 0)


def test_a_snapshot_during_a_stroke_does_not_hide_that_it_is_uncertain():
    store = used()
    journal = boot(store)
    assert journal.intent(STROKE_PL) and journal.save([5])
    assert since(boot(store)) == (0, 0, 0, 1)
    assert journal.done()
    assert since(boot(store)) == (0, 0, 0, 0)


def test_strokes_are_counted_without_a_save():
    store = Flash()
    journal = boot(store)
    assert journal.save([9, 8])
    strokes(journal, 700)
    journal.intent(STROKE_PL)
    journal.intent(STROKE_PL)
    strokes(journal, 3 * stroke_log.CARRY_STROKES)
    total = 702 + 3 * stroke_log.CARRY_STROKES
    journal = boot(store)
    assert journal.snapshot == (9, 8) and since(journal) == (total, total // 4, total % 4 * 250000, 2)
    strokes(journal, 300)
    assert boot(store).strokes_since == total + 300


def test_a_stroke_before_any_snapshot_is_counted():
    store = Flash()
    journal = boot(store)
    strokes(journal, 3, 100000)
    journal = boot(store)
    assert journal.recovered and journal.snapshot == () and since(journal) == (3, 0, 300000, 0)


def test_strokes_may_change_their_size():
    store = used()
    journal = boot(store)
    for volume_pl in (100000, 500000, 110000, 105000, 100000, 499999):
        strokes(journal, 2, volume_pl)
    journal = boot(store)
    assert journal.since_ul * 1000000 + journal.since_pl == 2500000 + 2 * 1414999


def test_a_stroke_that_can_not_be_written_is_not_to_be_made():
    store = used()
    journal = boot(store)
    store.refusals = 1
    assert not journal.intent(STROKE_PL) and journal.conditions.has(journal_store.UNFIT)
    assert journal.intent(STROKE_PL) and not journal.conditions.has(journal_store.UNFIT)
    store.refusals = 1
    assert not journal.done()
    assert since(boot(store)) == (11, 2, 750000, 1)


def _pages_of(journal):
    return journal._snapshot_ring.head * 15 + journal._snapshot_ring.slot


def test_a_snapshot_is_written_again_before_recovery_would_have_to_read_too_much():
    journal = boot(used())
    assert journal.save([1])
    pages = _pages_of(journal)
    for number in range(stroke_log.CARRY_STROKES):
        strokes(journal, 1)
        assert _pages_of(journal) == pages, number
    strokes(journal, 1)
    assert _pages_of(journal) == pages + 1
    strokes(journal, stroke_log.CARRY_STROKES - 1)
    assert _pages_of(journal) == pages + 1
    strokes(journal, 1)
    assert _pages_of(journal) == pages + 2
    assert journal._stroke_ring.keep_from == journal._stroke_ring.head - 1


def test_strokes_count_towards_the_next_snapshot_over_a_reset():
    store = used()
    journal = boot(store)
    assert journal.save([1])
    strokes(journal, stroke_log.CARRY_STROKES + 20)  # the snapshot was written again before the last 20
    journal = boot(store)
    pages = _pages_of(journal)
    strokes(journal, stroke_log.CARRY_STROKES - 20)
    assert _pages_of(journal) == pages
    strokes(journal, 1)
    assert _pages_of(journal) == pages + 1


def test_a_snapshot_is_written_again_for_a_larger_stroke_and_for_one_smaller_by_a_fifth():
    for volume_pl, again in ((250000, 0), (250001, 1), (200000, 0), (199999, 1)):
        journal = boot(used())
        assert journal.save([1])
        strokes(journal, 1, 250000)
        pages = _pages_of(journal)
        strokes(journal, 1, volume_pl)
        assert _pages_of(journal) == pages + again, volume_pl


def test_strokes_of_the_first_sector_are_counted_when_the_only_snapshot_is_damaged():
    store = Flash()
    strokes(boot(store), 3)
    store.data[layout.SNAPSHOTS[1] * 4096 + 256] ^= 1
    journal = boot(store)
    assert journal.area == flash_area.DAMAGED and journal.snapshot is None
    assert (journal.strokes_since, journal.uncertain) == (3, 0)


def test_recovery_finds_what_is_still_needed():
    store = Flash()
    journal = boot(store)
    assert journal.save([1])
    strokes(journal, 600)
    journal = boot(store)
    assert journal._stroke_ring.head == 2 and journal._stroke_ring.keep_from == 1
    assert journal._snapshots.numbers()[layout.SECTOR] == 2
