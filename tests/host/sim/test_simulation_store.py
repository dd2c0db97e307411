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


def test_a_store_without_fault_passes_everything_through():
    store, passed = _make("works")
    assert _read(store) == PAGE
    store.erase(0)
    assert _read(store) == b"\xff" * 256
    assert not passed and (store.size, store.page_bytes, store.block_bytes) == (8192, 256, 4096)


def test_a_store_that_is_off_does_not_answer():
    store, _ = _make("off")
    for call in ((store.check,), (_read, store), (store.program, 256, PAGE), (store.erase, 0)):
        assert _outcome(*call) == defs.FAULT_NO_ANSWER
    store.actions["store_works"](0)
    assert _read(store) == PAGE


def test_a_write_that_is_not_done_is_reported():
    for word in ("stuck", "delayed"):
        store, _ = _make(word)
        assert _outcome(store.program, 256, PAGE) == defs.FAULT_NOT_CONFIRMED, word
        assert _read(store, 256) == b"\xff" * 256
    assert _outcome(store.program, 512, PAGE) == defs.FAULT_NOT_CONFIRMED
    assert _read(store, 256) == PAGE  # with the next one
    store, _ = _make("stuck")
    assert _outcome(store.erase, 0) == defs.FAULT_NOT_CONFIRMED
    assert _read(store) == PAGE


def test_garbage_is_reported_by_the_write():
    store, _ = _make("garbage")
    assert _read(store) != _read(store)
    assert _outcome(store.program, 256, PAGE) == defs.FAULT_NOT_CONFIRMED


def test_a_wrong_page_lacks_a_bit_and_the_driver_does_not_find_it():
    store, _ = _make("wrong")
    changed = 0
    for page in range(1, 9):
        assert _outcome(store.program, page * 256, PAGE) == 0
        found = _read(store, page * 256)
        bits = sum(bin(byte ^ 0x0F).count("1") for byte in found)
        assert bits <= 1
        changed += bits
    assert changed


def test_a_slow_store_takes_its_longest_times():
    store, passed = _make("slow")
    assert _outcome(store.program, 256, PAGE) == 0
    store.erase(4096)
    assert passed == [3, 400]


def test_an_intermittent_store_fails_sometimes():
    store, _ = _make("intermittent")
    outcomes = {_outcome(_read, store) if _outcome(store.check) else 0 for _ in range(50)}
    assert outcomes == {0, defs.FAULT_NO_ANSWER}
