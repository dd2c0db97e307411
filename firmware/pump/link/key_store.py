"""The paired hosts with their keys, a seed, and the count of starts, in two sectors of flash of their own.

`journal_read` doesn't show these sectors and `journal_clear` doesn't erase them. A record is one page and holds all.
New records go into the pages that follow; a full sector is left for the other one. The old sector is erased only after
the new one holds two good copies, so that at any time a power cut leaves a good record, the old or the new one. What
takes a key away is written by such a move, so that no copy of the key stays behind.

A sector with content but without a good record may have held keys: the pump then stays locked until it is erased.
"""

import struct

from micropython import const

from pump import defs, hal
from pump.link import mac

_HEAD = "<4sBII32s"  # magic, version, generation, starts, seed
_HOST = "<16sB32s"  # name, role, key; an empty name is a free place
_MAGIC = b"KEYS"
_VERSION = const(1)
_SUM_BYTES = const(8)  # of SHA-256 over what stands before
_SECTORS = const(2)
HOSTS = const(4)
NAME_BYTES = const(16)
_HEAD_BYTES = const(45)
_HOST_BYTES = const(49)
_RECORD_BYTES = const(241)  # 45 + 4 * 49


class Host:
    """A paired host: its name (1 to 16 letters), the highest role it may take (defs.ROLE_*), its key of 32 bytes."""

    def __init__(self, name: str, role: int, key: bytes) -> None:
        self.name = name
        self.role = role
        self.key = key


class KeyStore:
    """`hosts` has four places, None where one is free. `area` says what was found in the flash (defs.KEY_AREA_*).

    A method that writes raises PartError when the flash doesn't take it; what was stored before then still counts.
    """

    def __init__(self, store: "hal.Store | None") -> None:
        self._store = store
        self.hosts: "list[Host | None]" = [None] * HOSTS
        self.starts = 0  # with keys, since the first pairing; nothing resets it
        self.seed = b""
        self.area = defs.KEY_AREA_NONE
        self._generation = 0
        self._sector = 0
        self._page = 0  # the next one of the sector
        if store is not None:
            try:
                self._load(store)
            except hal.PartError:
                self.area = defs.KEY_AREA_UNREADABLE

    def paired(self) -> bool:
        """Whether there is a key, or may have been one."""
        return self.area in (defs.KEY_AREA_DAMAGED, defs.KEY_AREA_UNREADABLE) or any(self.hosts)

    def find(self, name: str) -> "Host | None":
        """The host of this name."""
        for host in self.hosts:
            if host is not None and host.name == name:
                return host
        return None

    # ---- changes

    def begin(self, seed: bytes) -> None:
        """A new start of a paired pump: it is counted, and the seed in flash is replaced by this one."""
        self._write(self.hosts, self.starts + 1, seed, False)

    def add(self, host: Host, seed: bytes) -> bool:
        """Stores a host in the place of one of the same name, or in a free one; whether there was a place."""
        hosts = self.hosts[:]
        present = self.find(host.name)
        if present is None and None not in hosts:
            return False
        hosts[hosts.index(present)] = host
        self._write(hosts, max(1, self.starts), seed, present is not None)
        return True

    def remove(self, name: str, seed: bytes) -> bool:
        """Takes the key of this host away; whether there was one."""
        present = self.find(name)
        if present is None:
            return False
        self._write([None if host is present else host for host in self.hosts], self.starts, seed, True)
        return True

    def clear(self, seed: bytes) -> None:
        """Takes all keys away, also from a damaged area; the count of starts stays."""
        self._write([None] * HOSTS, self.starts, seed, True)

    # ---- flash

    def _load(self, store: "hal.Store") -> None:
        used = [0] * _SECTORS  # pages up to the last one that is not blank
        page = bytearray(store.page_bytes)
        blank = b"\xff" * store.page_bytes
        newest = b""
        for sector in range(_SECTORS):
            for number in range(self._count(store)):
                store.read(sector * store.block_bytes + number * store.page_bytes, page)
                if page == blank:
                    continue
                used[sector] = number + 1
                if _is_sound(page) and self._take(page):
                    self._sector = sector
                    newest = bytes(page)
        self._page = used[self._sector]
        if newest:
            self.area = defs.KEY_AREA_SOUND
            self._repair(store, newest, used[1 - self._sector] > 0)
        elif not any(used):
            self.area = defs.KEY_AREA_BLANK
        elif used[0] + used[1] == 1:
            # The very first record, torn: of every later one that holds a key there is another copy.
            self.area = defs.KEY_AREA_BLANK
            self._sector = 0 if used[0] else 1
            self._page = self._count(store)
        else:
            self.area = defs.KEY_AREA_DAMAGED

    def _repair(self, store: "hal.Store", newest: bytes, other_used: bool) -> None:
        """What a power cut in a move has left undone: the second copy, and the end of the old sector."""
        if self._page == 1:
            self._page = 2
            _program(store, self._sector * store.block_bytes + store.page_bytes, newest)
        if other_used:
            store.erase((1 - self._sector) * store.block_bytes)

    def _take(self, page: bytearray) -> bool:
        """Takes a record over if it is newer than the one before."""
        _, _, generation, starts, seed = struct.unpack_from(_HEAD, page)
        if generation <= self._generation:
            return False
        self._generation, self.starts, self.seed = generation, starts, seed
        for place in range(HOSTS):
            name, role, key = struct.unpack_from(_HOST, page, _HEAD_BYTES + place * _HOST_BYTES)
            name = name.rstrip(b"\x00")
            self.hosts[place] = Host(name.decode(), role, key) if name else None
        return True

    def _write(self, hosts: "list[Host | None]", starts: int, seed: bytes, move: bool) -> None:
        """The next record; with `move` in the other sector, and nothing stays in this one."""
        store = self._store
        if store is None:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        generation = self._generation + 1
        page = bytearray(b"\xff" * store.page_bytes)
        struct.pack_into(_HEAD, page, 0, _MAGIC, _VERSION, generation, starts, seed)
        for place in range(HOSTS):
            host = hosts[place]
            fields = (b"", 0, b"") if host is None else (host.name.encode(), host.role, host.key)
            struct.pack_into(_HOST, page, _HEAD_BYTES + place * _HOST_BYTES, *fields)
        page[_RECORD_BYTES : _RECORD_BYTES + _SUM_BYTES] = _sum(page)
        if move or self._page >= self._count(store) or self.area != defs.KEY_AREA_SOUND:
            self._move(store, page)
        else:
            self._page += 1
            _program(store, self._sector * store.block_bytes + (self._page - 1) * store.page_bytes, page)
        self.area = defs.KEY_AREA_SOUND
        self.hosts, self.starts, self.seed, self._generation = hosts, starts, seed, generation

    def _move(self, store: "hal.Store", page: bytearray) -> None:
        old = self._sector * store.block_bytes
        new = (1 - self._sector) * store.block_bytes
        store.erase(new)
        _program(store, new, page)
        _program(store, new + store.page_bytes, page)
        self._sector = 1 - self._sector
        self._page = 2
        store.erase(old)

    def _count(self, store: "hal.Store") -> int:
        return store.block_bytes // store.page_bytes


def _program(store: "hal.Store", at: int, page: "bytes | bytearray") -> None:
    """Programs a page; PartError when it doesn't read back, bit by bit."""
    store.program(at, page)
    found = bytearray(len(page))
    store.read(at, found)
    if found != page:
        raise hal.PartError(defs.FAULT_NOT_CONFIRMED)


def _sum(page: bytearray) -> bytes:
    return mac.digest(bytes(memoryview(page)[:_RECORD_BYTES]))[:_SUM_BYTES]


def _is_sound(page: bytearray) -> bool:
    magic, version, _, _, _ = struct.unpack_from(_HEAD, page)
    return magic == _MAGIC and version == _VERSION and page[_RECORD_BYTES : _RECORD_BYTES + _SUM_BYTES] == _sum(page)
