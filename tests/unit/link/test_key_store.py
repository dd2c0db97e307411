"""The keys in flash: what is stored stays, what is taken away is gone, and a power cut leaves the old or the new."""

from plant.parts import flash
from pump import defs, hal
from pump.link import key_store

REQUIREMENTS = ("C6",)


class Broken(flash.Flash):
    """A flash that fails when it is read."""

    def read(self, at, buffer):
        raise hal.PartError(defs.FAULT_NO_ANSWER)


def _host(number, role=defs.ROLE_SERVICE):
    return key_store.Host("host-%d" % number, role, bytes([number]) * 32)


def _seed(number):
    return bytes([0x80 + number]) * 32


def _held(store):
    """What a store holds, in a form that can be compared."""
    hosts = [None if host is None else (host.name, host.role, host.key) for host in store.hosts]
    return hosts, store.starts, store.seed


def _copy(chip):
    copy = flash.Flash(2)
    copy.data[:] = chip.data
    return copy


def test_a_blank_flash_holds_no_key_and_nothing_is_written():
    chip = flash.Flash(2)
    store = key_store.KeyStore(chip)
    assert (store.area, store.paired(), chip.operations) == (defs.KEY_AREA_BLANK, False, 0)
    assert key_store.KeyStore(None).area == defs.KEY_AREA_NONE


def test_what_is_stored_is_found_again():
    chip = flash.Flash(2)
    store = key_store.KeyStore(chip)
    for number in range(4):
        assert store.add(_host(number, number % 3), _seed(number))
    assert not store.add(_host(4), _seed(4))
    again = key_store.KeyStore(chip)
    assert _held(again) == _held(store)
    assert (again.area, again.paired()) == (defs.KEY_AREA_SOUND, True)
    assert again.find("host-2").key == bytes([2]) * 32
    assert again.find("host-9") is None


def test_a_host_of_the_same_name_is_replaced_and_its_old_key_is_nowhere():
    chip = flash.Flash(2)
    store = key_store.KeyStore(chip)
    store.add(_host(1), _seed(1))
    store.add(key_store.Host("host-1", defs.ROLE_VIEW, b"n" * 32), _seed(2))
    assert [host.key for host in key_store.KeyStore(chip).hosts if host] == [b"n" * 32]
    assert bytes([1]) * 32 not in bytes(chip.data)


def test_a_key_that_is_taken_away_is_nowhere_in_the_flash():
    chip = flash.Flash(2)
    store = key_store.KeyStore(chip)
    store.add(_host(1), _seed(1))
    store.add(_host(2), _seed(2))
    assert not store.remove("host-9", _seed(3))
    assert store.remove("host-1", _seed(4))
    assert bytes([1]) * 32 not in bytes(chip.data)
    assert key_store.KeyStore(chip).find("host-2") is not None
    store.clear(_seed(5))
    assert bytes([2]) * 32 not in bytes(chip.data)
    assert not key_store.KeyStore(chip).paired()


def test_starts_count_on_whatever_is_erased_and_each_has_its_own_seed():
    chip = flash.Flash(2)
    key_store.KeyStore(chip).add(_host(1), _seed(0))
    for start in range(2, 50):
        store = key_store.KeyStore(chip)
        store.begin(_seed(start))
        assert (store.starts, store.seed) == (start, _seed(start))
    store.clear(_seed(50))
    assert key_store.KeyStore(chip).starts == 49
    assert max(chip.wear) < 10


def _cut_everywhere(prepare, act):
    """Cuts the power in each operation of `act`, in each way: the store then holds what it held before, or after."""
    cases = 0
    operations = 0
    while True:
        for tear in flash.TEARS:
            chip = flash.Flash(2, seed=operations + 1)
            prepare(chip)
            before = _held(key_store.KeyStore(_copy(chip)))
            whole = key_store.KeyStore(_copy(chip))
            act(whole)
            chip.cut(operations, tear)
            store = key_store.KeyStore(chip)
            try:
                act(store)
                return cases
            except flash.PowerCut:
                cases += 1
            again = key_store.KeyStore(chip)
            assert again.area in (defs.KEY_AREA_SOUND, defs.KEY_AREA_BLANK), (operations, tear)
            assert _held(again) in (before, _held(whole)), (operations, tear)
            act(again)  # and it can be done again
            assert key_store.KeyStore(chip).area == defs.KEY_AREA_SOUND
        operations += 1


def _two_hosts(chip):
    store = key_store.KeyStore(chip)
    store.add(_host(1), _seed(1))
    store.add(_host(2), _seed(2))


def _full_sector(chip):
    _two_hosts(chip)
    store = key_store.KeyStore(chip)
    for number in range(13):
        store.begin(_seed(number))


def test_a_power_cut_leaves_the_old_keys_or_the_new_ones():
    cases = _cut_everywhere(lambda chip: None, lambda store: store.add(_host(3), _seed(9)))
    for prepare in (_two_hosts, _full_sector):
        cases += _cut_everywhere(prepare, lambda store: store.begin(_seed(9)))
        cases += _cut_everywhere(prepare, lambda store: store.add(_host(3), _seed(9)))
        cases += _cut_everywhere(prepare, lambda store: store.add(_host(1), _seed(9)))
        cases += _cut_everywhere(prepare, lambda store: store.remove("host-1", _seed(9)))
        cases += _cut_everywhere(prepare, lambda store: store.clear(_seed(9)))
    assert cases > 100


def test_a_cut_in_taking_a_key_away_leaves_no_copy_once_it_is_done():
    for operations in range(4):
        for tear in flash.TEARS:
            chip = flash.Flash(2)
            _two_hosts(chip)
            chip.cut(operations, tear)
            try:
                key_store.KeyStore(chip).remove("host-1", _seed(9))
            except flash.PowerCut:
                pass
            store = key_store.KeyStore(chip)
            if store.find("host-1") is None:
                assert bytes([1]) * 32 not in bytes(chip.data), (operations, tear)


def test_a_damaged_area_counts_as_paired_until_it_is_erased():
    chip = flash.Flash(2)
    _two_hosts(chip)
    for at in range(0, chip.size, flash.PAGE):
        if chip.data[at] != 0xFF:
            chip.data[at + 100] ^= 1
    store = key_store.KeyStore(chip)
    assert (store.area, store.paired(), any(store.hosts)) == (defs.KEY_AREA_DAMAGED, True, False)
    store.clear(_seed(1))
    assert not key_store.KeyStore(chip).paired()


def test_any_bit_that_flips_in_the_newest_record_is_found():
    chip = flash.Flash(2)
    key_store.KeyStore(chip).add(_host(1), _seed(1))
    start = 4096  # the first record goes into the other sector, twice
    for bit in range(0, 8 * 249, 3):
        copy = _copy(chip)
        for page in range(2):
            copy.data[start + page * flash.PAGE + bit // 8] ^= 1 << bit % 8
        assert key_store.KeyStore(copy).area == defs.KEY_AREA_DAMAGED, bit


def test_a_flash_that_cannot_be_read_counts_as_paired():
    store = key_store.KeyStore(Broken(2))
    assert (store.area, store.paired()) == (defs.KEY_AREA_UNREADABLE, True)


def test_a_write_that_fails_changes_nothing():
    class Worn(flash.Flash):
        worn = False

        def program(self, at, page):
            super().program(at, page)
            if self.worn:
                self.data[at + 20] &= 0xFE  # of the seed

    chip = Worn(2)
    store = key_store.KeyStore(chip)
    store.add(key_store.Host("host-1", 1, b"\xff" * 32), _seed(1))
    chip.worn = True
    held = _held(store)
    for act in (lambda: store.begin(_seed(3)), lambda: store.remove("host-1", _seed(3))):
        try:
            act()
            raise AssertionError
        except hal.PartError as error:
            assert error.args[0] == defs.FAULT_NOT_CONFIRMED
        assert _held(store) == held
