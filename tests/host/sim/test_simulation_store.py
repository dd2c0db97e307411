"""The simulated flash with each of its faults, as the journal meets them."""

import sim_store
from plant.parts import flash
from pump import defs, hal

PAGE = b"\x0f" * 256


def _make(word):
    passed = []
    store = sim_store.FaultyStore(flash.Flash(2), 3, passed.append)
    store.program(0, PAGE)
    store.actions["store_" + word](0)
    return store, passed


def _outcome(function, *arguments):
    try:
        function(*arguments)
    except hal.PartError as error:
        return error.args[0]
    return 0


def _read(store, at=0):
    buffer = bytearray(256)
    store.read(at, buffer)
    return buffer


def test_one_that_works_is_the_one_below():
    store, passed = _make("works")
    assert _read(store) == PAGE
    store.erase(0)
    assert _read(store) == b"\xff" * 256
    assert not passed and (store.size, store.page_bytes, store.block_bytes) == (8192, 256, 4096)


def test_one_that_is_off_answers_nothing():
    store, _ = _make("off")
    for call in ((store.check,), (_read, store), (store.program, 256, PAGE), (store.erase, 0)):
        assert _outcome(*call) == defs.FAULT_NO_ANSWER
    store.actions["store_works"](0)
    assert _read(store) == PAGE


def test_what_is_not_written_is_found():
    for word in ("stuck", "delayed"):
        store, _ = _make(word)
        assert _outcome(store.program, 256, PAGE) == defs.FAULT_NOT_CONFIRMED, word
        assert _read(store, 256) == b"\xff" * 256
    assert _outcome(store.program, 512, PAGE) == defs.FAULT_NOT_CONFIRMED
    assert _read(store, 256) == PAGE  # with the next one
    store, _ = _make("stuck")
    assert _outcome(store.erase, 0) == defs.FAULT_NOT_CONFIRMED
    assert _read(store) == PAGE


def test_garbage_is_no_page():
    store, _ = _make("garbage")
    assert _read(store) != _read(store)
    assert _outcome(store.program, 256, PAGE) == defs.FAULT_NOT_CONFIRMED


def test_a_wrong_page_has_a_bit_too_few_and_the_driver_can_not_see_it():
    store, _ = _make("wrong")
    changed = 0
    for page in range(1, 9):
        assert _outcome(store.program, page * 256, PAGE) == 0
        found = _read(store, page * 256)
        bits = sum(bin(byte ^ 0x0F).count("1") for byte in found)
        assert bits <= 1
        changed += bits
    assert changed


def test_a_slow_one_takes_its_time():
    store, passed = _make("slow")
    assert _outcome(store.program, 256, PAGE) == 0
    store.erase(4096)
    assert passed == [3, 400]


def test_an_intermittent_one_fails_now_and_then():
    store, _ = _make("intermittent")
    outcomes = {_outcome(_read, store) if _outcome(store.check) else 0 for _ in range(50)}
    assert outcomes == {0, defs.FAULT_NO_ANSWER}
