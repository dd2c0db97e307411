"""Erasing ahead of need, clearing on request, and reading raw bytes."""

from journal_store import STROKE_PL, UNFIT, Flash, boot, tend, used
from pump import defs, hal
from pump.journal import flash_area

REQUIREMENTS = ("S6",)


def _zeros():
    """A flash that is no journal."""
    store = Flash()
    store.data[:] = bytes(store.size)
    return store


def test_it_says_whether_there_is_something_to_erase():
    store = Flash()
    journal = boot(store)
    assert journal.lacks_erased is True
    assert not journal.tend(1000, False) and journal.lacks_erased, "no erase while the supply falls"
    for _ in range(13):
        assert journal.lacks_erased and journal.tend(1000, True)
    assert journal.lacks_erased is False and not journal.tend(1000, True)
    journal = boot(used())
    tend(journal)
    assert not journal.lacks_erased
    journal.clear()
    while journal.is_clearing:
        assert journal.lacks_erased and journal.tend(1000, True)
    assert not journal.lacks_erased
    journal = boot(_zeros())
    journal.clear()
    while journal.is_clearing:
        assert journal.lacks_erased and journal.tend(1000, True)
    assert journal.lacks_erased, "a blank area is prepared anew"
    assert not boot(None).lacks_erased


def test_a_sector_that_can_not_be_cleared_is_tried_again():
    store = _zeros()
    journal = boot(store)
    journal.clear()
    for _ in range(10):
        assert journal.tend(1000, True)
    erases, store.refusals = store.erases, 3
    for _ in range(3):
        assert journal.tend(1000, True) is False and journal.is_clearing
    assert store.erases == erases
    while journal.is_clearing:
        assert journal.lacks_erased and journal.tend(1000, True)
    assert journal.area == flash_area.BLANK and store.data == b"\xff" * store.size


def test_a_sector_of_the_log_that_can_not_be_cleared_is_tried_again():
    store = used()
    journal = boot(store)
    tend(journal)
    journal.clear()
    erases, store.refusals = store.erases, 3
    for _ in range(3):
        assert journal.tend(1000, True) is False and journal.is_clearing and journal.conditions.has(UNFIT)
    assert store.erases == erases
    tend(journal)
    assert not journal.is_clearing and not journal.conditions.has(UNFIT) and boot(store).snapshot == (0, 2, 3)


def test_an_area_that_can_not_be_used_is_unfit_until_it_is_erased():
    journal = boot(_zeros())
    assert journal.conditions.has(UNFIT)
    journal.clear()
    while journal.is_clearing:
        assert journal.conditions.has(UNFIT) and not journal.intent(STROKE_PL) and not journal.save([1])
        assert journal.tend(1000, True)
    assert not journal.conditions.has(UNFIT) and journal.intent(STROKE_PL)


def test_headers_that_can_not_be_broken_are_tried_again_before_anything_is_erased():
    store = _zeros()
    journal = boot(store)
    erases = store.erases
    journal.clear()
    for refused in (1, 2, 5):
        store.refusals = refused
        for _ in range(refused):
            assert journal.tend(1000, True) is False and journal.is_clearing and journal.conditions.has(UNFIT)
        assert store.erases == erases
    tend(journal)
    assert journal.area == flash_area.BLANK and store.erases >= erases + 64


def test_raw_bytes_can_be_read():
    store = used()
    journal = boot(store)
    assert journal.size_bytes == store.size
    buffer = bytearray(100)
    for at in (0, 41 * 4096 - 50, store.size - 100):
        journal.read_raw(at, buffer)
        assert buffer == store.data[at : at + 100]
    nothing = boot(None)
    assert nothing.size_bytes == 0
    try:
        nothing.read_raw(0, buffer)
        raise AssertionError
    except hal.PartError as error:
        assert error.args[0] == defs.FAULT_NO_ANSWER
