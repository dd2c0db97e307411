"""The simulated flash: bits are only cleared, blocks erased as a whole, power cuts end an operation in four ways."""

from plant.parts import flash

_PAGE = bytes(range(256))


def _cut(tear, action, seed=1, before=b"\xff"):
    """The first block after an interrupted operation."""
    chip = flash.Flash(2, seed)
    chip.data[:4096] = before * 4096
    chip.cut(0, tear)
    try:
        if action == "program":
            chip.program(256, _PAGE)
        else:
            chip.erase(0)
        raise AssertionError
    except flash.PowerCut:
        pass
    assert chip.operations == 1 and chip.programs == chip.erases == 0
    return bytes(chip.data[:4096])


def test_programs_clear_bits_and_an_erase_sets_them():
    chip = flash.Flash(2)
    chip.program(256, _PAGE)
    chip.program(256, b"\x0f" * 256)
    found = bytearray(300)
    chip.read(250, found)
    assert found[:6] == b"\xff" * 6 and found[262:] == b"\xff" * 38
    assert all(found[6 + at] == at & 15 for at in range(256))
    chip.erase(0)
    assert chip.data == b"\xff" * 8192
    assert (chip.operations, chip.programs, chip.erases, chip.bytes_read) == (3, 2, 1, 300) and chip.wear == [1, 0]


def test_a_cut_program_is_torn_four_ways():
    assert _cut(flash.TEAR_NONE, "program") == b"\xff" * 4096
    half = _cut(flash.TEAR_HALF, "program")[256:512]
    assert half[:128] == _PAGE[:128] and half[128:] == b"\xff" * 128
    assert _cut(flash.TEAR_WHOLE, "program")[256:512] == _PAGE
    some = _cut(flash.TEAR_SUBSET, "program")[256:512]
    assert all(found & wanted == wanted for found, wanted in zip(some, _PAGE))
    assert some != _PAGE and some != b"\xff" * 256
    assert some == _cut(flash.TEAR_SUBSET, "program")[256:512] != _cut(flash.TEAR_SUBSET, "program", 2)[256:512]


def test_a_cut_erase_is_torn_four_ways():
    assert _cut(flash.TEAR_NONE, "erase", 1, b"\x05") == b"\x05" * 4096
    assert _cut(flash.TEAR_HALF, "erase", 1, b"\x05") == b"\xff" * 2048 + b"\x05" * 2048
    assert _cut(flash.TEAR_WHOLE, "erase", 1, b"\x05") == b"\xff" * 4096
    some = _cut(flash.TEAR_SUBSET, "erase", 1, b"\x05")
    assert all(byte & 5 == 5 for byte in some) and len(set(some)) > 8


def test_the_power_goes_at_the_operation_that_was_named_and_once():
    chip = flash.Flash(2)
    chip.cut(2, flash.TEAR_NONE)
    chip.erase(0)
    chip.program(0, _PAGE)
    try:
        chip.program(256, _PAGE)
        raise AssertionError
    except Exception:
        raise AssertionError("no handler of errors may see it")
    except flash.PowerCut:
        pass
    chip.program(512, _PAGE)
    chip.cut(0, flash.TEAR_NONE)
    chip.uncut()
    chip.erase(4096)


def test_places_that_are_not_there():
    chip = flash.Flash(2)
    for action, words in (
        (chip.read, (8190, bytearray(3))), (chip.read, (-1, bytearray(1))), (chip.program, (1, _PAGE)),
        (chip.program, (0, b"\x00")), (chip.program, (8192, _PAGE)), (chip.erase, (256,)), (chip.erase, (8192,)),
    ):  # fmt: skip
        try:
            action(*words)
        except ValueError:
            continue
        raise AssertionError(words)
