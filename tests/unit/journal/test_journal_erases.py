"""What is erased ahead of need, or on a person's word, and what a rescue reads."""

from journal_store import STROKE_PL, UNFIT, Flash, boot, tend, used
from pump import defs, hal
from pump.journal import flash_area

REQUIREMENTS = ("S6",)


def test_it_says_whether_there_is_something_to_erase():
    store = Flash()
    book = boot(store)
    assert book.lacks_erased is True
    assert not book.tend(1000, False) and book.lacks_erased, "not on a falling supply"
    for _ in range(12):
        assert book.lacks_erased and book.tend(1000, True)
    assert book.lacks_erased is False and not book.tend(1000, True)
    book = boot(used())
    tend(book)
    assert not book.lacks_erased
    book.clear()
    while book.is_clearing:
        assert book.lacks_erased and book.tend(1000, True)
    assert book.lacks_erased, "a blank area is prepared anew"
    assert not boot(None).lacks_erased


def test_a_sector_that_can_not_be_cleared_is_tried_again():
    store = used()
    book = boot(store)
    book.clear()
    for _ in range(10):
        assert book.tend(1000, True)
    erases, store.refusals = store.erases, 3
    for _ in range(3):
        assert book.tend(1000, True) is False and book.is_clearing
    assert store.erases == erases
    while book.is_clearing:
        assert book.lacks_erased and book.tend(1000, True)
    assert book.area == flash_area.BLANK and store.data == b"\xff" * store.size


def test_an_area_is_unfit_from_the_word_to_clear_it_until_it_is_erased():
    book = boot(used())
    assert not book.conditions.has(UNFIT)
    book.clear()
    while book.is_clearing:
        assert book.conditions.has(UNFIT) and not book.intent(STROKE_PL) and not book.save([1])
        assert book.tend(1000, True)
    assert not book.conditions.has(UNFIT) and book.intent(STROKE_PL)


def test_headers_that_can_not_be_broken_are_tried_again_before_anything_is_erased():
    store = used()
    book = boot(store)
    erases = store.erases
    book.clear()
    for refused in (1, 2, 5):
        store.refusals = refused
        for _ in range(refused):
            assert book.tend(1000, True) is False and book.is_clearing and book.conditions.has(UNFIT)
        assert store.erases == erases
    tend(book)
    assert book.area == flash_area.BLANK and store.erases >= erases + 64


def test_a_rescue_reads_the_bytes_as_they_lie():
    store = used()
    book = boot(store)
    assert book.size_bytes == store.size
    buffer = bytearray(100)
    for at in (0, 41 * 4096 - 50, store.size - 100):
        book.read_raw(at, buffer)
        assert buffer == store.data[at : at + 100]
    nothing = boot(None)
    assert nothing.size_bytes == 0
    try:
        nothing.read_raw(0, buffer)
        raise AssertionError
    except hal.PartError as error:
        assert error.args[0] == defs.FAULT_NO_ANSWER
